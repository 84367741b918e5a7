# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

from datetime import timedelta

from psycopg2.errors import ForeignKeyViolation

from odoo import models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..exceptions import ApiRefused, AuthenticationRefused
from ..tools.api_request import ApiCaller
from ..tools.rate_commit import at_once, end_transaction
from ..tools.rate_quota import Quota, Standing, get_headers, get_retry_after
from .api_log_row import LAZILY
from .ir_http import WWW_AUTHENTICATE

_lt = LazyTranslate(__name__)

#: Of one key: a flood of refused requests must not fill the disk.
REFUSAL_ROWS = Quota("refusals", 20)
#: Counting is not worth waiting for the disk: a crash of PostgreSQL itself may
#: forget the last second. Evaluated whether or not there is anything to write.
NOW = SQL("(SELECT clock_timestamp() AT TIME ZONE 'utc' AS now, %s) AS t", LAZILY)
#: The algorithm of ``tools.rate_quota``. Numbers are microseconds, and NULL where
#: there is no limit; a moment that is NULL is long past, as ``greatest`` has it. One
#: text with numbers in it, since every request pays for putting it together.
CHARGE_KEY = """
INSERT INTO api_key_use AS used (id, key_id, last_used_at, last_used_from, request_tat)
SELECT %(key)s, %(key)s, t.now, %(address)s,
    t.now + %(one)s::bigint * interval '1 microsecond'
FROM %(now)s
ON CONFLICT (key_id) DO UPDATE SET
    last_used_at = EXCLUDED.last_used_at, last_used_from = EXCLUDED.last_used_from,
    request_tat = greatest(used.request_tat, EXCLUDED.last_used_at)
        + %(one)s::bigint * interval '1 microsecond'
WHERE coalesce(used.request_tat - EXCLUDED.last_used_at
        <= %(rest)s::bigint * interval '1 microsecond', TRUE)
    AND coalesce(used.row_tat - EXCLUDED.last_used_at
        <= %(row_rest)s::bigint * interval '1 microsecond', TRUE)
RETURNING request_tat - last_used_at, row_tat - last_used_at
"""
CHARGE_ROWS = """
UPDATE api_key_use SET row_tat = greatest(row_tat, t.now)
    + %(cost)s::bigint * interval '1 microsecond'
FROM %(now)s WHERE key_id = %(key)s RETURNING row_tat - t.now
"""
CHARGE_REFUSAL = """
UPDATE api_key_use SET refusal_tat = greatest(refusal_tat, t.now)
    + %(one)s::bigint * interval '1 microsecond'
FROM %(now)s WHERE key_id = %(key)s AND coalesce(
    refusal_tat - t.now <= %(rest)s::bigint * interval '1 microsecond', TRUE)
RETURNING id
"""
CHARGE_ADDRESS = """
INSERT INTO api_address_use AS used (id, %(column)s)
SELECT %(bucket)s, t.now + %(one)s::bigint * interval '1 microsecond' FROM %(now)s
ON CONFLICT (id) DO UPDATE SET %(column)s = greatest(used.%(column)s
    + %(one)s::bigint * interval '1 microsecond', EXCLUDED.%(column)s)
WHERE coalesce(used.%(column)s - EXCLUDED.%(column)s
    <= (%(rest)s - %(one)s)::bigint * interval '1 microsecond', TRUE)
RETURNING id
"""


class ApiRateLimit(models.AbstractModel):
    """Counts what keys and addresses do, for all servers together.

    On PostgreSQL's clock, in the rows of ``api.key.use`` and ``api.address.use``,
    each time with one statement that is a transaction of its own (``at_once``):
    what was counted stays counted, whatever becomes of the work, and the row is
    locked for no longer than the statement takes.
    """

    _name = "api.rate.limit"
    _description = "API Rate Limit"

    # -- of a key -------------------------------------------------------------

    def _charge_request(self, caller: ApiCaller) -> list[Standing]:
        """Note that a key is used, and charge it one request.

        :returns: where it stands then, for ``tools.rate_quota.get_headers``; empty
            without limits, and for a session, which has none.
        :raises ApiRefused: ``rate_limited``; nothing is charged then.
        :raises AuthenticationRefused: the key was revoked this very moment.
        """
        if not caller.api_key_id:
            return []
        requests, rows = self._get_quotas(caller)
        try:
            found = self._fetch(self._get_charge(caller, requests, rows))
        except ForeignKeyViolation as exc:
            message = _lt("This API key is not valid.")
            raise AuthenticationRefused(
                "auth_invalid", message, WWW_AUTHENTICATE
            ) from exc
        if not found:
            raise self._refuse(caller, self._get_standings(caller, requests, rows))
        pairs = zip((requests, rows), found[0], strict=True)
        return [self._stand(quota, ahead) for quota, ahead in pairs if quota]

    def _charge_rows(
        self, caller: ApiCaller, count: int, standings: list[Standing]
    ) -> list[Standing]:
        """Charge a key for the records a request has read or written.

        After the work, since nobody knows before how many they will be; so one
        request may take more than is left, and the next ones wait for it.

        :param standings: what ``_charge_request`` returned.
        :returns: the same, up to date.
        """
        rows = self._get_quotas(caller)[1]
        if not rows or not count:
            return standings
        key, cost = caller.api_key_id, rows.interval * count
        found = self._fetch(SQL(CHARGE_ROWS, key=key, cost=cost, now=NOW))
        others = [one for one in standings if one.quota != rows]
        return [*others, *(self._stand(rows, ahead) for (ahead,) in found)]

    def _may_log_refusal(self, caller: ApiCaller) -> bool:
        """Tell whether one more refusal of a key may have a log row; count it."""
        query = SQL(
            CHARGE_REFUSAL,
            key=caller.api_key_id,
            one=REFUSAL_ROWS.interval,
            rest=REFUSAL_ROWS.rest,
            now=NOW,
        )
        return bool(self._fetch(query))

    def _get_quotas(self, caller: ApiCaller) -> tuple[Quota | None, Quota | None]:
        """Return what a key may do in a minute: requests, records. A hook.

        A key with a profile has the profile's limits, another one that of the system
        parameter.
        """
        if caller.grant:
            requests = caller.grant.requests_per_minute
            rows = caller.grant.rows_per_minute
        else:
            requests = self.env["api.settings"]._get("webhook.requests_per_minute")
            rows = 0
        return (
            Quota("requests", requests) if requests else None,
            Quota("rows", rows) if rows else None,
        )

    def _get_charge(
        self, caller: ApiCaller, requests: Quota | None, rows: Quota | None
    ) -> SQL:
        """Return the statement that charges one request, and none when it may not."""
        return SQL(
            CHARGE_KEY,
            key=caller.api_key_id,
            address=caller.remote_addr or None,
            one=requests.interval if requests else None,
            rest=requests.rest if requests else None,
            row_rest=rows.rest if rows else None,
            now=NOW,
        )

    def _get_standings(
        self, caller: ApiCaller, requests: Quota | None, rows: Quota | None
    ) -> list[Standing]:
        """Return where a key stands that was refused."""
        query = SQL(
            "SELECT request_tat - t.now, row_tat - t.now FROM api_key_use, %s"
            " WHERE key_id = %s",
            NOW,
            caller.api_key_id,
        )
        found = self._fetch(query)
        pairs = zip((requests, rows), found[0] if found else (None, None), strict=True)
        return [self._stand(quota, ahead) for quota, ahead in pairs if quota]

    def _stand(self, quota: Quota, ahead: timedelta | None) -> Standing:
        return Standing(quota, (ahead or timedelta()) // timedelta(microseconds=1))

    def _refuse(self, caller: ApiCaller, standings: list[Standing]) -> ApiRefused:
        """Return the refusal of a key that has done enough for now."""
        headers = get_headers(standings) | get_retry_after(standings)
        message = _lt(
            "This API key has reached its limit; see Retry-After for when to go on."
        )
        return ApiRefused("rate_limited", message, headers)

    # -- of an address --------------------------------------------------------

    def _charge_failure(self, address: str) -> int:
        """Charge an address for a key that is none.

        :returns: 0, or the seconds to wait where there were too many of them. What
            comes meanwhile is not charged, so the wait does not grow.
        """
        limit = self.env["api.settings"]._get("webhook.auth_failures_per_minute")
        quota = Quota("failures", limit)
        if self._charge_address(address, "failure_tat", quota):
            return 0
        query = SQL(
            "SELECT failure_tat - t.now FROM api_address_use, %s WHERE id = %s",
            NOW,
            self.env["api.address.use"]._get_bucket(address),
        )
        waits = [self._stand(quota, ahead).wait for (ahead,) in self._fetch(query)]
        return max([1, *waits])

    def _may_log_failure(self, address: str) -> bool:
        """Tell whether one more failed authentication may have a log row; count it.

        :param address: where it came from, as ``ApiCaller.remote_addr`` has it.
        """
        limit = self.env["api.settings"]._get("webhook.auth_failure_rows_per_hour")
        return self._charge_address(address, "log_tat", Quota("rows", limit, 3600))

    def _charge_address(self, address: str, column: str, quota: Quota) -> bool:
        """Charge an address one of a quota; False where it is used up."""
        query = SQL(
            CHARGE_ADDRESS,
            column=SQL.identifier(column),
            bucket=self.env["api.address.use"]._get_bucket(address),
            one=quota.interval,
            rest=quota.rest,
            now=NOW,
        )
        return bool(self._fetch(query))

    def _fetch(self, query: SQL) -> list[tuple]:
        """Count, in a transaction of its own.

        Called where nothing is under way; but whatever was read until now, be it a
        setting the cache had not, has begun a transaction, and joining it would
        mean to fail where somebody else counts at the same time.
        """
        end_transaction(self.env.cr)
        with at_once(self.env.cr):
            # Core logs a failing statement; these are answered for.
            self.env.cr.execute(query, log_exceptions=False)
            return self.env.cr.fetchall()
