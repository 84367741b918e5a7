# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""one2many ``merge``: lines are found by key, changed in place, kept."""

from __future__ import annotations

from odoo.fields import Command
from odoo.tests import tagged

from .common import ApiCase, ApiHttpCase


class MergeCase(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.parent = cls.env["res.partner"].create(
            {
                "name": "Merged",
                "ref": "MERGE-1",
                "is_company": True,
                "child_ids": [
                    Command.create(
                        # Not "contact": those share their parent's address.
                        {
                            "name": f"Child {ref}",
                            "ref": ref,
                            "color": 1,
                            "type": "other",
                        }
                    )
                    for ref in ("A", "B", "C")
                ],
            }
        )
        cls.line_a, cls.line_b, cls.line_c = cls.parent.child_ids.sorted("ref")

    def merge(self, *records, key=("ref",), user=None, **value) -> dict:
        value = {"mode": "merge", "key": list(key), "records": list(records)} | value
        return self.send({"child_ids": value}, user=user)

    def send(self, payload: dict, user=None, **vals) -> dict:
        vals = {"search_key": {"ref": "MERGE-1"}, "payload": payload} | vals
        return self.perform("create_update_data", "res.partner", vals, user)

    def assertOperation(self, answer: dict, operation: str) -> None:
        self.assertEqual(self.assertSuccess(answer)["operation"], operation)

    def errors_of(self, answer: dict) -> list[tuple[str, str]]:
        self.assertFalse(answer["is_success"], answer)
        return [(error["path"], error["code"]) for error in answer["errors"]]


@tagged("post_install", "-at_install")
class TestWireMerge(MergeCase):
    def test_matched_lines_change_others_stay_new_ones_are_added(self) -> None:
        answer = self.merge(
            {"ref": "A", "color": 5}, {"ref": "N", "name": "New"}, delete=[{"ref": "C"}]
        )
        self.assertOperation(answer, "updated")
        self.assertEqual(self.line_a.color, 5)
        self.assertEqual(self.line_a.name, "Child A")
        self.assertEqual(self.line_b.color, 1)
        self.assertFalse(self.line_c.exists())
        self.env.invalidate_all()
        new = self.parent.child_ids - self.line_a - self.line_b
        self.assertEqual(new.mapped("ref"), ["N"])

    def test_sent_again_nothing_changes(self) -> None:
        records = [{"ref": "A", "color": 5, "country_id": {"code": "TH"}}]
        records.append({"ref": "N", "name": "New"})
        self.assertOperation(self.merge(*records), "updated")
        ids = self.parent.child_ids.ids
        self.assertOperation(self.merge(*records), "unchanged")
        self.assertEqual(self.parent.child_ids.ids, ids)

    def test_only_lines_and_values_that_differ_are_written(self) -> None:
        written = []
        original = type(self.parent).write

        def write(records, vals):
            written.append((records.ids, dict(vals)))
            return original(records, vals)

        self.patch(type(self.parent), "write", write)
        self.assertOperation(
            self.merge(
                {"ref": "A", "color": 1},
                {"ref": "B", "color": 2, "name": "Child B", "country_id": None},
            ),
            "updated",
        )
        command = Command.update(self.line_b.id, {"color": 2})
        self.assertEqual(
            written,
            [
                (self.parent.ids, {"child_ids": [command]}),
                (self.line_b.ids, {"color": 2}),
            ],
        )

    def test_a_key_may_be_a_lookup_and_several_fields(self) -> None:
        thailand, spain = self.env.ref("base.th"), self.env.ref("base.es")
        self.line_a.write({"country_id": thailand.id, "ref": "X"})
        self.line_b.write({"country_id": spain.id, "ref": "X"})
        answer = self.merge(
            {"ref": "X", "country_id": {"code": "ES"}, "color": 7},
            {"ref": "X", "country_id": None, "name": "No country"},
            key=["ref", "country_id"],
        )
        self.assertOperation(answer, "updated")
        self.assertEqual(self.line_a.color, 1)
        self.assertEqual(self.line_b.color, 7)
        self.assertEqual(len(self.parent.child_ids), 4)
        value = {"country_id": {"code": "TH"}, "color": 8}
        self.assertOperation(self.merge(value, key=["country_id"]), "updated")
        self.assertEqual(self.line_a.color, 8)

    def test_a_key_that_is_made_automatically_matches_nothing(self) -> None:
        title = {"name": "Merge Industry"}
        value = {"mode": "merge", "key": ["industry_id"]}
        value["records"] = [{"name": "New", "industry_id": title}]
        auto_create = {"industry_id": title}
        for operation in ("updated", "unchanged"):
            answer = self.send({"child_ids": value}, auto_create=auto_create)
            self.assertOperation(answer, operation)
            self.assertEqual(len(self.parent.child_ids), 4)

    def test_lines_may_be_named_by_id(self) -> None:
        self.assertOperation(
            self.merge({"id": self.line_b.id, "ref": "B2"}, key=["id"]), "updated"
        )
        self.assertEqual(self.line_b.ref, "B2")
        other = self.env["res.partner"].create({"name": "Stranger", "color": 1})
        answer = self.merge({"id": other.id, "color": 9}, key=["id"])
        path = "payload.child_ids.records[0].id"
        self.assertEqual(self.errors_of(answer), [(path, "not_found")])
        self.assertEqual(other.color, 1)
        answer = self.merge({"id": None}, {"id": "7"}, {"name": "x"}, key=["id"])
        self.assertEqual(
            [code for _path, code in self.errors_of(answer)],
            ["invalid_value", "invalid_value", "missing_required"],
        )

    def test_merge_goes_on_at_any_depth(self) -> None:
        grandchild = self.env["res.partner"].create(
            {"name": "Grandchild", "ref": "G", "parent_id": self.line_a.id}
        )
        inner = {"mode": "merge", "key": ["ref"]}
        inner["records"] = [{"ref": "G", "color": 4}, {"ref": "H", "name": "Second"}]
        records = [
            {"ref": "A", "child_ids": inner},
            {"ref": "N", "name": "New", "child_ids": inner},
        ]
        inner["records"][0]["name"] = "Grandchild"
        self.assertOperation(self.merge(*records), "updated")
        self.assertEqual(grandchild.color, 4)
        self.assertEqual(self.line_a.child_ids.mapped("ref"), ["G", "H"])
        new = self.parent.child_ids.filtered(lambda line: line.ref == "N")
        self.assertEqual(new.child_ids.mapped("ref"), ["G", "H"])
        self.assertFalse(new.child_ids & self.line_a.child_ids)
        self.assertOperation(self.merge(*records), "unchanged")

    def test_lines_of_a_matched_line_are_replaced_as_those_of_a_record(self) -> None:
        old = self.env["res.partner"].create(
            {"name": "Old", "parent_id": self.line_a.id}
        )
        answer = self.merge({"ref": "A", "child_ids": [{"name": "Young"}]})
        self.assertOperation(answer, "updated")
        self.assertFalse(old.exists())
        self.assertEqual(self.line_a.child_ids.mapped("name"), ["Young"])

    def test_files_land_on_matched_and_on_new_lines(self) -> None:
        file = {"name": "a.txt", "datas": "aGVsbG8="}
        records = [
            {"ref": "A", "attachment_ids": [file]},
            {"ref": "N", "name": "New", "attachment_ids": [file]},
        ]
        self.assertOperation(self.merge(*records), "updated")
        self.env.invalidate_all()
        domain = [("res_model", "=", "res.partner"), ("name", "=", "a.txt")]
        owners = self.env["ir.attachment"].search(domain).mapped("res_id")
        lines = self.parent.child_ids.filtered(lambda line: line.ref in ("A", "N"))
        self.assertCountEqual(owners, lines.ids)

    def test_each_of_several_records_merges_its_own_lines(self) -> None:
        twin = self.env["res.partner"].create(
            {
                "name": "Twin",
                "ref": "MERGE-2",
                "child_ids": [Command.create({"name": "Child B", "ref": "B"})],
            }
        )
        line = twin.child_ids
        value = {"mode": "merge", "key": ["ref"], "delete": [{"ref": "C"}]}
        value["records"] = [{"ref": "A", "name": "A"}, {"ref": "B", "color": 6}]
        answer = self.perform(
            "update_data",
            "res.partner",
            {
                "search_key": {"ref": ["MERGE-1", "MERGE-2"]},
                "payload": {"child_ids": value},
            },
        )
        self.assertSuccess(answer)
        self.assertEqual((line.color, self.line_b.color), (6, 6))
        self.assertEqual(twin.child_ids.mapped("ref"), ["A", "B"])
        self.assertEqual(self.parent.child_ids, self.line_a + self.line_b)
        self.assertEqual(len(answer["warnings"]), 1)  # the twin had no C

    # -- mistakes -------------------------------------------------------------

    def test_the_key_is_checked(self) -> None:
        for key, code in (
            (None, "invalid_value"),
            ([], "invalid_value"),
            ("ref", "invalid_value"),
            ([5], "invalid_value"),
            (["child_ids"], "invalid_value"),
            (["image_1920"], "invalid_value"),
            (["reff"], "unknown_field"),
        ):
            with self.subTest(key=key):
                value = {"mode": "merge", "key": key, "records": [{"ref": "A"}]}
                answer = self.send({"child_ids": value})
                self.assertEqual(
                    self.errors_of(answer), [("payload.child_ids.key", code)]
                )
        self.assertIn("ref", answer["errors"][0]["hint"])

    def test_delete_is_a_list(self) -> None:
        for delete in ({}, 0, "A"):
            with self.subTest(delete=delete):
                self.assertFailure(self.merge(delete=delete), "invalid_value")
        self.assertSuccess(self.merge(delete=False))
        self.assertEqual(len(self.parent.child_ids), 3)

    def test_key_and_delete_go_with_merge_only(self) -> None:
        for mode in ("add", "replace"):
            for extra in ({"key": ["ref"]}, {"delete": [{"ref": "A"}]}):
                value = {"mode": mode, "records": []} | extra
                answer = self.send({"child_ids": value})
                error = self.assertFailure(answer, "unknown_key")
                self.assertIn("merge", error["hint"])
        self.assertEqual(len(self.parent.child_ids), 3)

    def test_all_mistakes_are_told_at_once_and_nothing_is_written(self) -> None:
        self.line_b.ref = "A"
        answer = self.merge(
            {"ref": "A", "color": 5},
            {"name": "no key"},
            {"ref": "C", "colour": 3},
            {"ref": "D", "country_id": {"code": "??"}},
            {"ref": "C"},
            "not an object",
        )
        where = "payload.child_ids.records"
        self.assertCountEqual(
            self.errors_of(answer),
            [
                (f"{where}[0].ref", "ambiguous"),
                (f"{where}[1].ref", "missing_required"),
                (f"{where}[2].colour", "unknown_field"),
                (f"{where}[3].country_id", "not_found"),
                (f"{where}[4].ref", "invalid_value"),
                (f"{where}[5]", "invalid_value"),
            ],
        )
        ambiguous = next(e for e in answer["errors"] if e["code"] == "ambiguous")
        self.assertEqual(
            {candidate["id"] for candidate in ambiguous["candidates"]},
            set((self.line_a | self.line_b).ids),
        )
        self.assertEqual(self.line_a.color, 1)

    def test_too_many_deletions_are_refused(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_lines", "2")
        answer = self.merge(delete=[{"ref": "A"}] * 3)
        path = "payload.child_ids.delete"
        self.assertEqual(self.errors_of(answer), [(path, "limit_exceeded")])

    # -- create ---------------------------------------------------------------

    def test_on_a_new_record_merge_adds(self) -> None:
        value = {"mode": "merge", "key": ["ref"], "delete": [{"ref": "Z"}]}
        value["records"] = [{"ref": "A", "name": "A"}, {"ref": "B", "name": "B"}]
        payload = {"name": "Fresh", "ref": "MERGE-9", "child_ids": value}
        answer = self.perform("create_data", "res.partner", {"payload": payload})
        record = self.env["res.partner"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(record.child_ids.mapped("ref"), ["A", "B"])
        self.assertIn("payload.child_ids.delete[0]", answer["warnings"][0])
        self.assertEqual(self.line_a.parent_id, self.parent)

    def test_an_upsert_sent_twice_makes_its_lines_once(self) -> None:
        value = {"mode": "merge", "key": ["ref"]}
        value["records"] = [{"ref": "A", "name": "A"}]
        vals = {"search_key": {"ref": "UPSERT-M"}}
        vals["payload"] = {"name": "Upserted", "child_ids": value}
        for operation in ("created", "unchanged"):
            answer = self.perform("create_update_data", "res.partner", vals)
            self.assertOperation(answer, operation)
        record = self.env["res.partner"].browse(answer["result"]["id"])
        self.assertEqual(len(record.child_ids), 1)

    def test_a_new_record_has_no_lines_to_name_by_id(self) -> None:
        value = {"mode": "merge", "key": ["id"]}
        value["records"] = [{"id": self.line_a.id, "name": "A"}]
        payload = {"name": "Fresh", "child_ids": value}
        answer = self.perform("create_data", "res.partner", {"payload": payload})
        self.assertFailure(answer, "not_found", "payload.child_ids.records[0].id")


@tagged("post_install", "-at_install")
class TestWireMergeHttp(ApiHttpCase):
    def test_merge_over_the_wire(self) -> None:
        partner = self.env["res.partner"].create(
            {"name": "Wire", "child_ids": [Command.create({"name": "A", "ref": "1"})]}
        )
        line = partner.child_ids
        value = {"mode": "merge", "key": ["ref"], "delete": [{"ref": "9"}]}
        value["records"] = [{"ref": "1", "color": 3}, {"ref": "2", "name": "B"}]
        vals = {"search_key": {"id": partner.id}, "payload": {"child_ids": value}}
        for color in (3, 4):
            value["records"][0]["color"] = color
            status, answer = self.call("update_data", "res.partner", vals)
            self.assertEqual(status, 200)
            self.assertSuccess(answer["result"])
            self.assertIn("delete[0]", answer["result"]["warnings"][0])
            self.env.invalidate_all()
            self.assertEqual(line.color, color)
            self.assertEqual(len(partner.child_ids), 2)
