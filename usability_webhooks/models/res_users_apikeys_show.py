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

    @api.model
    def _default_api_example_call(self) -> str | bool:
        """Return the example with the new key, which core hands over as a default."""
        key = self.env.context.get("default_key")
        return bool(key) and self.env["res.users"]._get_api_example_call(key)
