# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models


class WebhookOutboundClaim(models.AbstractModel):
    _inherit = "webhook.outbound.claim"

    def _claim(self, threads, shares):
        lanes = super()._claim(threads, shares)
        if lanes:
            self.env["api.transaction"]._checkpoint("after_claim")
        return lanes
