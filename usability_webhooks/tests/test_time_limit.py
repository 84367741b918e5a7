# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A worker's time is not spent to its end."""

from __future__ import annotations

import time
from unittest.mock import patch

from odoo.tests import BaseCase

from ..tools import time_limit


class TestTimeLimit(BaseCase):
    def set_limit(self, seconds: int) -> None:
        options = {"limit_time_real": seconds}
        self.enterContext(patch.object(time_limit, "config", options))

    def test_a_wait_for_locks_is_a_sixth_of_the_worker_s_time(self) -> None:
        for limit, expected in ((120, 20), (60, 10), (0, 20)):
            with self.subTest(limit=limit):
                self.set_limit(limit)
                self.assertEqual(time_limit.get_lock_seconds(), expected)

    def test_time_is_nearly_over_after_three_quarters(self) -> None:
        self.set_limit(100)
        for spent, expected in ((74, False), (76, True)):
            with self.subTest(spent=spent):
                with time_limit.counted(time.monotonic() - spent):
                    self.assertIs(time_limit.is_nearly_over(), expected)

    def test_outside_of_a_request_there_is_time(self) -> None:
        self.assertFalse(time_limit.is_nearly_over())
