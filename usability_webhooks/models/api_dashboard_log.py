# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL, Query

from ..tools.dashboard_window import Window
from .api_key import FAILED_STATES
from .api_log import SLOW_MILLISECONDS

#: How a request ended, in three words -> its states.
OUTCOMES = {
    "done": ("done", "tried", "replayed"),
    "failed": FAILED_STATES,
    "running": ("received",),
}
OUTCOME_OF = {state: name for name, states in OUTCOMES.items() for state in states}
#: Rows of each list.
MOST = 6
#: One scan of an index for each bucket: nothing is computed for each row.
COUNTS = """
    SELECT bucket.number - 1, counted.*
    FROM unnest(%(starts)s::timestamp[], %(ends)s::timestamp[])
        WITH ORDINALITY AS bucket (start, stop, number)
    CROSS JOIN LATERAL (%(rows)s) AS counted
"""
#: Rows are grouped by what a figure of two digits shows. That keeps order, so a
#: percentile of such figures is the percentile's own figure, and it is found by
#: adding up some hundred groups instead of sorting a million rows.
FIGURE = """
    CASE WHEN %(ms)s < 100 THEN %(ms)s::int
        WHEN %(ms)s < 1000 THEN (%(ms)s::int + 5) / 10 * 10
        WHEN %(ms)s < 10000 THEN (%(ms)s::int + 50) / 100 * 100
        WHEN %(ms)s < 100000 THEN (%(ms)s::int + 500) / 1000 * 1000
        ELSE (%(ms)s::int + 5000) / 10000 * 10000 END
"""
#: The first row is of all requests, the others of the slowest.
LATENCIES = """
    WITH counted AS (%(rows)s),
    folded AS (
        SELECT GROUPING(route) AS is_all, route, model, figure, sum(number) AS number
        FROM counted
        GROUP BY GROUPING SETS ((route, model, figure), (figure))
    ),
    summed AS (
        SELECT *, sum(number) OVER same AS total,
            sum(number) FILTER (WHERE figure IS NOT NULL) OVER same AS timed,
            sum(number) OVER (same ORDER BY figure) AS upto
        FROM folded WINDOW same AS (PARTITION BY is_all, route, model)
    )
    SELECT route, model, max(total)::bigint,
        min(figure) FILTER (WHERE upto >= timed * 0.5),
        min(figure) FILTER (WHERE upto >= timed * 0.95) AS high
    FROM summed WHERE figure IS NOT NULL
    GROUP BY is_all, route, model
    ORDER BY is_all DESC, high DESC, max(total) DESC, route, model
    LIMIT %(limit)s
"""


class Tally(NamedTuple):
    """How many rows of a bucket say the same; ``slow``: so many of them are."""

    bucket: int
    log_type: str
    state: str
    error_code: str | None
    number: int
    slow: int


class ApiDashboardLog(models.AbstractModel):
    """Counts rows of the log in a stretch of time, those the user may see.

    A figure is ``{"count", "domain"}``: a number of rows, and the domain that finds
    these rows and no others.
    """

    _name = "api.dashboard.log"
    _description = "API Dashboard Log"

    def _has_rows(self) -> bool:
        """Tell whether there is anything the user may see, however old."""
        query = self.env["api.log"]._search([], order="create_date DESC", limit=1)
        return bool(self.env.execute_query(query.select(SQL("1"))))

    # -- how many -------------------------------------------------------------

    def _get_traffic(self, window: Window) -> dict[str, dict]:
        """Return what was received and what was sent.

        :returns: for ``receive`` and ``send`` each: ``total``, ``slow`` and the names
            of ``OUTCOMES``, each a figure; ``bars``, one a bucket: ``start`` (UTC) and
            a figure for each outcome; ``errors``: figures with their ``code``.
        """
        tallies = self._count(window)
        return {
            log_type: self._prepare_traffic(
                window,
                [("log_type", "=", log_type)],
                [tally for tally in tallies if tally.log_type == log_type],
            )
            for log_type in ("receive", "send")
        }

    def _count(self, window: Window) -> list[Tally]:
        query, columns = self._get_query([])
        query.add_where(
            SQL(
                "%(date)s >= bucket.start AND %(date)s < bucket.stop",
                date=columns["create_date"],
            )
        )
        keys = [columns[name] for name in ("log_type", "state", "error_code")]
        query.groupby = SQL(", ").join(keys)
        slow = SQL("%s >= %s", columns["duration"], SLOW_MILLISECONDS)
        rows = query.select(
            *keys, SQL("count(*)"), SQL("count(*) FILTER (WHERE %s)", slow)
        )
        starts, ends = map(list, zip(*window.buckets, strict=True))
        found = self.env.execute_query(SQL(COUNTS, starts=starts, ends=ends, rows=rows))
        return [Tally(*row) for row in found]

    def _prepare_traffic(
        self, window: Window, domain: list, tallies: list[Tally]
    ) -> dict:
        start, stop = window.edges[0], window.edges[-1]
        whole = domain + self._get_time_domain(start, stop)
        codes: Counter[str] = Counter()
        bars: list[list[Tally]] = [[] for _bucket in window.buckets]
        for tally in tallies:
            bars[tally.bucket].append(tally)
            if tally.error_code:
                codes[tally.error_code] += tally.number
        return {
            "total": self._figure(sum(tally.number for tally in tallies), whole),
            "slow": self._figure(
                sum(tally.slow for tally in tallies),
                [*whole, ("duration", ">=", SLOW_MILLISECONDS)],
            ),
            **self._get_outcomes(whole, tallies),
            "bars": [
                {"start": fields.Datetime.to_string(bucket[0])}
                | self._get_outcomes(domain + self._get_time_domain(*bucket), bar)
                for bucket, bar in zip(window.buckets, bars, strict=True)
            ],
            "errors": [
                {"code": code}
                | self._figure(count, [*whole, ("error_code", "=", code)])
                for code, count in codes.most_common(MOST)
            ],
        }

    def _get_outcomes(self, domain: list, tallies: Iterable[Tally]) -> dict[str, dict]:
        counts: Counter[str] = Counter()
        for tally in tallies:
            counts[OUTCOME_OF.get(tally.state, "")] += tally.number
        return {
            name: self._figure(counts[name], [*domain, ("state", "in", states)])
            for name, states in OUTCOMES.items()
        }

    # -- how fast -------------------------------------------------------------

    def _get_latencies(self, window: Window) -> dict:
        """Return how long requests took, in milliseconds of two digits.

        :returns: ``median`` and ``high`` (95 of 100 took no longer) of all; both None
            where nothing was measured. ``routes``: the slowest first, figures with
            their ``route``, ``model``, ``median`` and ``high``.
        """
        domain = [
            ("log_type", "=", "receive"),
            *self._get_time_domain(window.edges[0], window.edges[-1]),
        ]
        query, columns = self._get_query(domain)
        figure = SQL(FIGURE, ms=columns["duration"])
        # A domain has one way to say "nothing".
        keys = [SQL("NULLIF(%s, '')", columns[name]) for name in ("route", "model")]
        query.groupby = SQL("1, 2, 3")
        rows = query.select(
            *(SQL("%s AS route", keys[0]), SQL("%s AS model", keys[1])),
            *(SQL("%s AS figure", figure), SQL("count(*) AS number")),
        )
        found = self.env.execute_query(SQL(LATENCIES, rows=rows, limit=1 + MOST))
        (_route, _model, _count, median, high), *slowest = found or [(None,) * 5]
        return {
            "median": median,
            "high": high,
            "routes": [
                {"route": route, "model": model, "median": median, "high": high}
                | self._figure(
                    count,
                    [*domain, ("route", "=", route or False)]
                    + [("model", "=", model or False)],
                )
                for route, model, count, median, high in slowest
            ],
        }

    # -- shared ---------------------------------------------------------------

    def _get_query(self, domain: list) -> tuple[Query, dict[str, SQL]]:
        """Return the rows of a domain that the user may see, and columns to read."""
        logs = self.env["api.log"]
        query = logs._search(domain)
        names = ("create_date", "log_type", "state", "error_code", "duration")
        columns = {
            name: logs._field_to_sql(logs._table, name, query)
            for name in (*names, "route", "model")
        }
        return query, columns

    def _get_time_domain(self, start: object, stop: object) -> list:
        return [
            ("create_date", ">=", fields.Datetime.to_string(start)),
            ("create_date", "<", fields.Datetime.to_string(stop)),
        ]

    def _figure(self, count: int, domain: list) -> dict:
        return {"count": count, "domain": domain}
