# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.key_expiry import SOON
from .res_users_apikeys import PLAIN_SCOPE, PROFILE_SCOPE

FAILED_STATES = ("failed", "rejected", "interrupted")
#: Key, profile, use and owner as one row; the state is the first that holds.
QUERY = """
    SELECT k.id, k.name, k.user_id, k.create_date, k.expiration_date,
        a.profile_id, a.issued_by_id, s.last_used_at, s.last_used_from,
        CASE
            WHEN k.expiration_date < now() AT TIME ZONE 'utc' THEN 'expired'
            WHEN NOT u.active THEN 'refused'
            WHEN NOT CASE WHEN a.id IS NULL THEN %(allow_plain)s ELSE p.active END
                THEN 'refused'
            WHEN k.expiration_date <= now() AT TIME ZONE 'utc' + %(soon)s THEN 'soon'
            WHEN s.last_used_at IS NULL THEN 'unused'
            ELSE 'valid'
        END AS state
    FROM res_users_apikeys k
    JOIN res_users u ON u.id = k.user_id
    LEFT JOIN api_access_key a ON a.key_id = k.id
    LEFT JOIN api_access_profile p ON p.id = a.profile_id
    LEFT JOIN api_key_use s ON s.key_id = k.id
    WHERE a.id IS NULL AND (k.scope IS NULL OR k.scope = %(plain)s)
        OR a.id IS NOT NULL AND k.scope = %(narrow)s
"""


class ApiKey(models.Model):
    """The list of keys the gateway knows; those of other purposes are not on it.

    Read from core's table and ours, ids are core's. Never holds the key itself.
    """

    _name = "api.key"
    _description = "API Key"
    _order = "id desc"
    _auto = False
    _allow_sudo_commands = False
    _depends = {
        "api.access.key": ["key_id", "profile_id", "issued_by_id"],
        "api.access.profile": ["active"],
        "res.users.apikeys": ["expiration_date"],
        "api.key.use": ["key_id", "last_used_at", "last_used_from"],
        "res.users": ["active"],
    }

    name = fields.Char("Description", readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    profile_id = fields.Many2one(
        "api.access.profile",
        "Access Profile",
        readonly=True,
        help="Empty: the key may do all its user may.",
    )
    issued_by_id = fields.Many2one("res.users", "Issued By", readonly=True)
    create_date = fields.Datetime("Created", readonly=True)
    expiration_date = fields.Datetime(
        "Expires", readonly=True, help="Empty: it never ends by itself."
    )
    last_used_at = fields.Datetime("Last Used", readonly=True)
    last_used_from = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("valid", "Valid"),
            ("unused", "Never Used"),
            ("soon", "Expires Soon"),
            ("expired", "Expired"),
            ("refused", "Refused"),
        ],
        readonly=True,
        help="Expires Soon: within 14 days.\n"
        "Refused: its user or its profile is archived, or keys without a profile"
        " are not allowed.",
    )
    reach = fields.Char("May Do", compute="_compute_reach")
    request_count = fields.Integer(
        "Requests", compute="_compute_counts", help="In the last 24 hours."
    )
    failure_count = fields.Integer(
        "Failures", compute="_compute_counts", help="In the last 24 hours."
    )
    is_changeable = fields.Boolean(
        compute="_compute_is_changeable", help="You may revoke and rotate it."
    )

    @property
    def _table_query(self) -> SQL:
        return SQL(
            QUERY,
            allow_plain=bool(self.env["api.settings"]._get("webhook.allow_plain_keys")),
            soon=SOON,
            plain=PLAIN_SCOPE,
            narrow=PROFILE_SCOPE,
        )

    @api.depends("profile_id")
    def _compute_reach(self) -> None:
        """Say in words what an empty profile means: everything."""
        for key in self:
            key.reach = key.profile_id.name or self.env._("Whole user")

    def _compute_counts(self) -> None:
        """Count what the log has of the last day, whichever company it was for."""
        rows = self.env.execute_query(
            SQL(
                "SELECT api_key_id, count(*), count(*) FILTER (WHERE state IN %s)"
                " FROM api_log WHERE api_key_id IN %s"
                " AND create_date >= now() AT TIME ZONE 'utc' - interval '1 day'"
                " GROUP BY api_key_id",
                FAILED_STATES,
                tuple(self.ids) or (0,),
            )
        )
        counts = {key_id: numbers for key_id, *numbers in rows}
        for key in self:
            key.request_count, key.failure_count = counts.get(key.id, (0, 0))

    def _compute_is_changeable(self) -> None:
        for key in self:
            key.is_changeable = self.env.is_system() or key.user_id == self.env.user

    def action_revoke(self) -> dict:
        """End the keys at once and go back to the list.

        :raises AccessError: neither the caller's own nor is the caller a system
            administrator.
        """
        self.check_access("read")
        self.env["res.users.apikeys"].browse(self.ids)._remove()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.api_key_action"
        ) | {"target": "main"}

    def action_rotate(self) -> dict:
        """Open the dialog that replaces the key."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rotate API Key"),
            "res_model": "api.key.rotate",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key_id": self.id},
        }

    def action_open_logs(self) -> dict:
        """List the requests that were sent with the key."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.api_log_action"
        )
        return action | {"domain": [("api_key_id", "=", self.id)], "context": {}}
