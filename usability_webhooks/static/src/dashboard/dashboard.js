// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component, onWillStart, useRef, useState} from "@odoo/owl";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {formatInteger} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {DashboardChart} from "./dashboard_chart";
import {DashboardList} from "./dashboard_list";
import {ACTIONS, getTiles} from "./dashboard_tiles";
import {formatTime} from "./dashboard_time";

/** The first page of the menu: how the gateway fares. A click leads to the rows. */
export class Dashboard extends Component {
    static template = "usability_webhooks.Dashboard";
    static components = {DashboardChart, DashboardList, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        this.keepLast = new KeepLast();
        this.display = {controlPanel: {}};
        this.formatInteger = formatInteger;
        this.state = useState({
            period: this.props.state?.period || "day",
            isLoading: false,
            figures: null,
        });
        // Whoever comes back from a list finds the period as it was.
        useSetupAction({
            rootRef: this.root,
            getLocalState: () => ({period: this.state.period}),
        });
        onWillStart(() => this.load());
    }

    async load() {
        const {period} = this.state;
        this.state.isLoading = true;
        try {
            const figures = await this.keepLast.add(
                this.orm.call("api.dashboard", "get_figures", [period])
            );
            this.state.figures = {...figures, period};
        } finally {
            this.state.isLoading = false;
        }
    }

    async choosePeriod(period) {
        this.state.period = period;
        await this.load();
    }

    // -- what is shown --------------------------------------------------------

    get periods() {
        return [
            {id: "day", label: _t("24 Hours")},
            {id: "month", label: _t("30 Days")},
        ];
    }
    get asOf() {
        const moment = deserializeDateTime(this.state.figures.as_of);
        return _t("As of %s", formatDateTime(moment));
    }
    get tiles() {
        return getTiles(this.state.figures);
    }
    get charts() {
        const {is_new: isNew, traffic} = this.state.figures;
        const charts = [];
        if (!isNew) {
            charts.push({id: "requests", title: _t("Requests"), ...traffic.receive});
        }
        if (traffic.send.total.count) {
            const title = _t("Attempts to Deliver");
            charts.push({id: "attempts", title, ...traffic.send});
        }
        return charts;
    }
    get lists() {
        const {traffic, endpoints, keys} = this.state.figures;
        const lists = [
            {
                id: "routes",
                title: _t("Slowest Requests"),
                heads: [_t("Median"), _t("95 of 100"), _t("Requests")],
                rows: this.routeRows,
            },
            {
                id: "errors",
                title: _t("Errors of Requests"),
                rows: this.getErrorRows(traffic.receive),
            },
            {
                id: "attempt_errors",
                title: _t("Errors of Deliveries"),
                rows: this.getErrorRows(traffic.send),
            },
            {
                id: "endpoints",
                title: _t("Endpoints in Trouble"),
                rows: endpoints ? this.getEndpointRows(endpoints) : [],
            },
            {
                id: "keys",
                title: _t("Keys That Expire Soon"),
                rows: keys ? this.getKeyRows(keys) : [],
            },
        ];
        return lists.filter((list) => list.rows.length);
    }
    get routeRows() {
        return this.state.figures.latencies.routes.map((row, id) => ({
            id,
            label: row.route || row.model || "-",
            note: row.route && row.model,
            cells: [
                formatTime(row.median),
                formatTime(row.high),
                formatInteger(row.count),
            ],
            open: () => this.openLogs(row.model || row.route || "-", row.domain),
        }));
    }
    getErrorRows({errors}) {
        return errors.map((row) => ({
            id: row.code,
            label: row.code,
            isCode: true,
            cells: [formatInteger(row.count)],
            open: () => this.openLogs(row.code, row.domain),
        }));
    }
    getEndpointRows({rows}) {
        return rows.map((row) => ({
            id: row.id,
            label: row.name,
            note: row.state_reason,
            badge:
                row.state === "disabled"
                    ? {tone: "text-bg-danger", label: _t("Disabled")}
                    : {tone: "text-bg-warning", label: _t("Throttled")},
            cells: [],
            open: () => this.openRecord("webhook.endpoint", row.id),
        }));
    }
    getKeyRows({rows}) {
        return rows.map((row) => ({
            id: row.id,
            label: row.name,
            note: row.user_id[1],
            cells: [deserializeDateTime(row.expiration_date).toLocaleString()],
            open: () => this.openRecord("api.key", row.id),
        }));
    }

    // -- where a click leads --------------------------------------------------

    /** List the rows of a figure. */
    async open(xmlId, name, domain) {
        const action = await this.action.loadAction(xmlId);
        await this.action.doAction({...action, name, display_name: name, domain});
    }
    openLogs(name, domain) {
        return this.open(ACTIONS.logs, name, domain);
    }
    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
    openConsole() {
        return this.action.doAction("usability_webhooks.api_console_action");
    }
    /** Open the preferences: that is where keys are made. */
    async openPreferences() {
        const action = await this.orm.call("res.users", "action_get");
        await this.action.doAction({...action, res_id: user.userId});
    }
}

registry.category("actions").add("usability_webhooks.dashboard", Dashboard);
