# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Events become deliveries: their bytes, their order, what coalesces."""

from __future__ import annotations

import json

from odoo.tests import TransactionCase

from ..tools.outbound_event import OutboundEvent


class TestOutbox(TransactionCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.endpoint = cls.env["webhook.endpoint"].create(
            {"name": "Shop", "url": "https://shop.example.com/hook"}
        )
        cls.rule = cls.env["webhook.outbound.rule"].create({"name": "Confirmed"})
        cls.outbox = cls.env["webhook.outbound.outbox"]
        cls.deliveries = cls.env["webhook.outbound.delivery"]

    def make_event(self, **vals) -> OutboundEvent:
        return OutboundEvent(
            **{
                "rule_id": self.rule.id,
                "endpoint_id": self.endpoint.id,
                "url": "https://shop.example.com/hook",
                "event_type": "res.partner.updated",
                "kind": "updated",
                "res_model": "res.partner",
                "res_id": 7,
                "company_id": self.env.company.id,
                "data": {"name": "Ünï"},
            }
            | vals
        )

    def put(self, *events: OutboundEvent):
        """Store events and return all that is stored by now."""
        self.outbox._put(list(events))
        self.env.invalidate_all()
        return self.deliveries.search([], order="id")

    def test_standard_body_is_an_envelope(self) -> None:
        delivery = self.put(self.make_event())
        body = json.loads(delivery.body)
        self.assertEqual(
            body | {"timestamp": 0},
            {
                "type": "res.partner.updated",
                "timestamp": 0,
                "sequence": delivery.id,
                "record": {"model": "res.partner", "id": 7},
                "data": {"name": "Ünï"},
            },
        )
        self.assertIn("Ünï", delivery.body)
        self.assertEqual(delivery.body_size, len(delivery.body.encode()))
        self.assertEqual(delivery.state, "pending")

    def test_latest_state_is_kept(self) -> None:
        self.put(self.make_event(data=1), self.make_event(data=2))
        delivery = self.put(self.make_event(data=3))
        self.assertEqual(json.loads(delivery.body)["data"], 3)
        self.assertEqual(json.loads(delivery.body)["sequence"], delivery.id)
