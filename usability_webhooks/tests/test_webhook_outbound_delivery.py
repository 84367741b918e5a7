# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Deliveries: changed by the gateway alone, sent again on demand, kept for a while."""

from __future__ import annotations

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestDelivery(WebhookCase):
    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_changes_a_row_not_even_the_superuser(self) -> None:
        delivery = self.put_one()
        manager = new_test_user(
            self.env, "wh_manager", groups="usability_webhooks.group_api_manager"
        )
        raised = delivery.sudo()  # as an automation of somebody's would have it
        for own in (delivery, delivery.with_user(manager), raised):
            for change in (
                lambda own=own: own.write({"state": "delivered"}),
                lambda own=own: own.create({"url": "https://evil.example.com"}),
                lambda own=own: own.unlink(),
                lambda own=own: own.copy(),
                lambda own=own: own.update({"body": "{}"}),
            ):
                with self.assertRaises(AccessError):
                    change()
        self.assertEqual(delivery.state, "pending")

    def test_body_is_shown_indented(self) -> None:
        delivery = self.put_one()
        self.assertEqual(json.loads(delivery.body_formatted), json.loads(delivery.body))
        self.assertIn("\n  ", delivery.body_formatted)
        self.settle(delivery, "dead", last_response="<h1>no JSON</h1>")
        self.assertEqual(delivery.last_response_formatted, "<h1>no JSON</h1>")

    def test_sent_again_are_the_same_bytes_under_the_same_id(self) -> None:
        delivery = self.put_one()
        before = (delivery.message_id, delivery.body, delivery.url)
        for state in ("dead", "delivered", "cancelled"):
            long_ago = fields.Datetime.now() - timedelta(days=3)
            self.settle(delivery, state, attempt_count=10, next_attempt_at=long_ago)
            delivery.action_send_again()
            self.assertEqual((delivery.state, delivery.attempt_count), ("pending", 0))
            self.assertGreater(delivery.next_attempt_at, long_ago)
            self.assertEqual((delivery.message_id, delivery.body, delivery.url), before)
        self.assertEqual(self.wake.call_count, 1 + 3)

    def test_what_is_under_way_is_not_sent_twice_at_once(self) -> None:
        delivery = self.put_one()
        self.settle(delivery, "sending", lease_token="x")
        with self.assertRaises(UserError):
            delivery.action_send_again()
        with self.assertRaises(UserError):
            delivery.action_cancel()
        self.assertEqual((delivery.state, delivery.lease_token), ("sending", "x"))

    def test_waiting_one_is_sent_now(self) -> None:
        delivery = self.put_one()
        later = fields.Datetime.now() + timedelta(hours=5)
        self.settle(delivery, "pending", next_attempt_at=later, attempt_count=4)
        delivery.action_send_again()
        self.assertLess(delivery.next_attempt_at, later)

    def test_what_has_no_bytes_cannot_be_sent(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_outbound_body", "10")
        delivery = self.put_one()
        self.assertFalse(delivery.is_resendable)
        with self.assertRaises(UserError):
            delivery.action_send_again()

    def test_only_what_waits_is_cancelled(self) -> None:
        waiting, done = self.put_one(), self.put_one()
        self.settle(done, "delivered")
        (waiting | done).action_cancel()
        self.assertEqual((waiting.state, done.state), ("cancelled", "delivered"))
        with self.assertRaises(UserError):
            done.action_cancel()

    def test_record_is_opened_where_there_is_one(self) -> None:
        partner = self.env["res.partner"].create({"name": "P"})
        delivery = self.put_one(res_id=partner.id)
        action = delivery.action_open_record()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", partner.id)
        )
        partner.unlink()
        with self.assertRaises(UserError):
            delivery.action_open_record()
        with self.assertRaises(UserError):
            self.put_one(res_model="no.such.model").action_open_record()

    def test_vacuum_keeps_what_waits_and_what_is_young(self) -> None:
        now = fields.Datetime.now()
        kept, gone = self.deliveries, self.deliveries
        for state, days, is_kept in (
            ("delivered", 29, True),
            ("delivered", 31, False),
            ("cancelled", 31, False),
            ("dead", 31, True),
            ("dead", 91, False),
            ("pending", 3650, True),
            ("sending", 3650, True),
        ):
            delivery = self.put_one()
            self.settle(delivery, state, occurred_at=now - timedelta(days=days))
            kept, gone = (kept | delivery, gone) if is_kept else (kept, gone | delivery)
        self.assertEqual(
            self.env["webhook.outbound.housekeeping"]._gc_deliveries(), (3, False)
        )
        self.env.invalidate_all()
        self.assertEqual((kept | gone).exists(), kept)

    def test_vacuum_follows_the_settings(self) -> None:
        delivery = self.put_one()
        two_days_ago = fields.Datetime.now() - timedelta(days=2)
        self.settle(delivery, "delivered", occurred_at=two_days_ago)
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.delivery_retention_days", "1")
        self.env["webhook.outbound.housekeeping"]._gc_deliveries()
        self.assertFalse(delivery.exists())

    def test_sender_finds_what_is_due_by_an_index(self) -> None:
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for condition in (
            "endpoint_id = 1 AND state = 'pending' AND next_attempt_at <= now()",
            "endpoint_id = 1 AND state = 'sending' AND lease_until < now()",
            "endpoint_id = 1 AND state IN ('pending', 'sending')",
            "endpoint_id = 1 AND state = 'dead'",
            "res_model = 'x' AND res_id = 1",
            "message_id = 'x'",
            "rule_id = 1",
            "transaction = 'x' AND rule_id IS NOT NULL",
        ):
            with self.subTest(condition=condition):
                self.env.cr.execute(
                    "EXPLAIN SELECT id FROM webhook_outbound_delivery WHERE "
                    + condition
                )
                plan = "\n".join(line for (line,) in self.env.cr.fetchall())
                self.assertRegex(plan, r"Index|Bitmap")
                self.assertNotIn("Seq Scan", plan)


@tagged("post_install", "-at_install")
class TestResend(WebhookCase):
    def resend(self, **vals):
        wizard = self.env["webhook.resend"].create(vals)
        wizard.action_resend()
        return wizard

    def test_dead_ones_since_then_are_sent_again(self) -> None:
        now = fields.Datetime.now()
        rows = {}
        for name, state, hours in (
            ("young", "dead", 1),
            ("old", "dead", 30),
            ("done", "delivered", 1),
            ("cancelled", "cancelled", 1),
        ):
            rows[name] = self.put_one()
            then = now - timedelta(hours=hours)
            self.settle(rows[name], state, occurred_at=then)
        self.wake.reset_mock()
        wizard = self.env["webhook.resend"].create({})
        self.assertEqual(wizard.count, 1)
        wizard.action_resend()
        self.assertEqual(
            {name: row.state for name, row in rows.items()},
            {
                "young": "pending",
                "old": "dead",
                "done": "delivered",
                "cancelled": "cancelled",
            },
        )
        self.wake.assert_called_once()

    def test_one_endpoint_or_all(self) -> None:
        other = self.endpoint.copy()
        mine, theirs = self.put_one(), self.put_one(endpoint_id=other.id)
        self.settle(mine | theirs, "dead")
        self.resend(endpoint_id=self.endpoint.id)
        self.assertEqual((mine.state, theirs.state), ("pending", "dead"))
        self.resend()
        self.assertEqual(theirs.state, "pending")

    def test_of_one_endpoint_all_are_proposed(self) -> None:
        old = self.put_one()
        ago = fields.Datetime.now() - timedelta(days=50)
        self.settle(old, "dead", occurred_at=ago)
        wizards = self.env["webhook.resend"]
        self.assertEqual(wizards.create({}).count, 0)
        wizards = wizards.with_context(default_endpoint_id=self.endpoint.id)
        self.assertEqual(wizards.create({}).count, 1)

    def test_any_number_takes_one_look_and_one_update(self) -> None:
        for count in (1, 30):
            rows = self.deliveries
            for _each in range(count):
                rows |= self.put_one()
            self.settle(rows, "dead")
            wizard = self.env["webhook.resend"].create({})
            self.env.flush_all()
            with self.assertQueryCount(2):
                wizard.action_resend()

    def test_other_companies_are_left_alone(self) -> None:
        company = self.env["res.company"].create({"name": "Other"})
        theirs = self.put_one(company_id=company.id)
        self.settle(theirs, "dead")
        manager = new_test_user(
            self.env, "wh_manager", groups="usability_webhooks.group_api_manager"
        )
        wizard = self.env["webhook.resend"].with_user(manager).create({})
        self.assertEqual(wizard.count, 0)
        wizard.action_resend()
        self.assertEqual(theirs.state, "dead")

    def test_what_has_no_bytes_is_not_counted(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_outbound_body", "10")
        self.put_one()
        self.assertEqual(self.env["webhook.resend"].create({}).count, 0)
