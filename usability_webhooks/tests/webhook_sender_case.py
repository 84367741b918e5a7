# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo.tests import TransactionCase

from ..tools.outbound_event import OutboundEvent
from ..tools.webhook_courier import Parcel
from .webhook_receiver import Receiver


class WebhookSenderCase(TransactionCase):
    """Deliveries to a real receiver on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        params = cls.env["ir.config_parameter"]
        params.set_param("webhook.private_networks", "127.0.0.0/8")
        cls.partner = cls.env["res.partner"].create({"name": "Azure"})
        # Those of others would be sent along.
        cls.env.cr.execute("DELETE FROM webhook_outbound_delivery")

    def setUp(self):
        super().setUp()
        self.receiver = Receiver().start()
        self.addCleanup(self.receiver.stop)

    def make_endpoint(self, path="/ok", **vals):
        url = self.receiver.url(path)
        vals = {"name": path, "url": url, "allow_http": True, "is_signed": False} | vals
        return self.env["webhook.endpoint"].create(vals)

    def put(self, endpoint, data=None, **changes):
        """Store an event for an endpoint; return its delivery."""
        facts = {
            "rule_id": None,
            "endpoint_id": endpoint.id,
            "url": endpoint.url,
            "event_type": "res.partner.updated",
            "kind": "updated",
            "res_model": "res.partner",
            "res_id": self.partner.id,
            "company_id": None,
            "data": data or {"name": "é\u2028😀"},
        }
        self.env["webhook.outbound.outbox"]._put([OutboundEvent(**facts | changes)])
        return self.env["webhook.outbound.delivery"].search(
            [], order="id desc", limit=1
        )

    def send(self, wait=False):
        """Run the sender as its scheduled action does."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            sender = self.env(cr=cr)["webhook.outbound.sender"].sudo()  # as the cron
            sender._cron_send(wait=wait)
        self.env.invalidate_all()

    def claim(self, deliveries):
        """Have deliveries be under way, without a sender; return their parcels."""
        self.env.cr.execute(
            "UPDATE webhook_outbound_delivery SET state = 'sending',"
            " attempt_count = 1, lease_token = 'lane' WHERE id = ANY(%s)",
            [deliveries.ids],
        )
        self.env.invalidate_all()
        return [
            Parcel(
                *(one.id, "lane", one.endpoint_id.id, one.message_id, one.url),
                *(b"{}", 1),
            )
            for one in deliveries
        ]

    def store(self, *outcomes):
        """Store outcomes as the sender does."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["webhook.outbound.result"]._store(list(outcomes))
        self.env.invalidate_all()

    def make_due(self, deliveries):
        """Have deliveries be due now, and their endpoints awake."""
        self.env.cr.execute(
            "UPDATE webhook_outbound_delivery SET next_attempt_at ="
            " next_attempt_at - interval '2 days' WHERE id = ANY(%s)",
            [deliveries.ids],
        )
        self.env.cr.execute(
            "UPDATE webhook_endpoint SET throttled_until ="
            " throttled_until - interval '2 days'"
        )
        self.env.invalidate_all()
