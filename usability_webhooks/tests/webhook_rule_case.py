# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of outbound rules have in common."""

from __future__ import annotations

import json

from odoo.tests import TransactionCase, tagged

from ..tools.outbound_memory import get_memory

URL = "https://shop.example.com/hook"


@tagged("post_install", "-at_install")
class WebhookRuleCase(TransactionCase):
    """Partners, an endpoint, and a transaction that seems to end where told so."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.endpoint = cls.env["webhook.endpoint"].create({"name": "Shop", "url": URL})
        cls.model_partner = cls.env["ir.model"]._get("res.partner")

    @classmethod
    def make_rule(cls, **vals):
        """Return a rule on partners that tells their names."""
        return cls.env["webhook.outbound.rule"].create(
            {
                "name": "Partners",
                "model_id": cls.model_partner.id,
                "endpoint_source": "static",
                "endpoint_id": cls.endpoint.id,
                "payload_fields": '{"name": "{name}", "ref": "{ref}"}',
            }
            | vals
        )

    def make_partner(self, **vals):
        return self.env["res.partner"].create({"name": "Anna"} | vals)

    def take(self) -> list:
        """Store what is noted, and take all deliveries out of the table: the next
        change finds the world as if this transaction had ended."""
        self.env.cr.flush()
        self.env.invalidate_all()
        rows = self.env["webhook.outbound.delivery"].search([], order="id")
        found = [
            {"kind": row.kind, "id": row.res_id, "rule": row.rule_id}
            | {
                "body": json.loads(row.body or "null"),
                "type": row.event_type,
                "url": row.url,
            }
            | {"company": row.company_id.id, "state": row.state}
            | {"error": row.last_error}
            for row in rows
        ]
        self.env.cr.execute("DELETE FROM webhook_outbound_delivery")
        self.env.invalidate_all()
        memory = get_memory(self.env.cr)
        memory.created.clear()
        memory.stored.clear()
        return found

    def assertEvents(self, *expected: tuple[str, int]) -> list:
        """Check kind and record of all that is told since the last time."""
        found = self.take()
        self.assertEqual([(row["kind"], row["id"]) for row in found], list(expected))
        return found
