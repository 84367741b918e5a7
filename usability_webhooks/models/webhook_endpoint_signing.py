# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class WebhookEndpointSigning(models.AbstractModel):
    """Has an endpoint's deliveries signed. For ``webhook.endpoint`` only."""

    _name = "webhook.endpoint.signing"
    _description = "Webhook Endpoint Signing"

    is_signed = fields.Boolean(
        "Sign",
        default=True,
        tracking=True,
        help="With each secret there is, as Standard Webhooks has it.",
    )
    secret_ids = fields.One2many(
        "webhook.endpoint.secret",
        "endpoint_id",
        "Secrets",
        readonly=True,
        groups="usability_webhooks.group_api_manager",
    )
    is_secret_missing = fields.Boolean(
        compute="_compute_secret_state",
        groups="usability_webhooks.group_api_manager",
        help="Deliveries wait: they are to be signed, and there is no secret.",
    )
    is_secret_replaced = fields.Boolean(
        compute="_compute_secret_state",
        groups="usability_webhooks.group_api_manager",
        help="A replaced secret still signs.",
    )

    def _compute_secret_state(self) -> None:
        now = self.env.cr.now()  # the clock by which secrets are taken to sign
        for endpoint in self:
            ends = endpoint.secret_ids.mapped("expires_at")
            endpoint.is_secret_missing = endpoint.is_signed and not ends
            endpoint.is_secret_replaced = any(end and end > now for end in ends)

    def write(self, vals):
        """Change endpoints; what waited for a secret goes if none is needed."""
        result = super().write(vals)
        if vals.get("is_signed") is False:
            self.env["webhook.outbound.sender"]._wake()
        return result

    def action_new_secret(self) -> dict:
        """Make a shared secret, show it once; the one before signs 24 hours more."""
        return self._replace_secret("shared", self.env._("New Secret"))

    def action_new_key_pair(self) -> dict:
        """Make a key pair and show its public key; the one before signs on too."""
        return self._replace_secret("key", self.env._("New Key Pair"))

    def action_revoke_replaced(self) -> None:
        """Stop signing with replaced secrets now: one of them leaked."""
        self.check_access("write")
        secrets = self.env["webhook.endpoint.secret"]
        for endpoint in self:
            if not secrets._revoke_replaced(endpoint):
                raise UserError(self.env._("No replaced secret is left."))
            endpoint._log_secret(self.env._("Replaced secrets were revoked."))

    def _replace_secret(self, kind: str, title: str) -> dict:
        self.ensure_one()
        self.check_access("write")
        self._check_is_ours()
        text = self.env["webhook.endpoint.secret"]._replace(self, kind)
        self.env["webhook.outbound.sender"]._wake()  # deliveries may have waited for it
        self._log_secret(self.env._("%s was made.", title))
        return self.env["webhook.secret.show"]._show_once(self, kind, text)

    def _check_can_sign(self) -> None:
        """:raises UserError: deliveries would wait for a secret."""
        secrets = self.env["webhook.endpoint.secret"]
        for endpoint in self.sudo():  # whether there is a secret is none
            if endpoint.is_signed and not secrets._get_live(endpoint):
                raise UserError(
                    self.env._(
                        "%s: nothing is sent, for deliveries are to be signed and there"
                        " is no secret. Make one, or switch signing off.",
                        endpoint.name,
                    )
                )

    def _log_secret(self, message: str) -> None:
        """Leave a note of who did what to the secrets, which nothing else shows."""
        _logger.info("endpoint %s: %s by %r", self.id, message, self.env.user.login)
        self._message_log(body=message)

    def _get_secrets(self) -> list[str]:
        """Return what signs, newest first: ``whsec_`` and ``whsk_`` secrets."""
        self.ensure_one()
        if not self.is_signed:
            return []
        return self.env["webhook.endpoint.secret"]._get_live(self)
