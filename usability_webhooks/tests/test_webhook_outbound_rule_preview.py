# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rule's form: address and header typed in, preview, test."""

from __future__ import annotations

import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user

from .webhook_rule_case import URL, WebhookRuleCase


class TestEndpoint(WebhookRuleCase):
    """The fields of 18.0: an address and a header of the rule's own."""

    def make_old_rule(self, **vals):
        return self.make_rule(trigger="created", endpoint_id=False, **vals)

    def test_address_finds_or_makes_its_endpoint(self) -> None:
        found = self.make_old_rule(endpoint_url=URL)
        self.assertEqual(found.endpoint_id, self.endpoint)
        self.assertEqual(found.endpoint_url, URL)
        other = "http://erp.example.com/hook"
        made = self.make_old_rule(endpoint_url=other)
        self.assertRecordValues(
            made.endpoint_id,
            [{"name": "erp.example.com", "url": other, "kind": "static"}],
        )
        self.assertTrue(made.endpoint_id.allow_http)
        found.endpoint_url = other
        self.assertEqual(found.endpoint_id, made.endpoint_id)

    def test_address_that_cannot_be_called_is_refused(self) -> None:
        for url in (
            "ftp://x.example.com",
            "https://10.0.0.1/",
            "nonsense",
            "https://[",
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self.make_old_rule(endpoint_url=url)

    def test_header_goes_to_the_endpoint_and_is_never_read(self) -> None:
        rule = self.make_old_rule(endpoint_url=URL, auth_header="Bearer abc")
        headers = self.endpoint._get_headers()
        self.assertEqual(headers, {"Authorization": "Bearer abc"})
        self.env.invalidate_all()
        self.assertFalse(rule.auth_header)
        self.assertNotIn("abc", str(rule.read()))
        rule.auth_header = "Bearer def"
        self.assertEqual(self.endpoint._get_headers()["Authorization"], "Bearer def")

    def test_two_headers_for_one_address_are_two_endpoints(self) -> None:
        first = self.make_old_rule(endpoint_url=URL, auth_header="Bearer abc")
        second = self.make_old_rule(endpoint_url=URL, auth_header="Bearer def")
        self.assertNotEqual(first.endpoint_id, second.endpoint_id)
        self.assertEqual(
            first.endpoint_id._get_headers()["Authorization"], "Bearer abc"
        )
        self.assertEqual(
            second.endpoint_id._get_headers()["Authorization"], "Bearer def"
        )
        self.assertEqual(second.endpoint_url, URL)

    def test_header_needs_an_endpoint(self) -> None:
        with self.assertRaisesRegex(ValidationError, "endpoint only"):
            self.make_rule(
                trigger="created",
                endpoint_source="record",
                endpoint_id=False,
                auth_header="Bearer abc",
            )


class TestPreview(WebhookRuleCase):
    def test_preview_follows_what_is_typed(self) -> None:
        first, last = self.make_partner(name="First"), self.make_partner(name="Last")
        with Form(self.env["webhook.outbound.rule"]) as form:
            form.name = "Typed"
            form.model_id = self.model_partner
            form.trigger = "created"
            form.endpoint_source = "static"
            form.endpoint_id = self.endpoint
            self.assertEqual(json.loads(form.preview)["data"], {"id": last.id})
            form.payload_fields = '{"name": "{name}"}'
            self.assertEqual(
                json.loads(form.preview)["record"],
                {"model": "res.partner", "id": last.id},
            )
            self.assertEqual(json.loads(form.preview)["type"], "res.partner.created")
            form.preview_res_id = first.id
            self.assertEqual(json.loads(form.preview)["data"], {"name": "First"})
            form.body_format = "data"
            self.assertEqual(json.loads(form.preview), {"name": "First"})
            form.payload_fields = '{"name": "{nmae}"}'
            self.assertIn("has no field 'nmae'", form.preview)
            form.payload_fields = ""
        self.assertFalse(form.record.preview_res_id)

    def test_example_is_one_that_its_user_may_read(self) -> None:
        company = self.env["res.company"].create({"name": "Elsewhere"})
        reader = new_test_user(self.env, "webhook_reader", "base.group_user")
        rule = self.make_rule(trigger="created", user_id=reader.id)
        hidden = self.make_partner(name="Hidden", company_id=company.id)
        self.assertNotIn("Hidden", rule.preview)
        rule.preview_res_id = hidden.id
        self.assertNotIn("Hidden", rule.preview)


class TestButtons(WebhookRuleCase):
    def test_test_is_a_delivery_of_the_example(self) -> None:
        rule = self.make_rule(trigger="created")
        partner = self.make_partner(name="Test Me")
        self.take()
        rule.preview_res_id = partner.id
        with self.assertRaisesRegex(UserError, "no secret"):
            rule.action_send_test()
        self.endpoint.action_new_secret()
        action = rule.action_send_test()
        self.assertIn(str(partner.id), action["params"]["message"])
        (event,) = self.assertEvents(("test", partner.id))
        self.assertEqual(event["body"]["data"]["name"], "Test Me")
        self.assertEqual(event["url"], URL)

    def test_test_of_a_record_without_callback_is_refused(self) -> None:
        rule = self.make_rule(
            trigger="created", endpoint_source="record", endpoint_id=False
        )
        with self.assertRaisesRegex(UserError, "callback_url"):
            rule.action_send_test()

    def test_form_leads_to_its_deliveries(self) -> None:
        rule = self.make_rule(trigger="created")
        self.make_partner()
        self.env.cr.flush()
        self.assertEqual(rule.delivery_count, 1)
        self.assertEqual(rule.dead_count, 0)
        action = rule.action_open_deliveries()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(rows.rule_id, rule)
