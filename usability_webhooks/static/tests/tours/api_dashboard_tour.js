// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
/* global Chart */
import {registry} from "@web/core/registry";

const tile = (name) => `.o_api_dashboard_tile[data-tile=${name}]`;
const count = (name, number) =>
    `${tile(name)} .o_api_dashboard_count:contains(/^${number}$/)`;
const row = (number) => `:has(.o_data_row:nth-of-type(${number}))`;
/** A list of so many rows, no more. */
const rows = (number) => `.o_list_view tbody${row(number)}:not(${row(number + 1)})`;
const back = {
    content: "go back to the dashboard",
    trigger: ".o_control_panel .breadcrumb-item a:contains(API Dashboard)",
    run: "click",
};

/** Click into the last bar of a series that has one. */
function clickBar(canvas, series) {
    const chart = Chart.getChart(canvas);
    const {data} = chart.data.datasets[series];
    const last = data.findLastIndex((value) => value);
    const {x, y, base} = chart.getDatasetMeta(series).data[last];
    const box = canvas.getBoundingClientRect();
    const init = {
        bubbles: true,
        clientX: box.left + x,
        clientY: box.top + (y + base) / 2,
    };
    canvas.dispatchEvent(new MouseEvent("click", init));
}

// What an administrator looks at in the morning: seven requests, two of which failed.
// See tests/test_api_dashboard_tour.py.
registry.category("web_tour.tours").add("usability_webhooks_api_dashboard", {
    steps: () => [
        {
            content: "the menu opens with the dashboard",
            trigger: `.o_api_dashboard ${count("requests", 7)}`,
        },
        {
            content: "which says what failed, and the share",
            trigger: `${tile("failed")}:contains(28.57%):has(.text-danger:contains(/^2$/))`,
        },
        {
            content: "and when it was looked at",
            trigger: ".o_api_dashboard_as_of:contains(As of)",
        },
        {
            content: "open what failed",
            trigger: tile("failed"),
            run: "click",
        },
        {
            content: "two rows, as the figure said",
            trigger: rows(2),
        },
        back,
        {
            content: "open the bar of the failures",
            trigger: ".o_api_dashboard_chart canvas",
            run({anchor}) {
                clickBar(anchor, 1);
            },
        },
        {
            content: "the list says what and when",
            trigger: ".o_control_panel .o_last_breadcrumb_item:contains(Failed)",
        },
        {
            content: "two rows, as the bar said",
            trigger: rows(2),
        },
        back,
        {
            content: "open the slowest",
            trigger:
                "[data-list=routes] .o_api_dashboard_row:eq(0):contains(/api/create_data):contains(2.5 s)",
            run: "click",
        },
        {
            content: "three rows of its route and model",
            trigger: rows(3),
        },
        back,
        {
            content: "open an error",
            trigger: "[data-list=errors] .o_api_dashboard_row:contains(not_found)",
            run: "click",
        },
        {
            content: "its one row",
            trigger: rows(1),
        },
        back,
        {
            content: "look at 30 days",
            trigger: "[data-period=month]",
            run: "click",
        },
        {
            content: "there was one more",
            trigger: count("requests", 8),
        },
        {
            content: "open them all",
            trigger: tile("requests"),
            run: "click",
        },
        {
            content: "eight rows",
            trigger: rows(8),
        },
        back,
        {
            content: "the period is still the one that was chosen",
            trigger: "[data-period=month].active",
        },
        {
            content: "open the endpoint that is disabled",
            trigger: "[data-list=endpoints] .o_api_dashboard_row:contains(Tour Shop)",
            run: "click",
        },
        {
            content: "its form",
            trigger: ".o_form_view .o_field_widget[name=name]",
        },
        back,
        {
            content: "ask again",
            trigger: ".o_api_dashboard_refresh",
            run: "click",
        },
        {
            content: "and see the same",
            trigger: `.o_api_dashboard[aria-busy=false] ${count("requests", 8)}`,
        },
    ],
});

// Whoever has just installed the addon.
registry.category("web_tour.tours").add("usability_webhooks_api_dashboard_new", {
    steps: () => [
        {
            content: "it says what to do first, one thing is the console",
            trigger: ".o_api_dashboard_welcome .o_api_dashboard_console",
            run: "click",
        },
        {
            content: "there it is",
            trigger: ".o_api_console",
        },
        back,
        {
            content: "the other is a key",
            trigger: ".o_api_dashboard_welcome .o_api_dashboard_make_key",
            run: "click",
        },
        {
            content: "made in the preferences, under Security",
            trigger: "a[role=tab]:contains(Security)",
            run: "click",
        },
        {
            content: "with this button",
            trigger: "button[name=api_key_wizard]",
        },
    ],
});
