# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..exceptions import ApiRefused
from ..tools.api_outcome import StoredAnswer
from ..tools.api_request import ApiRequest

#: Seconds a client waits before it asks again for a request still running.
RETRY_AFTER_SECONDS = "1"


class ApiIdempotencyKey(models.Model):
    """One row per (user, route, key), in the business transaction.

    The row exists if and only if the effect does: it is inserted before the work
    and committed with it, so a failure leaves no key behind and may be sent again
    once its cause is mended, and a killed worker frees its key by dying.
    """

    _name = "api.idempotency.key"
    _description = "API Idempotency Key"
    _log_access = False
    _rec_name = "key"
    _allow_sudo_commands = False

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    route = fields.Char(required=True)
    key = fields.Char(required=True)
    fingerprint = fields.Char(required=True, help="SHA-256 of the request.")
    log_id = fields.Integer(help="The log row of the request that did the work.")
    response = fields.Text(prefetch=False)
    create_date = fields.Datetime(required=True)

    _scope_unique = models.UniqueIndex("(user_id, route, key)")
    _create_date_index = models.Index("(create_date)")

    def _claim(self, request: ApiRequest, log_id: int | None) -> StoredAnswer | None:
        """Claim the request's key for this transaction.

        :returns: the stored answer where the work was done before; None where it
            is ours to do.
        :raises ApiRefused: ``idempotency_in_progress`` another transaction is at
            work under this key; ``idempotency_mismatch`` it did something else.
        :raises SerializationFailure: another one did it since our snapshot began;
            the next attempt sees its row.
        """
        self._lock(request)
        fingerprint = self._get_fingerprint(request)
        query = SQL(
            "INSERT INTO api_idempotency_key"
            " (user_id, route, key, fingerprint, log_id, create_date)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (user_id, route, key) DO NOTHING RETURNING id",
            *self._get_scope(request),
            fingerprint,
            log_id,
            fields.Datetime.now(),
        )
        if self._fetch(query):
            return None
        query = SQL(
            "SELECT fingerprint, response, log_id FROM api_idempotency_key"
            " WHERE user_id = %s AND route = %s AND key = %s",
            *self._get_scope(request),
        )
        known, response, original_id = self._fetch(query)[0]
        if known != fingerprint:
            message = self.env._("This Idempotency-Key was used for another request.")
            raise ApiRefused("idempotency_mismatch", message)
        return StoredAnswer(response, original_id)

    def _lock(self, request: ApiRequest) -> None:
        """Keep others with this key out until the transaction ends.

        They are answered at once: waiting would hold a second worker.
        """
        name = "\x1f".join(map(str, (self._name, *self._get_scope(request))))
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", name)
        if not self._fetch(query)[0][0]:
            message = self.env._(
                "A request with this Idempotency-Key is still running."
            )
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            raise ApiRefused("idempotency_in_progress", message, headers)

    def _get_scope(self, request: ApiRequest) -> tuple[int, str, str]:
        """Return what a key counts for: one user's, on one route."""
        return self.env.uid, request.route, request.idempotency_key

    def _store(self, request: ApiRequest, response: str) -> None:
        """Keep the answer with the key claimed in this transaction.

        :param response: the envelope's JSON, sent again as it is.
        """
        query = SQL(
            "UPDATE api_idempotency_key SET response = %s"
            " WHERE user_id = %s AND route = %s AND key = %s RETURNING id",
            response,
            *self._get_scope(request),
        )
        self._fetch(query)

    def _get_fingerprint(self, request: ApiRequest) -> str:
        """Return what tells two requests apart: not white space, not key order.

        The profile does: one key of a user must not read what another was answered.
        """
        content = [request.route, request.model, request.vals]
        if request.caller.grant:
            content.append(request.caller.grant.profile_id)
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _fetch(self, query: SQL) -> list[tuple]:
        # Core logs a failing statement with its values; these carry answers.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchall()

    @api.autovacuum
    def _gc_keys(self) -> tuple[int, bool]:
        """Delete expired keys, a batch per transaction."""
        hours = self.env["api.settings"]._get("webhook.idempotency_hours")
        purge = self.env["api.log.housekeeping"]._purge
        return purge("api_idempotency_key", "create_date", hours)
