# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Finding records by business keys, companies included."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from ..exceptions import ApiError
from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiRecordLookup(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        companies = cls.env["res.company"].create(
            [{"name": "API Main"}, {"name": "API Other"}]
        )
        cls.main, cls.other = companies
        cls.branch = cls.env["res.company"].create(
            {"name": "API Branch", "parent_id": cls.main.id}
        )
        cls.env.user.company_ids |= companies | cls.branch

    def make_partner(self, company, **vals):
        vals = {
            "name": "Twin",
            "ref": "TWIN",
            "company_id": company and company.id,
        } | vals
        return self.env["res.partner"].create(vals)

    def find(self, model: str, value: object, company=None) -> list[int]:
        lookup_model = self.env["api.record.lookup"]
        company_id = company.id if company else 0
        lookup = lookup_model._prepare_lookup(model, value, company_id)
        lookup_model._find([lookup])
        return lookup.ids

    def create_child(self, company, parent: object, **payload) -> dict:
        payload = {"name": "Child", "parent_id": parent} | payload
        vals = {"payload": payload, "company": {"id": company.id}}
        return self.perform("create_data", "res.partner", vals)

    def assertParent(self, answer: dict, parent) -> None:
        child = self.env["res.partner"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(child.parent_id, parent)

    # -- none, one, several ---------------------------------------------------

    def test_all_keys_of_a_lookup_must_agree(self) -> None:
        self.make_partner(None, name="A", ref="K", zip="1")
        second = self.make_partner(None, name="B", ref="K", zip="1")
        self.assertEqual(
            self.find("res.partner", {"ref": "K", "name": "B"}), second.ids
        )
        self.assertEqual(self.find("res.partner", {"ref": "K", "name": "C"}), [])
        self.assertEqual(len(self.find("res.partner", {"ref": "K"})), 2)

    def test_several_matches_are_ambiguous_with_candidates(self) -> None:
        twins = self.make_partner(None) | self.make_partner(None)
        answer = self.create_child(self.main, {"ref": "TWIN"})
        error = self.assertFailure(answer, "ambiguous", "payload.parent_id")
        self.assertEqual({row["id"] for row in error["candidates"]}, set(twins.ids))
        self.assertEqual(error["model"], "res.partner")
        self.assertEqual((error["field"], error["value"]), ("ref", "TWIN"))

    def test_a_near_miss_is_offered_with_not_found(self) -> None:
        near = self.make_partner(None, ref="NEARLY-RIGHT")
        answer = self.create_child(self.main, {"ref": "NEARLY-RIGHD"})
        error = self.assertFailure(answer, "not_found", "payload.parent_id")
        self.assertIn("NEARLY-RIGHT", error["hint"])
        self.assertEqual(error["candidates"][0]["id"], near.id)

    def test_an_archived_record_is_not_found_but_offered(self) -> None:
        old = self.make_partner(None, active=False)
        answer = self.create_child(self.main, {"ref": "TWIN"})
        error = self.assertFailure(answer, "not_found", "payload.parent_id")
        self.assertEqual([row["id"] for row in error["candidates"]], old.ids)
        self.assertEqual(
            self.find("res.partner", {"ref": "TWIN", "active": False}), old.ids
        )

    def test_text_is_compared_exactly(self) -> None:
        self.make_partner(None, ref="Case")
        for value in ("case", "Case ", "Ca%", "Cas_"):
            with self.subTest(value=value):
                self.assertEqual(self.find("res.partner", {"ref": value}), [])

    def test_lookups_of_many_values_find_each_their_own(self) -> None:
        countries = [self.env.ref("base.es"), self.env.ref("base.th")]
        partners = self.env["res.partner"].create(
            [
                {"name": f"N{i}", "ref": f"MANY{i}", "country_id": country.id}
                for i, country in enumerate(countries * 3)
            ]
        )
        lookup_model = self.env["api.record.lookup"]
        lookups = [
            lookup_model._prepare_lookup(
                "res.partner", {"ref": p.ref, "country_id.code": p.country_id.code}, 0
            )
            for p in partners
        ]
        missing = lookup_model._prepare_lookup(
            "res.partner", {"ref": "MANY0", "country_id.code": "FR"}, 0
        )
        lookup_model._find([*lookups, missing])
        self.assertEqual([lookup.ids for lookup in lookups], [[p.id] for p in partners])
        self.assertEqual(missing.ids, [])

    def test_an_empty_value_is_a_value_to_look_for(self) -> None:
        spain = self.env.ref("base.es")
        self.make_partner(None, ref="HALF", country_id=spain.id)
        empty = self.make_partner(None, ref="HALF")
        for value in (
            {"ref": "HALF", "country_id": None},
            {"ref": "HALF", "zip": None},
        ):
            found = self.find("res.partner", value)
            self.assertIn(empty.id, found)
            self.assertEqual(len(found), 1 if "country_id" in value else 2)

    def test_a_model_the_caller_may_not_read_is_denied_with_its_path(self) -> None:
        user = new_test_user(self.env, "no_models", "base.group_user")
        user.group_ids = [(4, self.env.ref("base.group_partner_manager").id)]
        lookup_model = self.env(user=user)["api.record.lookup"]
        with self.assertRaises(ApiError) as caught:
            lookup_model._prepare_lookup("ir.cron", {"cron_name": "x"}, 0)
        self.assertEqual(caught.exception.code, "access_denied")

    def test_a_field_that_cannot_be_searched_is_refused(self) -> None:
        for value in ({"nmae": "x"}, {"name.x": "y"}, {"country_id": {"cod": "ES"}}):
            with self.subTest(value=value):
                answer = self.create_child(self.main, value)
                self.assertFailure(answer, "unknown_field", "payload.parent_id")
        answer = self.create_child(self.main, {"name": ["a", "b"]})
        self.assertFailure(answer, "invalid_value", "payload.parent_id")
        answer = self.create_child(self.main, {"color": "3"})
        self.assertFailure(answer, "invalid_value", "payload.parent_id")

    def test_lookups_run_with_the_callers_own_rights(self) -> None:
        self.make_partner(self.other)
        user = new_test_user(
            self.env,
            "lookup_user",
            "base.group_user,base.group_partner_manager",
            company_id=self.main.id,
            company_ids=[(6, 0, self.main.ids)],
        )
        payload = {"name": "Child", "parent_id": {"ref": "TWIN"}}
        answer = self.perform(
            "create_data", "res.partner", {"payload": payload}, user=user
        )
        error = self.assertFailure(answer, "not_found", "payload.parent_id")
        self.assertNotIn("candidates", error)
        payload = {"name": "x", "user_id": {"password": "x"}}
        answer = self.perform(
            "create_data", "res.partner", {"payload": payload}, user=user
        )
        self.assertFalse(answer["is_success"])
        code = answer["errors"][0]["code"]
        self.assertIn(code, ("field_denied", "invalid_value"))

    # -- companies ------------------------------------------------------------

    def test_the_target_companys_record_is_preferred_to_a_shared_one(self) -> None:
        shared, own = self.make_partner(None), self.make_partner(self.main)
        self.make_partner(self.other)
        self.assertParent(self.create_child(self.main, {"ref": "TWIN"}), own)
        own.unlink()
        self.assertParent(self.create_child(self.main, {"ref": "TWIN"}), shared)

    def test_a_record_of_another_company_is_never_matched(self) -> None:
        self.make_partner(self.other)
        answer = self.create_child(self.main, {"ref": "TWIN"})
        self.assertFailure(answer, "not_found", "payload.parent_id")

    def test_a_branch_finds_its_own_then_its_parents_then_shared_records(self) -> None:
        shared = self.make_partner(None)
        parent, own = self.make_partner(self.main), self.make_partner(self.branch)
        for expected in (own, parent, shared):
            found = self.find("res.partner", {"ref": "TWIN"}, self.branch)
            self.assertEqual(found, expected.ids)
            expected.unlink()
        self.make_partner(self.branch)
        self.assertEqual(self.find("res.partner", {"ref": "TWIN"}, self.main), [])

    def test_a_payloads_own_company_decides_the_lookups_beside_and_below(self) -> None:
        own, others = self.make_partner(self.main), self.make_partner(self.other)
        payload = {"company_id": {"name": "API Other"}}
        answer = self.create_child(self.main, {"ref": "TWIN"}, **payload)
        self.assertParent(answer, others)
        # Whichever key comes first.
        vals = {
            "payload": {
                "name": "top",
                "child_ids": [{"name": "low", "industry_id": False}],
                "parent_id": {"ref": "TWIN"},
                "company_id": self.other.id,
            },
            "company": {"id": self.main.id},
        }
        self.assertParent(self.perform("create_data", "res.partner", vals), others)
        self.assertParent(self.create_child(self.main, {"ref": "TWIN"}), own)

    def test_an_update_looks_in_the_records_own_company(self) -> None:
        others = self.make_partner(self.other)
        self.make_partner(self.main)
        record = self.make_partner(self.other, name="Updated", ref="UPDATED")
        vals = {
            "search_key": {"ref": "UPDATED"},
            "payload": {"parent_id": {"ref": "TWIN"}},
            "company": {"id": self.main.id},
        }
        self.assertSuccess(self.perform("update_data", "res.partner", vals))
        self.assertEqual(record.parent_id, others)

    def test_an_exempt_model_is_exempt_by_its_exact_name(self) -> None:
        self.env["ir.config_parameter"].set_param(
            "webhook.ignore_checkcompany_model", "['res.partner.bank']"
        )
        partner = self.make_partner(self.other)
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "API-1",
                "partner_id": partner.id,
                "company_id": self.other.id,
            }
        )
        self.assertEqual(
            self.find("res.partner.bank", {"acc_number": "API-1"}, self.main), bank.ids
        )
        self.assertEqual(self.find("res.partner", {"ref": "TWIN"}, self.main), [])
        self.env["ir.config_parameter"].set_param(
            "webhook.ignore_checkcompany_model", "[]"
        )
        found = self.find("res.partner.bank", {"acc_number": "API-1"}, self.main)
        self.assertEqual(found, [])

    def test_a_model_without_company_has_no_company_filter(self) -> None:
        tag = self.env["res.partner.category"].create({"name": "free tag"})
        found = self.find("res.partner.category", {"name": "free tag"}, self.other)
        self.assertEqual(found, tag.ids)
