# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What must hold of webhooks once all is quiet, as in ``invariants``.

The receiver's truth is the table ``hits``, one row per request that arrived::

    moment, role, message_id, attempt, is_verified, body
    said_yes    its answer began with a 200

``told`` are the deliveries with what they tell of a partner. ``sent``, ``log`` and
``partners`` are those of ``invariants``, which must be there before.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from .receiver import GONE, HEALTHY, ORDERED, YES

#: Attempts of a delivery, as in production.
MOST_ATTEMPTS = 10

TABLE = """
CREATE TEMP TABLE hits (
    moment float, role text, message_id text, attempt int, is_verified bool,
    said_yes bool, body text
);
"""
COPY = "COPY hits FROM STDIN WITH (FORMAT csv)"
VIEWS = f"""
CREATE INDEX ON hits (message_id);
CREATE TEMP TABLE told AS
    SELECT d.id, d.message_id, d.state, d.kind, d.res_id, d.attempt_count, d.body,
        d.occurred_at, e.name AS role,
        data->>'ref' AS ref, (data->>'color')::int AS color,
        nullif(data->>'function', 'false') AS function
    FROM webhook_outbound_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id,
        jsonb_extract_path(d.body::jsonb, 'data') AS data;
CREATE INDEX ON told (message_id);
CREATE INDEX ON told (res_id, role, kind);
CREATE INDEX ON told (function, role);
CREATE TEMP TABLE healthy AS SELECT * FROM told WHERE role = '{HEALTHY}';
CREATE TEMP TABLE attempts AS
    SELECT delivery_id, state, attempts FROM api_log WHERE log_type = 'send';
CREATE INDEX ON attempts (delivery_id);
ANALYZE hits, told, healthy, attempts;
"""

#: What is promised -> a query for what broke it; its first column is a message id or
#: a token.
INVARIANTS = {
    "I5 each new record is told once": """
        SELECT p.ref, p.id, count(h.id) FROM res_partner p
        LEFT JOIN healthy h ON h.res_id = p.id AND h.kind = 'created'
        WHERE p.ref IS NOT NULL
        GROUP BY p.ref, p.id HAVING count(h.id) <> 1""",
    "I5 each change that is done is told once": """
        SELECT l.token, l.kind, count(h.id) FROM log l
        LEFT JOIN healthy h ON h.function = l.token
        WHERE l.state = 'done' AND (l.kind = 'update' OR l.kind LIKE '%upsert')
        GROUP BY l.token, l.kind HAVING count(h.id) <> 1""",
    "I5 each value of a counter is told once": f"""
        SELECT p.ref, t.role, p.color, count(t.id), count(DISTINCT t.color)
        FROM res_partner p CROSS JOIN (VALUES ('{HEALTHY}'), ('{ORDERED}')) AS r (role)
        LEFT JOIN told t ON t.res_id = p.id AND t.role = r.role AND t.kind = 'updated'
            AND t.color BETWEEN 1 AND p.color
        WHERE p.ref LIKE 'counter-%'
            OR (p.ref LIKE 'crossed-%' AND r.role = '{HEALTHY}')
        GROUP BY p.ref, t.role, p.color
        HAVING count(t.id) <> p.color OR count(DISTINCT t.color) <> p.color""",
    "I5 all of it arrived where all is well": """
        SELECT h.message_id, h.state, h.attempt_count FROM healthy h
        WHERE h.state <> 'delivered' OR NOT EXISTS (
            SELECT FROM hits WHERE hits.message_id = h.message_id)""",
    "I5 one message has the same bytes each time": """
        SELECT DISTINCT hits.message_id, hits.attempt FROM hits
        JOIN told t USING (message_id) WHERE hits.body <> t.body""",
    "I5 every arrival verifies": """
        SELECT message_id, role, attempt FROM hits WHERE is_verified IS NOT TRUE""",
    "I6 nothing arrived that was not committed": """
        SELECT message_id, role, body FROM hits
        WHERE message_id NOT IN (SELECT message_id FROM told)""",
    "I6 no record is told that is not there": """
        SELECT t.message_id, t.ref, t.res_id FROM told t
        LEFT JOIN res_partner p ON p.id = t.res_id AND p.ref = t.ref
        WHERE p.id IS NULL""",
    "I6 no change is told that was not done": """
        SELECT t.message_id, t.ref, t.function FROM told t
        WHERE (t.ref LIKE 'chaos-%' AND NOT EXISTS (SELECT FROM log
                WHERE log.token = t.ref AND log.state = 'done'))
            OR (t.function IS NOT NULL AND NOT EXISTS (SELECT FROM log
                WHERE log.token = t.function AND log.state = 'done'))""",
    "changes of one record are numbered in their order": """
        SELECT message_id, ref, color FROM (
            SELECT message_id, ref, color, lag(color) OVER (
                PARTITION BY role, res_id ORDER BY id) AS earlier
            FROM told WHERE ref LIKE 'counter-%' OR ref LIKE 'crossed-%') AS told
        WHERE color <= earlier""",
    "an ordered endpoint first hears of them in it": f"""
        SELECT message_id, res_id, id, earlier FROM (
            SELECT message_id, res_id, id, max(id) OVER (
                PARTITION BY res_id ORDER BY min(moment)
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
            FROM told JOIN hits USING (message_id)
            WHERE told.role = '{ORDERED}' GROUP BY message_id, res_id, id) AS first
        WHERE id < earlier""",
    "nothing is left sending": """
        SELECT message_id, role FROM told WHERE state = 'sending'""",
    "delivered means that somebody said yes": """
        SELECT message_id, role FROM told t
        WHERE state = 'delivered' AND NOT EXISTS (SELECT FROM hits
            WHERE hits.message_id = t.message_id AND said_yes)""",
    "nothing is given up before its time": f"""
        SELECT message_id, role, attempt_count FROM told
        WHERE state = 'dead' AND role <> '{GONE}'
            AND attempt_count < {MOST_ATTEMPTS}""",
    "each attempt has its row": """
        SELECT t.message_id, t.role, t.attempt_count, count(a.delivery_id) FROM told t
        LEFT JOIN attempts a ON a.delivery_id = t.id
        GROUP BY t.message_id, t.role, t.attempt_count
        HAVING count(a.delivery_id) < t.attempt_count""",
    "no attempt has two outcomes": """
        SELECT t.message_id, a.attempts, count(*) FROM attempts a
        JOIN told t ON t.id = a.delivery_id WHERE a.state <> 'interrupted'
        GROUP BY t.message_id, a.attempts HAVING count(*) > 1""",
    "each arrival is on the log": """
        SELECT DISTINCT hits.message_id, hits.role, hits.attempt FROM hits
        JOIN told t USING (message_id) LEFT JOIN attempts a
            ON a.delivery_id = t.id AND a.attempts = hits.attempt
        WHERE a.delivery_id IS NULL""",
    "a row of success means that somebody said yes": """
        SELECT t.message_id, a.attempts FROM attempts a
        JOIN told t ON t.id = a.delivery_id
        WHERE a.state = 'done' AND NOT EXISTS (SELECT FROM hits WHERE said_yes
            AND hits.message_id = t.message_id AND hits.attempt = a.attempts)""",
}

FIGURES = """
SELECT t.role, count(*), count(*) FILTER (WHERE state = 'delivered'),
    count(*) FILTER (WHERE state = 'dead'), sum(h.arrivals), sum(h.again)
FROM told t LEFT JOIN (
    SELECT message_id, count(*) AS arrivals, count(*) - 1 AS again
    FROM hits GROUP BY message_id) AS h USING (message_id)
GROUP BY t.role ORDER BY t.role
"""
#: From the event's row, a moment before COMMIT, to the first arrival.
SECONDS = """
SELECT percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY seconds), max(seconds)
FROM (
    SELECT min(moment) - extract(epoch FROM occurred_at AT TIME ZONE 'utc')::float
        AS seconds
    FROM healthy JOIN hits USING (message_id) GROUP BY message_id, occurred_at
) AS first
"""


def load(cursor, path: Path) -> None:
    """Make the tables from what the receiver wrote down."""
    text = io.StringIO()
    writer = csv.writer(text)
    with path.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            writer.writerow(
                [line["moment"], line["role"], line["message_id"], line["attempt"]]
                + [line["is_verified"], line["manner"] in YES, line["body"]]
            )
    text.seek(0)
    cursor.execute(TABLE)
    cursor.copy_expert(COPY, text)
    cursor.execute(VIEWS)


def render(cursor) -> list[str]:
    """Return the figures of what was told, as text."""
    head = ("stored", "delivered", "dead", "arrivals", "again")
    lines = [
        "Deliveries by endpoint",
        "  " + " " * 18 + "".join(f"{h:>10}" for h in head),
    ]
    cursor.execute(FIGURES)
    for role, *numbers in cursor.fetchall():
        lines.append(f"  {role:18}" + "".join(f"{n or 0:10,}" for n in numbers))
    cursor.execute(SECONDS)
    (median, p99), longest = cursor.fetchone()
    lines.append(
        f"  {HEALTHY}, from the change to its arrival: median {median:.2f} s,"
        f" p99 {p99:.2f} s, longest {longest:.1f} s"
    )
    return lines
