# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def faults_increment(self) -> int:
        """Read, add one, write: what loses an update without isolation."""
        self.ensure_one()
        self.color += 1
        return self.color
