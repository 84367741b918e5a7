# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, models
from odoo.tools import SQL

#: Days a row is kept: settings of those that are settled, and of dead ones.
RETENTION = {
    "webhook.delivery_retention_days": ("delivered", "cancelled"),
    "webhook.dead_delivery_retention_days": ("dead",),
}


class WebhookOutboundHousekeeping(models.AbstractModel):
    """Deletes old deliveries."""

    _name = "webhook.outbound.housekeeping"
    _description = "Webhook Housekeeping"

    @api.autovacuum
    def _gc_deliveries(self) -> tuple[int, bool]:
        """Delete a batch of old deliveries; those that wait are kept for ever.

        :returns: rows deleted and whether more may be left, as core's vacuum asks.
        """
        settings = self.env["api.settings"]
        purge = self.env["api.log.housekeeping"]._purge
        done, is_more = 0, False
        for name, states in RETENTION.items():
            count, is_full = purge(
                "webhook_outbound_delivery",
                "occurred_at",
                settings._get(name) * 24,
                SQL("state IN %s", states),
            )
            done, is_more = done + count, is_more or is_full
        return done, is_more
