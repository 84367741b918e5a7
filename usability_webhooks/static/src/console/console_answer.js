// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const READERS = "usability_webhooks.group_api_reader";

/** What a request came to: done or not, what is wrong and where, the log row. */
export class ConsoleAnswer extends Component {
    static template = "usability_webhooks.ConsoleAnswer";
    static props = {
        answer: Object,
        model: String,
        onSendForReal: Function,
        onShowError: Function,
        onAddField: Function,
        shown: Function,
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({logId: null});
        onWillStart(async () => {
            this.isReader = await user.hasGroup(READERS);
            await this.findLog(this.props.answer);
        });
        onWillUpdateProps((props) => this.findLog(props.answer));
    }

    async findLog({requestId}) {
        this.state.logId = null;
        if (this.isReader && requestId) {
            const domain = [["request_id", "=", requestId]];
            const found = await this.orm.search("api.log", domain, {limit: 1});
            this.state.logId = found[0] || null;
        }
    }

    get title() {
        const {isSuccess, isDry} = this.props.answer;
        if (isSuccess && isDry) {
            return _t("This would work. Nothing was written yet.");
        }
        return isSuccess ? _t("Done.") : _t("This did not work. Nothing was written.");
    }
    get style() {
        const {isSuccess, isDry} = this.props.answer;
        if (isSuccess) {
            return isDry ? "alert-info" : "alert-success";
        }
        return "alert-danger";
    }
    /** The record that was made or changed, if it is one. */
    get recordId() {
        const {isSuccess, isDry, result} = this.props.answer;
        const id = result?.id;
        if (!isSuccess || isDry || Array.isArray(result)) {
            return null;
        }
        return Array.isArray(id) && id.length === 1 ? id[0] : id;
    }

    /** Whether a field that is missing can be added to the form. */
    isAddable({code, field}) {
        return code === "missing_required" && Boolean(field);
    }

    openRecord() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.props.model,
            res_id: this.recordId,
            views: [[false, "form"]],
        });
    }

    openLog() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "api.log",
            res_id: this.state.logId,
            views: [[false, "form"]],
        });
    }
}
