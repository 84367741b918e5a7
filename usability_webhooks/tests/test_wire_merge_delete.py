# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""one2many ``merge``: lines that are archived, and lines that are to go."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from .test_wire_merge import MergeCase


@tagged("post_install", "-at_install")
class TestWireMergeDelete(MergeCase):
    # -- archived lines -------------------------------------------------------

    def merge_banks(self, *records, **value) -> dict:
        key = {"mode": "merge", "key": ["acc_holder_name"], "records": list(records)}
        return self.send({"bank_ids": key | value})

    def create_banks(self, *names: str):
        return self.env["res.partner.bank"].create(
            [
                {
                    "acc_number": f"MERGE{index}",
                    "acc_holder_name": name,
                    "partner_id": self.parent.id,
                }
                for index, name in enumerate(names)
            ]
        )

    def test_an_archived_line_is_neither_duplicated_nor_changed_unasked(self) -> None:
        bank = self.create_banks("A")
        bank.active = False
        answer = self.merge_banks({"acc_holder_name": "A", "acc_number": "NEW"})
        path = "payload.bank_ids.records[0].acc_holder_name"
        error = self.assertFailure(answer, "ambiguous", path)
        self.assertEqual(error["candidates"][0]["id"], bank.id)
        answer = self.merge_banks({"acc_holder_name": "A", "active": True})
        self.assertOperation(answer, "updated")
        self.assertTrue(bank.active)
        self.assertEqual(bank.acc_number, "MERGE0")

    def test_an_archived_line_does_not_stand_in_the_way(self) -> None:
        archived, bank = self.create_banks("A", "A")
        archived.active = False
        record = {"acc_holder_name": "A", "acc_number": "NEW"}
        self.assertOperation(self.merge_banks(record), "updated")
        self.assertEqual((archived | bank).mapped("acc_number"), ["MERGE0", "NEW"])
        delete = [{"acc_holder_name": "A"}]
        self.assertOperation(self.merge_banks(delete=delete), "updated")
        # Whether it is gone or archived is up to the model's own unlink.
        self.assertFalse(self.parent.bank_ids)
        self.assertOperation(self.merge_banks(delete=delete), "unchanged")

    # -- delete ---------------------------------------------------------------

    def test_a_deletion_of_nothing_is_a_warning(self) -> None:
        answer = self.merge(delete=[{"ref": "nobody"}, {"country_id": {"code": "??"}}])
        self.assertOperation(answer, "unchanged")
        paths = [text.partition(":")[0] for text in answer["warnings"]]
        self.assertEqual(paths, [f"payload.child_ids.delete[{n}]" for n in (0, 1)])

    def test_what_is_to_go_is_never_made(self) -> None:
        ghost = {"name": "Merge Ghost"}
        value = {"mode": "merge", "key": ["ref"], "delete": [{"industry_id": ghost}]}
        answer = self.send({"child_ids": value}, auto_create={"industry_id": ghost})
        self.assertOperation(answer, "unchanged")
        domain = [("name", "=", "Merge Ghost")]
        self.assertFalse(self.env["res.partner.industry"].search(domain))

    def test_a_line_that_has_a_name_twice_is_one_line(self) -> None:
        tags = self.env["res.partner.category"].create([{"name": "Same"}] * 2)
        self.line_b.category_id = tags
        answer = self.merge(delete=[{"category_id": {"name": "Same"}}])
        self.assertOperation(answer, "updated")
        self.assertFalse(self.line_b.exists())

    def test_deletions_are_a_list(self) -> None:
        answer = self.merge(delete={"ref": "A"})
        path = "payload.child_ids.delete"
        self.assertEqual(self.errors_of(answer), [(path, "invalid_value")])
        self.assertTrue(self.line_a.exists())

    def test_lines_are_deleted_by_any_fields(self) -> None:
        self.line_b.country_id = self.env.ref("base.es")
        self.line_c.country_id = self.env.ref("base.es")
        named = {"country_id": {"code": "ES"}, "name": "Child C"}
        self.assertOperation(self.merge(delete=[named, {"ref": "C"}]), "updated")
        self.assertEqual(self.parent.child_ids, self.line_a + self.line_b)

    def test_a_deletion_that_is_not_clear_deletes_nothing(self) -> None:
        answer = self.merge(
            {"ref": "A", "color": 9},
            delete=[{"color": 1}, {"ref": "A"}, {"rf": "x"}, 5.5],
        )
        where = "payload.child_ids.delete"
        self.assertCountEqual(
            self.errors_of(answer),
            [
                (f"{where}[0]", "ambiguous"),
                (f"{where}[1]", "invalid_value"),
                (f"{where}[2]", "unknown_field"),
                (f"{where}[3]", "invalid_value"),
            ],
        )
        self.assertEqual(len(self.parent.child_ids), 3)
        self.assertEqual(self.line_a.color, 1)

    def test_a_line_of_another_record_is_out_of_reach(self) -> None:
        other = self.env["res.partner"].create({"name": "Stranger", "ref": "S"})
        answer = self.merge(delete=[{"ref": "S"}, {"id": other.id}])
        self.assertOperation(answer, "unchanged")
        self.assertTrue(other.exists())

    def test_deleting_needs_the_right_to(self) -> None:
        group = self.env["res.groups"].create({"name": "Changes partners"})
        self.env["ir.model.access"].create(
            {
                "name": "changes partners",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "group_id": group.id,
                "perm_read": True,
                "perm_write": True,
            }
        )
        user = new_test_user(self.env, "merger", "base.group_user")
        user.group_ids |= group
        answer = self.merge({"ref": "A", "color": 2}, user=user)
        self.assertOperation(answer, "updated")
        answer = self.merge(
            {"ref": "A", "color": 3},
            {"ref": "N", "name": "New"},
            delete=[{"ref": "B"}],
            user=user,
        )
        denied = ("payload.child_ids", "access_denied")
        self.assertEqual(self.errors_of(answer), [denied, denied])
        self.assertEqual(self.line_a.color, 2)
        self.assertTrue(self.line_b.exists())
