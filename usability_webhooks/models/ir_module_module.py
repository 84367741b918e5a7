# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models
from odoo.exceptions import UserError

MODULE = "usability_webhooks"


class IrModuleModule(models.Model):
    """Keeps the addon from being uninstalled over waiting deliveries."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Uninstall as core does, unless deliveries would be lost by it.

        Also when a module that ours needs is to go. Core has no question to ask, so
        the answer is another button: send them or cancel them.
        """
        self.check_access("write")
        if MODULE in (self + self.downstream_dependencies()).mapped("name"):
            deliveries = self.env["webhook.outbound.delivery"]
            deliveries_sudo = deliveries.sudo()  # all companies' go with the module
            pending = deliveries_sudo.search_count(
                [("state", "in", ("pending", "sending"))]
            )
            if pending:
                raise UserError(
                    self.env._(
                        "%s webhook deliveries are not made yet and would be lost."
                        " Wait until they are, or cancel them, then uninstall.",
                        pending,
                    )
                )
        return super().button_uninstall()
