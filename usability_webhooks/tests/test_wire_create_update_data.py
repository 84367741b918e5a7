# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""create_update_data over HTTP: the two answers, and never a duplicate."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestWireCreateUpdateData(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Old Customer", "ref": "C-OLD"}
        )

    def test_golden_request_that_creates(self):
        answer = self.assertGolden("create_update_data", "create_update_data_created")
        result = answer["result"]
        self.assertEqual(result["ids"], [result["id"]])
        partner = self.env["res.partner"].browse(result["id"])
        # The search key's value is part of the new record.
        self.assertEqual((partner.name, partner.ref), ("Lanna Silk", "C-NEW"))

    def test_golden_request_that_updates(self):
        answer = self.assertGolden("create_update_data", "create_update_data_updated")
        self.assertEqual(answer["result"]["id"], self.partner.ids)
        self.assertEqual(answer["result"]["ids"], self.partner.ids)
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.name, "Renamed")

    def test_sent_twice_there_is_one_record(self):
        vals = {"search_key": {"ref": "C-TWICE"}, "payload": {"name": "Once"}}
        first = self.call_ok("create_update_data", "res.partner", vals)
        second = self.call_ok("create_update_data", "res.partner", vals)
        self.assertEqual(first["operation"], "created")
        self.assertIn(second["operation"], ("updated", "unchanged"))
        self.assertEqual(second["id"], [first["id"]])
        domain = [("ref", "=", "C-TWICE")]
        self.assertEqual(self.env["res.partner"].search_count(domain), 1)

    def test_archived_match_is_reported_rather_than_duplicated(self):
        self.partner.active = False
        vals = {"search_key": {"ref": "C-OLD"}, "payload": {"name": "Again"}}
        _status, answer = self.call("create_update_data", "res.partner", vals)
        error = self.assertFailure(answer["result"], "ambiguous", "search_key")
        self.assertIn("on_archived", error["hint"])
        self.assertEqual([row["id"] for row in error["candidates"]], self.partner.ids)
        hidden = self.env["res.partner"].with_context(active_test=False)
        self.assertEqual(hidden.search_count([("ref", "=", "C-OLD")]), 1)

    def test_archived_match_is_updated_where_asked(self):
        self.partner.active = False
        vals = {
            "search_key": {"ref": "C-OLD"},
            "payload": {"name": "Again"},
            "on_archived": "update",
        }
        result = self.call_ok("create_update_data", "res.partner", vals)
        self.assertEqual(result["ids"], self.partner.ids)
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.name, "Again")

    def test_second_record_is_made_beside_an_archived_one_where_asked(self):
        self.partner.active = False
        vals = {
            "search_key": {"ref": "C-OLD"},
            "payload": {"name": "Second"},
            "on_archived": "create",
        }
        result = self.call_ok("create_update_data", "res.partner", vals)
        self.assertEqual(result["operation"], "created")
        self.assertNotEqual(result["ids"], self.partner.ids)

    def test_several_matches_are_ambiguous_and_nothing_is_made(self):
        self.env["res.partner"].create({"name": "Twin", "ref": "C-OLD"})
        vals = {"search_key": {"ref": "C-OLD"}, "payload": {"name": "Which"}}
        _status, answer = self.call("create_update_data", "res.partner", vals)
        self.assertFailure(answer["result"], "ambiguous", "search_key")
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Which")]))
