# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator, Mapping

import psycopg2

from odoo import models
from odoo.tools import SQL

from ..tools.rate_commit import at_once, end_transaction
from ..tools.webhook_courier import Parcel
from ..tools.webhook_schedule import MAX_ATTEMPTS
from .api_log_row import DURABLY

#: First key of the advisory lock that lets one worker claim at a time.
CLAIM_LOCK = 1_430_736_216
#: A lease outlasts the longest attempt by this: time to write down what came of it.
LEASE_MARGIN_SECONDS = 45
#: Bytes of bodies claimed for one endpoint at once; a single larger one is claimed.
MAX_CLAIM_BYTES = 4 * 1024 * 1024

#: Of an endpoint that keeps order: an earlier delivery of the same record is not done.
IS_HELD_BACK = SQL("""
    (e.is_ordered IS TRUE AND EXISTS (
        SELECT FROM webhook_outbound_delivery earlier
        WHERE earlier.endpoint_id = d.endpoint_id
            AND earlier.res_model = d.res_model AND earlier.res_id = d.res_id
            AND earlier.id < d.id AND earlier.state IN ('pending', 'sending')))
""")
#: Not one that is to sign and has nothing to sign with: its deliveries wait.
CAN_SIGN = SQL("""
    (e.is_signed IS NOT TRUE OR EXISTS (
        SELECT FROM webhook_endpoint_secret s WHERE s.endpoint_id = e.id
            AND (s.expires_at IS NULL
                OR s.expires_at > clock_timestamp() AT TIME ZONE 'utc')))
""")
#: Two statements in one message: one transaction, which nobody can stop in the middle,
#: and a second snapshot, which sees what the worker before us has claimed. So lanes are
#: counted exactly, over all workers and servers.
#: Lanes of one endpoint are told apart by their lease tokens; running senders share
#: them, each of which holds the lock of ``_counted``. An endpoint that failed
#: last time gets one lane with one delivery, whatever it may have otherwise.
CLAIM = """
SELECT pg_advisory_xact_lock(%(lock)s, 0);
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() AT TIME ZONE 'utc' AS now, %(durably)s
), share AS MATERIALIZED (
    SELECT key::int AS endpoint_id, (value->>0)::int AS lanes,
        (value->>1)::int AS most, (value->>2)::int AS size
    FROM jsonb_each(%(shares)s::jsonb)
), senders AS MATERIALIZED (
    SELECT GREATEST(count(*), 1) AS count FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %(lock)s AND objid = 1 AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), busy AS MATERIALIZED (
    SELECT endpoint_id, count(DISTINCT lease_token) AS lanes
    FROM webhook_outbound_delivery WHERE state = 'sending' GROUP BY endpoint_id
), candidate AS (
    SELECT e.id, e.is_ordered, e.timeout_seconds, e.failure_count,
        CASE WHEN e.failure_count > 0 THEN 1 ELSE COALESCE(s.size, 1) END AS size,
        LEAST(
            COALESCE(s.most, 1) - COALESCE(s.lanes, 0),
            ceil(e.max_parallel / (SELECT count FROM senders)::float)::int
                - COALESCE(s.lanes, 0),
            CASE WHEN e.failure_count > 0 THEN 1 ELSE e.max_parallel END
                - COALESCE(b.lanes, 0)
        ) AS lanes
    FROM webhook_endpoint e
    LEFT JOIN share s ON s.endpoint_id = e.id
    LEFT JOIN busy b ON b.endpoint_id = e.id
    WHERE e.active AND e.state <> 'disabled' AND e.database_uuid = %(uuid)s
        AND %(can_sign)s
        AND (e.throttled_until IS NULL
            OR e.throttled_until <= (SELECT now FROM moment))
        AND EXISTS (
            SELECT FROM webhook_outbound_delivery w
            WHERE w.endpoint_id = e.id AND w.state = 'pending'
                AND w.next_attempt_at <= (SELECT now FROM moment))
), chosen AS (
    SELECT * FROM candidate WHERE lanes > 0
    ORDER BY failure_count > 0, random() LIMIT %(threads)s
), fair AS MATERIALIZED (
    SELECT id, is_ordered, timeout_seconds, size,
        LEAST(lanes, GREATEST(1, %(threads)s / count(*) OVER ())) AS lanes
    FROM chosen
), picked AS (
    SELECT w.id, e.id AS endpoint_id, e.lanes, e.timeout_seconds,
        row_number() OVER line AS place, sum(w.body_size) OVER line AS bytes
    FROM fair e CROSS JOIN LATERAL (
        SELECT d.id, d.next_attempt_at, d.body_size
        FROM webhook_outbound_delivery d
        WHERE d.endpoint_id = e.id AND d.state = 'pending'
            AND d.next_attempt_at <= (SELECT now FROM moment)
            AND NOT %(is_held_back)s
        ORDER BY d.next_attempt_at, d.id LIMIT e.lanes * e.size
        FOR UPDATE SKIP LOCKED
    ) w
    WINDOW line AS (PARTITION BY e.id ORDER BY w.next_attempt_at, w.id)
)
UPDATE webhook_outbound_delivery d
SET state = 'sending',
    attempt_count = d.attempt_count + 1,
    lease_until = (SELECT now FROM moment)
        + make_interval(secs => p.timeout_seconds + %(margin)s),
    lease_token = concat_ws('-', %(token)s, p.endpoint_id, (p.place - 1) %% p.lanes)
FROM picked p
WHERE d.id = p.id AND (p.bytes <= %(bytes)s OR p.place = 1)
RETURNING p.place, d.id, d.lease_token, d.endpoint_id, d.message_id, d.url, d.body,
    d.attempt_count
"""

#: A delivery whose worker was lost so often that it may be what kills them.
RELEASE = """
WITH lost AS (
    UPDATE webhook_outbound_delivery
    SET state = CASE WHEN attempt_count >= %(most)s THEN 'dead' ELSE 'pending' END,
        next_attempt_at = clock_timestamp() AT TIME ZONE 'utc',
        lease_until = NULL, lease_token = NULL, last_error = %(error)s
    WHERE id IN (
        SELECT id FROM webhook_outbound_delivery
        WHERE state = 'sending' AND lease_until < clock_timestamp() AT TIME ZONE 'utc'
        FOR UPDATE SKIP LOCKED)
    RETURNING *
), logged AS (%(log)s)
SELECT id, endpoint_id, state, last_error FROM lost
"""

#: When something is due next: a delivery, a pause's end, a lease's.
NEXT_DUE = """
SELECT extract(epoch FROM min(moment) - clock_timestamp() AT TIME ZONE 'utc')::float
FROM (
    SELECT GREATEST(d.next_attempt_at, e.throttled_until) AS moment
    FROM webhook_endpoint e CROSS JOIN LATERAL (
        SELECT d.next_attempt_at FROM webhook_outbound_delivery d
        WHERE d.endpoint_id = e.id AND d.state = 'pending' AND NOT %(is_held_back)s
        ORDER BY d.next_attempt_at LIMIT 1
    ) d
    WHERE e.active AND e.state <> 'disabled' AND e.database_uuid = %(uuid)s
        AND %(can_sign)s
    UNION ALL
    SELECT min(lease_until) FROM webhook_outbound_delivery WHERE state = 'sending'
) due
"""


class WebhookOutboundClaim(models.AbstractModel):
    """Takes due deliveries for one worker, fairly and none of them twice."""

    _name = "webhook.outbound.claim"
    _description = "Webhook Claim"

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """Have this worker counted among the running senders, however it ends."""
        cr, key = self.env.cr, (CLAIM_LOCK, 1)
        cr.execute("SELECT pg_advisory_lock_shared(%s, %s)", key)
        try:
            yield
        except BaseException:
            # Unless PostgreSQL is away, and the lock with it.
            with contextlib.suppress(psycopg2.Error):
                cr.rollback()
                cr.execute("SELECT pg_advisory_unlock_shared(%s, %s)", key)
            raise
        cr.execute("SELECT pg_advisory_unlock_shared(%s, %s)", key)

    def _claim(
        self, threads: int, shares: Mapping[int, tuple[int, int, int]]
    ) -> list[list[Parcel]]:
        """Claim deliveries and return them in lanes; committed before it returns.

        With a forced write to disk: nothing is sent for a change that a crash of
        PostgreSQL could still undo, on a database set up to commit lazily either.

        :param threads: lanes at most.
        :param shares: see ``Courier.get_shares``.
        """
        query = SQL(
            CLAIM,
            lock=CLAIM_LOCK,
            is_held_back=IS_HELD_BACK,
            can_sign=CAN_SIGN,
            durably=DURABLY,
            shares=json.dumps(shares),
            uuid=self._get_database_uuid(),
            threads=threads,
            margin=LEASE_MARGIN_SECONDS,
            token=uuid.uuid4().hex,
            bytes=MAX_CLAIM_BYTES,
        )
        end_transaction(self.env.cr)
        with at_once(self.env.cr):
            self.env.cr.execute(query)
            rows = self.env.cr.fetchall()
        lanes: dict[str, list[Parcel]] = {}
        for _place, *facts, body, attempt_count in sorted(rows):
            parcel = Parcel(*facts, body.encode(), attempt_count)
            lanes.setdefault(parcel.token, []).append(parcel)
        return list(lanes.values())

    def _get_database_uuid(self) -> str:
        return self.env["webhook.endpoint"]._get_database_uuid()

    def _release_expired(self) -> list[tuple[int, int, str, str]]:
        """Give deliveries whose worker is gone back, to be sent again as they are.

        The attempt that got lost is on the log by the same statement.

        :returns: id, endpoint, new state and reason of each.
        """
        error = self.env._("Its worker was lost; it may have been received or not.")
        end_transaction(self.env.cr)
        with at_once(self.env.cr):
            log = self.env["api.log.sent.writer"]._prepare_lost()
            query = SQL(RELEASE, most=MAX_ATTEMPTS, error=error, log=log)
            self.env.cr.execute(query)
            return self.env.cr.fetchall()

    def _get_seconds_to_next(self) -> float | None:
        """Return when there is something to do again; less than 0: now, None: never."""
        query = SQL(
            NEXT_DUE,
            uuid=self._get_database_uuid(),
            is_held_back=IS_HELD_BACK,
            can_sign=CAN_SIGN,
        )
        return self.env.execute_query(query)[0][0]
