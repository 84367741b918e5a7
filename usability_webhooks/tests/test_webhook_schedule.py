# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import time
from email.utils import formatdate

from odoo.tests import BaseCase

from ..tools.webhook_schedule import (
    MAX_ATTEMPTS,
    RETRY_DELAYS_SECONDS,
    get_delay,
    get_pause,
    judge,
    read_retry_after,
)

DAY = 24 * 3600


class TestWebhookSchedule(BaseCase):
    """When a delivery is tried again."""

    def test_delays_are_those_of_standard_webhooks_give_or_take_a_fifth(self):
        self.assertEqual(sum(RETRY_DELAYS_SECONDS), 75 * 3600 + 35 * 60 + 5)
        for count, delay in enumerate(RETRY_DELAYS_SECONDS, start=1):
            drawn = [get_delay(count) for _each in range(200)]
            self.assertGreaterEqual(min(drawn), delay * 0.8)
            self.assertLessEqual(max(drawn), delay * 1.2)
            self.assertGreater(max(drawn) - min(drawn), delay * 0.2)

    def test_what_an_answer_means(self):
        for status, error, count, state in (
            (200, "", 1, "delivered"),
            (204, "", 10, "delivered"),
            # The receiver has said yes, whatever became of its text.
            (200, "timeout", 1, "delivered"),
            (301, "", 1, "pending"),
            (308, "", 1, "pending"),
            (400, "", 1, "pending"),
            (404, "", 9, "pending"),
            (410, "", 1, "dead"),
            (500, "", 1, "pending"),
            (500, "", MAX_ATTEMPTS, "dead"),
            (None, "timeout", 9, "pending"),
            (None, "timeout", MAX_ATTEMPTS, "dead"),
            (None, "address_refused", 1, "pending"),
            (None, "invalid_url", 1, "dead"),
        ):
            with self.subTest(status=status, error=error, count=count):
                self.assertEqual(judge(status, error, None, count).state, state)

    def test_who_asks_for_a_pause(self):
        for status in (429, 502, 503, 504):
            self.assertEqual(judge(status, "", 30.0, 1).pause, 30.0)
            self.assertEqual(judge(status, "", None, 1).pause, 0.0)
        for status in (200, 301, 400, 410, 500, None):
            self.assertIsNone(judge(status, "", 30.0, 1).pause)
        self.assertTrue(judge(410, "", None, 1).is_gone)
        self.assertFalse(judge(404, "", None, 1).is_gone)

    def test_retry_after_lengthens_a_delay_and_never_shortens_it(self):
        self.assertEqual(get_delay(1, 600.0), 600.0)
        self.assertGreaterEqual(get_delay(4, 1.0), 7200 * 0.8)
        self.assertLessEqual(get_delay(1, 10.0 * DAY), 1.2 * DAY)

    def test_retry_after_is_seconds_or_a_date(self):
        now = time.time()
        for text, seconds in (
            ("120", 120.0),
            (" 0 ", 0.0),
            ("999999999", DAY),
            (formatdate(now + 100, usegmt=True), 100.0),
            (formatdate(now - 100, usegmt=True), 0.0),
            (formatdate(now + 100 * DAY, usegmt=True), DAY),
        ):
            with self.subTest(text):
                self.assertAlmostEqual(read_retry_after(text), seconds, delta=2)
        for text in (None, "", "-1", "abc", "1.5", "1e3", "9" * 400, "Fri, 99 Foo"):
            with self.subTest(text):
                self.assertIsNone(read_retry_after(text))

    def test_pauses_double_up_to_an_hour(self):
        self.assertEqual(get_pause(4, None), 0.0)
        pauses = [get_pause(count, None) for count in (5, 6, 7, 10, 11, 12, 1000)]
        self.assertEqual(pauses, [60, 120, 240, 1920, 3600, 3600, 3600])
        self.assertEqual([get_pause(count, 0.0) for count in (1, 2, 3)], [5, 10, 20])
        self.assertEqual(get_pause(1, 90.0), 90.0)
        self.assertEqual(get_pause(7, 10.0), 320.0)
