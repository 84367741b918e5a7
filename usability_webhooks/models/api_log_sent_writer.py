# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable

from odoo import models
from odoo.tools import SQL

from ..tools.envelope import to_json
from ..tools.redaction import redact, redact_text
from ..tools.url_origin import get_origin
from ..tools.webhook_courier import Outcome
from .api_log_row import get_storable

#: Of what is no JSON, so much is looked through for secrets and kept.
GUESSED_CHARACTERS = 4_000
#: The delivery knows whom it is about; if it is gone, the attempt was made anyway.
INSERT = """
INSERT INTO api_log (
    log_type, state, create_date, create_uid, company_id, request_id, route, model,
    res_model, res_id, res_ids, record_count, remote_addr, worker, http_status,
    error_code, error_message, duration, attempts, data_size, result_size, answer,
    delivery_id)
SELECT 'send', v.state, v.ended, %(uid)s, d.company_id, v.request_id, v.route,
    d.res_model, d.res_model, d.res_id, jsonb_build_array(d.res_id), 1, v.remote_addr,
    %(worker)s, v.http_status, v.error_code, v.error_message, v.duration, v.attempts,
    v.data_size, v.result_size, v.answer, d.id
FROM (
    SELECT *, clock_timestamp() AT TIME ZONE 'utc' - make_interval(secs => age) AS ended
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
        delivery_id int, age float, state text, request_id text, route text,
        remote_addr text, http_status int, error_code text, error_message text,
        duration float, attempts int, data_size int, result_size int, answer text)
) v
LEFT JOIN webhook_outbound_delivery d ON d.id = v.delivery_id
"""
#: A delivery is logged so when its worker was lost: nobody knows what came of it.
#: ``lost`` is part of the statement that gives it back: who claims it next counts on.
INSERT_LOST = """
INSERT INTO api_log (
    log_type, state, create_date, create_uid, company_id, request_id, model, res_model,
    res_id, res_ids, record_count, error_code, error_message, attempts, delivery_id)
SELECT 'send', 'interrupted', clock_timestamp() AT TIME ZONE 'utc', %(uid)s, company_id,
    message_id, res_model, res_model, res_id, jsonb_build_array(res_id), 1,
    'interrupted', last_error, attempt_count, id
FROM lost
"""


class ApiLogSentWriter(models.AbstractModel):
    """Writes the log's rows of what was sent, in SQL (see ``api.log.writer``)."""

    _name = "api.log.sent.writer"
    _description = "API Log Writer of Deliveries"

    def _insert(self, outcomes: Iterable[Outcome]) -> None:
        """Insert one row for each attempt; the caller commits."""
        rows = [
            self._prepare_log_vals(outcome)
            for outcome in outcomes
            if outcome.attempt is not None
        ]
        if not rows:
            return
        query = SQL(
            INSERT,
            uid=self.env.uid,
            worker=f"{os.uname().nodename}:{os.getpid()}",
            rows=json.dumps(rows),
        )
        # Core logs a failing statement with its values; these carry payloads.
        self.env.cr.execute(query, log_exceptions=False)

    def _prepare_lost(self) -> SQL:
        """Return the INSERT of a row for each attempt nobody knows the outcome of.

        For a statement that has their deliveries, as changed, in a relation ``lost``.
        """
        return SQL(INSERT_LOST, uid=self.env.uid)

    def _prepare_log_vals(self, outcome: Outcome) -> dict:
        """Return what the row of one attempt says. A hook.

        Not what was sent: that is on the delivery, the same at each attempt, and for
        administrators, as a template may tell of what log readers may not read.
        """
        parcel, attempt = outcome.parcel, outcome.attempt
        is_done = attempt.status is not None and 200 <= attempt.status < 300
        code = attempt.error or f"http_{attempt.status}"
        vals = {
            "delivery_id": parcel.delivery_id,
            "age": max(time.monotonic() - outcome.ended, 0.0),
            "state": "done" if is_done else "failed",
            "request_id": parcel.message_id,
            "route": get_origin(parcel.url)[:300],
            "remote_addr": attempt.address or None,
            "http_status": attempt.status,
            "error_code": None if is_done and not attempt.error else code,
            "error_message": redact_text(attempt.message)[:2000] or None,
            "duration": attempt.milliseconds,
            "attempts": parcel.attempt_count,
            "data_size": len(parcel.body),
            "result_size": attempt.size,
            "answer": self._get_preview(self._mask(attempt.answer)) or None,
        }
        return {name: get_storable(value) for name, value in vals.items()}

    def _mask(self, text: str) -> str:
        """Return an answer fit to be stored."""
        try:
            masked, is_masked = redact(json.loads(text))
            return to_json(masked) if is_masked else text
        except (ValueError, RecursionError):  # no JSON, or to no good end
            # Guessing takes time, and no more than this is kept.
            return redact_text(text[:GUESSED_CHARACTERS])

    def _get_preview(self, text: str) -> str:
        return self.env["api.log.writer"]._get_preview(text)
