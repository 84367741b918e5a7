// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// What the console's form holds, and the JSON it stands for. No component and no
// service: plain values in, plain values out.

const NUMBERS = ["integer", "float", "monetary", "many2one_reference"];
const RELATIONS = {many2one: null, many2many: [], one2many: []};

let lastKey = 0;

/**
 * Return a row of a form: one field and what was put in for it.
 *
 * @param {String} name of the field
 * @param {Object} schema of the field, from the OpenAPI document
 */
export function makeRow(name, schema = {}) {
    const type = schema["x-type"] || "char";
    return {
        key: ++lastKey,
        name,
        type,
        title: schema.title || name,
        help: schema.description || "",
        relation: schema["x-relation"] || "",
        inverse: schema["x-inverse"] || "",
        order: [],
        labels: schema["x-labels"] || {},
        isRaw: type === "properties" || type === "json" || type === "reference",
        isEmptied: false,
        value: type in RELATIONS ? structuredClone(RELATIONS[type]) : "",
    };
}

export class InvalidInput extends Error {}

/**
 * Return the JSON of a row; undefined where nothing was put in.
 *
 * @throws {InvalidInput} the text is no JSON, or no number
 */
export function buildValue(row) {
    if (row.isEmptied) {
        return row.type.endsWith("2many") ? [] : null;
    }
    if (row.isRaw) {
        return row.value ? parseJson(row.value) : undefined;
    }
    if (row.type === "many2one") {
        return row.value ? row.value.lookup : undefined;
    }
    if (row.type === "many2many") {
        return row.value.length ? row.value.map((item) => item.lookup) : undefined;
    }
    if (row.type === "one2many") {
        return row.value.length
            ? row.value.map((line) => buildObject(line.rows))
            : undefined;
    }
    return row.value === "" ? undefined : buildScalar(row);
}

function buildScalar(row) {
    if (NUMBERS.includes(row.type)) {
        const number = Number(row.value);
        if (Number.isNaN(number)) {
            throw new InvalidInput(row.value);
        }
        return number;
    }
    if (row.type === "boolean") {
        return row.value === "true";
    }
    if (row.type === "datetime") {
        // The input has no zone: it is the reader's own.
        return new Date(row.value).toISOString();
    }
    return row.value;
}

export function parseJson(text) {
    try {
        return JSON.parse(text);
    } catch {
        throw new InvalidInput(text);
    }
}

/** Return the JSON object of some rows, those without a value left out. */
export function buildObject(rows) {
    const object = {};
    for (const row of rows) {
        const value = buildValue(row);
        if (value !== undefined) {
            object[row.name] = value;
        }
    }
    return object;
}

/**
 * Put a JSON value into a row: as its field's input has it, and where that input would
 * not send the very same, as JSON.
 *
 * @param {Object} row
 * @param {any} value
 * @param {Function} makeLine rows of a line for an object
 */
export function fillRow(row, value, makeLine) {
    const isObject = (item) => item !== null && typeof item === "object";
    if (value === null) {
        row.isEmptied = true;
    } else if (row.type === "many2one" && !row.isRaw) {
        row.value = {label: JSON.stringify(value), lookup: value};
    } else if (row.type === "many2many" && Array.isArray(value)) {
        row.value = value.map((item) => ({label: JSON.stringify(item), lookup: item}));
    } else if (
        row.type === "one2many" &&
        Array.isArray(value) &&
        value.every(isObject)
    ) {
        row.value = value.map(makeLine);
    } else {
        row.value = String(value);
    }
    if (!isSame(row, value)) {
        row.isRaw = true;
        row.isEmptied = false;
        row.value = JSON.stringify(value);
    }
    return row;
}

function isSame(row, value) {
    try {
        return JSON.stringify(buildValue(row)) === JSON.stringify(value);
    } catch {
        return false;
    }
}

/** Return the path an error names for each row: payload.order_line[2].product_id. */
export function joinPath(prefix, name) {
    return prefix ? `${prefix}.${name}` : name;
}

/**
 * Return the errors that are about a path: its own, and those of what lies below it
 * where nothing else shows them.
 */
export function findErrors(errors, path, isLeaf) {
    return errors.filter((error) => {
        const at = error.path || "";
        const isBelow = at.startsWith(`${path}.`) || at.startsWith(`${path}[`);
        return at === path || (isLeaf && isBelow);
    });
}
