// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {Component, useState} from "@odoo/owl";
import {CopyButton} from "@web/core/copy_button/copy_button";
import {_t} from "@web/core/l10n/translation";
import {LANGUAGES, getSnippet} from "./console_snippets";

/** The request as code, in the language of the reader's choice. */
export class ConsoleCode extends Component {
    static template = "usability_webhooks.ConsoleCode";
    static components = {CopyButton};
    static props = {url: String, body: Object};

    setup() {
        this.languages = LANGUAGES;
        this.copied = _t("Copied");
        this.state = useState({language: "json"});
    }

    get code() {
        return getSnippet(this.state.language, this.props.url, this.props.body);
    }
}
