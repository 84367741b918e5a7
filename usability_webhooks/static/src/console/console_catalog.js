// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {browser} from "@web/core/browser/browser";
import {makeLine} from "./console_form";

/** The OpenAPI documents, as far as the form asks for them. */
export class ConsoleCatalog {
    constructor(orm) {
        this.orm = orm;
        this.documents = {};
        this.starters = {};
    }

    /** Return `{model, name, operations}` of the models there are. */
    async getModels() {
        const document = await this._fetch("");
        this.routes = Object.keys(document.paths);
        return document["x-models"];
    }

    /**
     * Return what there is to know of a model.
     *
     * @returns {Object} `fields` name to schema, `required`, `keys` names of fields
     *     that identify, `methods`, `routes` paths there are for it
     */
    async getModel(model) {
        const document = await this._fetch(model);
        const {schemas} = document.components;
        const schema = schemas[model];
        return {
            model,
            title: schema.title,
            fields: schema.properties,
            required: schema["x-required"],
            keys: schema["x-keys"].map((key) => key.fields),
            methods: document["x-methods"],
            routes: Object.keys(document.paths),
        };
    }

    /** Return the names of fields to begin with, and those of its lines. */
    getStarters(model) {
        this.starters[model] ||= this.orm.call("api.console", "get_starters", [model]);
        return this.starters[model];
    }

    getCompletions(model, text) {
        return this.orm.call("api.console", "get_completions", [model, text]);
    }

    /** Return an empty line for a row of lines, with up to `count` fields. */
    makeLine(row, count) {
        return makeLine(this, row, count);
    }

    _fetch(model) {
        this.documents[model] ||= this._load(model);
        return this.documents[model];
    }

    async _load(model) {
        const query = model ? `?model=${encodeURIComponent(model)}` : "";
        const response = await browser.fetch(`/api/openapi.json${query}`);
        const document = await response.json();
        if (document.error) {
            delete this.documents[model];
            throw new Error(document.error.message);
        }
        return document;
    }
}
