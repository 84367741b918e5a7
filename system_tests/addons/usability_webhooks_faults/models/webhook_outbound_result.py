# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models


class WebhookOutboundResult(models.AbstractModel):
    _inherit = "webhook.outbound.result"

    def _store(self, outcomes):
        self.env["api.transaction"]._checkpoint("before_result")
        super()._store(outcomes)
        self.env["api.transaction"]._checkpoint("after_result")
