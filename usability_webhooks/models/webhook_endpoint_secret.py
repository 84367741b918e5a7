# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.tools import SQL


class WebhookEndpointSecret(models.Model):
    """What an endpoint's deliveries are signed with.

    The secret is a column without a field, as the hash of core's API keys is: nothing
    of the ORM can read it, and what cannot be read cannot be exported, copied,
    searched for or put into a mail.
    """

    _name = "webhook.endpoint.secret"
    _description = "Webhook Endpoint Secret"
    _order = "id desc"
    _rec_name = "create_date"
    _auto = False
    _allow_sudo_commands = False

    endpoint_id = fields.Many2one(
        "webhook.endpoint", "Endpoint", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("shared", "Shared Secret (v1)"), ("key", "Key Pair (v1a)")],
        required=True,
        readonly=True,
    )
    public_key = fields.Char(readonly=True)
    create_date = fields.Datetime("Made", readonly=True)
    expires_at = fields.Datetime(
        "Signs Until", readonly=True, help="Empty: until it is replaced."
    )

    @api.private
    def init(self) -> None:
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE IF NOT EXISTS webhook_endpoint_secret (
                    id serial PRIMARY KEY,
                    endpoint_id integer NOT NULL
                        REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
                    kind varchar NOT NULL,
                    secret varchar NOT NULL,
                    public_key varchar,
                    create_date timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
                    expires_at timestamp
                );
                CREATE INDEX IF NOT EXISTS webhook_endpoint_secret_endpoint_index
                    ON webhook_endpoint_secret (endpoint_id)
                """
            )
        )
