# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What must hold once all is quiet: each a query that finds what does not.

The driver's truth is the table ``sent``, one row per request::

    request_id, kind, token, target, key, answer, value
    crashed     PostgreSQL crashed while it was under way
    after_crash ... or before
    touched     its worker was stopped or its connection may have been cut

A ``token`` is the ``ref`` of the partner that is the effect; requests of one
idempotency key have one token. ``log`` is their rows of the request log.
"""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from . import arrivals
from .clients import CROSSED
from .driver import Sent
from .injector import Fault
from .rig import REAP_SECONDS, ChaosRig

#: Seconds by which the clocks of two processes of one machine are taken to differ.
TOLERANCE = 0.1
CUTTING = frozenset(
    {
        "stop worker",
        "terminate connection",
        "crash backend",
        "crash PostgreSQL",
        "restart PostgreSQL",
    }
)
CRASHES = frozenset({"crash backend", "crash PostgreSQL"})

TABLES = """
CREATE TEMP TABLE sent (
    request_id text, kind text, token text, target text, key text,
    answer text, value int, crashed bool, after_crash bool, touched bool
);
"""
# Without the option an empty text would be NULL.
COPY = """
COPY sent FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (kind, token, target, key))
"""
VIEWS = """
CREATE INDEX ON sent (request_id);
CREATE INDEX ON sent (token);
ANALYZE sent;
CREATE TEMP TABLE log AS
    SELECT s.*, l.id AS log_id, l.state, l.replay_of_id, l.idempotency_key
    FROM sent s JOIN api_log l USING (request_id);
CREATE INDEX ON log (log_id);
CREATE INDEX ON log (token);
CREATE TEMP TABLE partners AS
    SELECT ref, count(*) AS n, sum(color) AS color, max(function) AS function
    FROM res_partner WHERE ref IS NOT NULL GROUP BY ref;
CREATE INDEX ON partners (ref);
ANALYZE log, partners;
CREATE TEMP TABLE effects AS
    SELECT token, coalesce(max(n), 0) AS effects,
        (SELECT count(*) FROM log WHERE log.token = sent.token AND state = 'done')
            AS done,
        count(*) FILTER (WHERE answer = 'success') AS successes, max(key) AS key
    FROM sent LEFT JOIN partners ON ref = token
    WHERE token <> '' AND kind NOT LIKE '%upsert' GROUP BY token;
CREATE INDEX ON effects (token);
"""

#: What is promised -> a query for what broke it; its first column is a request id,
#: a token or a target.
INVARIANTS = {
    "I1 one row per accepted request": """
        SELECT s.request_id, s.answer, count(l.id) FROM sent s
        LEFT JOIN api_log l USING (request_id)
        GROUP BY s.request_id, s.answer, s.crashed
        HAVING count(l.id) > 1 OR (count(l.id) = 0
            AND s.answer IN ('success', 'failure', 'in progress')
            AND NOT (s.crashed AND s.answer = 'failure'))""",
    "I1 no row of a request nobody sent": """
        SELECT request_id, state FROM api_log
        WHERE log_type = 'receive'
            AND request_id NOT IN (SELECT request_id FROM sent)""",
    "I2 done exactly where the effect is, exactly once": """
        SELECT token, done, effects FROM effects
        WHERE done <> effects OR effects > 1""",
    "I3 no effect of failed, rejected, interrupted": """
        SELECT DISTINCT l.token, l.state, p.n FROM log l JOIN partners p ON ref = token
        WHERE l.state IN ('failed', 'rejected', 'interrupted') AND NOT EXISTS (
            SELECT FROM log o WHERE o.token = l.token AND o.state = 'done')""",
    "I3 no effect nobody asked for": """
        SELECT ref, n FROM partners
        WHERE ref LIKE 'chaos-%' AND ref NOT IN (SELECT token FROM sent)""",
    "I4 nothing left received": """
        SELECT request_id, state FROM api_log WHERE state = 'received'""",
    "I7 effects = distinct keys": """
        SELECT token, effects, successes FROM effects
        WHERE key <> '' AND (effects <> 1 OR successes = 0)""",
    "I7 replayed points to the request that did it": """
        SELECT r.request_id, r.replay_of_id FROM log r
        LEFT JOIN log d ON d.log_id = r.replay_of_id AND d.state = 'done'
            AND d.idempotency_key = r.idempotency_key
        WHERE r.state = 'replayed' AND d.log_id IS NULL""",
    "nobody is refused for what is not the client's fault": """
        SELECT request_id, answer FROM sent WHERE answer = 'refused'""",
    # Odoo's pool takes a connection that died with a crashed PostgreSQL for a good
    # one, once, before any of our code runs.
    "no answer but JSON, except by Odoo itself after a crash": """
        SELECT request_id, answer FROM sent
        WHERE answer = 'not JSON' AND NOT after_crash""",
    "an answer of success is true": """
        SELECT s.request_id, l.state, e.effects FROM sent s
        LEFT JOIN log l USING (request_id) LEFT JOIN effects e ON e.token = s.token
        WHERE s.answer = 'success' AND s.kind <> 'dry run' AND (
            coalesce(l.state, '') NOT IN ('done', 'replayed') OR e.effects = 0)""",
    "an answer of failure is true": """
        SELECT request_id, state FROM log
        WHERE answer = 'failure' AND state NOT IN ('failed', 'interrupted')""",
    "a refusal is on the log": """
        SELECT request_id, state FROM log
        WHERE answer = 'in progress' AND state NOT IN ('rejected', 'interrupted')""",
    "what must fail fails": """
        SELECT request_id, answer, state FROM log
        WHERE kind = 'must fail' AND (answer = 'success' OR state = 'done')""",
    "a batch is written whole": """
        SELECT DISTINCT s.token, e.effects, (SELECT count(*) FROM partners
            WHERE ref IN ('part 1 of ' || s.token, 'part 2 of ' || s.token))
        FROM sent s JOIN effects e USING (token)
        WHERE s.kind = 'batch' AND 2 * e.effects <> (SELECT count(*) FROM partners
            WHERE ref IN ('part 1 of ' || s.token, 'part 2 of ' || s.token))""",
    "a dry run leaves nothing but its row": """
        SELECT l.request_id, l.state, p.n FROM log l LEFT JOIN partners p ON ref = token
        WHERE l.kind = 'dry run' AND (p.n > 0
            OR (l.answer = 'success') <> (l.state = 'tried' AND l.answer = 'success')
            OR l.state IN ('done', 'replayed'))""",
    "an upsert's key has one record": """
        SELECT target, coalesce(max(n), 0), count(*) FROM sent
        LEFT JOIN partners ON ref = target WHERE kind LIKE '%upsert'
        GROUP BY target HAVING coalesce(max(n), 0) > 1
            OR (coalesce(max(n), 0) = 0 AND bool_or(answer = 'success'))""",
    "an upsert's record was written by one that is done": """
        SELECT p.ref, p.function FROM partners p
        WHERE p.ref IN (SELECT target FROM sent WHERE kind LIKE '%upsert')
            AND p.function IS NOT NULL AND NOT EXISTS (SELECT FROM log
                WHERE log.token = p.function AND state = 'done' AND target = p.ref)""",
    "a counter counts its done increments": """
        SELECT ref, color, (
            SELECT count(*) FROM log WHERE state = 'done' AND (
                (kind = 'increment' AND target = ref)
                OR (kind = 'cross' AND ref = ANY(%(crossed)s)))) AS done
        FROM partners WHERE (ref LIKE 'counter-%%' OR ref = ANY(%(crossed)s))
        AND color <> (
            SELECT count(*) FROM log WHERE state = 'done' AND (
                (kind = 'increment' AND target = ref)
                OR (kind = 'cross' AND ref = ANY(%(crossed)s))))""",
    "no two increments saw the same value": """
        SELECT target, value, count(*) FROM sent
        WHERE kind = 'increment' AND answer = 'success'
        GROUP BY target, value HAVING count(*) > 1""",
    "interrupted only where a worker or its connection was": """
        SELECT request_id, answer FROM log WHERE state = 'interrupted'
        AND answer IN ('success', 'failure', 'in progress') AND NOT touched""",
}


def check(
    rig: ChaosRig, sent: list[Sent], faults: list[Fault], hits: Path
) -> tuple[dict[str, list], list[str]]:
    """Return what was found to break each of the invariants, and what was told.

    :param hits: what the receiver wrote down.
    """
    with rig.connection() as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        rows = _get_rows(rig, sent, faults)
        cursor.copy_expert(COPY, rows)
        cursor.execute(VIEWS)
        arrivals.load(cursor, hits)
        found = {}
        for name, query in (INVARIANTS | arrivals.INVARIANTS).items():
            values = {"crossed": CROSSED} if "%(crossed)s" in query else None
            cursor.execute(query, values)
            found[name] = cursor.fetchall()
        return found, arrivals.render(cursor)


def _get_rows(rig: ChaosRig, sent: list[Sent], faults: list[Fault]) -> io.StringIO:
    workers = get_workers(rig)
    diary = Diary(faults)
    first_crash = min((f.time for f in faults if f.kind in CRASHES), default=math.inf)
    named = {f.request_id for f in faults if f.kind in ("stop", "disconnect")}
    text = io.StringIO()
    writer = csv.writer(text)
    for one in sent:
        wanted, near = one.wanted, diary.get_near(one)
        pid = workers.get(one.request_id)
        is_touched = one.request_id in named or any(
            fault.kind in CUTTING and (fault.kind != "stop worker" or fault.pid == pid)
            for fault in near
        )
        # Between two tries nobody holds the row's lock. Who is taken for dead then
        # finds out before COMMIT, and is told that nothing was written.
        is_touched |= one.code == "conflict" and one.ended - one.started > REAP_SECONDS
        is_crashed = any(fault.kind in CRASHES for fault in near)
        is_counted = wanted.kind == "increment" and one.answer == "success"
        value = one.value if is_counted else ""
        writer.writerow(
            [one.request_id, wanted.kind, wanted.token, wanted.target, wanted.key]
            + [one.answer, value, is_crashed, one.ended >= first_crash, is_touched]
        )
    text.seek(0)
    return text


def get_workers(rig: ChaosRig) -> dict[str, int]:
    """Return the process that worked on each request."""
    rows = rig.select("SELECT request_id, worker FROM api_log")
    return {name: int(worker.rpartition(":")[2]) for name, worker in rows if worker}


class Diary:
    """Faults by the time they fell into."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._by_second: dict[int, list[Fault]] = defaultdict(list)
        for fault in faults:
            for second in range(int(fault.time), int(fault.ended or fault.time) + 1):
                self._by_second[second].append(fault)

    def get_near(self, sent: Sent) -> list[Fault]:
        """Return the faults of a request's time."""
        begin, end = sent.started - TOLERANCE, sent.ended + TOLERANCE
        found = {
            id(fault): fault
            for second in range(int(begin), int(end) + 1)
            for fault in self._by_second.get(second, ())
            if fault.time <= end and begin <= (fault.ended or fault.time)
        }
        return list(found.values())


def describe(
    rig: ChaosRig, name: str, sent: Iterable[Sent], faults: list[Fault]
) -> list[str]:
    """Return all that is known about a request id, a token, a target or a message.

    :param name: the first column of what an invariant found.
    """
    lines, diary = [], Diary(faults)
    attempts = [
        one
        for one in sent
        if name in (one.request_id, one.wanted.token, one.wanted.target)
    ]
    query = (
        "SELECT id, state, error_code, attempts, worker, create_date, replay_of_id"
        " FROM api_log WHERE request_id = %s"
    )
    for one in attempts[:6]:
        lines.append(f"sent {one}")
        lines += [f"  row {row}" for row in rig.select(query, one.request_id)]
        lines += [f"  fault {fault}" for fault in diary.get_near(one)[:8]]
    effects = "SELECT id, color, function FROM res_partner WHERE ref = %s"
    lines += [f"  effect {row}" for row in rig.select(effects, name)]
    return lines + _describe_delivery(rig, name)


def _describe_delivery(rig: ChaosRig, message_id: str) -> list[str]:
    columns = "state, attempt_count, occurred_at, last_attempt_at, last_error, body"
    query = f"SELECT id, {columns} FROM webhook_outbound_delivery WHERE message_id = %s"
    lines = [f"  delivery {row}" for row in rig.select(query, message_id)]
    query = (
        "SELECT id, state, attempts, worker, create_date, error_code FROM api_log"
        " WHERE log_type = 'send' AND request_id = %s ORDER BY id"
    )
    return lines + [f"  attempt {row}" for row in rig.select(query, message_id)]
