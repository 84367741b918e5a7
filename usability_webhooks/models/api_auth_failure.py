# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import fields, models
from odoo.tools import SQL

from ..exceptions import ApiRefused
from ..tools.api_request import ApiCaller
from ..tools.rate_commit import at_once

#: Tell the row that was logged last how many came after it, and count from now on
#: for the new one.
TELL = """
WITH told AS (
    UPDATE api_log SET unlogged_count = used.unlogged
    FROM api_address_use AS used
    WHERE used.id = %(bucket)s AND used.unlogged > 0 AND api_log.id = used.log_id
)
UPDATE api_address_use SET log_id = %(log)s, unlogged = 0 WHERE id = %(bucket)s
"""
COUNT = """
UPDATE api_address_use SET unlogged = coalesce(unlogged, 0) + 1 WHERE id = %(bucket)s
"""


class ApiAuthFailure(models.AbstractModel):
    """Puts requests that nobody authenticated on the log, some of each address.

    Whoever sends them decides how many there are, so a row is not for each: beyond a
    number in an hour (``webhook.auth_failure_rows_per_hour``) they are counted. A row
    says when, from where and for which route; never what was sent, nor the key.
    """

    _name = "api.auth.failure"
    _description = "API Authentication Failure"

    def _note(
        self, request_id: str, caller: ApiCaller, route: str, exc: ApiRefused
    ) -> None:
        """Log a refused request, or count it where its address has rows enough.

        :param caller: of which the address and the client's name are known.
        :param route: one of ``ROUTES``.
        """
        bucket = self.env["api.address.use"]._get_bucket(caller.remote_addr)
        if not self.env["api.rate.limit"]._may_log_failure(caller.remote_addr):
            self._execute(SQL(COUNT, bucket=bucket))
            return
        writer = self.env["api.log.writer"]
        vals = writer._prepare_log_vals(request_id, caller)
        vals |= writer._prepare_refusal_vals(exc)
        vals |= {
            "route": f"/api/{route}",
            # Nobody is whom the request was made as.
            **dict.fromkeys(("create_uid", "user_id", "company_id")),
            "create_date": fields.Datetime.now(),
        }
        with at_once(self.env.cr):
            log_id = writer._insert(vals, None)
        self._execute(SQL(TELL, bucket=bucket, log=log_id))

    def _execute(self, query: SQL) -> None:
        with at_once(self.env.cr):
            # Core logs a failing statement; these are answered for.
            self.env.cr.execute(query, log_exceptions=False)

    def _count_unlogged(self, logs: models.BaseModel) -> dict[int, int]:
        """Return how many failures came after a row and have none of their own.

        :param logs: rows of ``api.log``.
        :returns: row id -> number, for those that are the last of their address.
        """
        buckets = [
            self.env["api.address.use"]._get_bucket(log.remote_addr or "")
            for log in logs
        ]
        query = SQL(
            "SELECT log_id, unlogged FROM api_address_use"
            " WHERE id = ANY(%s) AND log_id = ANY(%s) AND unlogged > 0",
            buckets,
            logs.ids,
        )
        return dict(self.env.execute_query(query))
