// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component, onWillStart, useState} from "@odoo/owl";
import {AutoComplete} from "@web/core/autocomplete/autocomplete";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {fuzzyLookup} from "@web/core/utils/search";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {ConsoleAnswer} from "./console_answer";
import {ConsoleCatalog} from "./console_catalog";
import {ConsoleCode} from "./console_code";
import {ConsoleFields} from "./console_fields";
import {ConsoleSearch} from "./console_search";
import {ROUTES, makeForm, readForm, writeForm} from "./console_form";
import {InvalidInput, makeRow} from "./console_rows";
import {send} from "./console_sender";

const CHOICES = 80;

/** The page on which a request is put together, tried, and copied as code. */
export class Console extends Component {
    static template = "usability_webhooks.Console";
    static components = {
        AutoComplete,
        ConsoleAnswer,
        ConsoleCode,
        ConsoleFields,
        ConsoleSearch,
        Layout,
    };
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.catalog = new ConsoleCatalog(this.orm);
        this.display = {controlPanel: {}};
        this.state = useState({
            models: [],
            routes: [],
            route: "create_data",
            model: null,
            form: null,
            isDry: true,
            isSending: false,
            answer: null,
            problem: "",
        });
        onWillStart(() => this.start());
    }

    async start() {
        this.state.models = await this.catalog.getModels();
        this.state.routes = ROUTES.filter((route) =>
            this.catalog.routes.includes(`/api/${route.id}`)
        );
        const {log_id: logId, model} = this.props.action.params || {};
        if (logId) {
            const asked = await this.orm.call("api.console", "get_request", [logId]);
            await this.fill(asked);
        } else if (model) {
            await this.chooseModel(model);
        }
    }

    // -- what is asked --------------------------------------------------------

    get sources() {
        return [{options: (text) => this.searchModels(text)}];
    }
    get modelLabel() {
        const {model} = this.state;
        return model ? `${model.title} (${model.model})` : "";
    }
    get route() {
        return ROUTES.find((route) => route.id === this.state.route);
    }
    get isPossible() {
        return this.state.model.routes.includes(`/api/${this.state.route}`);
    }
    get errors() {
        return this.state.answer?.errors || [];
    }
    get url() {
        return `${window.location.origin}/api/${this.state.route}`;
    }

    /** The request, or what is wrong with what was put in. */
    get asked() {
        const {model, form, isDry} = this.state;
        try {
            const vals = readForm(form, this.route);
            if (isDry) {
                vals.dry_run = true;
            }
            return {body: {params: {model: model.model, vals}}, problem: ""};
        } catch (error) {
            if (!(error instanceof InvalidInput)) {
                throw error;
            }
            const problem = _t("This cannot be read: %s", error.message);
            return {body: null, problem};
        }
    }

    searchModels(text) {
        const known = this.state.models;
        const found = text
            ? fuzzyLookup(text, known, ({name, model}) => `${name} ${model}`)
            : known;
        return found.slice(0, CHOICES).map(({name, model}) => ({
            label: `${name} (${model})`,
            onSelect: () => this.chooseModel(model),
        }));
    }

    async chooseModel(name) {
        this.state.problem = "";
        try {
            const model = await this.catalog.getModel(name);
            this.state.form = await makeForm(this.catalog, model);
            this.state.model = model;
        } catch (error) {
            this.state.problem = error.message;
        }
        this.state.answer = null;
    }

    chooseRoute(route) {
        this.state.route = route;
        this.state.answer = null;
    }

    /** Put a request into the form that was sent before. */
    async fill({route, model, vals}) {
        this.state.route = route;
        await this.chooseModel(model);
        if (this.state.form) {
            await writeForm(this.catalog, this.state.model, this.state.form, vals);
        }
    }

    // -- sending it -----------------------------------------------------------

    async send() {
        const {body} = this.asked;
        if (!body || this.state.isSending) {
            return;
        }
        this.state.isSending = true;
        try {
            this.state.answer = await send(this.url, body);
        } finally {
            this.state.isSending = false;
        }
    }

    async sendForReal() {
        this.state.isDry = false;
        await this.send();
        this.state.isDry = true;
    }

    /** Return the element of the row an error is about, or of what it lies in. */
    findRow(path) {
        for (let at = path; at; at = at.replace(/[.[][^.[]*$/u, "")) {
            const row = document.querySelector(`[data-path="${CSS.escape(at)}"]`);
            if (row) {
                return row;
            }
            if (!/[.[]/u.test(at)) {
                break;
            }
        }
        return null;
    }

    isShown(path) {
        return Boolean(this.findRow(path));
    }

    addField(name) {
        const {payload, writable} = this.state.form;
        payload.push(makeRow(name, writable[name]));
    }

    showError(path) {
        const row = this.findRow(path);
        row?.scrollIntoView({behavior: "smooth", block: "center"});
        row?.querySelector("input, select, textarea")?.focus();
    }
}

registry.category("actions").add("usability_webhooks.console", Console);
