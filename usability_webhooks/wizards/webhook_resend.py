# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.webhook_outbound_remake import LOST


class WebhookResend(models.TransientModel):
    """Asks which dead deliveries are to be sent again."""

    _name = "webhook.resend"
    _description = "Send Failed Deliveries Again"
    _allow_sudo_commands = False

    endpoint_id = fields.Many2one(
        "webhook.endpoint",
        "Endpoint",
        ondelete="cascade",
        help="Empty: the deliveries of all endpoints.",
    )
    since = fields.Datetime(
        "Changed Since",
        required=True,
        default=lambda self: self._default_since(),
        help="Of an endpoint at first: since its oldest one.",
    )
    count = fields.Integer("Deliveries", compute="_compute_count")
    endpoint_state = fields.Selection(related="endpoint_id.state")

    @api.model
    def _default_since(self) -> datetime:
        """Return when the oldest of an endpoint happened; of all, a day ago."""
        since = fields.Datetime.now() - timedelta(days=1)
        endpoint_id = self.env.context.get("default_endpoint_id")
        if not endpoint_id:
            return since
        domain = [("endpoint_id", "=", endpoint_id), ("state", "=", "dead")]
        deliveries = self.env["webhook.outbound.delivery"]
        oldest = deliveries._read_group(domain, [], ["occurred_at:min"])[0][0]
        return (oldest or since).replace(microsecond=0)

    @api.depends("endpoint_id", "since")
    def _compute_count(self) -> None:
        deliveries = self.env["webhook.outbound.delivery"]
        for wizard in self:
            wizard.count = deliveries.search_count(wizard._get_domain())

    def _get_domain(self) -> Domain:
        """Return the dead deliveries meant, with bytes or such as can be given some."""
        domain = Domain("state", "=", "dead") & (Domain("body", "!=", False) | LOST)
        if self.since:
            domain &= Domain("occurred_at", ">=", self.since)
        if self.endpoint_id:
            domain &= Domain("endpoint_id", "=", self.endpoint_id.id)
        return domain

    def action_resend(self) -> dict:
        """Have them sent again, each endpoint at its own pace, and say how many.

        :raises AccessError: the caller is no manager.
        :raises UserError: of all there are, no payload can be made.
        """
        self.ensure_one()
        deliveries = self.env["webhook.outbound.delivery"]
        deliveries._check_manager()
        domain = self._get_domain()
        reason = self.env["webhook.outbound.remake"]._remake(domain)
        count = deliveries._send_again(domain)
        if reason and not count:
            raise UserError(reason)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("%s deliveries are on their way again.", count),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
