# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The dashboard's hours and days."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytz

from odoo.tests import BaseCase

from ..tools.dashboard_window import get_days, get_hours

NOW = datetime(2026, 3, 10, 15, 40, 12)
ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia")


class TestWindow(BaseCase):
    def test_buckets_follow_each_other_up_to_now(self) -> None:
        for name in ZONES:
            for window, size in (
                (get_hours(NOW, pytz.timezone(name)), 24),
                (get_days(NOW, pytz.timezone(name)), 30),
            ):
                with self.subTest(zone=name, size=size):
                    self.assertEqual(len(window.buckets), size)
                    self.assertEqual(window.edges[-1], NOW)
                    ends = [stop for _start, stop in window.buckets]
                    starts = [start for start, _stop in window.buckets]
                    self.assertEqual(ends[:-1], starts[1:])
                    self.assertEqual(list(window.edges), sorted(window.edges))

    def test_hours_begin_as_the_user_s_clock_says(self) -> None:
        # 15:40 in UTC is 21:10 in Kolkata and 21:25 in Kathmandu.
        for name, minute in (("UTC", 0), ("Asia/Kolkata", 30), ("Asia/Kathmandu", 15)):
            with self.subTest(zone=name):
                edges = get_hours(NOW, pytz.timezone(name)).edges
                self.assertEqual(edges[-2], datetime(2026, 3, 10, 15, minute))
                self.assertEqual(edges[-2] - edges[0], timedelta(hours=23))

    def test_days_begin_at_the_user_s_midnight(self) -> None:
        edges = get_days(NOW, pytz.timezone("Asia/Kolkata")).edges
        self.assertEqual(edges[-2], datetime(2026, 3, 9, 18, 30))
        # It is the 11th there by now.
        edges = get_days(NOW, pytz.timezone("Pacific/Auckland")).edges
        self.assertEqual(edges[-2], datetime(2026, 3, 10, 11, 0))

    def test_day_of_a_change_of_the_clock_is_shorter(self) -> None:
        now = datetime(2026, 4, 1, 12)
        edges = get_days(now, pytz.timezone("Europe/Paris")).edges
        lengths = {
            stop - start for start, stop in zip(edges, edges[1:-1], strict=False)
        }
        self.assertEqual(lengths, {timedelta(hours=23), timedelta(hours=24)})
        self.assertIn(datetime(2026, 3, 28, 23), edges)
        self.assertIn(datetime(2026, 3, 29, 22), edges)

    def test_a_full_hour_has_just_begun(self) -> None:
        edges = get_hours(datetime(2026, 3, 10, 15), pytz.utc).edges
        self.assertEqual(edges[-1], edges[-2])
