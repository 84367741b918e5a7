# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import os

from odoo import models

from odoo.addons.usability_webhooks.models import webhook_outbound_claim
from odoo.addons.usability_webhooks.tools import webhook_schedule

#: Set for runs that cannot wait as long as production does: retries come after
#: seconds, pauses and leases last seconds. How many there are stays.
HASTE = "USABILITY_WEBHOOKS_HASTE"

if os.environ.get(HASTE):
    count = len(webhook_schedule.RETRY_DELAYS_SECONDS)
    webhook_schedule.RETRY_DELAYS_SECONDS = (0.5, 1, *[2] * (count - 2))
    webhook_schedule.PAUSE_SECONDS = 1
    webhook_schedule.BREAKER_SECONDS = 2
    webhook_schedule.MAX_PAUSE_SECONDS = 4
    webhook_outbound_claim.LEASE_MARGIN_SECONDS = 3


class WebhookOutboundClaim(models.AbstractModel):
    _inherit = "webhook.outbound.claim"

    def _claim(self, threads, shares):
        lanes = super()._claim(threads, shares)
        if lanes:
            self.env["api.transaction"]._checkpoint("after_claim")
        return lanes
