// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {registry} from "@web/core/registry";

const row = (path) => `.o_api_console_row[data-path="${path}"]`;

// What somebody does who has never seen the console and wants to send an order with
// a line; see tests/test_api_console_tour.py for the records.
registry.category("web_tour.tours").add("usability_webhooks_api_console", {
    steps: () => [
        {
            content: "look for the kind of record",
            trigger: ".o_api_console_model input",
            run: "edit Sales Order",
        },
        {
            content: "choose it",
            trigger:
                ".o-autocomplete--dropdown-item:contains(sale.order) a:contains(/^Sales Order \\(sale.order\\)$/)",
            run: "click",
        },
        {
            content: "what cannot be left out is marked",
            trigger: `${row("payload.partner_id")} .text-danger:contains(*)`,
        },
        {
            content: "try with nothing filled in",
            trigger: ".o_api_console_send",
            run: "click",
        },
        {
            content: "the error stands at its field",
            trigger: `${row("payload.partner_id")} .o_api_console_error`,
        },
        {
            content: "look for the customer",
            trigger: `${row("payload.partner_id")} input`,
            run: "edit Console Cust",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-item a:contains(Console Customer)",
            run: "click",
        },
        {
            content: "the request names it by its reference",
            trigger: '.o_api_console_code pre:contains("CONSOLE-C")',
        },
        {
            content: "add a line",
            trigger: `${row("payload.order_line")} .o_api_console_add_line`,
            run: "click",
        },
        {
            content: "look for the product",
            trigger: `${row("payload.order_line[0].product_id")} input`,
            run: "edit Console Prod",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-item a:contains(Console Product)",
            run: "click",
        },
        {
            content: "say how many",
            trigger: `${row("payload.order_line[0].product_uom_qty")} input`,
            run: "edit 3",
        },
        {
            content: "see it as Python",
            trigger: ".o_api_console_code [data-language=python]",
            run: "click",
        },
        {
            content: "which is Python",
            trigger: '.o_api_console_code pre:contains("dry_run": True)',
        },
        {
            content: "try it",
            trigger: ".o_api_console_send",
            run: "click",
        },
        {
            content: "it would work; now for real",
            trigger:
                ".o_api_console_answer:contains(This would work) .o_api_console_real",
            run: "click",
        },
        {
            content: "it is done; look at its row of the log",
            trigger: ".o_api_console_answer:has(.alert-success) .o_api_console_log",
            run: "click",
        },
        {
            content: "open it in the console again, filled in",
            trigger: ".o_form_view button[name=action_open_console]",
            run: "click",
        },
        {
            content: "with the line",
            trigger: `${row("payload.order_line[0].product_uom_qty")} input:value(3)`,
        },
    ],
});
