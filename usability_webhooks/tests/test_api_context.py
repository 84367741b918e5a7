# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The environment a request runs in."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiContext(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.tag = cls.env["res.partner.category"].create({"name": "English"})
        cls.tag.with_context(lang="fr_FR").name = "Français"
        cls.main = cls.env["res.company"].create({"name": "Context Main"})
        cls.other = cls.env["res.company"].create({"name": "Context Other"})
        cls.foreign = cls.env["res.company"].create({"name": "Context Foreign"})
        cls.user = new_test_user(
            cls.env,
            "context_user",
            "base.group_user,base.group_partner_manager",
            company_id=cls.main.id,
            company_ids=[(6, 0, (cls.main | cls.other).ids)],
        )

    def search_tag(self, **vals) -> dict:
        payload = {
            "search_field": ["name"],
            "search_domain": [["id", "=", self.tag.id]],
        }
        vals = {"payload": payload, **vals}
        return self.perform("search_data", "res.partner.category", vals, user=self.user)

    def name_of(self, **vals) -> str:
        return self.assertSuccess(self.search_tag(**vals))[0]["name"]

    def create_partner(self, **vals) -> dict:
        vals = {"payload": {"name": "In company"}, **vals}
        return self.perform("create_data", "res.partner", vals, user=self.user)

    # -- language -------------------------------------------------------------

    def test_the_callers_own_language_is_the_default(self) -> None:
        self.assertEqual(self.name_of(), "English")
        self.user.lang = "fr_FR"
        self.assertEqual(self.name_of(), "Français")

    def test_the_context_chooses_the_language(self) -> None:
        self.assertEqual(self.name_of(context={"lang": "fr_FR"}), "Français")

    def test_an_update_writes_the_translation_of_its_language(self) -> None:
        vals = {
            "search_key": {"id": self.tag.id},
            "payload": {"name": "Neuf"},
            "context": {"lang": "fr_FR"},
        }
        self.assertSuccess(self.perform("update_data", "res.partner.category", vals))
        self.assertEqual(self.tag.with_context(lang="en_US").name, "English")
        self.assertEqual(self.tag.with_context(lang="fr_FR").name, "Neuf")

    # -- refusals -------------------------------------------------------------

    def test_every_bad_key_is_reported(self) -> None:
        answer = self.search_tag(
            context={
                "lang": "xx_XX",
                "tz": "Mars/Olympus",
                "_private": 1,
                "usability_webhooks_level": 1,
                "uid": 1,
                "allowed_company_ids": "1",
                "free_key": "fine",
            }
        )
        self.assertFalse(answer["is_success"])
        self.assertEqual(
            {error["path"]: error["code"] for error in answer["errors"]},
            {
                "context.lang": "invalid_value",
                "context.tz": "invalid_value",
                "context._private": "invalid_value",
                "context.usability_webhooks_level": "invalid_value",
                "context.uid": "invalid_value",
                "context.allowed_company_ids": "invalid_value",
            },
        )

    def test_a_company_of_others_may_not_be_worked_in(self) -> None:
        for ids in ([self.foreign.id], [self.main.id, self.foreign.id]):
            with self.subTest(ids=ids):
                answer = self.create_partner(context={"allowed_company_ids": ids})
                self.assertFailure(
                    answer, "access_denied", "context.allowed_company_ids"
                )

    # -- companies ------------------------------------------------------------

    def test_a_company_is_found_by_a_lookup(self) -> None:
        method = {"method": "default_get", "parameter": {"fields": ["company_id"]}}
        for company in (
            {"name": "Context Other"},
            {"id": self.other.id},
            self.other.id,
        ):
            with self.subTest(company=company):
                vals = {"payload": method, "company": company}
                answer = self.perform(
                    "call_function", "res.users", vals, user=self.user
                )
                self.assertEqual(
                    self.assertSuccess(answer)["company_id"], self.other.id
                )

    def test_a_company_that_is_not_the_callers_is_not_found(self) -> None:
        for company in ({"name": "Context Foreign"}, self.foreign.id, {"name": "?"}):
            with self.subTest(company=company):
                answer = self.create_partner(company=company)
                self.assertFailure(answer, "not_found", "company")

    def test_several_companies_are_ambiguous(self) -> None:
        answer = self.create_partner(company={"active": True})
        error = self.assertFailure(answer, "ambiguous")
        self.assertEqual(
            {row["id"] for row in error["candidates"]}, {self.main.id, self.other.id}
        )

    def test_a_malformed_company_is_refused(self) -> None:
        for company, code in (
            ("Context Other", "invalid_value"),
            ({"nmae": "x"}, "unknown_field"),
            ([1], "invalid_value"),
        ):
            with self.subTest(company=company):
                answer = self.create_partner(company=company)
                self.assertFailure(answer, code, "company")
