# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.webhook_signature import new_key_pair, new_secret

#: Hours a replaced secret goes on signing, beside the new one.
GRACE_HOURS = 24


class WebhookEndpointSecret(models.Model):
    """What an endpoint's deliveries are signed with.

    The secret is a column without a field, as the hash of core's API keys is: nothing
    of the ORM can read it, and what cannot be read cannot be exported, copied,
    searched for or put into a mail.
    """

    _name = "webhook.endpoint.secret"
    _description = "Webhook Endpoint Secret"
    _order = "id desc"
    _rec_name = "kind"
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

    def _get_live(self, endpoint: models.BaseModel) -> list[str]:
        """Return the secrets an endpoint's deliveries are signed with, newest first."""
        rows = self.env.execute_query(
            SQL(
                "SELECT secret FROM webhook_endpoint_secret WHERE endpoint_id = %s"
                " AND (expires_at IS NULL OR expires_at > now() AT TIME ZONE 'utc')"
                " ORDER BY id DESC",
                endpoint.id,
            )
        )
        return [secret for (secret,) in rows]

    def _replace(self, endpoint: models.BaseModel, kind: str) -> str:
        """Make a new secret; what it replaces signs for another 24 hours.

        :param kind: ``shared`` or ``key``; the two stand side by side.
        :returns: what the receiver needs: the shared secret, which is shown this once
            only, or the public key.
        """
        secret, public_key = (
            (new_secret(), None) if kind == "shared" else new_key_pair()
        )
        # Core logs a failing statement with its values.
        self.env.cr.execute(
            SQL(
                """
                WITH replaced AS (
                    UPDATE webhook_endpoint_secret
                    SET expires_at = now() AT TIME ZONE 'utc'
                        + make_interval(hours => %(hours)s)
                    WHERE endpoint_id = %(endpoint)s AND kind = %(kind)s
                        AND expires_at IS NULL)
                INSERT INTO webhook_endpoint_secret
                    (endpoint_id, kind, secret, public_key)
                VALUES (%(endpoint)s, %(kind)s, %(secret)s, %(public_key)s)
                """,
                hours=GRACE_HOURS,
                endpoint=endpoint.id,
                kind=kind,
                secret=secret,
                public_key=public_key,
            ),
            log_exceptions=False,
        )
        endpoint.invalidate_recordset(["secret_ids"])
        return public_key or secret

    def _revoke_replaced(self, endpoint: models.BaseModel) -> int:
        """End the grace of replaced secrets now; return how many there were."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM webhook_endpoint_secret"
                " WHERE endpoint_id = %s AND expires_at IS NOT NULL",
                endpoint.id,
            )
        )
        endpoint.invalidate_recordset(["secret_ids"])
        return self.env.cr.rowcount

    @api.autovacuum
    def _gc_secrets(self) -> None:
        """Delete the secrets whose grace is over."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM webhook_endpoint_secret"
                " WHERE expires_at <= now() AT TIME ZONE 'utc'"
            )
        )
