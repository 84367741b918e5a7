// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// The form of all routes for one model: made, read as ``vals``, filled from them.
import {_t} from "@web/core/l10n/translation";
import {buildObject, fillRow, makeRow, parseJson} from "./console_rows";

/** Fields of a record that a person sees without asking for more. */
const FIRST_ROWS = 5;

export const ROUTES = [
    {
        id: "create_data",
        label: _t("Create"),
        help: _t("Make a new record."),
        hasPayload: true,
    },
    {
        id: "update_data",
        label: _t("Update"),
        help: _t("Change a record that is there: say which, then what."),
        hasPayload: true,
        hasKey: true,
    },
    {
        id: "create_update_data",
        label: _t("Create or update"),
        help: _t("Change the record if it is there, make it if not."),
        hasPayload: true,
        hasKey: true,
    },
    {id: "search_data", label: _t("Search"), help: _t("Find records and read them.")},
    {
        id: "call_function",
        label: _t("Call"),
        help: _t("Run a method of a record, such as a button does."),
        hasKey: true,
    },
];

/** Return an empty form, with rows for what people fill in first. */
export async function makeForm(catalog, model) {
    const writable = getWritable(model.fields);
    const {fields: order, lines} = await catalog.getStarters(model.model);
    const firstLines = order.find((name) => lines[name]?.length && writable[name]);
    const first = order.filter((name) => writable[name]).slice(0, FIRST_ROWS);
    const names = new Set([...model.required, ...first]);
    if (firstLines) {
        names.add(firstLines);
    }
    const known = [...names].filter((name) => writable[name]);
    return {
        writable,
        order,
        readable: getReadable(model.fields),
        payload: known.map((name) => ({
            ...makeRow(name, writable[name]),
            order: lines[name] || [],
        })),
        key: (model.keys[0] || []).map((name) => makeRow(name, model.fields[name])),
        search: {
            fields: model.keys.map((names) => names[0]).slice(-3),
            conditions: [],
            limit: 10,
            order: "",
            raw: "",
        },
        method: "",
        parameter: "",
        answer: [],
        extra: {},
    };
}

function getWritable(fields) {
    const isInput = ([, schema]) => !schema.readOnly && schema.type !== "null";
    return Object.fromEntries(Object.entries(fields).filter(isInput));
}

function getReadable(fields) {
    return Object.fromEntries(
        Object.entries(fields).filter(([, schema]) => !schema.writeOnly)
    );
}

/** Return the rows of one line of a one2many. */
export async function makeLine(catalog, row, count) {
    const {required, fields} = await catalog.getModel(row.relation);
    const writable = getWritable(fields);
    delete writable[row.inverse];
    const {order} = row;
    const names = [...new Set([...required, ...order])].filter(
        (name) => writable[name]
    );
    return {
        key: `${row.key}-${Math.random()}`,
        fields: writable,
        order,
        required: required.filter((name) => name !== row.inverse),
        rows: names.slice(0, count).map((name) => makeRow(name, writable[name])),
    };
}

/**
 * Return the `vals` a form stands for.
 *
 * @throws {InvalidInput}
 */
export function readForm(form, route) {
    const vals = {...form.extra};
    if (route.hasKey) {
        const key = buildObject(form.key);
        if (route.hasPayload || Object.keys(key).length) {
            vals.search_key = key;
        }
    }
    if (route.hasPayload) {
        vals.payload = buildObject(form.payload);
        if (form.answer.length) {
            vals.result_field = [...form.answer];
        }
    } else if (route.id === "search_data") {
        vals.payload = readSearch(form.search);
    } else {
        vals.payload = {method: form.method};
        if (form.parameter) {
            vals.payload.parameter = parseJson(form.parameter);
        }
    }
    return vals;
}

function readSearch({fields, conditions, limit, order, raw}) {
    const payload = {search_field: [...fields]};
    const said = conditions.filter(({value}) => value !== "");
    if (raw) {
        payload.search_domain = parseJson(raw);
    } else if (said.length) {
        payload.search_domain = said.map(readCondition);
    }
    if (limit) {
        payload.limit = Number(limit);
    }
    if (order) {
        payload.order = order;
    }
    return payload;
}

function readCondition({name, operator, value, type}) {
    const [row] = [makeRow(name, {"x-type": type})];
    const isText = operator.includes("like") || row.type in {many2one: 1, many2many: 1};
    const read = (text) => {
        const filled = {
            ...row,
            isRaw: false,
            type: isText ? "char" : type,
            value: text,
        };
        return buildObject([filled])[name];
    };
    if (operator === "in") {
        return [name, operator, value.split(",").map((part) => read(part.trim()))];
    }
    return [name, operator, read(value)];
}

/** Put `vals` into a form; what it has no input for is sent along as it was. */
export async function writeForm(catalog, model, form, vals) {
    const {payload = {}, search_key: key, result_field: answer, ...rest} = vals;
    delete rest.dry_run;
    form.extra = rest;
    form.answer = answer || [];
    form.key = Object.entries(key || {}).map(([name, value]) =>
        fillRow(makeRow(name, model.fields[name]), value)
    );
    if (Array.isArray(payload)) {
        form.extra.payload = payload;
    } else if ("method" in payload) {
        form.method = payload.method;
        form.parameter = payload.parameter ? JSON.stringify(payload.parameter) : "";
    } else if ("search_field" in payload || "search_domain" in payload) {
        const domain = payload.search_domain;
        form.search = {
            fields: payload.search_field || [],
            conditions: [],
            limit: payload.limit || "",
            order: payload.order || "",
            raw: domain ? JSON.stringify(domain) : "",
        };
    } else {
        form.payload = await fillRows(catalog, model.fields, payload);
    }
}

async function fillRows(catalog, fields, payload) {
    const rows = [];
    for (const [name, value] of Object.entries(payload)) {
        const row = makeRow(name, fields[name]);
        const lines = new Map();
        if (row.type === "one2many" && Array.isArray(value)) {
            for (const item of value) {
                const line = await makeLine(catalog, {...row, order: []}, 0);
                line.rows = await fillRows(catalog, line.fields, item);
                lines.set(item, line);
            }
        }
        rows.push(fillRow(row, value, (item) => lines.get(item)));
    }
    return rows;
}
