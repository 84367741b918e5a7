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

All on the request's own cursor. T0 is committed before T1's snapshot begins,
since Odoo's cursors are REPEATABLE READ. Serialization failures repeat T1.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import random
import threading
import time
import traceback
from collections.abc import Iterator

from psycopg2 import DataError, IntegrityError, InterfaceError, OperationalError
from psycopg2.pool import PoolError

from odoo import models

from ..exceptions import ApiError, ApiRefused, Unavailable
from ..tools import envelope
from ..tools.api_outcome import ApiAnswer, StoredAnswer
from ..tools.api_request import ApiRequest
from ..tools.redaction import redact_text

_logger = logging.getLogger(__name__)

#: Core's own number of tries (odoo/service/model.py).
MAX_ATTEMPTS = 5
#: Seconds: attempt n waits up to this * 2**n. Core waits up to 2**n seconds, which
#: holds a worker for half a minute.
BACKOFF_SECONDS = 0.05


def count_queries() -> int:
    """Return how many statements this thread has sent since its request began."""
    return getattr(threading.current_thread(), "query_count", 0)


@dataclasses.dataclass(slots=True)
class Run:
    """One request on its way through the protocol."""

    request: ApiRequest
    log_id: int | None = None
    attempt: int = 0
    answer: ApiAnswer | None = None  # of success, once the row was flipped
    is_committed: bool = False
    started: float = dataclasses.field(default_factory=time.monotonic)
    queries: int = dataclasses.field(default_factory=count_queries)

    def note_commit(self) -> None:
        """Remember that COMMIT got through."""
        self.is_committed = True

    def measure(self) -> dict:
        """Return what the run cost so far, as columns of the log row."""
        return {
            "duration": round((time.monotonic() - self.started) * 1000, 1),
            "query_count": max(count_queries() - self.queries, 0),
            "attempts": self.attempt,
            "http_status": 200,
        }


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
        run = Run(request)
        self._receive(run)
        while True:
            run.attempt += 1
            try:
                return self._attempt(run)
            except Exception as exc:  # pylint: disable=broad-exception-caught
                if run.is_committed:
                    # The data is there, so this is a success, whatever else failed.
                    _logger.error("%s: after COMMIT: %r", request.request_id, exc)
                    return run.answer
                self._undo()
                if isinstance(exc, ApiRefused):
                    self._reject(run, exc)
                    raise
                again = isinstance(exc, envelope.RETRYABLE)
                if not again or run.attempt >= MAX_ATTEMPTS:
                    return self._settle(run, exc)
                _logger.info("%s: %r, trying again", request.request_id, exc)
                time.sleep(random.uniform(0, BACKOFF_SECONDS * 2**run.attempt))

    # -- T0 -------------------------------------------------------------------

    def _receive(self, run: Run) -> None:
        """Insert and commit the log row, unless the route is not logged."""
        request = run.request
        is_logged = self.env["api.settings"]._get(f"webhook.{request.route}_log")
        if not is_logged and not request.replay_of_id:
            return
        try:
            run.log_id = self.env["api.log.writer"]._insert_received(request)
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception as exc:
            _logger.error("%s: log row not written: %r", request.request_id, exc)
            self._undo()
            raise Unavailable() from exc
        self._checkpoint("received")

    # -- T1 -------------------------------------------------------------------

    def _attempt(self, run: Run) -> ApiAnswer:
        """Do the work, flip the row, commit; return the envelope."""
        writer = self.env["api.log.writer"]
        keys = self.env["api.idempotency.key"]
        run.answer = None
        # First of the hooks that run after COMMIT: it alone knows that for sure.
        self.env.cr.postcommit.add(run.note_commit)
        if run.log_id:
            writer._lock(run.log_id)
        has_key = bool(run.request.idempotency_key)
        if has_key and (stored := keys._claim(run.request, run.log_id)):
            return self._answer_again(run, stored)
        with self._commit_refused():
            outcome = self.env["api.service"]._perform(run.request)
            # Now, not after: an error at flush is this request's error.
            self.env.cr.flush()
        answer = envelope.success(
            outcome.result, outcome.message, run.request.request_id, **outcome.extra
        )
        text = envelope.to_json(answer)
        if has_key:
            keys._store(run.request, text)
        self._checkpoint("worked")
        if run.log_id:
            facts = run.measure()
            if not writer._flip_done(run.log_id, run.request, outcome, text, **facts):
                message = self.env._("The request was given up meanwhile.")
                raise ApiError("conflict", message)
        run.answer = ApiAnswer(text)
        self._checkpoint("flipped")
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self._checkpoint("committed")
        return run.answer

    def _answer_again(self, run: Run, stored: StoredAnswer) -> ApiAnswer:
        """Send the answer of a request that was done before, once more."""
        if run.log_id:
            facts = run.measure()
            self.env["api.log.writer"]._flip_replayed(run.log_id, stored, **facts)
        run.answer = ApiAnswer(stored.text, {"Idempotency-Replayed": "true"})
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return run.answer

    @contextlib.contextmanager
    def _commit_refused(self) -> Iterator[None]:
        """Keep business code from committing half a request behind the log's back."""

        def refuse() -> None:
            message = self.env._(
                "This method commits by itself, and could end half"
                " done, so it cannot be called here."
            )
            raise ApiError("method_denied", message, path="payload.method")

        cr = self.env.cr
        cr.commit = refuse
        try:
            yield
        finally:
            del cr.commit

    def _checkpoint(self, name: str) -> None:
        """Do nothing. Tests and the fault rig strike here, at a named point."""

    # -- Tf -------------------------------------------------------------------

    def _undo(self) -> None:
        """Roll back and forget, as core does between tries."""
        with contextlib.suppress(InterfaceError, OperationalError):
            self.env.cr.rollback()  # pylint: disable=invalid-commit
        self.env.transaction.reset()
        self.env.registry.reset_changes()

    def _reject(self, run: Run, exc: ApiRefused) -> None:
        """Turn the row of a request that may not be worked on to ``rejected``."""
        if run.log_id:
            facts = run.measure()
            self.env["api.log.writer"]._flip_rejected(run.log_id, exc, **facts)
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _settle(self, run: Run, exc: Exception) -> ApiAnswer:
        """Turn the row to ``failed``; return the envelope of what happened."""
        request_id = run.request.request_id
        trace = redact_text("".join(traceback.format_exception(exc)))
        if isinstance(exc, (IntegrityError, DataError)):
            exc = self.env["api.database.error"]._translate(exc, run.request)
        answer = envelope.failure(exc, request_id)
        facts: dict = {}
        if answer["errors"][0]["code"] == "internal_error":
            _logger.error("%s failed\n%s", request_id, trace)
            facts["traceback"] = trace
        if not run.log_id:
            return self._answer_unlogged(run, exc, answer)
        try:
            return self._record_failure(run, answer, facts)
        except (InterfaceError, OperationalError):
            _logger.warning("%s: connection lost, using another", request_id)
        try:
            with self.env.registry.cursor() as cr:
                fresh = self.with_env(self.env(cr=cr))
                return fresh._record_failure(run, answer, facts)
        except (InterfaceError, OperationalError, PoolError) as lost:
            # The row stays 'received': the reaper will find it.
            raise Unavailable() from lost

    def _answer_unlogged(self, run: Run, exc: Exception, answer: dict) -> ApiAnswer:
        """Answer without a row that could tell whether a COMMIT got through."""
        lost = isinstance(exc, (InterfaceError, OperationalError))
        if run.answer and lost and not isinstance(exc, envelope.RETRYABLE):
            raise Unavailable() from exc
        return ApiAnswer(envelope.to_json(answer))

    def _record_failure(self, run: Run, answer: dict, facts: dict) -> ApiAnswer:
        """Flip the row to ``failed``, unless the work was committed after all."""
        text = envelope.to_json(answer)
        writer = self.env["api.log.writer"]
        facts = facts | run.measure()
        if writer._flip_failed(run.log_id, answer, text, **facts):
            self.env.cr.commit()  # pylint: disable=invalid-commit
        elif run.answer and writer._get_state(run.log_id) == "done":
            return run.answer
        return ApiAnswer(text)
