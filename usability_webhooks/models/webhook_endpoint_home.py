# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models


class WebhookEndpointHome(models.AbstractModel):
    """Binds an endpoint to its database, so that copies do not send.

    For ``webhook.endpoint`` only.
    """

    _name = "webhook.endpoint.home"
    _description = "Webhook Endpoint Home"

    database_uuid = fields.Char(
        "Database",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._get_database_uuid(),
        help="The database it was made in: a copy of it does not send.",
    )
    is_copied = fields.Boolean(
        compute="_compute_is_copied", help="It was made in another database."
    )
    is_neutralized = fields.Boolean(
        compute="_compute_is_copied", help="The database sends nothing at all."
    )

    @api.depends("database_uuid")
    def _compute_is_copied(self) -> None:
        uuid, is_neutralized = self._get_database_uuid(), self._is_neutralized()
        for endpoint in self:
            endpoint.is_copied = endpoint.database_uuid != uuid
            endpoint.is_neutralized = is_neutralized

    def action_send_from_here(self) -> None:
        """Make this database, a copy, the one that sends; it is disabled by now."""
        self.write({"database_uuid": self._get_database_uuid()})
        self.action_enable()

    @api.model
    def _get_database_uuid(self) -> str:
        params = self.env["ir.config_parameter"].sudo()  # no secret; rights vary
        return params.get_param("database.uuid")

    @api.model
    def _is_neutralized(self) -> bool:
        params = self.env["ir.config_parameter"].sudo()  # no secret; rights vary
        return bool(params.get_param("database.is_neutralized"))
