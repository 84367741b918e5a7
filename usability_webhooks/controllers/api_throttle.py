# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import logging

from psycopg2 import DatabaseError, InterfaceError

from odoo.tools.translate import LazyTranslate

from ..exceptions import ApiRefused, AuthenticationRefused, Unavailable
from ..tools.api_outcome import ApiAnswer
from ..tools.api_request import ROUTES, ApiCaller
from ..tools.log_mode import LogMode
from ..tools.rate_commit import end_transaction
from ..tools.rate_quota import Standing, get_headers

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)


class ApiThrottle:
    """The part of the dispatcher that counts; ``api.rate.limit`` does the counting."""

    #: Where the key stands with its limits, once it was charged.
    standings: list[Standing] = []  # noqa: RUF012 - replaced, never changed

    def _charge_request(self) -> None:
        """Charge the key one request, before its body is read.

        :raises ApiRefused: ``rate_limited``, on the log within a cap.
        """
        caller = self.request.api_caller
        if not caller.api_key_id:
            return
        limits = self.request.env["api.rate.limit"]
        try:
            self.standings = limits._charge_request(caller)
        except AuthenticationRefused:
            raise
        except ApiRefused as exc:
            if limits._may_log_refusal(caller):
                self._log_refusal(exc, b"")
            raise
        except (DatabaseError, InterfaceError) as exc:
            _logger.warning("%s: not counted: %r", self.request_id, exc)
            raise Unavailable() from exc

    def _charge_rows(self, answer: ApiAnswer) -> None:
        """Charge the key for the records it got; what is done stays done."""
        caller = self.request.api_caller
        if not caller.grant or not caller.grant.rows_per_minute:
            return
        try:
            self.standings = self.request.env["api.rate.limit"]._charge_rows(
                caller, answer.rows, self.standings
            )
        except (DatabaseError, InterfaceError) as exc:
            _logger.warning("%s: records not counted: %r", self.request_id, exc)

    def _log_failure(self, exc: ApiRefused) -> None:
        """Leave a row of who was not let in, within a cap for each address."""
        env, headers = self.request.env, self.request.httprequest.headers
        if self.route not in ROUTES:
            return  # a document, which has no log
        if env["api.settings"]._get_log_mode(self.route, None) is LogMode.OFF:
            return
        caller = ApiCaller(
            remote_addr=self.request.httprequest.remote_addr or "",
            user_agent=headers.get("User-Agent", ""),
        )
        try:
            end_transaction(env.cr)
            env["api.auth.failure"]._note(self.request_id, caller, self.route, exc)
            end_transaction(env.cr)
        except (DatabaseError, InterfaceError) as error:
            name = type(error).__name__
            _logger.warning("%s: failure not logged: %s", self.request_id, name)

    def _get_rate_headers(self) -> dict[str, str]:
        return get_headers(self.standings)

    def _throttle(self, exc: ApiRefused) -> ApiRefused:
        """Return the refusal to send to somebody who was not let in.

        Too many bad keys from one address are answered with 429, the same for every
        kind of them. Asked only when authentication has failed: a good key gets in
        whatever others behind its address do.
        """
        if exc.code != "auth_invalid":
            return exc
        limits = self.request.env["api.rate.limit"]
        address = self.request.httprequest.remote_addr or ""
        try:
            seconds = limits._charge_failure(address)
        except (DatabaseError, InterfaceError) as error:
            _logger.warning("%s: failure not counted: %r", self.request_id, error)
            return Unavailable()
        if not seconds:
            return exc
        message = _lt("Too many requests without a valid API key; see Retry-After.")
        return ApiRefused("rate_limited", message, {"Retry-After": str(seconds)})
