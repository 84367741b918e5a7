# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import fields, models
from odoo.tools import SQL

#: Each figure from an index of its own: a day's deliveries may be millions.
COUNTS = """
    SELECT e.id, waiting.number, dead.number, done.number, done.latest,
        trouble.last_error, trouble.last_attempt_at
    FROM webhook_endpoint e
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM webhook_outbound_delivery
        WHERE endpoint_id = e.id AND state IN ('pending', 'sending')) waiting
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM webhook_outbound_delivery
        WHERE endpoint_id = e.id AND state = 'dead') dead
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE delivered_at >= %(since)s) AS number,
            max(delivered_at) AS latest
        FROM (
            SELECT delivered_at FROM webhook_outbound_delivery
            WHERE endpoint_id = e.id AND state = 'delivered'
                AND delivered_at >= %(since)s
            UNION ALL (
                SELECT delivered_at FROM webhook_outbound_delivery
                WHERE endpoint_id = e.id AND state = 'delivered'
                    AND delivered_at < %(since)s
                ORDER BY delivered_at DESC LIMIT 1)) known) done
    LEFT JOIN LATERAL (
        SELECT last_error, last_attempt_at FROM webhook_outbound_delivery
        WHERE endpoint_id = e.id AND last_error IS NOT NULL
            AND state IN ('pending', 'sending', 'dead')
        ORDER BY last_attempt_at DESC NULLS LAST LIMIT 1) trouble ON TRUE
    WHERE e.id IN %(ids)s
"""
LATENCIES = """
    SELECT endpoint_id,
        percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY latency)
    FROM webhook_outbound_delivery
    WHERE state = 'delivered' AND endpoint_id IN %(ids)s
        AND delivered_at >= %(since)s AND latency IS NOT NULL
    GROUP BY endpoint_id
"""


class WebhookEndpointHealth(models.AbstractModel):
    """Tells how the deliveries to an endpoint fare. For ``webhook.endpoint`` only."""

    _name = "webhook.endpoint.health"
    _description = "Webhook Endpoint Health"

    pending_count = fields.Integer("Waiting", compute="_compute_counts")
    dead_count = fields.Integer("Dead", compute="_compute_counts")
    delivered_count = fields.Integer(
        "Delivered", compute="_compute_counts", help="In the last 24 hours."
    )
    last_success_at = fields.Datetime("Last Success", compute="_compute_counts")
    last_error_at = fields.Datetime("Last Failure", compute="_compute_counts")
    last_error = fields.Char(compute="_compute_counts")
    median_latency = fields.Float(
        "Median Latency (s)",
        compute="_compute_latencies",
        digits=(12, 3),
        help="From the change to its delivery, in the last 24 hours.",
    )
    high_latency = fields.Float(
        "99% Within (s)", compute="_compute_latencies", digits=(12, 3)
    )

    def _compute_counts(self) -> None:
        rows = {row[0]: row[1:] for row in self._fetch(COUNTS)}
        for endpoint in self:
            pending, dead, delivered, success, error, error_at = rows.get(
                endpoint.id, (0, 0, 0, False, False, False)
            )
            endpoint.pending_count = pending
            endpoint.dead_count = dead
            endpoint.delivered_count = delivered
            endpoint.last_success_at = success
            endpoint.last_error = error
            endpoint.last_error_at = error_at

    def _compute_latencies(self) -> None:
        """Take median and 99th percentile; both zero where nothing was delivered."""
        figures = dict(self._fetch(LATENCIES))
        for endpoint in self:
            median, high = figures.get(endpoint.id, (0.0, 0.0))
            endpoint.median_latency = median
            endpoint.high_latency = high

    def _fetch(self, query: str) -> list[tuple]:
        since = SQL("(now() AT TIME ZONE 'utc' - interval '1 day')")
        ids = tuple(self.ids) or (0,)
        return self.env.execute_query(SQL(query, ids=ids, since=since))
