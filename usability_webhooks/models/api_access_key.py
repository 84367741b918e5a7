# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models

from ..tools.key_link import link_to_key


class ApiAccessKey(models.Model):
    """Binds one of core's API keys to a profile. A key without one is a plain key."""

    _name = "api.access.key"
    _description = "API Key with a Profile"
    _rec_name = "key_id"
    _log_access = False
    _allow_sudo_commands = False

    key_id = fields.Many2one(
        "res.users.apikeys", "Key", required=True, readonly=True, ondelete="cascade"
    )
    profile_id = fields.Many2one(
        "api.access.profile", "Profile", required=True, ondelete="restrict", index=True
    )
    issued_by_id = fields.Many2one(
        "res.users", "Issued By", readonly=True, ondelete="set null"
    )

    _key_unique = models.UniqueIndex("(key_id)")

    @api.private
    def init(self) -> None:
        link_to_key(self)
