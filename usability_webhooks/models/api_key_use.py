# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models

from ..tools.key_link import link_to_key


class ApiKeyUse(models.Model):
    """When a key was last used and from where. Apart from the key: core owns that."""

    _name = "api.key.use"
    _description = "API Key Use"
    _rec_name = "key_id"
    _log_access = False
    _allow_sudo_commands = False

    key_id = fields.Many2one(
        "res.users.apikeys", "Key", required=True, readonly=True, ondelete="cascade"
    )
    last_used_at = fields.Datetime("Last Used", readonly=True)
    last_used_from = fields.Char(readonly=True)

    _key_unique = models.UniqueIndex("(key_id)")

    @api.private
    def init(self) -> None:
        link_to_key(self)
