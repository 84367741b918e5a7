// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component, useState} from "@odoo/owl";
import {AutoComplete} from "@web/core/autocomplete/autocomplete";
import {_t} from "@web/core/l10n/translation";
import {fuzzyLookup} from "@web/core/utils/search";

const CHOICES = 50;
const OPERATORS = ["=", "!=", "ilike", ">", ">=", "<", "<=", "in"];

/** What to search, and what to read of what is found. */
export class ConsoleSearch extends Component {
    static template = "usability_webhooks.ConsoleSearch";
    static components = {AutoComplete};
    static props = {search: Object, fields: Object};

    setup() {
        this.operators = OPERATORS;
        this.search = useState(this.props.search);
    }

    get readLabel() {
        return _t("Add a field to read...");
    }
    get conditionLabel() {
        return _t("Add a condition on...");
    }
    get readSources() {
        const select = (name) => this.search.fields.push(name);
        return [{options: (text) => this.searchFields(text, select)}];
    }
    get conditionSources() {
        const select = (name) => this.addCondition(name);
        return [{options: (text) => this.searchFields(text, select)}];
    }

    searchFields(text, select) {
        const known = Object.entries(this.props.fields).map(([name, schema]) => ({
            name,
            label: `${schema.title || name} (${name})`,
        }));
        const found = text ? fuzzyLookup(text, known, ({label}) => label) : known;
        return found.slice(0, CHOICES).map(({name, label}) => ({
            label,
            onSelect: () => select(name),
        }));
    }

    addCondition(name) {
        const type = this.props.fields[name]["x-type"];
        const isText = ["char", "text", "html", "many2one"].includes(type);
        const operator = isText ? "ilike" : "=";
        this.search.conditions.push({name, type, operator, value: ""});
    }
}
