# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writes that would change nothing are not written, and say so."""

from __future__ import annotations

from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiRecordDiff(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tags = cls.env["res.partner.category"].create(
            [{"name": "Diff One"}, {"name": "Diff Two"}]
        )
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Diff Customer",
                "ref": "DIFF-1",
                "email": "diff@example.com",
                "comment": "<p>hello</p>",
                "partner_latitude": 13.75,
                "country_id": cls.env.ref("base.th").id,
                "category_id": [Command.set(cls.tags[:1].ids)],
            }
        )

    def upsert(self, **payload) -> dict:
        vals = {"search_key": {"ref": "DIFF-1"}, "payload": payload}
        return self.assertSuccess(
            self.perform("create_update_data", "res.partner", vals)
        )

    def assertOperation(self, operation: str, **payload) -> None:
        self.assertEqual(self.upsert(**payload)["operation"], operation, payload)

    def test_equal_values_are_unchanged(self):
        self.assertOperation(
            "unchanged",
            name="Diff Customer",
            email="diff@example.com",
            comment="<p>hello</p>",
            partner_latitude=13.75,
            country_id={"code": "TH"},
            parent_id=None,
            phone=False,
            active=True,
        )

    def test_each_other_value_is_a_change(self):
        for payload in (
            {"name": "Other"},
            {"email": None},
            {"partner_latitude": 13.5},
            {"country_id": {"code": "DE"}},
            {"country_id": None},
            {"is_company": True},
        ):
            with self.subTest(payload=payload):
                self.assertOperation("updated", **payload)
                self.assertOperation("unchanged", **payload)

    def test_links_are_compared_by_mode(self):
        one, two = ({"name": tag.name} for tag in self.tags)
        for operation, mode, records in (
            ("unchanged", "add", [one]),
            ("unchanged", "remove", [two]),
            ("unchanged", "replace", [one]),
            ("updated", "add", [two]),
            ("unchanged", "replace", [two, one]),
            ("updated", "remove", [two]),
            ("updated", "replace", []),
        ):
            with self.subTest(mode=mode, records=records):
                links = {"mode": mode, "records": records}
                self.assertOperation(operation, category_id=links)

    def test_lines_that_are_replaced_are_a_change_unless_there_are_none(self):
        self.assertOperation("unchanged", child_ids=[])
        self.assertOperation("updated", child_ids=[{"name": "Child"}])
        self.assertOperation("updated", child_ids=[{"name": "Child"}])
        self.assertOperation("updated", child_ids=[])
        self.assertFalse(self.partner.child_ids)

    def test_file_is_a_change(self):
        file = {"name": "a.txt", "datas": "aGVsbG8="}
        self.assertOperation("updated", name="Diff Customer", attachment_ids=[file])

    def test_unchanged_record_is_not_written(self):
        partner_class = type(self.env["res.partner"])
        with patch.object(partner_class, "write", autospec=True) as write:
            self.assertOperation("unchanged", name="Diff Customer")
            vals = {
                "search_key": {"ref": "DIFF-1"},
                "payload": {"email": "diff@example.com"},
            }
            answer = self.perform("update_data", "res.partner", vals)
            self.assertEqual(self.assertSuccess(answer)["id"], self.partner.ids)
        write.assert_not_called()

    def test_only_the_records_that_differ_are_written(self):
        twin = self.partner.copy({"ref": "DIFF-2", "email": "twin@example.com"})
        written = []
        partner_class = type(self.env["res.partner"])
        original = partner_class.write

        def write(records, vals):
            written.extend(records.ids)
            return original(records, vals)

        vals = {
            "search_key": {"ref": ["DIFF-1", "DIFF-2"]},
            "payload": {"email": "diff@example.com"},
        }
        with patch.object(partner_class, "write", write):
            answer = self.perform("update_data", "res.partner", vals)
        self.assertCountEqual(
            self.assertSuccess(answer)["id"], (self.partner | twin).ids
        )
        self.assertEqual(written, twin.ids)

    def test_right_to_write_is_checked_even_where_nothing_changes(self):
        self.env["ir.rule"].create(
            {
                "name": "no writing",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": [("ref", "!=", "DIFF-1")],
                "perm_read": False,
            }
        )
        user = self.env.ref("base.user_admin")
        vals = {
            "search_key": {"ref": "DIFF-1"},
            "payload": {"name": "Diff Customer"},
        }
        answer = self.perform("update_data", "res.partner", vals, user=user)
        self.assertFailure(answer, "access_denied")
