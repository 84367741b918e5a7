// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
/* global Chart */
import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {loadBundle} from "@web/core/assets";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

/** Pixels a bar is high at least: one failure among thousands can be clicked. */
const LEAST_HEIGHT = 4;
const HOUR = {hour: "2-digit", minute: "2-digit"};
const DAY = {day: "numeric", month: "short"};

/** Bars of what was done, what failed and what is under way; each can be opened. */
export class DashboardChart extends Component {
    static template = "usability_webhooks.DashboardChart";
    static props = {
        bars: Array,
        label: String,
        period: String,
        open: Function,
    };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.bars]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get series() {
        return [
            {id: "done", label: _t("Done"), colour: "--success"},
            {id: "failed", label: _t("Failed"), colour: "--danger"},
            {id: "running", label: _t("In Progress"), colour: "--info"},
        ];
    }

    formatStart(bar) {
        const format = this.props.period === "day" ? HOUR : DAY;
        return deserializeDateTime(bar.start).toLocaleString(format);
    }

    draw() {
        this.chart?.destroy();
        // Colours of the page, bright or dark.
        const style = getComputedStyle(this.canvas.el);
        const {bars} = this.props;
        const grid = style.getPropertyValue("--border-color");
        const axis = {stacked: true, border: {display: false}};
        const ticks = {color: style.color};
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                labels: bars.map((bar) => this.formatStart(bar)),
                datasets: this.series.map(({id, label, colour}) => ({
                    label,
                    data: bars.map((bar) => bar[id].count || null),
                    backgroundColor: style.getPropertyValue(colour),
                    minBarLength: LEAST_HEIGHT,
                })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: {mode: "nearest", intersect: true},
                onClick: (_event, elements) => this.onClick(elements),
                onHover: (event, elements) => {
                    event.native.target.style.cursor = elements.length
                        ? "pointer"
                        : "default";
                },
                plugins: {
                    legend: {position: "bottom", labels: {color: style.color}},
                },
                scales: {
                    x: {...axis, grid: {display: false}, ticks},
                    y: {
                        ...axis,
                        beginAtZero: true,
                        grid: {color: grid},
                        ticks: {...ticks, precision: 0},
                    },
                },
            },
        });
    }

    onClick([element]) {
        if (!element) {
            return;
        }
        const {id, label} = this.series[element.datasetIndex];
        const bar = this.props.bars[element.index];
        const name = _t("%(outcome)s, %(start)s", {
            outcome: label,
            start: this.formatStart(bar),
        });
        this.props.open(name, bar[id].domain);
    }
}
