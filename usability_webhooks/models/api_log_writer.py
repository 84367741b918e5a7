# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import os
from collections.abc import Mapping

from odoo import fields, models
from odoo.tools import SQL

from ..exceptions import REFUSAL_STATUS, ApiRefused
from ..tools.api_outcome import ApiOutcome, ApiReply, StoredAnswer
from ..tools.api_request import ApiCaller, ApiRequest
from ..tools.envelope import to_json
from ..tools.redaction import redact, redact_text

#: First key of the advisory lock a request holds while it works; the second is
#: its log row's id. Any number will do that nobody else uses.
LIVENESS_LOCK = 1_430_736_215
#: Has the transaction's commit not wait for the disk.
LAZILY = SQL("set_config('synchronous_commit', 'off', true)")
#: Has it wait, also where the database is set up not to: an answer follows, and
#: what was answered is on the log, a crash of PostgreSQL or not. A level stricter
#: than ``on`` (a standby's) stays.
DURABLY = SQL(
    "set_config('synchronous_commit', replace("
    "current_setting('synchronous_commit'), 'off', 'on'), true)"
)
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
        # A crash of PostgreSQL itself may lose this row, not what it stands for nor
        # what was answered: the WAL is written in order, so the flip carries it along.
        return self._insert(vals, data, also=LAZILY)

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
        """Show the reaper, and whoever looks at the row, that it is worked on."""
        name = self.env["api.progress"]._name_log(log_id)
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(%s, %s), %s", LIVENESS_LOCK, log_id, name)
        )

    def _prepare_reply(self, envelope: Mapping, text: str) -> ApiReply:
        """Return an envelope's text with what the log keeps of it.

        Made from the envelope itself: reading the text again would cost as much
        as writing it, and hold every value twice.
        """
        masked, is_masked = redact(envelope)
        return ApiReply(text, to_json(masked) if is_masked else text)

    def _flip_done(
        self,
        log_id: int,
        request: ApiRequest,
        outcome: ApiOutcome,
        reply: ApiReply,
        **more,
    ) -> bool:
        """Turn the row to ``done``: the business transaction's last statement.

        :returns: False when the row was no longer ``received``.
        """
        ids = list(outcome.record_ids)
        vals = {
            "res_model": request.model,
            "res_id": ids[0] if ids else None,
            "res_ids": json.dumps(ids[:MAX_RECORD_IDS]) if ids else None,
            "record_count": len(ids),
        }
        if outcome.errors:
            vals |= self._get_error_vals(outcome.errors[0].as_entry(), outcome.message)
            vals["traceback"] = redact_text(outcome.traceback) or None
        return self._flip(log_id, vals | more | {"state": "done"}, reply.logged)

    def _flip_tried(
        self, log_id: int, outcome: ApiOutcome, reply: ApiReply, **more
    ) -> bool:
        """Turn the row to ``tried``: the work was done and rolled back.

        No records are linked: those it created are gone, the others unchanged.

        :returns: see ``_flip_done``.
        """
        vals = {"state": "tried", "record_count": len(outcome.record_ids)}
        return self._flip(log_id, vals | more, reply.logged)

    def _flip_failed(
        self, log_id: int, envelope: Mapping, reply: ApiReply, **more
    ) -> bool:
        """Turn the row to ``failed``; see ``_flip_done``."""
        vals = self._get_error_vals(envelope["errors"][0], envelope["messages"])
        return self._flip(log_id, vals | more | {"state": "failed"}, reply.logged)

    def _get_error_vals(self, first: Mapping, message: str) -> dict:
        """Return what a row says of what went wrong.

        :param first: the first entry of ``errors``.
        """
        return {
            "error_code": first["code"],
            "error_path": str(first.get("path") or "")[:500] or None,
            "error_message": redact_text(message)[:2000],
        }

    def _flip_replayed(self, log_id: int, stored: StoredAnswer, **more) -> bool:
        """Turn the row to ``replayed``, linked to the request that did the work."""
        # The other row may have been purged before its key.
        original = SQL("(SELECT id FROM api_log WHERE id = %s)", stored.log_id)
        vals = {"state": "replayed", "replay_of_id": original}
        reply = self._prepare_reply(json.loads(stored.text), stored.text)
        return self._flip(log_id, vals | more, reply.logged)

    def _flip_rejected(self, log_id: int, exc: ApiRefused, **more) -> bool:
        """Turn the row to ``rejected``: nothing was done, and that is final."""
        vals = more | self._prepare_refusal_vals(exc)
        return self._flip(log_id, vals, "")

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
            # Reading it through the ORM would cost a statement of its own.
            "company_id": SQL(
                "(SELECT company_id FROM res_users WHERE id = %s)", user.id
            ),
            "request_id": request_id,
            "remote_addr": caller.remote_addr or None,
            "user_agent": redact_text(caller.user_agent)[:300] or None,
            "api_key_id": caller.api_key_id,
            "api_key_name": caller.api_key_name or None,
            "profile_id": caller.grant.profile_id if caller.grant else None,
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

    def _insert(self, vals: dict, data: str, also: SQL | None = None) -> int:
        """Insert a row and, where it is longer than the preview, its payload.

        :param also: evaluated by the same statement.
        """
        preview = self._get_preview(data)
        vals = {"data_size": len(data)} | vals | {"data_preview": preview}
        names = SQL(", ").join(SQL.identifier(name) for name in vals)
        values = SQL(", ").join(SQL("%s", value) for value in vals.values())
        also = also or SQL("NULL")
        query = SQL("INSERT INTO api_log (%s) VALUES (%s) RETURNING id", names, values)
        if preview is not data:
            query = SQL(
                "WITH log AS (%s) INSERT INTO api_log_payload (log_id, data)"
                " SELECT id, %s FROM log RETURNING log_id",
                query,
                data,
            )
        return self._execute(SQL("%s, %s", query, also))[0][0]

    def _flip(self, log_id: int, vals: dict, text: str) -> bool:
        """Change a row that is ``received`` still, and store a long answer.

        :param text: the answer as it is kept.
        """
        preview = self._get_preview(text)
        vals = vals | {"result_preview": preview, "result_size": len(text)}
        changes = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in vals.items()
        )
        query = SQL(
            "UPDATE api_log SET %s WHERE id = %s AND state = 'received' RETURNING id",
            changes,
            log_id,
        )
        if preview is not text:
            query = SQL(
                "WITH log AS (%s) INSERT INTO api_log_payload (log_id, result)"
                " SELECT id, %s FROM log ON CONFLICT (log_id)"
                " DO UPDATE SET result = EXCLUDED.result RETURNING log_id",
                query,
                text,
            )
        return bool(self._execute(SQL("%s, %s", query, DURABLY)))

    def _execute(self, query: SQL) -> list[tuple]:
        query = SQL(query.code, *map(get_storable, query.params))
        # Core logs a failing statement with its values; these carry payloads.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchall()
