# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import logging

from odoo import models
from odoo.tools import ormcache

from ..tools.access_grant import Grant
from ..tools.json_body import JsonLimits
from ..tools.log_mode import LogMode
from ..tools.webhook_policy import Policy, make_policy

_logger = logging.getLogger(__name__)

#: System parameter -> default. The type of the default is the type of the
#: setting. Names of 18.0 are kept (wire contract, section 6).
DEFAULTS: dict[str, bool | int | str | list] = {
    "webhook.create_data_log": LogMode.FULL,
    "webhook.create_update_data_log": LogMode.FULL,
    "webhook.update_data_log": LogMode.FULL,
    "webhook.search_data_log": LogMode.FULL,
    "webhook.call_function_log": LogMode.FULL,
    "webhook.preview_limit": 2000,  # characters
    "webhook.ignore_checkcompany_model": [],
    "webhook.unknown_fields": "error",
    "webhook.allow_plain_keys": True,  # keys without a profile
    "webhook.payload_retention_days": 30,  # what was said; the row stays
    "webhook.log_retention_days": 400,  # the row
    "webhook.idempotency_hours": 72,
    "webhook.max_body_size": 10 * 1024 * 1024,  # bytes
    "webhook.max_depth": 32,
    "webhook.max_nodes": 200_000,
    "webhook.max_keys": 1_000,
    "webhook.max_lines": 4_000,  # records of one list
    "webhook.max_records": 2_000,  # of one batch
    "webhook.max_search": 10_000,  # rows without a limit of the caller's
    "webhook.requests_per_minute": 0,  # of a key without a profile; 0: no limit
    "webhook.auth_failures_per_minute": 30,  # of one address
    "webhook.auth_failure_rows_per_hour": 20,  # on the log, of one address
    "webhook.private_networks": [],  # that deliveries may reach, as 10.1.0.0/16
    "webhook.outbound_ports": ["443", "8443"],
    "webhook.outbound_http_ports": ["80", "8080"],
    "webhook.max_outbound_body": 256 * 1024,  # bytes
    "webhook.delivery_retention_days": 30,
    "webhook.dead_delivery_retention_days": 90,
    "webhook.rollback_state_failed": True,  # accepted, no effect
    "webhook.rollback_except": True,  # accepted, no effect
}
#: More than any limit needs; PostgreSQL takes it wherever it takes a number.
MAX_NUMBER = 2**31 - 1
FALSE_WORDS = frozenset({"", "0", "false", "no", "off", "none", "f", "n"})
TRUE_WORDS = frozenset({"1", "true", "yes", "on", "t", "y"})


class ApiSettings(models.AbstractModel):
    """The gateway's system parameters, typed, with a default for each."""

    _name = "api.settings"
    _description = "API Settings"

    @ormcache("name", cache="stable")
    def _get(self, name: str) -> bool | int | str | list:
        """Return one setting, in the type of its default.

        A parameter that is missing or says nonsense counts as its default: a
        typing error in a system parameter must not stop an integration.

        Cached where core caches the parameter's text, so both go at once, on every
        worker (``ir.config_parameter``).

        :param name: a key of ``DEFAULTS``.
        """
        default = DEFAULTS[name]
        # Parameters are for administrators; the gateway only reads its own.
        params = self.env["ir.config_parameter"].sudo()  # caller may not read them
        text = params.get_param(name)
        if text is False or text is None:
            return default
        try:
            return self._parse(str(text).strip(), default)
        except ValueError:
            _logger.warning("system parameter %s: %r, using %r", name, text, default)
            return default

    def _ignores_unknown(self) -> bool:
        """Tell whether unknown keys and fields are dropped, as 18.0 did."""
        return self._get("webhook.unknown_fields") == "ignore"

    def _get_log_mode(
        self, route: str, grant: Grant | None, *, is_replay: bool = False
    ) -> LogMode:
        """Return how much of a request the log keeps.

        A profile's own word wins over the route's, whichever of them keeps more.
        Somebody waits for the row of a replay, so there always is one.
        """
        mode = self._get(f"webhook.{route}_log")
        if grant and grant.log_mode:
            mode = LogMode(grant.log_mode)
        if is_replay:
            instead = {LogMode.OFF: LogMode.METADATA, LogMode.ERRORS: LogMode.FULL}
            mode = instead.get(mode, mode)
        return mode

    def _get_json_limits(self) -> JsonLimits:
        """Return how deep and how wide a request's JSON may be."""
        return JsonLimits(
            max_depth=self._get("webhook.max_depth"),
            max_nodes=self._get("webhook.max_nodes"),
            max_keys=self._get("webhook.max_keys"),
        )

    def _get_outbound_policy(self, *, allow_http: bool = False) -> Policy:
        """Return where deliveries may go.

        A list that is not one of networks or of ports counts as its default.
        """
        names = ("private_networks", "outbound_ports", "outbound_http_ports")
        texts = [self._get(f"webhook.{name}") for name in names]
        try:
            return make_policy(*texts, allow_http=allow_http)
        except ValueError as exc:
            _logger.warning("system parameters of outbound webhooks: %s", exc)
            return make_policy(allow_http=allow_http)

    def _parse(self, text: str, default: bool | int | str | list):
        """Read ``text`` in the type of ``default``; ValueError when it cannot be."""
        if isinstance(default, LogMode):
            return self._parse_log_mode(text.lower())
        if isinstance(default, bool):
            return text.lower() not in FALSE_WORDS
        if isinstance(default, int):
            number = int(text)
            # Zero says "none" where that is the default, and else nothing.
            if not (number > 0 or number == default) or number > MAX_NUMBER:
                raise ValueError(text)
            return number
        if isinstance(default, list):
            return self._parse_names(text)
        return text

    def _parse_log_mode(self, word: str) -> LogMode:
        """Read a mode, or what 18.0 had: a switch."""
        if word in FALSE_WORDS:
            return LogMode.OFF
        return LogMode.FULL if word in TRUE_WORDS else LogMode(word)

    def _parse_names(self, text: str) -> list[str]:
        """Read a list of model names: JSON, the 18.0 Python form, or commas."""
        try:
            names = json.loads(text.replace("'", '"'))
        except ValueError:
            names = text.strip("[]").split(",")
        if not isinstance(names, list):
            raise ValueError(text)
        return [str(name).strip(" '\"") for name in names if str(name).strip(" '\"")]
