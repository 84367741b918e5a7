# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models


class WebhookSecretShow(models.AbstractModel):
    """The dialog that shows a new secret, once. It is stored nowhere on the way."""

    _name = "webhook.secret.show"
    _description = "Show Webhook Secret"

    # Needed for the onchange that hands the form its defaults, as in core's dialog.
    id = fields.Id()
    secret = fields.Char(readonly=True)
    public_key = fields.Char(readonly=True)
    endpoint_name = fields.Char("Endpoint", readonly=True)

    @api.model
    def _show_once(self, endpoint: models.BaseModel, kind: str, text: str) -> dict:
        """Return the action that shows what the receiver needs.

        :param kind: ``shared`` or ``key``, as the secret's.
        :param text: the shared secret or the public key.
        """
        name = "default_secret" if kind == "shared" else "default_public_key"
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "name": self.env._("For the Receiver"),
            "views": [(False, "form")],
            "target": "new",
            "context": {name: text, "default_endpoint_name": endpoint.name},
        }
