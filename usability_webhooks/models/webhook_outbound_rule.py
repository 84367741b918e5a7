# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WebhookOutboundRule(models.Model):
    """Which change goes where. Replaced whole by the branch that builds rules."""

    _name = "webhook.outbound.rule"
    _description = "Webhook Rule"
    _allow_sudo_commands = False

    name = fields.Char(required=True)
