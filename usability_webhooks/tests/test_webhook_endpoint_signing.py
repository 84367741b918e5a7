# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is to be signed is not sent unsigned."""

from __future__ import annotations

from odoo.tests import tagged

from .webhook_sender_case import WebhookSenderCase


@tagged("post_install", "-at_install")
class TestSigning(WebhookSenderCase):
    def test_what_is_to_be_signed_waits_for_a_secret(self):
        endpoint = self.make_endpoint(is_signed=True)
        delivery = self.put(endpoint)
        self.send()
        self.assertFalse(self.receiver.connections)
        self.assertEqual((delivery.state, delivery.attempt_count), ("pending", 0))
        # Nor does a sender look again and again.
        claim = self.env["webhook.outbound.claim"]
        self.assertIsNone(claim._get_seconds_to_next())
        self.env["ir.cron.trigger"].search([]).unlink()
        endpoint.action_new_secret()
        self.assertTrue(self.env["ir.cron.trigger"].search([]))
        self.send()
        self.assertEqual(delivery.state, "delivered")
        self.assertIn("webhook-signature", self.receiver.received[0].headers)

    def test_what_is_not_to_be_signed_any_more_goes(self):
        endpoint = self.make_endpoint(is_signed=True)
        delivery = self.put(endpoint)
        self.env["ir.cron.trigger"].search([]).unlink()
        endpoint.is_signed = False
        self.assertTrue(self.env["ir.cron.trigger"].search([]))
        self.send()
        self.assertEqual(delivery.state, "delivered")
