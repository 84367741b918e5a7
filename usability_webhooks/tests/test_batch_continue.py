# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Batches of which a part may fail: verdicts, and what is undone with the bad."""

from __future__ import annotations

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.api_record_writer import TOLERANT_CHUNK
from .test_batch import BatchCase


@tagged("post_install", "-at_install")
class TestBatchContinue(BatchCase):
    def test_the_good_are_written_and_the_bad_named(self) -> None:
        self.refuse_bad_names()
        payloads = [{"name": f"n{n}", "ref": "B-OK"} for n in range(12)]
        payloads[3]["name"] = "bad"
        payloads[7]["color"] = "no number"
        answer = self.create_all(*payloads, on_error="continue")
        self.assertFalse(answer["is_success"])
        self.assertFalse(answer["retryable"])
        expected = ["created"] * 12
        expected[3], expected[7] = "validation_error", "invalid_value"
        self.assertEqual(self.outcomes(answer), expected)
        self.assertEqual(self.count("B-OK"), 10)
        self.assertEqual(answer["messages"], "12 records: 10 created, 2 failed.")
        self.assertEqual(
            {error["path"] for error in answer["errors"]},
            {"records[3]", "records[7].payload.color"},
        )
        bad = answer["result"][3]
        self.assertNotIn("id", bad)
        self.assertEqual(bad["messages"], "records[3]: No partner is bad.")

    def test_all_well_is_a_success_without_errors(self) -> None:
        answer = self.create_all({"name": "a"}, {"name": "b"}, on_error="continue")
        self.assertSuccess(answer)

    def test_when_all_fail_nothing_is_written_and_each_is_told_why(self) -> None:
        answer = self.create_all({"nmae": 1}, {"name": []}, on_error="continue")
        self.assertFalse(answer["is_success"])
        self.assertEqual(self.outcomes(answer), ["unknown_field", "invalid_value"])
        self.assertEqual(len(answer["errors"]), 2)

    def test_a_record_that_is_no_object_is_the_only_one_to_fail(self) -> None:
        records = [{"payload": {"name": "a"}}, "text", {"payload": {"name": "b"}}]
        answer = self.batch("create_data", records, on_error="continue")
        self.assertEqual(self.outcomes(answer), ["created", "invalid_value", "created"])
        self.assertEqual(answer["errors"][0]["path"], "records[1]")

    def test_an_unknown_key_of_a_record_is_its_own(self) -> None:
        records = [{"payload": {"name": "a"}}, {"paylod": {"name": "b"}}]
        answer = self.batch("create_data", records, on_error="continue")
        self.assertEqual(self.outcomes(answer), ["created", "unknown_key"])
        error = answer["errors"][0]
        self.assertEqual(error["path"], "records[1].paylod")
        self.assertIn("payload", error["hint"])

    def test_an_error_without_a_word_for_callers(self) -> None:
        def create(model, vals_list):
            if any(vals.get("name") == "bug" for vals in vals_list):
                raise KeyError("secret detail")
            return original(model, vals_list)

        cls = self.registry["res.partner"]
        original = cls.create
        self.patch(cls, "create", create)
        answer = self.create_all({"name": "ok"}, {"name": "bug"}, on_error="continue")
        self.assertEqual(self.outcomes(answer), ["created", "internal_error"])
        self.assertNotIn("secret detail", str(answer))

    def test_hooks_of_what_was_undone_never_run(self) -> None:
        ran: list = []
        cls = self.registry["res.partner"]
        original = cls.create

        def create(model, vals_list):
            partners = original(model, vals_list)
            for partner in partners:
                model.env.cr.postcommit.add(lambda name=partner.name: ran.append(name))
            if any(partner.name == "bad" for partner in partners):
                raise UserError("no")  # pylint: disable=translation-required
            return partners

        self.patch(cls, "create", create)
        self.env.cr.postcommit.add(lambda: ran.append("before"))
        self.create_all(
            {"name": "a"}, {"name": "bad"}, {"name": "c"}, on_error="continue"
        )
        self.env.cr.postcommit.run()
        self.assertEqual(ran, ["before", "a", "c"])

    def test_what_must_be_made_for_a_bad_record_alone_is_not_made(self) -> None:
        self.refuse_bad_names()
        records = [
            {
                "payload": {"name": name, "industry_id": {"name": f"of {name}"}},
                "auto_create": {"industry_id": {"name": f"of {name}"}},
            }
            for name in ("good", "bad")
        ]
        answer = self.batch("create_data", records, on_error="continue")
        self.assertEqual(self.outcomes(answer), ["created", "validation_error"])
        self.assertEqual(len(answer["created"]), 1)
        found = self.env["res.partner.industry"].search([("name", "=like", "of %")])
        self.assertEqual(found.mapped("name"), ["of good"])
        self.assertEqual(answer["created"][0]["id"], found.id)

    def test_what_is_made_for_several_is_made_once_even_after_one_failed(self) -> None:
        self.refuse_bad_names()
        names = ["a", "bad", "b", "c"]
        records = [
            {"payload": {"name": name, "industry_id": {"name": "shared"}}}
            for name in names
        ]
        answer = self.batch(
            "create_data",
            records,
            on_error="continue",
            auto_create={"industry_id": {"name": "shared"}},
        )
        self.assertEqual(
            self.outcomes(answer), ["created", "validation_error", "created", "created"]
        )
        found = self.env["res.partner.industry"].search([("name", "=", "shared")])
        self.assertEqual(len(found), 1)
        partners = self.env["res.partner"].search([("industry_id", "=", found.id)])
        self.assertEqual(sorted(partners.mapped("name")), ["a", "b", "c"])

    def test_a_bad_auto_create_fails_all_that_need_it_and_no_other(self) -> None:
        industry = {"industry_id": {"name": "wanted"}}
        records = [
            {
                "payload": {"name": "x", **industry},
                "auto_create": {"industry_id": {"name": "wanted", "nmae": 1}},
            },
            {"payload": {"name": "y", **industry}},
            {"payload": {"name": "z"}},
        ]
        answer = self.batch("create_data", records, on_error="continue")
        self.assertEqual(
            self.outcomes(answer), ["unknown_field", "unknown_field", "created"]
        )
        path = "records[0].auto_create.industry_id.nmae"
        self.assertEqual({error["path"] for error in answer["errors"]}, {path})

    def test_more_than_one_chunk(self) -> None:
        self.refuse_bad_names()
        size = TOLERANT_CHUNK * 2 + 7
        payloads = [{"name": f"n{n}", "ref": "B-MANY"} for n in range(size)]
        bad = {5, TOLERANT_CHUNK, size - 1}
        for index in bad:
            payloads[index]["name"] = "bad"
        answer = self.create_all(*payloads, on_error="continue")
        failed = {
            index for index, row in enumerate(answer["result"]) if not row["is_success"]
        }
        self.assertEqual(failed, bad)
        self.assertEqual(self.count("B-MANY"), size - len(bad))

    def test_lines_are_merged_though_their_neighbours_failed(self) -> None:
        """Trying again, after a chunk was undone, finds the lines once more."""
        children = [{"name": "old", "ref": "1"}, {"name": "stays", "ref": "2"}]
        lines = [Command.create(child) for child in children]
        parents = self.env["res.partner"].create(
            [{"name": "P", "ref": f"B-P{n}", "child_ids": lines} for n in range(4)]
        )
        kept = [parent.child_ids.sorted("ref").ids for parent in parents]
        lines = [{"ref": "1", "name": "new"}, {"ref": "3", "name": "added"}]
        merge = {"mode": "merge", "key": ["ref"], "records": lines}
        records = [
            {
                "search_key": {"ref": parent.ref},
                "payload": {
                    "child_ids": merge,
                    # No partner is its own parent: Odoo's own constraint.
                    **({"parent_id": parent.id} if parent == parents[2] else {}),
                },
            }
            for parent in parents
        ]
        answer = self.batch("update_data", records, on_error="continue")
        expected = ["updated", "updated", "validation_error", "updated"]
        self.assertEqual(self.outcomes(answer), expected)
        parents.invalidate_recordset()
        for index, parent in enumerate(parents):
            children = parent.child_ids.sorted("ref")
            names = ["old", "stays"] if index == 2 else ["new", "stays", "added"]
            self.assertEqual(children.mapped("name"), names)
            self.assertEqual(children.ids[:2], kept[index])
        again = self.batch("update_data", [records[0], records[3]])
        self.assertEqual(self.outcomes(again), ["unchanged", "unchanged"])

    def test_translations_and_files_survive_a_second_try(self) -> None:
        self.refuse_bad_names()
        self.env["res.lang"]._activate_lang("fr_FR")
        records = [
            {
                "payload": {
                    "name": name,
                    "category_id": [{"name": f"tag {name}"}],
                    "attachment_ids": [{"name": f"{name}.txt", "datas": "eA=="}],
                },
                "auto_create": {
                    "category_id": {
                        "name": {"en_US": f"tag {name}", "fr_FR": f"fr {name}"}
                    }
                },
            }
            for name in ("a", "bad", "b")
        ]
        answer = self.batch("create_data", records, on_error="continue")
        expected = ["created", "validation_error", "created"]
        self.assertEqual(self.outcomes(answer), expected)
        self.assertEqual(len(answer["created"]), 2)
        for index in (0, 2):
            partner = self.env["res.partner"].browse(answer["result"][index]["id"])
            tag = partner.category_id.with_context(lang="fr_FR")
            self.assertEqual(tag.name, f"fr {partner.name}")
            domain = [("res_model", "=", "res.partner"), ("res_id", "=", partner.id)]
            files = self.env["ir.attachment"].search(domain)
            self.assertEqual(files.mapped("name"), [f"{partner.name}.txt"])
