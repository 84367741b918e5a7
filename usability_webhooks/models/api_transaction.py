# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The transaction protocol, in one place.

::

    T0   INSERT log row 'received'; COMMIT        it was asked, whatever comes
    T1   advisory lock; work; flush; answer as text;
         UPDATE log row to 'done' if 'received'; COMMIT
    Tf   on any exception: ROLLBACK;
         UPDATE log row to 'failed' if 'received'; COMMIT
         no row flipped: read it. 'done' = committed after all, so say so.

A dry run does T1's work and rolls it back; then, in a transaction of its own::

    Td   UPDATE log row to 'tried' if 'received'; COMMIT

Where only errors stay on the log, success deletes the row instead of flipping it, by
the same guard: no row means that it is committed.

All on the request's own cursor. T0 is committed before T1's snapshot begins,
since Odoo's cursors are REPEATABLE READ. Serialization failures repeat T1.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import random
import time
import traceback

from psycopg2 import DatabaseError, DataError, IntegrityError, InterfaceError
from psycopg2.errors import LockNotAvailable
from psycopg2.pool import PoolError

from odoo import models
from odoo.exceptions import AccessError

from ..exceptions import ApiRefused, GivenUp, Unavailable
from ..tools import envelope, time_limit
from ..tools.api_outcome import ApiAnswer, ApiOutcome, ApiReply, StoredAnswer
from ..tools.api_request import WRITING_ROUTES, ApiRequest
from ..tools.api_run import Run
from ..tools.log_mode import LogMode
from ..tools.redaction import redact_text

_logger = logging.getLogger(__name__)

#: Core's own number of tries (odoo/service/model.py).
MAX_ATTEMPTS = 5
#: Seconds: attempt n waits up to this * 2**n. Core waits up to 2**n seconds, which
#: holds a worker for half a minute.
BACKOFF_SECONDS = 0.05
#: What a row says when COMMIT got through although the connection broke over it.
FINAL_STATES = ("done", "tried")


class ApiTransaction(models.AbstractModel):
    """Runs one request so that its log row tells the truth about its data."""

    _name = "api.transaction"
    _description = "API Transaction"

    def _run(self, request: ApiRequest) -> ApiAnswer:
        """Carry out a request.

        :returns: the envelope, of success or failure. By then its data and its log
            row are committed, or nothing is but the row.
        :raises ApiRefused: ``unavailable`` when the log cannot be written: then
            nothing was done, or whether it was cannot be known;
            ``idempotency_in_progress``, ``idempotency_mismatch``.
        """
        # Whatever is said of it from here on, the row included, is in his language.
        self = self.with_context(lang=self.env["api.context"]._get_lang(request))
        mode = self.env["api.settings"]._get_log_mode(
            request.route, request.caller.grant, is_replay=bool(request.replay_of_id)
        )
        request = dataclasses.replace(request, log_mode=mode)
        run = Run(request, self.env["api.log.content"]._get_masks(request))
        self._receive(run)
        while True:
            run.attempt += 1
            try:
                with time_limit.counted(run.started):
                    return self._attempt(run)
            except Exception as exc:  # pylint: disable=broad-exception-caught
                if run.is_committed:
                    # The data is there, so this is a success, whatever else failed.
                    said = run.masks.mask_text(repr(exc))
                    _logger.error("%s: after COMMIT: %s", request.request_id, said)
                    return run.answer
                self._undo()
                if isinstance(exc, ApiRefused):
                    self._reject(run, exc)
                    raise
                if not self._is_worth_another(run, exc):
                    return self._settle(run, exc)
                name = type(exc).__name__
                _logger.info("%s: %s, trying again", request.request_id, name)
                time.sleep(random.uniform(0, BACKOFF_SECONDS * 2**run.attempt))

    def _is_worth_another(self, run: Run, exc: Exception) -> bool:
        """Tell whether to try again: PostgreSQL says so, and nobody waited in vain.

        Who held a lock for so long may hold it longer; the caller asks again.
        """
        if isinstance(exc, LockNotAvailable):
            waited = time.monotonic() - run.started
            if waited >= time_limit.get_lock_seconds():
                return False
        return isinstance(exc, envelope.RETRYABLE) and run.attempt < MAX_ATTEMPTS

    # -- T0 -------------------------------------------------------------------

    def _receive(self, run: Run) -> None:
        """Insert and commit the log row, unless the request is not logged."""
        request = run.request
        if request.log_mode is LogMode.OFF:
            return
        try:
            writer = self.env["api.log.writer"]
            run.log_id = writer._insert_received(request, run.masks)
            self.env.cr.commit()  # pylint: disable=invalid-commit
            if request.log_mode is not LogMode.ERRORS:
                request.body.let_go()
        except Exception as exc:
            said = redact_text(repr(exc))
            _logger.error("%s: log row not written: %s", request.request_id, said)
            self._undo()
            raise Unavailable() from exc
        self._checkpoint("received")

    # -- T1 -------------------------------------------------------------------

    def _attempt(self, run: Run) -> ApiAnswer:
        """Do the work, flip the row, commit; return the envelope."""
        run.answer = None
        if run.request.is_dry_run:
            return self._try(run)
        writer = self.env["api.log.writer"]
        keys = self.env["api.idempotency.key"]
        # First of the hooks that run after COMMIT: it alone knows that for sure.
        self.env.cr.postcommit.add(run.note_commit)
        writer._lock(run.log_id)
        has_key = bool(run.request.idempotency_key)
        if has_key and (stored := keys._claim(run.request, run.log_id)):
            return self._answer_again(run, stored)
        outcome, reply = self._work(run)
        if has_key:
            keys._store(run.request, reply.text)
        self._checkpoint("worked")
        if run.log_id:
            facts = run.measure()
            if not writer._flip_done(run.log_id, run, outcome, reply, **facts):
                raise self._given_up()
        run.answer = ApiAnswer(reply.text, rows=len(outcome.record_ids))
        self._checkpoint("flipped")
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self._checkpoint("committed")
        return run.answer

    def _work(self, run: Run) -> tuple[ApiOutcome, ApiReply]:
        """Do what is asked; return what was done and the envelope of it."""
        request = run.request
        with self.env["api.cursor.guard"]._guarded():
            outcome = self.env["api.service"]._perform(request)
            # Now, not after: an error at flush is this request's error.
            self.env.cr.flush()
        if request.is_dry_run:
            outcome = self.env["api.dry.run"]._describe(request, outcome)
        content = envelope.success(outcome, request.request_id, self.env.lang)
        text = envelope.to_json(content)
        logged = self.env["api.log.content"]
        reply = logged._prepare_reply(request, content, text, run.masks)
        if request.route not in WRITING_ROUTES:
            # Ten thousand rows need not lie beside their own text.
            self.env.invalidate_all(flush=False)
        return dataclasses.replace(outcome, result=None), reply

    def _try(self, run: Run) -> ApiAnswer:
        """Do the work as for real, roll it back, flip the row; return the envelope.

        An idempotency key is neither claimed nor answered for: there is no effect
        to keep single, and the real request may come under the same key.
        """
        writer = self.env["api.log.writer"]
        writer._lock(run.log_id)
        with self.env["api.dry.run"]._mark():
            try:
                outcome, reply = self._work(run)
                self._checkpoint("worked")
            finally:
                self._undo()  # takes the hooks that wait for COMMIT along
        answer = ApiAnswer(reply.text, rows=len(outcome.record_ids))
        if run.log_id:
            self.env.cr.postcommit.add(run.note_commit)
            facts = run.measure()
            if not writer._flip_tried(run.log_id, run, outcome, reply, **facts):
                raise self._given_up()
            run.answer = answer
            self._checkpoint("flipped")
            self.env.cr.commit()  # pylint: disable=invalid-commit
            self._checkpoint("committed")
        return answer

    def _answer_again(self, run: Run, stored: StoredAnswer) -> ApiAnswer:
        """Send the answer of a request that was done before, once more."""
        if run.log_id:
            facts = run.measure()
            writer = self.env["api.log.writer"]
            if not writer._flip_replayed(run.log_id, run, stored, **facts):
                raise self._given_up()
        run.answer = ApiAnswer(stored.text, {"Idempotency-Replayed": "true"})
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return run.answer

    def _given_up(self) -> GivenUp:
        """Return the error of a request whose row the reaper took for a dead one's."""
        message = self.env._(
            "The request was given up meanwhile: nothing was written. Send it again."
        )
        return GivenUp("conflict", message)

    def _checkpoint(self, name: str) -> None:
        """Do nothing. Tests and the fault rig strike here, at a named point."""

    # -- Tf -------------------------------------------------------------------

    def _undo(self) -> None:
        """Roll back and forget, as core does between tries."""
        with contextlib.suppress(DatabaseError, InterfaceError):
            self.env.cr.rollback()  # pylint: disable=invalid-commit
        self.env.transaction.reset()
        self.env.registry.reset_changes()

    def _reject(self, run: Run, exc: ApiRefused) -> None:
        """Turn the row of a request that may not be worked on to ``rejected``."""
        if run.log_id:
            facts = run.measure()
            self.env["api.log.writer"]._flip_rejected(run.log_id, run, exc, **facts)
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _settle(self, run: Run, exc: Exception) -> ApiAnswer:
        """Turn the row to ``failed``; return the envelope of what happened."""
        request_id = run.request.request_id
        trace = "".join(traceback.format_exception(exc))
        if isinstance(exc, (IntegrityError, DataError)):
            model, payload = run.request.model, run.request.vals.get("payload") or {}
            exc = self.env["api.database.error"]._translate(exc, model, payload)
        answer = envelope.failure(exc, request_id, self.env.lang)
        if answer["errors"][0]["code"] == "internal_error":
            _logger.error("%s failed\n%s", request_id, run.masks.mask_text(trace))
        elif not isinstance(exc, AccessError):
            # Of access, callers are told that they have none; the row says why.
            trace = ""
        if not run.log_id:
            return self._answer_unlogged(run, exc, answer)
        try:
            return self._record_failure(run, answer, trace)
        except (DatabaseError, InterfaceError) as lost:
            _logger.warning("%s: %r, using another connection", request_id, lost)
        try:
            with self.env.registry.cursor() as cr:
                fresh = self.with_env(self.env(cr=cr))
                return fresh._record_failure(run, answer, trace)
        except (DatabaseError, InterfaceError, PoolError) as lost:
            # The row stays 'received': the reaper will find it.
            raise Unavailable() from lost

    def _answer_unlogged(self, run: Run, exc: Exception, answer: dict) -> ApiAnswer:
        """Answer without a row that could tell whether a COMMIT got through."""
        if run.answer and envelope.is_lost(exc):
            raise Unavailable() from exc
        return ApiAnswer(envelope.to_json(answer))

    def _record_failure(self, run: Run, answer: dict, trace: str) -> ApiAnswer:
        """Flip the row to ``failed``, unless the work was committed after all."""
        writer, facts = self.env["api.log.writer"], run.measure()
        if writer._flip_failed(run.log_id, run, answer, trace, **facts):
            self.env.cr.commit()  # pylint: disable=invalid-commit
        elif run.answer and self._is_final(run):
            return run.answer
        return ApiAnswer(envelope.to_json(answer))

    def _is_final(self, run: Run) -> bool:
        """Tell whether the row, or its absence, says that COMMIT got through."""
        state = self.env["api.log.writer"]._get_state(run.log_id)
        if run.request.log_mode is LogMode.ERRORS and state is None:
            return True
        return state in FINAL_STATES
