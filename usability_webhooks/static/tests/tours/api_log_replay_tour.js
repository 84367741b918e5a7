// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {registry} from "@web/core/registry";

// What an administrator does when a request has failed for want of master data,
// which is there by now: find it, read it, send it again. The request's ref tells
// its row from others; see tests/test_tour.py.
registry.category("web_tour.tours").add("usability_webhooks_api_log_replay", {
    steps: () => [
        {
            content: "the list shows the request that was done and the one that failed",
            trigger: ".o_list_view .o_data_row:contains(/api/search_data)",
        },
        {
            content: "open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "choose the failed ones",
            trigger: ".o_filter_menu .o-dropdown-item:contains(/^Failed$/)",
            run: "click",
        },
        {
            content: "the request that was done is gone from the list",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(/api/search_data)))",
        },
        {
            content: "open the one that failed",
            trigger:
                ".o_list_view .o_data_row:contains(/api/create_data) td[name=model]",
            run: "click",
        },
        {
            content: "the form says why it failed",
            trigger: ".o_form_view .alert-danger:contains(payload.category_id)",
        },
        {
            content: "the request is shown as indented JSON",
            trigger:
                '.o_field_widget[name=data_formatted] .ace_line:contains(/"ref": "tour"/)',
        },
        {
            content: "send it again",
            trigger: ".o_form_view button[name=action_replay]:visible",
            run: "click",
        },
        {
            content: "the dialog says as whom",
            trigger: ".modal .o_field_widget[name=user_id]:contains(api_tester)",
        },
        {
            content: "confirm",
            trigger: ".modal footer button[name=action_replay]",
            run: "click",
        },
        {
            content: "the new row is done",
            trigger: ".o_form_view .o_arrow_button_current:contains(Done)",
        },
        {
            content: "and leads to the one it repeats",
            trigger: ".o_field_widget[name=replay_of_id] a:contains(/api/create_data)",
            run: "click",
        },
        {
            content: "which counts it",
            trigger: ".o_form_view button[name=action_open_replays]:contains(1)",
        },
    ],
});
