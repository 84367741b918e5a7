// Copyright 2026 The usability_webhooks authors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import {_t} from "@web/core/l10n/translation";
import {formatPercentage} from "@web/views/fields/formatters";
import {formatTime} from "./dashboard_time";

export const ACTIONS = {
    logs: "usability_webhooks.api_log_action",
    deliveries: "usability_webhooks.webhook_outbound_delivery_action",
    endpoints: "usability_webhooks.webhook_endpoint_action",
    keys: "usability_webhooks.api_key_action",
};

/**
 * Return the figures on top: {id, label, note, tone, action, count, domain}.
 *
 * What the user may not read has none.
 */
export function getTiles({traffic, latencies, deliveries, endpoints, keys}) {
    return [
        ...getRequestTiles(traffic.receive, latencies),
        ...getDeliveryTiles(deliveries),
        endpoints && {
            id: "endpoints",
            label: _t("Endpoints in Trouble"),
            tone: "text-danger",
            action: ACTIONS.endpoints,
            ...endpoints,
        },
        keys && {
            id: "keys",
            label: _t("Keys That Expire Soon"),
            tone: "text-warning",
            action: ACTIONS.keys,
            ...keys,
        },
    ].filter(Boolean);
}

function getRequestTiles({total, failed, slow, running}, {median, high}) {
    const times = {median: formatTime(median), high: formatTime(high)};
    const action = ACTIONS.logs;
    return [
        {
            id: "requests",
            label: _t("Requests"),
            note:
                median !== null &&
                _t("Median %(median)s, 95 of 100 within %(high)s", times),
            action,
            ...total,
        },
        {
            id: "failed",
            label: _t("Failed"),
            note:
                failed.count &&
                _t("%s of all requests", formatPercentage(failed.count / total.count)),
            tone: "text-danger",
            action,
            ...failed,
        },
        {
            id: "slow",
            label: _t("Slow (2 s or more)"),
            tone: "text-warning",
            action,
            ...slow,
        },
        {id: "running", label: _t("In Progress"), action, ...running},
    ];
}

function getDeliveryTiles(deliveries) {
    if (!deliveries) {
        return [];
    }
    const action = ACTIONS.deliveries;
    return [
        {
            id: "waiting",
            label: _t("Deliveries Waiting"),
            action,
            ...deliveries.waiting,
        },
        {
            id: "dead",
            label: _t("Dead Deliveries"),
            tone: "text-danger",
            action,
            ...deliveries.dead,
        },
    ];
}
