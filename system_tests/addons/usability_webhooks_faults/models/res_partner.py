# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import time

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.usability_webhooks.tools.outbound_event import OutboundEvent

#: Long enough for two callers to hold what the other wants.
MEET_SECONDS = 0.05


class ResPartner(models.Model):
    _inherit = "res.partner"

    def faults_increment(self) -> int:
        """Read, add one, write: what loses an update without isolation."""
        self.ensure_one()
        self.color += 1
        return self.color

    def faults_cross(self, backwards: bool) -> bool:
        """Increment each, in one order or the other: two callers can deadlock."""
        for partner in self.sorted("id", reverse=backwards):
            partner.faults_increment()
            partner.flush_recordset()
            time.sleep(MEET_SECONDS)
        return True

    @api.model
    def faults_fail(self, ref: str) -> None:
        """Write for good, as far as this method knows, then fail."""
        self.create({"name": "Failed", "ref": ref}).flush_recordset()
        raise UserError("This was to fail.")

    def faults_patience(self, seconds: int) -> int:
        """Take long, honestly: busy in Python, without a word to PostgreSQL."""
        time.sleep(seconds)
        return self.faults_increment()

    @api.model
    def faults_isolation(self) -> str:
        """Return the isolation level of the transaction the work is done in."""
        self.env.cr.execute("SHOW transaction_isolation")
        return self.env.cr.fetchone()[0]

    @api.model
    def faults_endpoint(self, url: str, **vals) -> int:
        """Return a new endpoint at ``url``."""
        vals = {"name": url, "url": url, "allow_http": True} | vals
        endpoint = self.env["webhook.endpoint"].create(vals)
        endpoint.action_new_secret()
        return endpoint.id

    @api.model
    def faults_rule(self, endpoint_id: int, domain: str) -> int:
        """Return a new rule that tells an endpoint of partners of a domain."""
        vals = {
            "name": f"Partners {domain}",
            "model_id": self.env["ir.model"]._get_id(self._name),
            "trigger": "created_or_updated",
            "trigger_domain": domain,
            "endpoint_source": "static",
            "endpoint_id": endpoint_id,
            "payload_fields": json.dumps(
                {name: f"{{{name}}}" for name in ("ref", "function", "color")}
            ),
        }
        return self.env["webhook.outbound.rule"].create(vals).id

    @api.model
    def faults_deliver(
        self, endpoint_id: int, url: str, first: int, count: int
    ) -> bool:
        """Store events of so many records, numbered from ``first``."""
        events = [
            OutboundEvent(
                rule_id=None,
                endpoint_id=endpoint_id,
                url=url,
                event_type="res.partner.updated",
                kind="updated",
                res_model="res.partner",
                res_id=number,
                company_id=None,
                data={"name": f"Partner {number}", "text": "x" * 200},
            )
            for number in range(first, first + count)
        ]
        self.env["webhook.outbound.outbox"]._put(events)
        return True

    @api.model
    def faults_wake(self) -> bool:
        """Have the senders look at what is due."""
        self.env["webhook.outbound.sender"]._wake()
        return True
