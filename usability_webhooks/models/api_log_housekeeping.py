# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
import time

from odoo import api, fields, models
from odoo.tools import SQL

from .api_log_row import CONTENT_COLUMNS
from .api_log_writer import LIVENESS_LOCK

#: A row in progress for longer is looked at by the reaper. Between two attempts of
#: one request the lock is free for a moment, so a younger row is never judged.
REAP_AFTER_SECONDS = 90
#: Rows deleted or emptied per transaction, and seconds before each: requests are served
#: meanwhile, and 5,000 rows in a row doubled their p99 (`make bench`, row purge).
GC_BATCH = 500
GC_PAUSE_SECONDS = 0.05
#: Further back there is nothing to purge, and soon no date at all.
MAX_RETENTION_HOURS = 100 * 365 * 24


class ApiLogHousekeeping(models.AbstractModel):
    """Judges the rows nobody finished and deletes the old ones."""

    _name = "api.log.housekeeping"
    _description = "API Log Housekeeping"

    @api.model
    def _cron_mark_interrupted(self) -> None:
        """Mark the rows whose worker is gone, one by one, never one being worked on.

        A worker at work holds its row's advisory lock; PostgreSQL frees it when
        the connection dies, whatever killed the worker. Between two tries, for a
        second at most, nobody holds it: who is judged then finds his row changed
        before COMMIT, writes nothing and answers ``conflict``, to be sent again.
        """
        limit = fields.Datetime.now() - datetime.timedelta(seconds=REAP_AFTER_SECONDS)
        candidates = self.env.execute_query(
            SQL(
                "SELECT id FROM api_log WHERE state = 'received' AND create_date < %s",
                limit,
            )
        )
        for (log_id,) in candidates:
            # One id per statement: with more, PostgreSQL may lock rows it then
            # does not return (manual, "Advisory Locks").
            query = SQL(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", LIVENESS_LOCK, log_id
            )
            if self._fetch(query)[0][0]:
                self._mark_interrupted(log_id)

    def _mark_interrupted(self, log_id: int) -> None:
        message = self.env._("The worker died before its work was committed.")
        self._fetch(
            SQL(
                "UPDATE api_log SET state = 'interrupted', error_code = 'interrupted',"
                " error_message = %s WHERE id = %s AND state = 'received' RETURNING id",
                message,
                log_id,
            )
        )

    @api.autovacuum
    def _gc_logs(self) -> tuple[int, bool]:
        """Delete rows older than the retention, a batch per transaction.

        :returns: rows deleted and whether more may be left, as core's vacuum asks.
        """
        days = self.env["api.settings"]._get("webhook.log_retention_days")
        settled = SQL("state != 'received'")
        return self._purge("api_log", "create_date", days * 24, settled)

    @api.autovacuum
    def _gc_contents(self) -> tuple[int, bool]:
        """Empty rows older than the retention of what was said; the rows stay.

        :returns: see ``_gc_logs``.
        """
        days = self.env["api.settings"]._get("webhook.payload_retention_days")
        emptied = SQL(", ").join(
            SQL("%s = NULL", SQL.identifier(name)) for name in CONTENT_COLUMNS
        )
        return self._run_batch(
            SQL(
                "WITH old AS (SELECT id FROM api_log WHERE content_gone IS NULL"
                " AND state != 'received' AND create_date < %s"
                " ORDER BY create_date LIMIT %s FOR UPDATE SKIP LOCKED),"
                " payloads AS (DELETE FROM api_log_payload USING old"
                " WHERE log_id = old.id)"
                " UPDATE api_log SET content_gone = 'expired', %s FROM old"
                " WHERE api_log.id = old.id RETURNING api_log.id",
                self._get_limit(days * 24),
                GC_BATCH,
                emptied,
            )
        )

    def _purge(
        self, table: str, column: str, hours: int, condition: SQL | None = None
    ) -> tuple[int, bool]:
        """Delete a batch of one of the gateway's tables, the oldest rows first.

        :param column: when a row was written, in UTC.
        :param hours: younger rows stay.
        :returns: rows deleted and whether more may be left.
        """
        # An array is made once; "IN (SELECT ... LIMIT ...)" may be run once per row,
        # by the planner's choice, and then deletes more than the limit.
        return self._run_batch(
            SQL(
                "DELETE FROM %(table)s WHERE id = ANY(ARRAY("
                "SELECT id FROM %(table)s WHERE %(column)s < %(limit)s AND %(more)s"
                " ORDER BY %(column)s LIMIT %(batch)s FOR UPDATE SKIP LOCKED))"
                " RETURNING id",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                limit=self._get_limit(hours),
                more=condition or SQL("TRUE"),
                batch=GC_BATCH,
            )
        )

    def _get_limit(self, hours: int) -> datetime.datetime:
        """Return when rows are too old, in UTC."""
        age = datetime.timedelta(hours=min(hours, MAX_RETENTION_HOURS))
        return fields.Datetime.now() - age

    def _run_batch(self, query: SQL) -> tuple[int, bool]:
        """Give requests a moment, then do with ``GC_BATCH`` rows what a statement
        says.

        :returns: rows it was done to and whether more may be left.
        """
        time.sleep(GC_PAUSE_SECONDS)
        done = len(self._fetch(query))
        return done, done == GC_BATCH

    def _fetch(self, query: SQL) -> list[tuple]:
        self.env.cr.execute(query)
        return self.env.cr.fetchall()
