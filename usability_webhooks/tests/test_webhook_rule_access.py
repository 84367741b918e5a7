# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may see and change rules."""

from __future__ import annotations

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, tagged

from .test_access import (
    MANAGER_AND_UP,
    OPERATIONS,
    READER_AND_UP,
    AccessCase,
)

RULE = "webhook.outbound.rule"
CALLBACK = "webhook.callback"


@tagged("post_install", "-at_install")
class TestRuleAccess(AccessCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.rule = cls.make_rule(cls.env.company)

    @classmethod
    def make_rule(cls, company):
        """Return a rule to an endpoint of the company."""
        endpoint = cls.env["webhook.endpoint"].create(
            {
                "name": "Shop",
                "url": "https://shop.example.com/",
                "company_id": company.id,
            }
        )
        return cls.env[RULE].create(
            {
                "name": "Partners",
                "model_id": cls.env["ir.model"]._get("res.partner").id,
                "trigger": "created",
                "endpoint_source": "static",
                "endpoint_id": endpoint.id,
                "user_id": cls.users["manager"].id,
            }
        )

    def test_readers_read_and_managers_write(self) -> None:
        for model in (RULE, CALLBACK):
            for operation in OPERATIONS:
                expected = MANAGER_AND_UP
                if operation == "read" and model == RULE:
                    expected = READER_AND_UP
                if operation != "read" and model == CALLBACK:
                    expected = set()
                with self.subTest(model=model, operation=operation):
                    found = self.allowed(
                        lambda user, model=model, operation=operation: (
                            self.env[model].with_user(user).has_access(operation)
                        )
                    )
                    self.assertEqual(found, expected)

    def test_readers_see_a_rule_but_no_address_and_no_payload(self) -> None:
        rule = self.rule.with_user(self.users["reader"])
        self.assertEqual(rule.name, "Partners")
        self.assertEqual(rule.state, "on")
        self.assertFalse(rule.endpoint_url)
        self.assertNotIn("preview", rule.fields_get())
        with self.assertRaises(AccessError), mute_logger("odoo.orm.models"):
            rule.read(["preview"])
        with self.assertRaises(AccessError):
            rule.action_send_test()

    def test_form_shows_models_and_fields(self) -> None:
        """Employees may not read the models of models in Odoo 19."""
        for name in READER_AND_UP:
            user = self.users[name]
            for model in ("ir.model", "ir.model.fields"):
                self.assertTrue(self.env[model].with_user(user).search([], limit=1))
            self.rule.with_user(user).read()

    def test_rules_of_other_companies_are_not_seen(self) -> None:
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.make_rule(company)
        for name in READER_AND_UP:
            seen = self.env[RULE].with_user(self.users[name]).search([])
            self.assertIn(self.rule, seen)
            self.assertNotIn(other, seen)
        to_callbacks = self.rule.copy(
            {"endpoint_source": "record", "endpoint_id": False}
        )
        self.assertIn(to_callbacks, seen.search([]))
