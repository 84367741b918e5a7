# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..tools.log_mode import LogMode
from ..tools.webhook_policy import make_policy
from .api_access_profile import LOG_MODES

KIB = 1024  # bytes
MIB = 1024 * KIB
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
    "webhook_delivery_retention_days": "webhook.delivery_retention_days",
    "webhook_dead_retention_days": "webhook.dead_delivery_retention_days",
}
#: Shown in a larger unit than stored: parameter in bytes, bytes of the unit.
SIZES = {
    "api_max_body_mib": ("webhook.max_body_size", MIB),
    "webhook_max_body_kib": ("webhook.max_outbound_body", KIB),
}
#: Shown with commas, stored as JSON.
LISTS = {
    "webhook_private_networks": "webhook.private_networks",
    "webhook_https_ports": "webhook.outbound_ports",
    "webhook_http_ports": "webhook.outbound_http_ports",
}
PORT_FIELDS = ("webhook_https_ports", "webhook_http_ports")
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
    "webhook_delivery_retention_days",
    "webhook_dead_retention_days",
    "webhook_max_body_kib",
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
    webhook_private_networks = fields.Char("Private Networks")
    webhook_https_ports = fields.Char("Ports of HTTPS")
    webhook_http_ports = fields.Char("Ports of HTTP")
    webhook_max_body_kib = fields.Float("Largest Delivery", digits=(16, 2))
    webhook_delivery_retention_days = fields.Integer("Keep Deliveries")
    webhook_dead_retention_days = fields.Integer("Keep Dead Deliveries")

    @api.constrains(*LIMIT_FIELDS)
    def _check_api_limits(self) -> None:
        """Refuse zero and less, which ``api.settings`` reads as the default."""
        for settings in self:
            for name in LIMIT_FIELDS:
                if settings[name] <= 0:
                    message = self.env._(
                        "%(setting)s: give a number above zero.",
                        setting=self._get_label(name),
                    )
                    raise ValidationError(message)

    @api.constrains("api_requests_per_minute")
    def _check_api_requests_per_minute(self) -> None:
        if any(settings.api_requests_per_minute < 0 for settings in self):
            raise ValidationError(
                self.env._("Requests of a key: give a number, or 0 for no limit.")
            )

    @api.constrains("webhook_private_networks")
    def _check_webhook_networks(self) -> None:
        """Refuse what is no network: all of the list would count as empty."""
        for settings in self:
            for text in settings._get_items("webhook_private_networks"):
                if not self._is_allowed(networks=[text]):
                    message = self.env._(
                        "Private networks: '%(text)s' is not a network such as"
                        " 10.1.0.0/16 or 192.168.7.4/32.",
                        text=text,
                    )
                    raise ValidationError(message)

    @api.constrains(*PORT_FIELDS)
    def _check_webhook_ports(self) -> None:
        """Refuse what is no port, and a list that lets nothing through."""
        for settings in self:
            for name in PORT_FIELDS:
                for text in settings._get_items(name):
                    if not self._is_allowed(https_ports=[text]):
                        message = self.env._(
                            "%(setting)s: '%(text)s' is not a port, a number from 1 to"
                            " 65535.",
                            setting=self._get_label(name),
                            text=text,
                        )
                        raise ValidationError(message)
            if not settings._get_items("webhook_https_ports"):
                message = self.env._("Ports of HTTPS: give at least one, such as 443.")
                raise ValidationError(message)

    def _is_allowed(self, **texts: list[str]) -> bool:
        """Tell whether a policy can be made of texts, as ``make_policy`` takes them."""
        try:
            make_policy(**texts)
        except ValueError:
            return False
        return True

    def _get_label(self, name: str) -> str:
        return self._fields[name].get_description(self.env, ["string"])["string"]

    def _get_items(self, name: str) -> list[str]:
        """Return what a list of the page holds."""
        texts = (self[name] or "").split(",")
        return [text.strip() for text in texts if text.strip()]

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
        for name, (parameter, unit) in SIZES.items():
            values[name] = settings._get(parameter) / unit
        for name, parameter in LISTS.items():
            values[name] = ", ".join(settings._get(parameter))
        return values

    def set_values(self) -> None:
        """Store what was changed, and only that.

        A parameter nobody touched stays missing, so that it follows its default,
        and a size that is no round number of its unit keeps its bytes.
        """
        super().set_values()
        current = self.get_values()
        params, settings = self.env["ir.config_parameter"], self.env["api.settings"]
        for name, parameter in PARAMETERS.items():
            if self[name] != current[name]:
                params.set_param(parameter, str(self[name]))
        if self.api_refuse_plain_keys != current["api_refuse_plain_keys"]:
            params.set_param(ALLOW_PLAIN_KEYS, str(not self.api_refuse_plain_keys))
        for name, (parameter, unit) in SIZES.items():
            if float_compare(self[name], current[name], precision_digits=2):
                params.set_param(parameter, str(round(self[name] * unit)))
        for name, parameter in LISTS.items():
            if (items := self._get_items(name)) != settings._get(parameter):
                params.set_param(parameter, json.dumps(items))
