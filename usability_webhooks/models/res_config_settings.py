# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..tools.log_mode import LogMode
from .api_access_profile import LOG_MODES

MIB = 1024 * 1024  # bytes
MAX_BODY_SIZE = "webhook.max_body_size"
ALLOW_PLAIN_KEYS = "webhook.allow_plain_keys"
#: Field of the settings page -> system parameter shown and stored as it is.
PARAMETERS = {
    "api_log_create_data": "webhook.create_data_log",
    "api_log_create_update_data": "webhook.create_update_data_log",
    "api_log_update_data": "webhook.update_data_log",
    "api_log_search_data": "webhook.search_data_log",
    "api_log_call_function": "webhook.call_function_log",
    "api_payload_retention_days": "webhook.payload_retention_days",
    "api_log_retention_days": "webhook.log_retention_days",
    "api_log_preview_limit": "webhook.preview_limit",
    "api_max_depth": "webhook.max_depth",
    "api_max_records": "webhook.max_records",
    "api_max_search": "webhook.max_search",
    "api_unknown_fields": "webhook.unknown_fields",
    "api_requests_per_minute": "webhook.requests_per_minute",
    "api_auth_failures_per_minute": "webhook.auth_failures_per_minute",
    "api_auth_failure_rows": "webhook.auth_failure_rows_per_hour",
}
LIMIT_FIELDS = (
    "api_payload_retention_days",
    "api_log_retention_days",
    "api_log_preview_limit",
    "api_max_depth",
    "api_max_records",
    "api_max_search",
    "api_max_body_mib",
    "api_auth_failures_per_minute",
    "api_auth_failure_rows",
)


class ResConfigSettings(models.TransientModel):
    """The gateway's system parameters on the settings page.

    None of the fields is declared with ``config_parameter``: core deletes the
    parameter of a field that is emptied, and a missing parameter of the gateway
    counts as its default.
    """

    _inherit = "res.config.settings"

    api_log_create_data = fields.Selection(LOG_MODES, "Log of /api/create_data")
    api_log_create_update_data = fields.Selection(
        LOG_MODES, "Log of /api/create_update_data"
    )
    api_log_update_data = fields.Selection(LOG_MODES, "Log of /api/update_data")
    api_log_search_data = fields.Selection(LOG_MODES, "Log of /api/search_data")
    api_log_call_function = fields.Selection(LOG_MODES, "Log of /api/call_function")
    api_payload_retention_days = fields.Integer("Keep Requests and Responses")
    api_log_retention_days = fields.Integer("Keep Logs")
    api_log_preview_limit = fields.Integer("Payload Preview")
    api_max_body_mib = fields.Float("Largest Request", digits=(16, 2))
    api_max_depth = fields.Integer("Deepest Request")
    api_max_records = fields.Integer("Largest Batch")
    api_max_search = fields.Integer("Longest Search Result")
    api_refuse_plain_keys = fields.Boolean("Refuse Keys without a Profile")
    api_requests_per_minute = fields.Integer("Requests of a Key")
    api_auth_failures_per_minute = fields.Integer("Failed Authentications")
    api_auth_failure_rows = fields.Integer("Logged Failed Authentications")
    api_unknown_fields = fields.Selection(
        [("error", "Refuse the request"), ("ignore", "Ignore them, with a warning")],
        "Unknown Fields",
    )

    @api.constrains(*LIMIT_FIELDS)
    def _check_api_limits(self) -> None:
        """Refuse zero and less, which ``api.settings`` reads as the default."""
        for settings in self:
            for name in LIMIT_FIELDS:
                if settings[name] <= 0:
                    label = self._fields[name].get_description(self.env)["string"]
                    raise ValidationError(
                        self.env._(
                            "%(setting)s: give a number above zero.", setting=label
                        )
                    )

    @api.constrains("api_requests_per_minute")
    def _check_api_requests_per_minute(self) -> None:
        if any(settings.api_requests_per_minute < 0 for settings in self):
            raise ValidationError(
                self.env._("Requests of a key: give a number, or 0 for no limit.")
            )

    @api.model
    def get_values(self) -> dict:
        values = super().get_values()
        settings = self.env["api.settings"]
        for name, parameter in PARAMETERS.items():
            value = settings._get(parameter)
            values[name] = value.value if isinstance(value, LogMode) else value
        if values["api_unknown_fields"] != "ignore":
            values["api_unknown_fields"] = "error"
        values["api_refuse_plain_keys"] = not settings._get(ALLOW_PLAIN_KEYS)
        values["api_max_body_mib"] = settings._get(MAX_BODY_SIZE) / MIB
        return values

    def set_values(self) -> None:
        """Store what was changed, and only that.

        A parameter nobody touched stays missing, so that it follows its default,
        and a body size that is no round number of MiB keeps its bytes.
        """
        super().set_values()
        current = self.get_values()
        params = self.env["ir.config_parameter"]
        for name, parameter in PARAMETERS.items():
            if self[name] != current[name]:
                params.set_param(parameter, str(self[name]))
        if self.api_refuse_plain_keys != current["api_refuse_plain_keys"]:
            params.set_param(ALLOW_PLAIN_KEYS, str(not self.api_refuse_plain_keys))
        size = self.api_max_body_mib
        if float_compare(size, current["api_max_body_mib"], precision_digits=2):
            params.set_param(MAX_BODY_SIZE, str(round(size * MIB)))
