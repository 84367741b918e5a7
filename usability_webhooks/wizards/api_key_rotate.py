# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.base.models.res_users import check_identity

from ..models.res_users_apikeys import PLAIN_SCOPE, PROFILE_SCOPE

#: More is no overlap but two keys.
LONGEST_OVERLAP = 30 * 24  # hours


class ApiKeyRotate(models.TransientModel):
    """Replaces a key: a new one like it, and the old one ends a little later."""

    _name = "api.key.rotate"
    _description = "Rotate API Key"
    _allow_sudo_commands = False

    # A number: a relation would show anybody the names of other people's keys.
    key_id = fields.Integer("Key ID", required=True)
    key_name = fields.Char("Key", compute="_compute_key_name", compute_sudo=False)
    overlap_hours = fields.Integer(
        "Overlap",
        default=24,
        required=True,
        help="Hours for which the old key goes on working. 0: it ends at once.",
    )

    @api.depends("key_id")
    def _compute_key_name(self) -> None:
        """Name the key, where whoever asks may see it."""
        for wizard in self:
            keys = self.env["res.users.apikeys"]
            wizard.key_name = keys.search([("id", "=", wizard.key_id)]).name

    @api.constrains("overlap_hours")
    def _check_overlap_hours(self) -> None:
        for wizard in self:
            if not 0 <= wizard.overlap_hours <= LONGEST_OVERLAP:
                raise ValidationError(
                    self.env._("The overlap is 0 to %s hours.", LONGEST_OVERLAP)
                )

    @check_identity
    def make_key(self) -> dict:
        """Make the new key and show it once; the old one ends after the overlap.

        :raises AccessError: neither the caller's own key nor is the caller a system
            administrator.
        :raises UserError: the key cannot be used as it is, so neither could another.
        """
        self.ensure_one()
        keys = self.env["res.users.apikeys"].browse(self.key_id).exists()
        old = keys.sudo()  # core hides others' keys; _check_rotation decides
        self._check_rotation(old)
        access = self.env["api.access.key"].sudo()  # of the key just checked
        profile = access.search([("key_id", "=", old.id)]).profile_id
        user = old.user_id.with_env(self.env)
        is_system = self.env.user._is_system()
        keys = keys.browse().with_user(user)
        keys = keys.sudo(is_system)  # an administrator's quota, not the user's
        expires = self._get_new_expiration(old)
        if profile:
            key = keys._generate_narrow(
                profile.with_env(keys.env), old.name, expires, self.env.user
            )
        else:
            key = keys._generate(old.scope, old.name, expires)
        self._end(old)
        self.unlink()
        show = self.env["res.users.apikeys.show"]
        return show._show_once(key, profile.with_env(self.env), user)

    def _check_rotation(self, old: models.BaseModel) -> None:
        user = self.env.user
        if not old:
            raise UserError(self.env._("The key does not exist any more."))
        if not user._is_system() and old.user_id != user:
            raise AccessError(
                self.env._("Only its user and system administrators rotate a key.")
            )
        if not old.user_id.active:
            raise UserError(self.env._("%s is archived.", old.user_id.name))
        if old.scope not in (False, PLAIN_SCOPE, PROFILE_SCOPE):
            raise UserError(self.env._("This key is not one of the API gateway."))
        allows_plain = self.env["api.settings"]._get("webhook.allow_plain_keys")
        if old.scope != PROFILE_SCOPE and not allows_plain:
            raise UserError(
                self.env._("Keys without an access profile are not allowed.")
            )

    def _get_new_expiration(self, old: models.BaseModel) -> datetime.datetime | bool:
        """Return when a key ends that lasts as long as the old one was made for."""
        if not old.expiration_date:
            return False
        return fields.Datetime.now() + (old.expiration_date - old.create_date)

    def _end(self, old: models.BaseModel) -> None:
        """Have the old key end after the overlap, never later than it would have."""
        end = fields.Datetime.now() + datetime.timedelta(hours=self.overlap_hours)
        if not self.overlap_hours:
            old._remove()
            return
        if not old.expiration_date or old.expiration_date > end:
            old.expiration_date = end
        # Whoever replaced it need not be told that it ends.
        self.env["api.key.warning"]._note(old.id, 0)
