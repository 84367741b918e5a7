# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models

from ..tools.key_link import link_to_key


class ApiKeyUse(models.Model):
    """When an API key was last used, from where, and where it stands with its limits.

    Written in SQL, by ``api.rate.limit``, once a request. A row has the id of its
    key: an id of its own would take a number of the sequence at every request, as
    ``INSERT ... ON CONFLICT`` does, and the sequence ends at two billion.

    The moments named ``tat`` are explained in ``tools.rate_quota``.
    """

    _name = "api.key.use"
    _description = "Use of an API Key"
    _rec_name = "key_id"
    _log_access = False
    _allow_sudo_commands = False

    key_id = fields.Many2one(
        "res.users.apikeys", "Key", required=True, readonly=True, ondelete="cascade"
    )
    last_used_at = fields.Datetime("Last Used", readonly=True)
    last_used_from = fields.Char(readonly=True)
    request_tat = fields.Datetime("Requests Over At", readonly=True)
    row_tat = fields.Datetime("Records Over At", readonly=True)
    refusal_tat = fields.Datetime("Logged Refusals Over At", readonly=True)

    _key_unique = models.UniqueIndex("(key_id)")

    @api.private
    def init(self) -> None:
        link_to_key(self)
