# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_users import check_identity

_logger = logging.getLogger(__name__)


class ApiKeyIssue(models.TransientModel):
    """Makes a key for somebody else: a service user, whom nobody logs in as."""

    _name = "api.key.issue"
    _inherit = "res.users.apikeys.description"
    _description = "Issue API Key"
    _allow_sudo_commands = False

    user_id = fields.Many2one(
        "res.users", "User", required=True, readonly=True, ondelete="cascade"
    )

    @check_identity
    def make_key(self) -> dict:
        """Make a key of the user and show it once, to the administrator.

        :raises AccessError: the caller is no system administrator.
        :raises UserError: no profile, an archived one, or an archived user.
        """
        self.ensure_one()
        if not self.env.user._is_system():
            raise AccessError(
                self.env._("Only system administrators issue keys for others.")
            )
        user, profile = self.user_id, self.api_profile_id
        if not profile:
            raise UserError(self.env._("Choose an access profile for the key."))
        if not user.active:
            raise UserError(self.env._("%s is archived.", user.name))
        keys = self.env["res.users.apikeys"].with_user(user)
        keys_sudo = keys.sudo()  # the administrator's quota counts, not the user's
        issuer = self.env.user
        key = keys_sudo._generate_narrow(
            profile.with_env(keys_sudo.env), self.name, self.expiration_date, issuer
        )
        _logger.info("API key of %r issued by %r", user.login, issuer.login)
        self.unlink()
        return self.env["res.users.apikeys.show"]._show_once(key, profile, user)
