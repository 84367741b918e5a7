# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, models


class WebhookOutboundOutbox(models.AbstractModel):
    _inherit = "webhook.outbound.outbox"

    @api.model
    def _put(self, events):
        super()._put(events)
        self.env["api.transaction"]._checkpoint("event_stored")
