# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Records made because a lookup missed."""

from __future__ import annotations

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestAutoCreate(ApiCase):
    # pylint: disable-next=method-required-super
    def create(self, payload: object, auto_create: object) -> dict:
        vals = {"payload": payload, "auto_create": auto_create}
        return self.perform("create_data", "res.partner", vals)

    def get(self, answer: dict):
        return self.env["res.partner"].browse(self.assertSuccess(answer)["id"])

    def count(self, model: str) -> int:
        return self.env[model].with_context(active_test=False).search_count([])

    def assertNothingMade(self, payload: object, auto_create: object) -> list[dict]:
        """Check that a request fails and makes nothing; return its errors."""
        models = ("res.partner", "res.partner.category", "res.partner.industry")
        before = [self.count(model) for model in models]
        answer = self.create(payload, auto_create)
        self.assertFalse(answer["is_success"], answer)
        self.assertEqual([self.count(model) for model in models], before)
        return answer["errors"]

    # -- which entry ----------------------------------------------------------

    def test_a_missing_record_is_made_and_listed(self) -> None:
        answer = self.create(
            {"name": "x", "industry_id": {"name": "Space"}},
            {"industry_id": {"name": "Space", "full_name": "Space flight"}},
        )
        industry = self.get(answer).industry_id
        self.assertEqual(industry.full_name, "Space flight")
        self.assertEqual(len(answer["created"]), 1)
        made = answer["created"][0]
        self.assertEqual((made["model"], made["id"]), (industry._name, industry.id))
        self.assertIn("industry_id", made["path"])

    def test_a_record_that_is_found_is_not_made(self) -> None:
        known = self.env["res.partner.industry"].create({"name": "Known"})
        answer = self.create(
            {"name": "x", "industry_id": {"name": "Known"}},
            {"industry_id": {"name": "Known", "full_name": "not written"}},
        )
        self.assertEqual(self.get(answer).industry_id, known)
        self.assertFalse(known.full_name)
        self.assertNotIn("created", answer)

    def test_a_single_entry_is_completed_by_the_lookup(self) -> None:
        answer = self.create(
            {"name": "x", "parent_id": {"ref": "NEW-1"}},
            {"parent_id": {"name": "Parent", "is_company": True}},
        )
        parent = self.get(answer).parent_id
        self.assertEqual((parent.name, parent.ref), ("Parent", "NEW-1"))

    def test_of_a_list_the_entry_that_agrees_is_taken(self) -> None:
        answer = self.create(
            [
                {"name": "one", "parent_id": {"ref": "B"}},
                {"name": "two", "parent_id": {"ref": "A"}},
            ],
            {"parent_id": [{"name": "PA", "ref": "A"}, {"name": "PB", "ref": "B"}]},
        )
        ids = [row["id"] for row in self.assertSuccess(answer)]
        partners = self.env["res.partner"].browse(ids)
        self.assertEqual(partners.parent_id.mapped("name"), ["PB", "PA"])
        self.assertEqual(len(answer["created"]), 2)

    def test_an_entry_that_contradicts_the_lookup_is_not_taken(self) -> None:
        for entry in ({"name": "P", "ref": "OTHER"}, [{"name": "P", "ref": "OTHER"}]):
            with self.subTest(entry=entry):
                errors = self.assertNothingMade(
                    {"name": "x", "parent_id": {"ref": "WANTED"}}, {"parent_id": entry}
                )
                self.assertEqual(errors[0]["code"], "not_found")
                self.assertEqual(errors[0]["path"], "payload.parent_id")

    def test_one_entry_does_not_stand_for_two_different_misses(self) -> None:
        payload = [
            {"name": "one", "parent_id": {"ref": "A"}},
            {"name": "two", "parent_id": {"ref": "B"}},
        ]
        errors = self.assertNothingMade(payload, {"parent_id": {"name": "P"}})
        self.assertEqual(
            {error["path"] for error in errors},
            {"payload[0].parent_id", "payload[1].parent_id"},
        )

    def test_an_id_that_is_missing_is_never_made(self) -> None:
        errors = self.assertNothingMade(
            {"name": "x", "parent_id": {"id": 2**31 - 1}}, {"parent_id": {"name": "P"}}
        )
        self.assertEqual(errors[0]["code"], "not_found")

    def test_a_path_tells_two_fields_of_one_name_apart(self) -> None:
        payload = {
            "name": "x",
            "industry_id": {"name": "Top"},
            "child_ids": [
                # A company: a contact would take over its parent's industry.
                {"name": "c", "is_company": True, "industry_id": {"name": "Low"}}
            ],
        }
        answer = self.create(
            payload,
            {
                "industry_id": [{"name": "Top", "full_name": "for the top"}],
                "child_ids.industry_id": {"name": "Low", "full_name": "for the child"},
            },
        )
        partner = self.get(answer)
        self.assertEqual(partner.industry_id.full_name, "for the top")
        self.assertEqual(partner.child_ids.industry_id.full_name, "for the child")

    def test_links_are_made_too(self) -> None:
        known = self.env["res.partner.category"].create({"name": "known tag"})
        names = [{"name": "known tag"}, {"name": "new 1"}, {"name": "new 2"}]
        answer = self.create(
            {"name": "x", "category_id": names},
            {"category_id": [{"name": "new 1"}, {"name": "new 2", "color": 3}]},
        )
        tags = self.get(answer).category_id
        self.assertIn(known, tags)
        self.assertEqual(len(tags), 3)
        self.assertEqual(len(answer["created"]), 2)

    def test_a_malformed_entry_is_refused(self) -> None:
        for entry in ("name", [], ["x"], 5):
            with self.subTest(entry=entry):
                errors = self.assertNothingMade(
                    {"name": "x", "industry_id": {"name": "?"}}, {"industry_id": entry}
                )
                places = {(error["code"], error["path"]) for error in errors}
                self.assertIn(("invalid_value", "auto_create.industry_id"), places)

    # -- how often ------------------------------------------------------------

    def test_one_missing_thing_named_by_ten_lines_is_made_once(self) -> None:
        line = {"name": "c", "industry_id": {"name": "Once"}}
        before = self.count("res.partner.industry")
        answer = self.create(
            {"name": "x", "child_ids": [line] * 10},
            {"industry_id": {"name": "Once"}},
        )
        children = self.get(answer).child_ids
        self.assertEqual(len(children), 10)
        self.assertEqual(self.count("res.partner.industry"), before + 1)
        self.assertEqual(set(children.mapped("industry_id.name")), {"Once"})
        self.assertEqual(len(answer["created"]), 1)

    def test_two_lookups_that_agree_with_one_entry_make_one_record(self) -> None:
        before = self.count("res.partner")
        answer = self.create(
            [
                {"name": "one", "parent_id": {"ref": "P1"}},
                {"name": "two", "parent_id": {"name": "Parent"}},
            ],
            {"parent_id": [{"name": "Parent", "ref": "P1"}]},
        )
        rows = self.assertSuccess(answer)
        partners = self.env["res.partner"].browse([row["id"] for row in rows])
        self.assertEqual(len(partners.parent_id), 1)
        self.assertEqual(self.count("res.partner"), before + 3)

    def test_all_that_is_missing_of_a_model_is_made_by_one_create(self) -> None:
        names = [f"Batch {i}" for i in range(12)]
        payload = [{"name": name, "industry_id": {"name": name}} for name in names]
        industry_class = type(self.env["res.partner.industry"])
        with patch.object(
            industry_class, "create", autospec=True, side_effect=industry_class.create
        ) as create:
            answer = self.create(payload, {"industry_id": [{"name": n} for n in names]})
        self.assertEqual(len(answer["created"]), 12)
        self.assertEqual(create.call_count, 1)
        rows = self.assertSuccess(answer)
        partners = self.env["res.partner"].browse([row["id"] for row in rows])
        self.assertEqual(partners.mapped("industry_id.name"), names)

    # -- entries that need others ---------------------------------------------

    def test_an_entry_may_need_records_found_and_records_made(self) -> None:
        answer = self.create(
            {"name": "x", "parent_id": {"ref": "P"}},
            {
                "parent_id": {
                    "name": "Parent",
                    "state_id": {"code": "AV", "country_id": {"code": "ES"}},
                    "industry_id": {"name": "Deep"},
                    "child_ids": [{"name": "sister", "category_id": [{"name": "tag"}]}],
                },
                "industry_id": {"name": "Deep"},
                "category_id": {"name": "tag"},
            },
        )
        parent = self.get(answer).parent_id
        self.assertEqual(parent.state_id.code, "AV")
        self.assertEqual(parent.industry_id.name, "Deep")
        sister = parent.child_ids.filtered(lambda rec: rec.name == "sister")
        self.assertEqual(sister.category_id.name, "tag")
        self.assertEqual(len(answer["created"]), 3)

    def test_what_is_wanted_above_and_inside_an_entry_is_made_first(self) -> None:
        # The parent comes first in the payload, and needs the tag named after it.
        answer = self.create(
            {
                "name": "x",
                "parent_id": {"ref": "P"},
                "category_id": [{"name": "VIP"}],
            },
            {
                "parent_id": {"name": "Parent", "category_id": [{"name": "VIP"}]},
                "category_id": {"name": "VIP", "color": 4},
            },
        )
        partner = self.get(answer)
        self.assertEqual(partner.category_id.name, "VIP")
        self.assertEqual(partner.parent_id.category_id, partner.category_id)
        self.assertEqual(len(answer["created"]), 2)

    def test_a_chain_of_entries_is_made_from_its_end(self) -> None:
        entries = [
            {"name": f"level {i}", "ref": f"L{i}", "parent_id": {"ref": f"L{i + 1}"}}
            for i in range(3)
        ]
        answer = self.create(
            {"name": "x", "parent_id": {"ref": "L0"}},
            {"parent_id": [*entries, {"name": "level 3", "ref": "L3"}]},
        )
        partner = self.get(answer)
        for index in range(4):
            partner = partner.parent_id
            self.assertEqual(partner.name, f"level {index}")
        self.assertFalse(partner.parent_id)

    def test_entries_that_need_each_other_are_refused(self) -> None:
        a = {"name": "A", "ref": "A", "parent_id": {"ref": "B"}}
        b = {"name": "B", "ref": "B", "parent_id": {"ref": "A"}}
        itself = {"name": "A", "ref": "A", "parent_id": {"ref": "A"}}
        for entries in ([a, b], [itself]):
            with self.subTest(entries=entries):
                errors = self.assertNothingMade(
                    {"name": "x", "parent_id": {"ref": "A"}}, {"parent_id": entries}
                )
                self.assertEqual(errors[0]["code"], "invalid_value")
                self.assertIn("circle", errors[0]["message"])

    def test_a_chain_without_end_is_cut_off(self) -> None:
        entries = [
            {"name": f"level {i}", "ref": f"L{i}", "parent_id": {"ref": f"L{i + 1}"}}
            for i in range(20)
        ]
        errors = self.assertNothingMade(
            {"name": "x", "parent_id": {"ref": "L0"}}, {"parent_id": entries}
        )
        self.assertEqual([error["code"] for error in errors], ["limit_exceeded"])

    # -- all or nothing -------------------------------------------------------

    def test_nothing_is_made_when_anything_else_is_wrong(self) -> None:
        errors = self.assertNothingMade(
            {"name": "x", "industry_id": {"name": "New"}, "country_id": {"code": "QQ"}},
            {"industry_id": {"name": "New"}},
        )
        self.assertEqual([error["path"] for error in errors], ["payload.country_id"])

    def test_a_mistake_inside_an_entry_carries_its_path(self) -> None:
        entries = [{"name": "A"}, {"name": "B", "ful_name": "x"}]
        errors = self.assertNothingMade(
            {"name": "x", "industry_id": {"name": "B"}}, {"industry_id": entries}
        )
        self.assertEqual(errors[0]["code"], "unknown_field")
        self.assertEqual(errors[0]["path"], "auto_create.industry_id[1].ful_name")

    @mute_logger("odoo.sql_db")
    def test_what_was_made_goes_when_the_record_itself_is_refused(self) -> None:
        self.assertNothingMade(
            {"industry_id": {"name": "New"}, "type": "contact"},
            {"industry_id": {"name": "New"}},
        )

    def test_files_of_an_entry_land_on_the_record_it_makes(self) -> None:
        entry = {"name": "P", "attachment_ids": [{"name": "p.txt", "datas": "cA=="}]}
        answer = self.create(
            {"name": "x", "parent_id": {"ref": "P"}}, {"parent_id": entry}
        )
        parent = self.get(answer).parent_id
        domain = [("res_model", "=", "res.partner"), ("res_id", "=", parent.id)]
        self.assertEqual(
            self.env["ir.attachment"].search(domain).mapped("name"), ["p.txt"]
        )
