# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_users import check_identity


class ResUsersApikeysDescription(models.TransientModel):
    """The dialog users make a key in, which may bind it to a profile."""

    _inherit = "res.users.apikeys.description"

    api_profile_id = fields.Many2one(
        "api.access.profile",
        "Access Profile",
        help="With a profile, the key works on the API gateway only, for what the"
        " profile allows. Without one, it may do all you may.",
    )
    api_profile_required = fields.Boolean(
        default=lambda self: self._default_api_profile_required()
    )

    @api.model
    def _default_api_profile_required(self) -> bool:
        return not self.env["api.settings"]._get("webhook.allow_plain_keys")

    @check_identity
    def make_key(self) -> dict:
        """Make the key, with its profile where one is chosen; show it once.

        :raises UserError: a profile is needed, or the chosen one is archived.
        :raises AccessError: the user may have no keys.
        """
        self.ensure_one()
        profile = self.api_profile_id
        if not profile:
            # Portal users choose none: theirs is another dialog, for core's RPC.
            if self.env.user._is_internal() and self._default_api_profile_required():
                raise UserError(self.env._("Choose an access profile for the key."))
            return super().make_key()
        self.check_access_make_key()
        keys = self.env["res.users.apikeys"]
        key = keys._generate_narrow(profile, self.name, self.expiration_date)
        self.sudo().unlink()  # as core does: it has served
        return self.env["res.users.apikeys.show"]._show_once(
            key, profile, self.env.user
        )
