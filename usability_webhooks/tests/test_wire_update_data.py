# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""update_data over HTTP: the 18.0 shapes, and what reached the database."""

from __future__ import annotations

from odoo.fields import Command
from odoo.tests import tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestWireUpdateData(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        categories = cls.env["res.partner.category"].create(
            [{"name": "Golden Retail"}, {"name": "Golden Export"}]
        )
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Old Customer",
                "ref": "C-OLD",
                "category_id": [Command.link(categories[0].id)],
                "child_ids": [Command.create({"name": "Old Contact"})],
            }
        )

    def test_golden_request_has_its_golden_answer(self):
        result = self.assertGolden("update_data", "update_data")["result"]
        self.assertEqual(result["id"], self.partner.ids)
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.comment, "<p>paid late</p>")
        self.assertEqual(len(self.partner.category_id), 2)
        names = self.partner.child_ids.mapped("name")
        self.assertEqual(names, ["Replaces all lines"])

    def test_many2many_mode_is_replace_when_left_out(self):
        vals = {
            "search_key": {"ref": "C-OLD"},
            "payload": {"category_id": {"records": [{"name": "Golden Export"}]}},
        }
        self.call_ok("update_data", "res.partner", vals)
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.category_id.mapped("name"), ["Golden Export"])

    def test_list_in_the_search_key_updates_all_and_answers_all_ids(self):
        other = self.env["res.partner"].create({"name": "Other", "ref": "C-OLD-2"})
        both = self.partner | other
        vals = {
            "search_key": {"ref": ["C-OLD", "C-OLD-2"]},
            "payload": {"function": "Client"},
        }
        result = self.call_ok("update_data", "res.partner", vals)
        self.assertEqual(sorted(result["id"]), sorted(both.ids))
        self.assertEqual(result["ref"], ["C-OLD", "C-OLD-2"])
        both.invalidate_recordset()
        self.assertEqual(both.mapped("function"), ["Client", "Client"])

    def test_no_match_is_not_found(self):
        vals = {"search_key": {"ref": "C-NONE"}, "payload": {"name": "x"}}
        _status, answer = self.call("update_data", "res.partner", vals)
        self.assertFailure(answer["result"], "not_found", "search_key")

    def test_several_matches_are_ambiguous_and_none_is_changed(self):
        twin = self.env["res.partner"].create({"name": "Twin", "ref": "C-OLD"})
        vals = {"search_key": {"ref": "C-OLD"}, "payload": {"function": "x"}}
        _status, answer = self.call("update_data", "res.partner", vals)
        error = self.assertFailure(answer["result"], "ambiguous", "search_key")
        both = self.partner | twin
        self.assertEqual(
            sorted(row["id"] for row in error["candidates"]), sorted(both.ids)
        )
        both.invalidate_recordset()
        self.assertEqual(both.mapped("function"), [False, False])
        result = self.call_ok("update_data", "res.partner", vals | {"multi": True})
        self.assertEqual(sorted(result["id"]), sorted(both.ids))

    def test_missing_search_key_changes_nothing(self):
        for search_key in (None, {}):
            with self.subTest(search_key=search_key):
                vals = {"search_key": search_key, "payload": {"function": "x"}}
                _status, answer = self.call("update_data", "res.partner", vals)
                self.assertFailure(answer["result"], "invalid_value", "search_key")
        self.assertFalse(self.env["res.partner"].search([("function", "=", "x")]))
