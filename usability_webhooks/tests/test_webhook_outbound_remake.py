# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What could not be made when a record changed is kept, and made later."""

from __future__ import annotations

import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import mute_logger, new_test_user

from ..tools.outbound_memory import get_memory
from .webhook_rule_case import WebhookRuleCase

EVENT = "odoo.addons.usability_webhooks.models.webhook_outbound_event"
TEMPLATE = (
    "odoo.addons.usability_webhooks.models.webhook_payload_template"
    ".WebhookPayloadTemplate._render"
)


class TestRemake(WebhookRuleCase):
    def lose(self, change, *, is_over: bool = True):
        """Return the dead delivery of a change whose payload cannot be made.

        It seems to be of a transaction that is over, but where ``is_over`` is false.
        """
        error = ValueError("no rate for \x00 today")
        with patch(TEMPLATE, side_effect=error), self.assertLogs(EVENT, "ERROR"):
            change()
            self.env.cr.flush()
        self.env.invalidate_all()
        if is_over:
            memory = get_memory(self.env.cr)
            memory.created.clear()
            memory.stored.clear()
        return self.env["webhook.outbound.delivery"].search([])

    def test_loss_is_listed_with_its_reason(self) -> None:
        rule = self.make_rule(trigger="created")
        company = self.env.company
        delivery = self.lose(lambda: self.make_partner(company_id=company.id))
        self.assertRecordValues(
            delivery,
            [{"state": "dead", "rule_id": rule.id, "kind": "created", "body": ""}],
        )
        self.assertEqual(delivery.company_id, company)
        self.assertIn("no rate", delivery.last_error)
        self.assertTrue(delivery.is_resendable)

    def test_sent_again_it_tells_of_the_record_as_it_is(self) -> None:
        self.make_rule(trigger="created")
        delivery = self.lose(self.make_partner)
        message_id = delivery.message_id
        partner = self.env["res.partner"].browse(delivery.res_id)
        partner.name = "Berta"
        self.make_partner()
        self.env.cr.flush()
        newest = self.env["webhook.outbound.delivery"].search([], limit=1)
        self.assertNotEqual(newest, delivery)
        delivery.action_send_again()
        self.assertRecordValues(
            delivery,
            [{"state": "pending", "last_error": False, "message_id": message_id}],
        )
        body = json.loads(delivery.body)
        self.assertEqual(body["type"], "res.partner.created")
        self.assertEqual(body["data"]["name"], "Berta")
        # A receiver that has seen a later change takes it for the latest, as it is.
        self.assertGreater(body["sequence"], newest.id)
        self.assertEqual(delivery.body_size, len(delivery.body.encode()))

    def test_all_failed_since_are_made_and_sent_again(self) -> None:
        self.make_rule(trigger="created")
        lost = self.lose(self.make_partner) | self.lose(self.make_partner)
        wizard = self.env["webhook.resend"].create({})
        self.assertEqual(wizard.count, 2)
        with (
            patch(TEMPLATE, side_effect=ValueError("still none")),
            self.assertRaisesRegex(UserError, "still none"),
        ):
            wizard.action_resend()
        wizard.action_resend()
        self.assertEqual(lost.mapped("state"), ["pending", "pending"])
        self.assertTrue(all(lost.mapped("body")))

    def test_while_it_cannot_be_made_the_reason_is_said(self) -> None:
        self.make_rule(trigger="created")
        delivery = self.lose(self.make_partner)
        with (
            patch(TEMPLATE, side_effect=ValueError("still none")),
            self.assertRaisesRegex(UserError, "still none"),
        ):
            delivery.action_send_again()
        self.assertEqual(delivery.state, "dead")

    def test_what_is_gone_cannot_be_made(self) -> None:
        self.make_rule(trigger="created")
        delivery = self.lose(self.make_partner)
        self.env["res.partner"].browse(delivery.res_id).unlink()
        self.env.cr.flush()
        with self.assertRaisesRegex(UserError, "is gone"):
            delivery.action_send_again()

    def test_deletion_is_listed_too(self) -> None:
        self.make_rule(trigger="deleted")
        partner = self.make_partner()
        self.take()
        delivery = self.lose(partner.unlink)
        self.assertEqual((delivery.kind, delivery.state), ("deleted", "dead"))
        with self.assertRaisesRegex(UserError, "is gone"):
            delivery.action_send_again()

    def test_statement_that_fails_is_listed(self) -> None:
        self.make_rule(trigger="created")

        def fail(templates, _records, _text):
            templates.env.cr.execute("SELECT 1 / 0")

        with (
            patch(TEMPLATE, fail),
            self.assertLogs(EVENT, "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            partner = self.make_partner()
            (event,) = self.assertEvents(("created", partner.id))
        self.assertIn("division by zero", event["error"])

    def test_later_change_of_the_transaction_makes_good(self) -> None:
        self.make_rule(trigger="created_or_updated")
        delivery = self.lose(self.make_partner, is_over=False)
        self.env["res.partner"].browse(delivery.res_id).name = "Berta"
        (event,) = self.assertEvents(("created", delivery.res_id))
        self.assertEqual((event["state"], event["error"]), ("pending", False))

    def test_too_large_may_fit_by_now(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.max_outbound_body", "10")
        self.make_rule(trigger="created")
        self.make_partner()
        self.env.cr.flush()
        delivery = self.env["webhook.outbound.delivery"].search([])
        with self.assertRaisesRegex(UserError, "more than the 10"):
            delivery.action_send_again()
        params.set_param("webhook.max_outbound_body", "10000")
        delivery.action_send_again()
        self.assertEqual(delivery.state, "pending")

    def test_read_with_the_rights_of_the_rule_whoever_sends_it(self) -> None:
        reader = new_test_user(self.env, "wh_reader", "base.group_user")
        self.make_rule(trigger="created", user_id=reader.id)
        delivery = self.lose(self.make_partner)
        partner = self.env["res.partner"].browse(delivery.res_id)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        partner.company_id = elsewhere
        with self.assertRaisesRegex(UserError, "may not read"):
            delivery.action_send_again()
        partner.company_id = False
        manager = new_test_user(
            self.env, "wh_manager", groups="usability_webhooks.group_api_manager"
        )
        delivery.with_user(manager).action_send_again()
        self.assertEqual(delivery.state, "pending")

    def test_readers_make_nothing(self) -> None:
        self.make_rule(trigger="created")
        delivery = self.lose(self.make_partner)
        reader = new_test_user(
            self.env, "wh_log", groups="usability_webhooks.group_api_reader"
        )
        with self.assertRaises(AccessError):
            delivery.with_user(reader).action_send_again()
        self.assertFalse(delivery.body)

    def test_many_cost_as_much_as_one(self) -> None:
        self.make_rule(trigger="created")
        counts = []
        for number in (1, 20):
            self.take()
            deliveries = self.lose(
                lambda n=number: [self.make_partner() for _ in range(n)]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            deliveries.action_send_again()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], counts)
