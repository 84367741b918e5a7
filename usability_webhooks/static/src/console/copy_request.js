// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {getSnippet} from "./console_snippets";

/** Buttons of a row of the log that copy its request as code, the key left out. */
export class CopyRequest extends Component {
    static template = "usability_webhooks.CopyRequest";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
    }

    async copy(language) {
        const logId = this.props.record.resId;
        const asked = await this.orm.call("api.console", "get_request", [logId]);
        const {route, model, vals} = asked;
        const url = `${window.location.origin}/api/${route}`;
        const code = getSnippet(language, url, {params: {model, vals}});
        try {
            await browser.navigator.clipboard.writeText(code);
        } catch {
            const message = _t("The browser lets nothing be copied here.");
            this.notification.add(message, {type: "warning"});
            return;
        }
        this.notification.add(_t("Copied. Put your API key into ODOO_API_KEY."), {
            type: "success",
        });
    }
}

registry
    .category("view_widgets")
    .add("usability_webhooks_copy_request", {component: CopyRequest});
