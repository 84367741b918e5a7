# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The arithmetic of limits, without a database, and the HTTP fields."""

from __future__ import annotations

from odoo.tests import BaseCase, tagged

from ..tools.rate_quota import Quota, Standing, get_headers, get_retry_after

SECOND = 1_000_000


@tagged("post_install", "-at_install")
class TestQuota(BaseCase):
    def test_a_burst_of_the_limit_fits_exactly_whatever_the_limit(self) -> None:
        for limit in (1, 7, 10, 60, 61, 999, 60_000_000, 2**31 - 1):
            quota = Quota("requests", limit)
            with self.subTest(limit=limit):
                self.assertEqual(quota.window, limit * quota.interval)
                full = Standing(quota, quota.window)
                self.assertEqual(full.remaining, 0)
                self.assertEqual(Standing(quota, 0).remaining, limit)
                last = Standing(quota, quota.window - quota.interval)
                self.assertEqual((last.remaining, last.wait), (1, 0))

    def test_the_wait_is_until_one_more_fits_and_never_shorter(self) -> None:
        quota = Quota("requests", 10)  # one in 6 seconds
        for ahead, wait in ((60, 6), (59, 5), (54, 0), (54.000001, 1), (120, 66)):
            with self.subTest(ahead=ahead):
                standing = Standing(quota, round(ahead * SECOND))
                self.assertEqual(standing.wait, wait)
                headers = get_retry_after([standing])
                self.assertEqual(headers, {"Retry-After": str(max(wait, 1))})

    def test_what_lies_in_the_past_is_a_whole_quota(self) -> None:
        standing = Standing(Quota("requests", 10), -3600 * SECOND)
        self.assertEqual(
            (standing.remaining, standing.reset, standing.wait), (10, 0, 0)
        )

    def test_fields_of_both_generations(self) -> None:
        requests = Standing(Quota("requests", 10), 12 * SECOND)
        rows = Standing(Quota("rows", 600), 50 * SECOND)
        self.assertEqual(
            get_headers([requests, rows]),
            {
                # The rows are nearer to their end.
                "RateLimit-Limit": "600",
                "RateLimit-Remaining": "100",
                "RateLimit-Reset": "50",
                "RateLimit-Policy": '"requests";q=10;w=60, "rows";q=600;w=60',
                "RateLimit": '"requests";r=8;t=12, "rows";r=100;t=50',
            },
        )
        self.assertEqual(get_headers([]), {})

    def test_of_several_quotas_the_longest_wait_counts(self) -> None:
        requests = Standing(Quota("requests", 10), 60 * SECOND)
        rows = Standing(Quota("rows", 60), 90 * SECOND)
        self.assertEqual(get_retry_after([requests, rows]), {"Retry-After": "31"})
