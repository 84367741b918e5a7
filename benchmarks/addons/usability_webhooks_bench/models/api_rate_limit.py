# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models

#: A client that calls itself so is not counted, as if there were no limits at all.
UNCOUNTED = "bench uncounted"


class ApiRateLimit(models.AbstractModel):
    _inherit = "api.rate.limit"

    def _charge_request(self, caller) -> list:
        if caller.user_agent == UNCOUNTED:
            return []
        return super()._charge_request(caller)
