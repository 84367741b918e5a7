# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an endpoint's form says of its deliveries."""

from __future__ import annotations

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.webhook_endpoint_health import COUNTS, LATENCIES
from .webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestHealth(WebhookCase):
    def deliver(self, hours_ago: float, latency: float) -> None:
        done = fields.Datetime.now() - timedelta(hours=hours_ago)
        self.settle(self.put_one(), "delivered", delivered_at=done, latency=latency)

    def test_new_endpoint_has_nothing_to_tell(self) -> None:
        self.assertRecordValues(
            self.endpoint,
            [
                {
                    "pending_count": 0,
                    "dead_count": 0,
                    "delivered_count": 0,
                    "last_success_at": False,
                    "last_error": False,
                    "median_latency": 0.0,
                    "high_latency": 0.0,
                }
            ],
        )

    def test_counts(self) -> None:
        for state in ("pending", "pending", "sending", "dead", "cancelled"):
            self.settle(self.put_one(), state)
        for hours in (1, 23, 25):
            self.deliver(hours, 1)
        self.assertEqual(self.endpoint.pending_count, 3)
        self.assertEqual(self.endpoint.dead_count, 1)
        self.assertEqual(self.endpoint.delivered_count, 2)

    def test_last_success_may_be_long_ago(self) -> None:
        self.deliver(24 * 20, 1)
        self.deliver(24 * 10, 1)
        age = fields.Datetime.now() - self.endpoint.last_success_at
        self.assertEqual(age.days, 10)
        self.assertEqual(self.endpoint.delivered_count, 0)

    def test_last_error_is_the_latest_of_those_not_delivered(self) -> None:
        now = fields.Datetime.now()
        for minutes, state, error in (
            (30, "dead", "HTTP 500"),
            (20, "pending", "HTTP 503"),
            (10, "delivered", "HTTP 504"),
        ):
            at = now - timedelta(minutes=minutes)
            vals = {"last_attempt_at": at, "last_error": error}
            self.settle(self.put_one(), state, **vals)
        self.assertEqual(self.endpoint.last_error, "HTTP 503")
        self.assertEqual(self.endpoint.last_error_at, now - timedelta(minutes=20))

    def test_latency_is_that_of_the_last_day(self) -> None:
        for latency in range(1, 101):
            self.deliver(1, latency)
        self.deliver(48, 10_000)
        self.assertAlmostEqual(self.endpoint.median_latency, 50.5)
        self.assertAlmostEqual(self.endpoint.high_latency, 99.01)

    def test_no_figure_reads_the_whole_table(self) -> None:
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        day = SQL("(now() - interval '1 day')")
        for query in (COUNTS, LATENCIES):
            explained = SQL(f"EXPLAIN {query}", ids=(self.endpoint.id,), since=day)
            plan = "\n".join(line for (line,) in self.env.execute_query(explained))
            self.assertNotIn("Seq Scan on webhook_outbound_delivery", plan)

    def test_list_of_endpoints_costs_two_queries(self) -> None:
        self.deliver(1, 1)
        for _count in range(3):
            endpoints = self.endpoint.copy() | self.endpoint.copy() | self.endpoint
            self.env.flush_all()
            endpoints.invalidate_recordset()
            with self.assertQueryCount(2):
                endpoints.mapped("dead_count")
                endpoints.mapped("median_latency")
