# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far a request has got, as others see it while nothing is committed."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestApiProgress(ApiHttpCase):
    def setUp(self) -> None:
        super().setUp()
        writer = self.env["api.log.writer"]
        vals = {"state": "received", "request_id": "running"}
        self.log = self.env["api.log"].browse(writer._insert(vals, "{}"))

    def look(self) -> str:
        """Return what the row shows now: PostgreSQL keeps one look a transaction."""
        self.env.cr.execute("SELECT pg_stat_clear_snapshot()")
        self.log.invalidate_recordset()
        return self.log.progress

    def test_a_row_nobody_works_on_shows_nothing(self) -> None:
        self.assertFalse(self.look())

    def test_a_request_shows_that_it_is_at_work_then_how_far_it_is(self) -> None:
        self.env["api.log.writer"]._lock(self.log.id)
        self.assertEqual(self.look(), "at work")
        progress = self.env["api.progress"]
        progress._report(0, 250)
        self.assertEqual(self.look(), "0 of 250 records")
        progress._report(200, 250)
        self.assertEqual(self.look(), "200 of 250 records")

    def test_it_is_gone_with_what_was_undone(self) -> None:
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.env["api.log.writer"]._lock(self.log.id)
            self.env["api.progress"]._report(7, 9)
            raise ZeroDivisionError
        self.assertFalse(self.look())

    def test_a_tolerant_batch_reports_as_it_goes(self) -> None:
        reports: list = []
        cls = self.registry["api.progress"]
        original = cls._report

        def report(model, done, total):
            reports.append((done, total))
            return original(model, done, total)

        self.patch(cls, "_report", report)
        records = [{"payload": {"name": f"n{n}"}} for n in range(250)]
        vals = {"records": records, "on_error": "continue"}
        self.call_ok("create_data", "res.partner", vals)
        self.assertEqual(reports, [(0, 250), (100, 250), (200, 250)])
