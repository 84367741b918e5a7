# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable

import psycopg2

from odoo import models
from odoo.tools import SQL

from ..tools.rate_commit import end_transaction, read_committed
from ..tools.webhook_courier import Outcome
from ..tools.webhook_schedule import (
    BREAKER_FAILURES,
    Verdict,
    get_pause,
    judge,
)
from .api_log_row import get_storable

_logger = logging.getLogger(__name__)

#: Only under the lease it was claimed with: somebody may have sent it again meanwhile,
#: or cancelled it.
STORE = """
UPDATE webhook_outbound_delivery d
SET state = v.state,
    attempt_count = d.attempt_count - CASE WHEN v.tried THEN 0 ELSE 1 END,
    next_attempt_at = CASE WHEN v.tried THEN v.ended + make_interval(secs => v.delay)
        ELSE d.next_attempt_at END,
    lease_until = NULL, lease_token = NULL,
    last_attempt_at = CASE WHEN v.tried THEN v.ended ELSE d.last_attempt_at END,
    last_status = CASE WHEN v.tried THEN v.status ELSE d.last_status END,
    last_error = CASE WHEN v.tried THEN v.error ELSE d.last_error END,
    last_response = CASE WHEN v.tried THEN v.response ELSE d.last_response END,
    delivered_at = CASE WHEN v.state = 'delivered' THEN v.ended END,
    latency = CASE WHEN v.state = 'delivered'
        THEN extract(epoch FROM v.ended - d.occurred_at) END
FROM (
    SELECT *, clock_timestamp() AT TIME ZONE 'utc' - make_interval(secs => age) AS ended
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
        id int, token text, state text, tried boolean, delay float, age float,
        status int, error text, response text)
) v
WHERE d.id = v.id AND d.lease_token = v.token AND d.state = 'sending'
RETURNING d.id, d.endpoint_id, d.state
"""
#: An attempt begun before the endpoint was left alone says nothing new, so it does not
#: lengthen the pause. Up to the breaker several failures at once count as several, from
#: there on as one.
NOTE_FAILURES = """
UPDATE webhook_endpoint
SET failure_count = CASE WHEN %(fresh)s THEN LEAST(%(count)s, %(breaker)s)
    WHEN throttled_until > clock_timestamp() AT TIME ZONE 'utc' THEN failure_count
    ELSE LEAST(failure_count + %(count)s, GREATEST(failure_count + 1, %(breaker)s)) END
WHERE id = %(id)s
RETURNING failure_count, state,
    throttled_until > clock_timestamp() AT TIME ZONE 'utc'
"""


class WebhookOutboundResult(models.AbstractModel):
    """Writes down what came of attempts: delivery, log and endpoint together."""

    _name = "webhook.outbound.result"
    _description = "Webhook Result"

    def _store(self, outcomes: list[Outcome]) -> None:
        """Store outcomes in a transaction of their own.

        One that cannot be stored does not take the others along: its lease ends, and
        it is sent again.

        :raises psycopg2.OperationalError: PostgreSQL is away; leases will end.
        """
        try:
            dead = self._store_together(outcomes)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise
        # Whatever it was, the sender goes on; see the log.
        except Exception:  # pylint: disable=broad-exception-caught
            self.env.cr.rollback()
            if len(outcomes) == 1:
                _logger.exception("outcome of %s", outcomes[0].parcel.message_id)
                return
            for outcome in outcomes:
                self._store([outcome])
            return
        self._tell_owners(dead)

    def _store_together(self, outcomes: list[Outcome]) -> dict[int, str]:
        """Store and commit.

        :returns: the endpoints that have a dead delivery now, with the reason.
        """
        verdicts = [self._judge(outcome) for outcome in outcomes]
        rows = [
            self._prepare_result_vals(outcome, verdict)
            for outcome, verdict in zip(outcomes, verdicts, strict=True)
        ]
        # Nothing after the commit may fail: all would be stored once more.
        errors = {row["id"]: row.get("error") for row in rows}
        end_transaction(self.env.cr)
        with read_committed(self.env.cr):
            query = SQL(STORE, rows=json.dumps(rows))
            self.env.cr.execute(query, log_exceptions=False)
            stored = self.env.cr.fetchall()
            self.env["api.log.sent.writer"]._insert(outcomes)
            self._note_endpoints(outcomes, verdicts)
        return {
            endpoint_id: errors[delivery_id] or ""
            for delivery_id, endpoint_id, state in stored
            if state == "dead"
        }

    def _judge(self, outcome: Outcome) -> Verdict:
        attempt, count = outcome.attempt, outcome.parcel.attempt_count
        if attempt is None:
            return Verdict("pending")
        return judge(attempt.status, attempt.error, attempt.retry_after, count)

    def _prepare_result_vals(self, outcome: Outcome, verdict: Verdict) -> dict:
        parcel, attempt = outcome.parcel, outcome.attempt
        vals = {
            "id": parcel.delivery_id,
            "token": parcel.token,
            "state": verdict.state,
            "tried": attempt is not None,
            "delay": verdict.delay,
            "age": max(time.monotonic() - outcome.ended, 0.0),
        }
        if attempt:
            vals |= {
                "status": attempt.status,
                "error": get_storable(self._get_error(outcome)) or None,
                "response": get_storable(attempt.answer) or None,
            }
        return vals

    def _get_error(self, outcome: Outcome) -> str:
        """Return what went wrong, in a sentence; nothing if all went well."""
        attempt = outcome.attempt
        if attempt.message or attempt.status is None:
            return attempt.message or attempt.error
        if 200 <= attempt.status < 300:
            return ""
        return self.env._("The receiver answered %(status)s.", status=attempt.status)

    def _note_lost(self, lost: list[tuple[int, int, str, str]]) -> None:
        """Tell the owners of deliveries that were given up with their workers.

        :param lost: id, endpoint, new state and reason of each delivery.
        """
        self._tell_owners(
            {
                endpoint: reason
                for _id, endpoint, state, reason in lost
                if state == "dead"
            }
        )

    # -- endpoints ------------------------------------------------------------

    def _note_endpoints(
        self, outcomes: Iterable[Outcome], verdicts: Iterable[Verdict]
    ) -> None:
        """Have endpoints rest that fail, and wake those that answer."""
        by_endpoint: dict[int, list[Verdict]] = {}
        pairs = zip(outcomes, verdicts, strict=True)
        for outcome, verdict in sorted(pairs, key=lambda pair: pair[0].ended):
            if outcome.attempt is not None:
                found = by_endpoint.setdefault(outcome.parcel.endpoint_id, [])
                found.append(verdict)
        # In one order, always: two workers never wait for each other in a circle.
        for endpoint_id, found in sorted(by_endpoint.items()):
            if any(verdict.is_gone for verdict in found):
                self._disable(endpoint_id)
            elif found[-1].state == "delivered":
                self._note_success(endpoint_id)
            else:
                self._note_failures(endpoint_id, found)

    def _disable(self, endpoint_id: int) -> None:
        reason = self.env._("It answered 410: it wants nothing any more.")
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_endpoint SET state = 'disabled', state_reason = %s,"
                " throttled_until = NULL WHERE id = %s AND state <> 'disabled'",
                reason,
                endpoint_id,
            )
        )

    def _note_success(self, endpoint_id: int) -> None:
        """Let an endpoint that answers have everything again."""
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_endpoint SET failure_count = 0, throttled_until = NULL,"
                " state = CASE state WHEN 'throttled' THEN 'enabled' ELSE state END,"
                " state_reason ="
                " CASE state WHEN 'throttled' THEN NULL ELSE state_reason END"
                " WHERE id = %s AND (failure_count > 0 OR state = 'throttled')",
                endpoint_id,
            )
        )

    def _note_failures(self, endpoint_id: int, verdicts: list[Verdict]) -> None:
        """Count the failures at the end of ``verdicts``, and pause if it is time."""
        count = 0
        while count < len(verdicts) and verdicts[-1 - count].state != "delivered":
            count += 1
        self.env.cr.execute(
            SQL(
                NOTE_FAILURES,
                fresh=count < len(verdicts),
                count=count,
                breaker=BREAKER_FAILURES,
                id=endpoint_id,
            )
        )
        rows = self.env.cr.fetchall()
        if not rows or rows[0][1] == "disabled":
            return
        failure_count, _state, is_paused = rows[0]
        asked = [one.pause for one in verdicts[-count:] if one.pause is not None]
        pause = get_pause(failure_count, max(asked, default=None))
        if pause and not is_paused:
            self._pause(endpoint_id, failure_count, pause)

    def _pause(self, endpoint_id: int, failure_count: int, seconds: float) -> None:
        reason = self.env._("%(count)s failures in a row.", count=failure_count)
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_endpoint SET state = 'throttled', state_reason = %s,"
                " throttled_until ="
                " clock_timestamp() AT TIME ZONE 'utc' + make_interval(secs => %s)"
                " WHERE id = %s",
                reason,
                seconds,
                endpoint_id,
            )
        )

    def _tell_owners(self, reasons: dict[int, str]) -> None:
        """Have owners told of deliveries that failed for good.

        That may fail: a note to somebody must not stop the sender. READ COMMITTED, as
        another sender may tell of the same endpoint.
        """
        for endpoint_id, reason in reasons.items():
            self.env.invalidate_all()
            try:
                end_transaction(self.env.cr)
                with read_committed(self.env.cr):
                    endpoint = self.env["webhook.endpoint"].browse(endpoint_id)
                    endpoint.exists()._note_dead(reason)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                raise
            except Exception:  # pylint: disable=broad-exception-caught
                _logger.exception("owner of webhook endpoint %s", endpoint_id)
                self.env.cr.rollback()
