# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import os
from collections.abc import Mapping

from odoo import fields, models
from odoo.tools import SQL

from ..exceptions import REFUSAL_STATUS, ApiRefused
from ..tools import time_limit
from ..tools.api_outcome import ApiOutcome, ApiReply, StoredAnswer
from ..tools.api_request import ApiCaller, ApiRequest
from ..tools.api_run import Run
from ..tools.envelope import to_json
from ..tools.log_mode import LogMode
from ..tools.redaction import redact_text
from ..tools.request_masks import RequestMasks
from .api_log_row import LAZILY

#: First key of the advisory lock a request holds while it works; the second is
#: its log row's id. Any number will do that nobody else uses.
LIVENESS_LOCK = 1_430_736_215
#: Ids kept on a row; a search of ten thousand records is no list to open.
MAX_RECORD_IDS = 1_000
#: Characters kept of a body that was refused; a longer one cannot be replayed.
REJECTED_BODY_LIMIT = 20_000


class ApiLogWriter(models.AbstractModel):
    """Writes what the rows of ``api.log`` say of requests, from begin to end."""

    _name = "api.log.writer"
    _inherit = ["api.log.row"]
    _description = "API Log Writer"

    # -- one request ----------------------------------------------------------

    def _insert_received(self, request: ApiRequest, masks: RequestMasks) -> int:
        """Insert the row of a request whose work is about to begin.

        Its content only where that is kept whatever becomes of it.

        :returns: its id. The caller commits.
        """
        data, content = None, {"data_size": len(request.body.text)}
        if request.log_mode is LogMode.FULL:
            data, content = self._prepare_content(request, masks)
        call = request.vals.get("payload")
        method = call.get("method") if isinstance(call, Mapping) else None
        callback_url = request.vals.get("callback_url") or ""
        vals = self._prepare_log_vals(request.request_id, request.caller) | {
            "state": "received",
            "route": request.path,
            "model": request.model[:200],
            "method": str(method)[:200] if method else None,
            "callback_url": redact_text(str(callback_url))[:2000] or None,
            "idempotency_key": request.idempotency_key or None,
            "replay_of_id": request.replay_of_id,
        }
        vals |= content
        if request.actor_id:
            vals["create_uid"] = request.actor_id
        # A crash of PostgreSQL itself may lose this row, not what it stands for nor
        # what was answered: the WAL is written in order, so the flip carries it along.
        return self._insert(vals, data, also=LAZILY)

    def _insert_rejected(
        self, request_id: str, caller: ApiCaller, vals: dict, body: str | None
    ) -> int:
        """Insert the row of an authenticated request refused before any work.

        :param vals: ``route``, ``data_size`` and what ``_prepare_refusal_vals`` says.
        :param body: what was sent, readable as JSON or not; None not to keep it.
        """
        row = self._prepare_log_vals(request_id, caller) | vals
        if body is None:
            return self._insert(row, None)
        stored = self.env["api.log.content"]._mask_body(
            body[:REJECTED_BODY_LIMIT], caller
        )
        return self._insert(row | {"is_masked": stored != body}, stored)

    def _lock(self, log_id: int | None) -> None:
        """Begin the work on a row, if there is one, in one statement.

        The reaper, and whoever looks at the row, sees that somebody is at it. No
        statement of the transaction then waits for a lock until the worker is ended:
        it raises ``LockNotAvailable`` before.
        """
        limit = f"{time_limit.get_lock_seconds() * 1000:.0f}"
        parts = [SQL("set_config('lock_timeout', %s, true)", limit)]
        if log_id:
            lock = SQL("pg_advisory_xact_lock(%s, %s)", LIVENESS_LOCK, log_id)
            parts += [lock, self.env["api.progress"]._name_log(log_id)]
        self.env.cr.execute(SQL("SELECT %s", SQL(", ").join(parts)))

    def _prepare_content(
        self, request: ApiRequest, masks: RequestMasks
    ) -> tuple[str, dict]:
        """Return the request's text as it is kept, and the columns about it."""
        content = self.env["api.log.content"]
        data, is_masked = content._get_stored_data(request, masks)
        return data, {"is_masked": is_masked, "data_size": len(data)}

    def _flip_done(
        self,
        log_id: int,
        run: Run,
        outcome: ApiOutcome,
        reply: ApiReply,
        **more,
    ) -> bool:
        """Turn the row to ``done``: the business transaction's last statement.

        :returns: False when the row was no longer ``received``.
        """
        ids = list(outcome.record_ids)
        vals = {
            "state": "done",
            "res_model": run.request.model,
            "res_id": ids[0] if ids else None,
            "res_ids": json.dumps(ids[:MAX_RECORD_IDS]) if ids else None,
            "record_count": len(ids),
        }
        if not outcome.errors:
            return self._flip_success(log_id, run, vals | more, reply)
        first = outcome.errors[0].as_entry(self.env.lang)
        texts = outcome.message, outcome.traceback
        vals |= self._get_error_vals(run, first, *texts)
        return self._flip_failure(log_id, run, vals | more, reply)

    def _flip_tried(
        self, log_id: int, run: Run, outcome: ApiOutcome, reply: ApiReply, **more
    ) -> bool:
        """Turn the row to ``tried``: the work was done and rolled back.

        No records are linked: those it created are gone, the others unchanged.

        :returns: see ``_flip_done``.
        """
        vals = {"state": "tried", "record_count": len(outcome.record_ids)}
        return self._flip_success(log_id, run, vals | more, reply)

    def _flip_failed(
        self, log_id: int, run: Run, envelope: Mapping, trace: str, **more
    ) -> bool:
        """Turn the row to ``failed``; see ``_flip_done``.

        :param trace: the traceback, where the row is to have it.
        """
        text = to_json(envelope)
        content = self.env["api.log.content"]
        reply = content._prepare_reply(run.request, envelope, text, run.masks)
        first, message = envelope["errors"][0], envelope["messages"]
        vals = self._get_error_vals(run, first, message, trace)
        return self._flip_failure(log_id, run, vals | more | {"state": "failed"}, reply)

    def _get_error_vals(
        self, run: Run, first: Mapping, message: str, trace: str
    ) -> dict:
        """Return what a row says of what went wrong.

        :param first: the first entry of ``errors``.
        """
        vals = {
            "error_code": first["code"],
            "error_path": str(first.get("path") or "")[:500] or None,
        }
        if run.request.log_mode.keeps_content(failed=True):
            # Both quote what was sent.
            vals["error_message"] = run.masks.mask_text(message)[:2000]
            vals["traceback"] = run.masks.mask_text(trace) or None
        return vals

    def _flip_replayed(
        self, log_id: int, run: Run, stored: StoredAnswer, **more
    ) -> bool:
        """Turn the row to ``replayed``, linked to the request that did the work."""
        # The other row may have been purged before its key.
        original = SQL("(SELECT id FROM api_log WHERE id = %s)", stored.log_id)
        vals = {"state": "replayed", "replay_of_id": original}
        envelope, content = json.loads(stored.text), self.env["api.log.content"]
        reply = content._prepare_reply(run.request, envelope, stored.text, run.masks)
        return self._flip_success(log_id, run, vals | more, reply)

    def _flip_rejected(self, log_id: int, run: Run, exc: ApiRefused, **more) -> bool:
        """Turn the row to ``rejected``: nothing was done, and that is final."""
        vals = more | self._prepare_refusal_vals(exc)
        return self._flip_failure(log_id, run, vals, ApiReply("", ""))

    def _flip_success(self, log_id: int, run: Run, vals: dict, reply: ApiReply) -> bool:
        """Change the row of what succeeded, or delete it where only errors stay."""
        if run.request.log_mode is LogMode.ERRORS:
            return self._drop(log_id)
        return self._flip(log_id, self._get_size(reply) | vals, reply.logged)

    def _get_size(self, reply: ApiReply) -> dict:
        return {"result_size": len(reply.logged or reply.text)}

    def _flip_failure(self, log_id: int, run: Run, vals: dict, reply: ApiReply) -> bool:
        """Change the row of what failed, with its request if that was held back."""
        data = None
        if run.request.log_mode is LogMode.ERRORS:
            data, content = self._prepare_content(run.request, run.masks)
            vals = vals | content
        return self._flip(log_id, self._get_size(reply) | vals, reply.logged, data)

    # -- what a row says ------------------------------------------------------

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
            "error_message": exc.say(self.env.lang),
        }
