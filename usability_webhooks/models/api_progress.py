# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import re

from odoo import models
from odoo.tools import SQL

#: What a connection calls itself while it works on a log row.
NAME = "usability_webhooks log"
_NAME = re.compile(rf"{NAME} (?P<log_id>\d+)(?: (?P<done>\d+)/(?P<total>\d+))?")


class ApiProgress(models.AbstractModel):
    """Shows how far a request has got, while nothing of it is committed.

    The connection's ``application_name`` says so: PostgreSQL shows it to other
    sessions at once, whatever the transaction does (manual, pg_stat_activity),
    and ``set_config(..., is_local => true)`` takes it back when the transaction
    ends, however it ends. A row that is written instead would conflict with the
    log row's own last change, or outlive a killed worker.
    """

    _name = "api.progress"
    _description = "API Progress"

    def _name_log(self, log_id: int) -> SQL:
        """Return the SQL that ties this transaction to a log row."""
        return SQL("set_config('application_name', %s, true)", f"{NAME} {log_id}")

    def _report(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` records are written."""
        name = SQL("current_setting('application_name')")
        head = SQL("regexp_replace(%s, %s, '')", name, r" \d+/\d+$")
        text = SQL("%s || %s", head, f" {done}/{total}")
        self.env.cr.execute(
            SQL("SELECT set_config('application_name', %s, true)", text)
        )

    def _get_all(self) -> dict[int, tuple[int, int] | None]:
        """Return the log rows being worked on now: ``{id: (done, total)}``.

        ``None`` for a request that is no batch, or has not begun to write.
        """
        query = SQL(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE %s",
            f"{NAME} %",
        )
        found: dict[int, tuple[int, int] | None] = {}
        for (name,) in self.env.execute_query(query):
            if match := _NAME.fullmatch(name):
                numbers = match["done"] and (int(match["done"]), int(match["total"]))
                found[int(match["log_id"])] = numbers or None
        return found
