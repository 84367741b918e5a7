// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component, useState} from "@odoo/owl";
import {AutoComplete} from "@web/core/autocomplete/autocomplete";
import {_t} from "@web/core/l10n/translation";
import {fuzzyLookup} from "@web/core/utils/search";
import {findErrors, joinPath, makeRow} from "./console_rows";

/** Rows of a line that a person sees without asking for more. */
const LINE_ROWS = 6;
const CHOICES = 50;
const INPUT_TYPES = {
    integer: "number",
    many2one_reference: "number",
    float: "number",
    monetary: "number",
    date: "date",
    datetime: "datetime-local",
};

/** The input of one field, by its type. */
export class ConsoleValue extends Component {
    static template = "usability_webhooks.ConsoleValue";
    static components = {AutoComplete};
    static props = {row: Object, path: String, errors: Array, catalog: Object};

    setup() {
        // Every change is the row's own: the form watches its rows.
        this.row = useState(this.props.row);
    }

    get id() {
        return `console-${this.row.key}`;
    }
    get inputType() {
        return INPUT_TYPES[this.row.type] || "text";
    }
    get isText() {
        return ["text", "html"].includes(this.row.type);
    }
    get choices() {
        if (this.row.type === "boolean") {
            return [
                ["true", _t("Yes")],
                ["false", _t("No")],
            ];
        }
        return Object.entries(this.row.labels);
    }
    get hasChoices() {
        return this.row.type === "boolean" || this.row.type === "selection";
    }
    /** What stands in the request for the record that was chosen. */
    get lookupText() {
        return JSON.stringify(this.row.value.lookup);
    }
    get sources() {
        return [
            {
                placeholder: _t("Searching..."),
                options: (text) => this.searchRecords(text),
            },
        ];
    }

    async searchRecords(text) {
        const found = await this.props.catalog.getCompletions(this.row.relation, text);
        if (!found.length) {
            return [{label: _t("No record matches.")}];
        }
        return found.map((record) => ({
            label: record.label,
            onSelect: () => this.selectRecord(record),
        }));
    }

    selectRecord({label, lookup}) {
        if (this.row.type === "many2many") {
            this.row.value.push({label, lookup});
        } else {
            this.row.value = {label, lookup};
        }
    }

    /** What was typed and not chosen is no record. */
    onChangeRelation({inputValue}) {
        if (!inputValue && this.row.type === "many2one") {
            this.row.value = null;
        }
    }

    async addLine() {
        this.row.value.push(await this.props.catalog.makeLine(this.row, LINE_ROWS));
    }

    getLinePath(index) {
        return `${this.props.path}[${index}]`;
    }
}

/** The fields of a record, and a way to add more. */
export class ConsoleFields extends Component {
    static template = "usability_webhooks.ConsoleFields";
    static components = {AutoComplete, ConsoleValue};
    static props = {
        rows: Array,
        fields: Object,
        required: {type: Array, optional: true},
        path: String,
        errors: Array,
        catalog: Object,
        order: {type: Array, optional: true},
        addLabel: {type: String, optional: true},
    };
    static defaultProps = {required: [], order: []};

    setup() {
        this.rows = useState(this.props.rows);
    }

    get addLabel() {
        return this.props.addLabel || _t("Add a field...");
    }
    get sources() {
        return [{options: (text) => this.searchFields(text)}];
    }

    getPath(row) {
        return joinPath(this.props.path, row.name);
    }
    getErrors(row) {
        const isLeaf = row.type !== "one2many" || row.isRaw;
        return findErrors(this.props.errors, this.getPath(row), isLeaf);
    }
    isRequired(row) {
        return this.props.required.includes(row.name);
    }

    searchFields(text) {
        const taken = new Set(this.rows.map((row) => row.name));
        const names = new Set([...this.props.order, ...Object.keys(this.props.fields)]);
        const free = [...names]
            .filter((name) => this.props.fields[name] && !taken.has(name))
            .map((name) => ({name, title: this.props.fields[name].title || name}));
        const found = text
            ? fuzzyLookup(text, free, (field) => `${field.title} ${field.name}`)
            : free;
        return found.slice(0, CHOICES).map(({name, title}) => ({
            label: `${title} (${name})`,
            onSelect: () => this.rows.push(makeRow(name, this.props.fields[name])),
        }));
    }

    remove(row) {
        this.rows.splice(this.rows.indexOf(row), 1);
    }

    toggleEmptied(row) {
        row.isEmptied = !row.isEmptied;
    }
}

ConsoleValue.components.ConsoleFields = ConsoleFields;
