# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of endpoints and deliveries begin with."""

from __future__ import annotations

from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tools import SQL

from ..tools.outbound_event import OutboundEvent

URL = "https://shop.example.com/hook/s3cret-path"


class WebhookCase(TransactionCase):
    """An endpoint and a rule; the sender is not woken, only counted."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # Those of others would be counted along.
        cls.env.cr.execute("DELETE FROM webhook_outbound_delivery")
        cls.env.cr.execute("DELETE FROM webhook_endpoint_secret")
        cls.endpoint = cls.env["webhook.endpoint"].create({"name": "Shop", "url": URL})
        cls.rule = cls.make_rule()
        cls.outbox = cls.env["webhook.outbound.outbox"]
        cls.deliveries = cls.env["webhook.outbound.delivery"]

    @classmethod
    def make_rule(cls):
        return cls.env["webhook.outbound.rule"].create(
            {
                "name": "Partners",
                "active": False,  # events are put by hand
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "endpoint_source": "static",
                "endpoint_id": cls.endpoint.id,
                "payload_fields": '{"name": "{name}"}',
            }
        )

    def setUp(self) -> None:
        super().setUp()
        patcher = patch.object(self.registry["webhook.outbound.sender"], "_wake")
        self.wake = patcher.start()
        self.addCleanup(patcher.stop)

    def make_event(self, **vals) -> OutboundEvent:
        """Return an event of a partner for the endpoint."""
        return OutboundEvent(
            **{
                "rule_id": self.rule.id,
                "endpoint_id": self.endpoint.id,
                "url": URL,
                "event_type": f"res.partner.{vals.get('kind', 'updated')}",
                "kind": "updated",
                "res_model": "res.partner",
                "res_id": 7,
                "company_id": self.env.company.id,
                "data": {"name": "Ünï"},
            }
            | vals
        )

    def put(self, *events: OutboundEvent):
        """Store events; return all deliveries there are."""
        self.outbox._put(list(events))
        self.env.invalidate_all()
        return self.deliveries.search([], order="id")

    def put_one(self, **vals):
        """Store one event that coalesces with no other; return its delivery."""
        before = self.deliveries.search([])
        return self.put(self.make_event(**{"rule_id": None} | vals)) - before

    def settle(self, deliveries, state: str, **vals) -> None:
        """Change deliveries as the sender does: in SQL."""
        for name, value in {"state": state, **vals}.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE webhook_outbound_delivery SET %s = %s WHERE id = ANY(%s)",
                    SQL.identifier(name),
                    value,
                    deliveries.ids,
                )
            )
        self.env.invalidate_all()
