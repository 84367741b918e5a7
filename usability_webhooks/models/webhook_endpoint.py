# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.tools import SQL


class WebhookEndpoint(models.Model):
    """Where deliveries go: one address, or the hosts callers may name."""

    _name = "webhook.endpoint"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhook Endpoint"
    _order = "name, id"
    _allow_sudo_commands = False
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        [("static", "One Address"), ("callback", "Addresses of Callers")],
        required=True,
        default="static",
        tracking=True,
        help="One Address: all deliveries go to it.\n"
        "Addresses of Callers: requests may name a callback_url on this host.",
    )
    url = fields.Char(
        "URL",
        groups="usability_webhooks.group_api_manager",
        copy=False,
        help="The path may be a secret of its own, so readers see the host only.",
    )
    host = fields.Char(
        "Allowed Host",
        tracking=True,
        help="hooks.example.com, or *.example.com for all hosts below.",
    )
    company_id = fields.Many2one("res.company", "Company", ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="Is told when deliveries fail for good.",
    )
    state = fields.Selection(
        [("enabled", "Enabled"), ("throttled", "Throttled"), ("disabled", "Disabled")],
        required=True,
        readonly=True,
        default="enabled",
        copy=False,
        tracking=True,
        help="Throttled: it failed or asked for patience; deliveries wait.\n"
        "Disabled: nothing is sent until somebody enables it again.",
    )
    state_reason = fields.Char("Reason", readonly=True, copy=False)
    throttled_until = fields.Datetime(readonly=True, copy=False)
    failure_count = fields.Integer(
        "Failures in a Row", readonly=True, copy=False, default=0, aggregator="max"
    )
    max_parallel = fields.Integer(
        "At Once",
        required=True,
        default=4,
        aggregator=None,
        help="Deliveries under way at the same time.",
    )
    is_ordered = fields.Boolean(
        "Keep Order",
        help="The deliveries of one record wait for each other.",
    )
    timeout_seconds = fields.Integer(
        "Timeout",
        required=True,
        default=15,
        aggregator=None,
        help="Seconds for the whole answer.",
    )
    allow_http = fields.Boolean("Allow Plain HTTP")
    is_signed = fields.Boolean("Sign", default=True, tracking=True)
    database_uuid = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._get_database_uuid(),
        help="The database it was made in; a copy does not send.",
    )
    header_ids = fields.One2many("webhook.endpoint.header", "endpoint_id", "Headers")

    @api.model
    def _get_database_uuid(self) -> str:
        params = self.env["ir.config_parameter"].sudo()  # no secret; rights vary
        return params.get_param("database.uuid")

    def _get_secrets(self) -> list[str]:
        """Return what signs, newest first: ``whsec_`` and ``whsk_`` secrets."""
        self.ensure_one()
        if not self.is_signed:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT secret FROM webhook_endpoint_secret WHERE endpoint_id = %s"
                " AND (expires_at IS NULL OR expires_at > now() AT TIME ZONE 'utc')"
                " ORDER BY id DESC",
                self.id,
            )
        )
        return [secret for (secret,) in rows]

    def _get_headers(self) -> dict[str, str]:
        """Return the extra headers; none where the address is a caller's."""
        self.ensure_one()
        if self.kind == "callback":
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT name, secret_value FROM webhook_endpoint_header"
                " WHERE endpoint_id = %s AND secret_value IS NOT NULL ORDER BY name",
                self.id,
            )
        )
        return dict(rows)

    def _note_dead(self, reason: str) -> None:
        """Tell the owner, once until he has seen to it, that deliveries are dead.

        :param reason: why the last of them was given up.
        """
        summary = self.env._("Deliveries failed for good")
        for endpoint in self:
            if endpoint.activity_ids.filtered(lambda a: a.summary == summary):
                continue
            endpoint.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                note=reason,
                user_id=endpoint.user_id.id,
            )
