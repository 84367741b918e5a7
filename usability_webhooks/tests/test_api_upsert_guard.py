# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The guard row of an upsert; the race itself is run by ``scripts/system_tests``."""

from __future__ import annotations

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiUpsertGuard(ApiCase):
    def count(self) -> int:
        self.env.cr.execute("SELECT count(*) FROM api_upsert_guard")
        return self.env.cr.fetchone()[0]

    def upsert(self, search_key: dict) -> dict:
        vals = {"search_key": search_key, "payload": {"name": "Guarded"}}
        return self.assertSuccess(
            self.perform("create_update_data", "res.partner", vals)
        )

    def test_creating_touches_one_row_per_key_and_updating_none(self):
        before = self.count()
        self.assertEqual(self.upsert({"ref": "G-1"})["operation"], "created")
        self.assertEqual(self.count(), before + 1)
        self.assertEqual(self.upsert({"ref": "G-1"})["operation"], "unchanged")
        self.assertEqual(self.upsert({"ref": "G-2"})["operation"], "created")
        self.assertEqual(self.count(), before + 2)

    def test_key_order_makes_no_difference(self):
        guard = self.env["api.upsert.guard"]
        before = self.count()
        guard._touch("res.partner", [{"ref": "G-3", "name": "x"}])
        guard._touch("res.partner", [{"name": "x", "ref": "G-3"}])
        self.assertEqual(self.count(), before + 1)
        guard._touch("res.users", [{"name": "x", "ref": "G-3"}])
        self.assertEqual(self.count(), before + 2)

    def test_old_rows_are_deleted(self):
        guard = self.env["api.upsert.guard"]
        guard._touch("res.partner", [{"ref": "G-4"}])
        guard._touch("res.partner", [{"ref": "G-5"}])
        old = fields.Datetime.now() - timedelta(days=2)
        self.env.cr.execute(
            "UPDATE api_upsert_guard SET touched_at = %s"
            " WHERE id = (SELECT max(id) FROM api_upsert_guard)",
            [old],
        )
        before = self.count()
        guard._gc_guards()
        self.assertEqual(self.count(), before - 1)
