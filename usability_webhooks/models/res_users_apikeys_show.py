# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models


class ResUsersApikeysShow(models.AbstractModel):
    """The dialog that shows a new key once, with a call that uses it."""

    _inherit = "res.users.apikeys.show"

    # A default, not a compute: nothing recomputes the fields of an abstract model.
    api_example_call = fields.Text(
        "Example Call",
        readonly=True,
        default=lambda self: self._default_api_example_call(),
    )
    api_profile_name = fields.Char("Access Profile", readonly=True)
    api_user_name = fields.Char("User", readonly=True)

    @api.model
    def _default_api_example_call(self) -> str | bool:
        """Return the example with the new key, which core hands over as a default."""
        key = self.env.context.get("default_key")
        return bool(key) and self.env["res.users"]._get_api_example_call(key)

    @api.model
    def _show_once(
        self, key: str, profile: models.BaseModel, user: models.BaseModel
    ) -> dict:
        """Return the action that shows a new key, as core's own dialog gets it.

        :param profile: that of the key, empty for none.
        :param user: whose key it is.
        """
        users = self.env["res.users"].with_user(user)
        grant = profile._get_grant() if profile else None
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "name": self.env._("API Key Ready"),
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_key": key,
                "default_api_profile_name": profile.name,
                "default_api_user_name": user.name if user != self.env.user else "",
                "default_api_example_call": users._get_api_example_call(key, grant),
            },
        }
