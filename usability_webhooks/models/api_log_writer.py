# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import os
from collections.abc import Mapping

from odoo import fields, models
from odoo.tools import SQL

from ..exceptions import REFUSAL_STATUS, ApiRefused
from ..tools.api_outcome import ApiOutcome, StoredAnswer
from ..tools.api_request import ApiCaller, ApiRequest
from ..tools.redaction import redact, redact_text

#: First key of the advisory lock a request holds while it works; the second is
#: its log row's id. Any number will do that nobody else uses.
LIVENESS_LOCK = 1_430_736_215
#: Ids kept on a row; a search of ten thousand records is no list to open.
MAX_RECORD_IDS = 1_000
#: Characters kept of a body that was refused; a longer one cannot be replayed.
REJECTED_BODY_LIMIT = 20_000


def get_storable(value: object) -> object:
    """Return ``value``, its text without what PostgreSQL cannot hold.

    A row quotes what callers sent, and a NUL or half a surrogate pair in a name
    must spoil neither the row nor the answer.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text.encode(errors="replace").decode()


class ApiLogWriter(models.AbstractModel):
    """Writes the rows of ``api.log``, in SQL.

    SQL because the row's last change must be the business transaction's last
    statement, guarded by the state it leaves (``UPDATE ... WHERE state =
    'received'``), and because nobody may write a log row through the ORM.
    """

    _name = "api.log.writer"
    _description = "API Log Writer"

    # -- one request ----------------------------------------------------------

    def _insert_received(self, request: ApiRequest) -> int:
        """Insert the row of a request whose work is about to begin.

        :returns: its id. The caller commits.
        """
        data, is_masked = self._get_stored_data(request)
        call = request.vals.get("payload")
        method = call.get("method") if isinstance(call, Mapping) else None
        callback_url = request.vals.get("callback_url") or ""
        vals = self._prepare_log_vals(request.request_id, request.caller) | {
            "state": "received",
            "route": request.path,
            "model": request.model[:200],
            "method": str(method)[:200] if method else None,
            "callback_url": redact_text(str(callback_url))[:2000] or None,
            "is_masked": is_masked,
            "idempotency_key": request.idempotency_key or None,
            "replay_of_id": request.replay_of_id,
        }
        if request.actor_id:
            vals["create_uid"] = request.actor_id
        # A crash of PostgreSQL itself may lose this row, not what it stands for:
        # the WAL is written in order, so whatever commits later carries it along.
        self.env.cr.execute(SQL("SET LOCAL synchronous_commit TO off"))
        return self._insert(vals, data)

    def _insert_rejected(
        self, request_id: str, caller: ApiCaller, vals: dict, body: str
    ) -> int:
        """Insert the row of an authenticated request refused before any work.

        :param vals: ``route`` and what ``_prepare_refusal_vals`` says.
        :param body: what was sent, readable as JSON or not.
        """
        row = self._prepare_log_vals(request_id, caller)
        stored = redact_text(body[:REJECTED_BODY_LIMIT])
        facts = {"is_masked": stored != body, "data_size": len(body)}
        return self._insert(row | vals | facts, stored)

    def _lock(self, log_id: int) -> None:
        """Show the reaper that somebody is at work on the row."""
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(%s, %s)", LIVENESS_LOCK, log_id)
        )

    def _flip_done(
        self, log_id: int, request: ApiRequest, outcome: ApiOutcome, text: str, **more
    ) -> bool:
        """Turn the row to ``done``: the business transaction's last statement.

        :param text: the answer's JSON.
        :returns: False when the row was no longer ``received``.
        """
        ids = list(outcome.record_ids)
        vals = {
            "res_model": request.model,
            "res_id": ids[0] if ids else None,
            "res_ids": json.dumps(ids[:MAX_RECORD_IDS]) if ids else None,
            "record_count": len(ids),
        }
        return self._flip(log_id, vals | more | {"state": "done"}, text)

    def _flip_failed(self, log_id: int, envelope: Mapping, text: str, **more) -> bool:
        """Turn the row to ``failed``; see ``_flip_done``."""
        first = envelope["errors"][0]
        vals = {
            "state": "failed",
            "error_code": first["code"],
            "error_path": str(first.get("path") or "")[:500] or None,
            "error_message": redact_text(envelope["messages"])[:2000],
        }
        return self._flip(log_id, vals | more, text)

    def _flip_replayed(self, log_id: int, stored: StoredAnswer, **more) -> bool:
        """Turn the row to ``replayed``, linked to the request that did the work."""
        # The other row may have been purged before its key.
        original = SQL("(SELECT id FROM api_log WHERE id = %s)", stored.log_id)
        vals = {"state": "replayed", "replay_of_id": original}
        return self._flip(log_id, vals | more, stored.text)

    def _flip_rejected(self, log_id: int, exc: ApiRefused, **more) -> bool:
        """Turn the row to ``rejected``: nothing was done, and that is final."""
        return self._flip(log_id, more | self._prepare_refusal_vals(exc), "")

    def _get_id(self, request_id: str) -> int:
        """Return the newest row of a request id."""
        query = SQL("SELECT max(id) FROM api_log WHERE request_id = %s", request_id)
        return self._execute(query)[0][0]

    def _get_state(self, log_id: int) -> str | None:
        rows = self._execute(SQL("SELECT state FROM api_log WHERE id = %s", log_id))
        return rows[0][0] if rows else None

    # -- how a row is written -------------------------------------------------

    def _prepare_log_vals(self, request_id: str, caller: ApiCaller) -> dict:
        """Return what every row says: when, who, from where. A hook."""
        user = self.env.user
        return {
            "log_type": "receive",
            "create_date": fields.Datetime.now(),
            "create_uid": user.id,
            "user_id": user.id,
            "company_id": user.company_id.id or None,
            "request_id": request_id,
            "remote_addr": caller.remote_addr or None,
            "user_agent": redact_text(caller.user_agent)[:300] or None,
            "api_key_id": caller.api_key_id,
            "api_key_name": caller.api_key_name or None,
            "worker": f"{os.uname().nodename}:{os.getpid()}",
        }

    def _prepare_refusal_vals(self, exc: ApiRefused) -> dict:
        """Return what the row of a refused request says of it."""
        status, _number = REFUSAL_STATUS[exc.code]
        return {
            "state": "rejected",
            "http_status": status,
            "error_code": exc.code,
            "error_message": exc.message,
        }

    def _get_stored_data(self, request: ApiRequest) -> tuple[str, bool]:
        """Return the request's text fit to be stored, and whether it was masked."""
        vals, is_masked = redact(request.vals)
        if not is_masked and request.body:
            return request.body, False
        envelope = {"params": {"model": request.model, "vals": vals}}
        return json.dumps(envelope, ensure_ascii=False), is_masked

    def _get_preview(self, text: str) -> str:
        limit = self.env["api.settings"]._get("webhook.preview_limit")
        return f"{text[:limit]} ..." if len(text) > limit else text

    def _insert(self, vals: dict, data: str) -> int:
        preview = self._get_preview(data)
        vals = {"data_size": len(data)} | vals | {"data_preview": preview}
        names = SQL(", ").join(SQL.identifier(name) for name in vals)
        values = SQL(", ").join(SQL("%s", value) for value in vals.values())
        query = SQL("INSERT INTO api_log (%s) VALUES (%s) RETURNING id", names, values)
        if preview is not data:
            query = SQL(
                "WITH log AS (%s) INSERT INTO api_log_payload (log_id, data)"
                " SELECT id, %s FROM log RETURNING log_id",
                query,
                data,
            )
        return self._execute(query)[0][0]

    def _flip(self, log_id: int, vals: dict, text: str) -> bool:
        text = self._get_stored_result(text)
        preview = self._get_preview(text)
        vals = vals | {"result_preview": preview, "result_size": len(text)}
        changes = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in vals.items()
        )
        flipped = self._execute(
            SQL(
                "UPDATE api_log SET %s WHERE id = %s AND state = 'received'"
                " RETURNING id",
                changes,
                log_id,
            )
        )
        if flipped and preview is not text:
            self._store_long_result(log_id, text)
        return bool(flipped)

    def _get_stored_result(self, text: str) -> str:
        if not text:
            return ""
        result, is_masked = redact(json.loads(text))
        return json.dumps(result, ensure_ascii=False) if is_masked else text

    def _store_long_result(self, log_id: int, text: str) -> None:
        query = SQL(
            "UPDATE api_log_payload SET result = %s WHERE log_id = %s RETURNING id",
            text,
            log_id,
        )
        if not self._execute(query):
            query = SQL(
                "INSERT INTO api_log_payload (log_id, result) VALUES (%s, %s)"
                " RETURNING id",
                log_id,
                text,
            )
            self._execute(query)

    def _execute(self, query: SQL) -> list[tuple]:
        query = SQL(query.code, *map(get_storable, query.params))
        # Core logs a failing statement with its values; these carry payloads.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchall()
