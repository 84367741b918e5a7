# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Records read with all their fields."""

from __future__ import annotations

from unittest.mock import patch

from odoo.tests import tagged

from .common import ApiCase, requires

WHOLE = "odoo.addons.usability_webhooks.models.api_record_whole.time_limit"


@tagged("post_install", "-at_install")
class TestReadingEverything(ApiCase):
    """A search that names no fields reads all of them, however long each takes."""

    def search(self, *names: str) -> dict:
        payload = {"search_field": [*names], "limit": 3}
        return self.perform("search_data", "res.partner", {"payload": payload})

    def test_it_stops_before_the_worker_is_ended(self) -> None:
        with patch(f"{WHOLE}.is_nearly_over", lambda: True):
            path = "payload.search_field"
            error = self.assertFailure(self.search(), "limit_exceeded", path)
        self.assertIn("limit_time_real", error["message"])

    def test_fields_that_were_named_are_read(self) -> None:
        with patch(f"{WHOLE}.is_nearly_over", lambda: True):
            rows = self.assertSuccess(self.search("name", "display_name"))
        self.assertTrue(rows)
        for row in rows:
            self.assertEqual(set(row), {"id", "name", "display_name"})

    def test_a_row_has_every_field_but_files_and_begins_with_its_id(self) -> None:
        row = self.assertSuccess(self.search())[0]
        whole = self.env["api.record.whole"]
        names = [*whole._get_default_spec(self.env["res.partner"])]
        self.assertEqual(next(iter(row)), "id")
        self.assertEqual(set(row), {"id", *names})


@requires("vendor.delay.report")
@tagged("post_install", "-at_install")
class TestReadingReports(ApiCase):
    def test_a_column_the_view_lacks_is_left_out(self) -> None:
        """``on_time_rate`` exists in groups only."""
        admin = self.env.ref("base.user_admin")
        vals = {"payload": {"limit": 5}}
        answer = self.perform("search_data", "vendor.delay.report", vals, user=admin)
        for row in self.assertSuccess(answer):
            self.assertIn("qty_total", row)
            self.assertNotIn("on_time_rate", row)
        whole = self.env["api.record.whole"]
        self.assertEqual(whole._get_absent("vendor.delay.report"), {"on_time_rate"})
