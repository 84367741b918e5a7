# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The page that says in plain words what a profile allows."""

from __future__ import annotations

import itertools

from lxml import html

from odoo.tests import TransactionCase, new_test_user, tagged

from ..tools.access_grant import Grant, ModelGrant
from .common import make_narrow_key, make_profile


@tagged("post_install", "-at_install")
class TestSummary(TransactionCase):
    numbers = itertools.count()  # names of profiles are unique

    def get_text(self, profile) -> str:
        """Return the page's text, blanks tidied."""
        return " ".join(html.fromstring(profile.summary).text_content().split())

    def make(self, models: dict | None = None, **vals: object):
        closed = dict.fromkeys(
            ("allow_create_data", "allow_create_update_data", "allow_update_data"),
            False,
        )
        name = f"page {next(self.numbers)}"
        return make_profile(self.env, name, models, **closed | vals)

    def test_it_says_what_is_allowed(self) -> None:
        profile = self.make(
            {
                "res.partner": {
                    "may_create": True,
                    "readable": ["name", "vat"],
                    "not_writable": ["comment"],
                },
                "res.country": {"may_print": True},
            },
            allow_create_data=True,
        )
        text = self.get_text(profile)
        for said in (
            "use Create /api/create_data",
            "Contact res.partner",
            "Read, search and sort by: Name, Tax ID",
            "Create records",
            "all fields, also those added later, but: Notes",
            "Country res.country",
            "Read, search and sort by: all fields, also those added later",
            "Print its reports",
            "as many requests as the server takes",
            "from any address",
            "in all companies of the key's user",
            "no files may be attached",
            "JSON-2, XML-RPC, JSON-RPC",
        ):
            self.assertIn(said, text)
        for unsaid in ("/api/update_data", "Update records", "Without effect"):
            self.assertNotIn(unsaid, text)

    def test_it_says_the_bounds(self) -> None:
        profile = self.make(
            {"ir.attachment": {"may_create": True}},
            requests_per_minute=1200,
            rows_per_minute=5,
            max_body_kib=64,
            max_records=7,
            needs_idempotency_key=True,
            networks="203.0.113.0/24\n2001:db8::/32",
            company_ids=self.env.company.ids,
        )
        text = self.get_text(profile)
        for said in (
            "1,200 requests a minute",
            "5 records a minute",
            "7 records in one request",
            "requests of up to 64 KiB",
            "must carry an Idempotency-Key",
            "only from 203.0.113.0/24, 2001:db8::/32",
            f"only in {self.env.company.name}",
            "files may be attached",
        ):
            self.assertIn(said, text)

    def test_it_says_what_cannot_work(self) -> None:
        text = self.get_text(self.make({"res.partner": {"may_update": True}}))
        self.assertIn("Without effect, as no open route does it: Update", text)
        shut = {"allow_search_data": False, "allow_call_function": False}
        self.assertIn("do nothing: no route is open", self.get_text(self.make(**shut)))
        self.assertIn("No model is listed", self.get_text(self.make()))

    def test_a_model_that_is_gone_is_told(self) -> None:
        grant = Grant(profile_id=0, models={"gone.model": ModelGrant()})
        page = self.env["api.access.summary"]._render(grant)
        self.assertIn("This model is not installed", page)

    def test_it_follows_the_form_before_it_is_saved(self) -> None:
        profile = self.make({"res.country": {}})
        draft = profile.new(origin=profile)
        draft.requests_per_minute = 99
        self.assertIn("99 requests a minute", self.get_text(draft))
        draft.rule_ids.may_create = True
        self.assertIn("Create records", self.get_text(draft))

    def test_it_speaks_the_reader_s_language(self) -> None:
        self.env["res.lang"]._activate_lang("fr_FR")
        partner = self.env["ir.model"]._get("res.partner")
        partner.with_context(lang="fr_FR").name = "Contact en français"
        profile = self.make({"res.partner": {}})
        french = profile.with_context(lang="fr_FR")
        self.assertIn("Contact en français", self.get_text(french))

    def test_names_are_text_and_no_markup(self) -> None:
        self.env.company.name = "<script>x</script>"
        profile = self.make(company_ids=self.env.company.ids)
        self.assertNotIn("<script>", profile.summary)

    def test_keys_of_a_profile_are_counted_and_listed(self) -> None:
        profile = self.make({"res.country": {}})
        self.assertEqual(profile.key_count, 0)
        user = new_test_user(self.env, "keyed", groups="base.group_user")
        make_narrow_key(user, profile, "first")
        make_narrow_key(user, profile, "second")
        profile.invalidate_recordset()
        self.assertEqual(profile.key_count, 2)
        action = profile.action_open_keys()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual({*found.mapped("name")}, {"first", "second"})

    def test_employees_may_read_it(self) -> None:
        """They choose a profile for their own keys."""
        profile = self.make({"res.partner": {}}, company_ids=self.env.company.ids)
        user = new_test_user(self.env, "reading", groups="base.group_user")
        self.assertIn("res.partner", profile.with_user(user).summary)
