# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import ipaddress
import json
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.access_grant import Grant, read_policy
from ..tools.api_request import ROUTES

#: What the log keeps, as people choose it; see ``tools.log_mode``.
LOG_MODES = [
    ("full", "Everything"),
    ("metadata", "Without requests and responses"),
    ("errors", "Errors only"),
    ("off", "Nothing"),
]
#: payload.order_line.name; places in lists may be written and do not matter.
MASKED_PATH = re.compile(r"[A-Za-z_]\w*(\[\d*\])?(\.[A-Za-z_]\w*(\[\d*\])?)*", re.ASCII)
#: Field -> what it is in a policy, where both hold the same.
PLAIN = (
    "requests_per_minute",
    "rows_per_minute",
    "max_records",
    "needs_idempotency_key",
)


class ApiAccessProfile(models.Model):
    """What keys may be used for, less than what their users may do.

    Compiled to ``policy``, which authentication reads together with the key: one
    row, so a change holds from the next request on, on every server.
    """

    _name = "api.access.profile"
    _description = "API Access Profile"
    _order = "name, id"
    _allow_sudo_commands = False

    name = fields.Char(required=True, translate=False)
    active = fields.Boolean(
        default=True, help="Keys of an archived profile are refused at once."
    )
    description = fields.Text()
    allow_create_data = fields.Boolean("Create", help="/api/create_data")
    allow_create_update_data = fields.Boolean(
        "Create or Update", help="/api/create_update_data"
    )
    allow_update_data = fields.Boolean("Update", help="/api/update_data")
    allow_search_data = fields.Boolean("Search", help="/api/search_data")
    allow_call_function = fields.Boolean("Call Functions", help="/api/call_function")
    rule_ids = fields.One2many("api.access.rule", "profile_id", "Models", copy=True)
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        help="Companies to work in. Empty: all of the user's.",
    )
    networks = fields.Text(
        "Source Networks",
        help="Where requests may come from, one address or network a line, such as"
        " 203.0.113.0/24. Empty: anywhere.",
    )
    requests_per_minute = fields.Integer(
        "Requests per Minute", help="0: as many as can be served."
    )
    rows_per_minute = fields.Integer(
        "Records per Minute",
        help="Records read or written. 0: as many as can be served.",
    )
    max_body_kib = fields.Integer("Largest Request (KiB)", help="0: the server's own.")
    max_records = fields.Integer(
        "Largest Batch", help="Records of one request. 0: the server's own."
    )
    needs_idempotency_key = fields.Boolean(
        "Demand Idempotency Keys",
        help="Requests that write must carry an Idempotency-Key header.",
    )
    log_mode = fields.Selection(
        LOG_MODES,
        "Log",
        help="What the log keeps of requests with these keys, whatever is set for the"
        " route. Empty: as set for the route.",
    )
    masked_paths = fields.Text(
        "Masked in the Log",
        help="Values the log must not keep, one path a line, such as payload.note"
        " or payload.order_line.name. They are masked wherever the field stands: in"
        " requests, search domains, answers and error messages.",
    )
    policy = fields.Char(
        compute="_compute_policy", store=True, groups="base.group_no_one"
    )

    summary = fields.Html("In Plain Words", compute="_compute_summary")
    key_count = fields.Integer("Keys", compute="_compute_key_count")

    _name_unique = models.Constraint(
        "UNIQUE (name)", "There is a profile of this name already."
    )

    @api.depends(
        *("name", "rule_ids.policy", "company_ids", "networks", "max_body_kib"),
        *("log_mode", "masked_paths", *PLAIN),
        *(f"allow_{route}" for route in ROUTES),
    )
    def _compute_policy(self) -> None:
        for profile in self:
            profile.policy = json.dumps(profile._prepare_policy(), sort_keys=True)

    @api.depends("policy")
    @api.depends_context("lang")
    def _compute_summary(self) -> None:
        for profile in self:
            grant = profile._get_grant()
            profile.summary = self.env["api.access.summary"]._render(grant)

    def _compute_key_count(self) -> None:
        keys = self.env["api.access.key"].sudo()  # a number, no key
        rows = keys._read_group(
            [("profile_id", "in", self.ids)], ["profile_id"], ["__count"]
        )
        counts = {profile.id: count for profile, count in rows}
        for profile in self:
            profile.key_count = counts.get(profile.id, 0)

    def action_open_keys(self) -> dict:
        """List the keys bound to the profile, as far as the caller may see them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.api_key_action"
        )
        return action | {"domain": [("profile_id", "=", self.id)], "context": {}}

    def _prepare_policy(self) -> dict:
        """Return what ``tools.access_grant.read_policy`` reads."""
        self.ensure_one()
        rules = [rule for rule in self.rule_ids if rule.model]
        return {name: self[name] for name in PLAIN} | {
            "name": self.name,
            "routes": [route for route in ROUTES if self[f"allow_{route}"]],
            "models": {rule.model: json.loads(rule.policy) for rule in rules},
            "company_ids": self.company_ids.ids,
            "networks": [str(network) for network in self._get_networks()],
            "max_body_size": self.max_body_kib * 1024,
            "log_mode": self.log_mode or "",
            "masked_paths": self._get_lines("masked_paths"),
        }

    def _get_lines(self, name: str) -> list[str]:
        """Return the lines of a text that say something."""
        return [
            line.strip() for line in (self[name] or "").splitlines() if line.strip()
        ]

    def _get_networks(self) -> list:
        """Return the source networks; ValueError when one is none."""
        return [ipaddress.ip_network(line) for line in self._get_lines("networks")]

    @api.constrains("masked_paths")
    def _check_masked_paths(self) -> None:
        for profile in self:
            for path in profile._get_lines("masked_paths"):
                if not MASKED_PATH.fullmatch(path):
                    message = self.env._(
                        "Masked in the log: '%s' is no path such as payload.note.",
                        path,
                    )
                    raise ValidationError(message)

    @api.constrains("networks")
    def _check_networks(self) -> None:
        for profile in self:
            try:
                profile._get_networks()
            except ValueError as exc:
                raise ValidationError(
                    self.env._("Source networks: %s", str(exc))
                ) from exc

    @api.constrains(
        "requests_per_minute", "rows_per_minute", "max_body_kib", "max_records"
    )
    def _check_limits(self) -> None:
        names = ("requests_per_minute", "rows_per_minute", "max_body_kib")
        for profile in self:
            if any(profile[name] < 0 for name in (*names, "max_records")):
                raise ValidationError(self.env._("Limits cannot be negative."))

    def _get_grant(self) -> Grant:
        """Return the profile as authentication hands it to a request."""
        self.ensure_one()
        return read_policy(self.id, self.sudo().policy)  # what it allows is no secret
