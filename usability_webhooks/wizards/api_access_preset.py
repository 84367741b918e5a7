# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..tools.access_grant import OPERATIONS
from ..tools.access_presets import PRESETS, PresetRule


class ApiAccessPreset(models.TransientModel):
    """Makes an access profile from a preset, cut to what the database has."""

    _name = "api.access.preset"
    _description = "New Access Profile from a Preset"
    _allow_sudo_commands = False

    preset = fields.Selection(
        selection="_selection_preset", required=True, default="reporting"
    )
    name = fields.Char(compute="_compute_name", store=True, readonly=False)
    purpose = fields.Text(compute="_compute_purpose")
    is_usable = fields.Boolean(compute="_compute_purpose")
    summary = fields.Html(compute="_compute_summary")

    @api.model
    def _selection_preset(self) -> list[tuple[str, str]]:
        return [
            ("reporting", self.env._("Read-only reporting")),
            ("web_shop", self.env._("Web shop orders")),
            ("stock_scanner", self.env._("Stock scanner")),
        ]

    @api.depends("preset")
    def _compute_name(self) -> None:
        names = dict(self._selection_preset())
        for wizard in self:
            wizard.name = names.get(wizard.preset)

    @api.depends("preset")
    def _compute_purpose(self) -> None:
        purposes = {
            "reporting": self.env._(
                "Reads sales, purchases, invoices and stock for figures and charts."
                " Changes nothing, and reads no contact details."
            ),
            "web_shop": self.env._(
                "Creates and updates customers and their orders, confirms orders, and"
                " tells the shop how far they are. Reads products and prices."
            ),
            "stock_scanner": self.env._(
                "Reads transfers, books what was picked, and validates. Creates"
                " nothing."
            ),
        }
        for wizard in self:
            preset = PRESETS.get(wizard.preset)
            wizard.purpose = purposes.get(wizard.preset)
            wizard.is_usable = preset and all(name in self.env for name in preset.needs)

    @api.depends("preset", "name")
    def _compute_summary(self) -> None:
        for wizard in self:
            summary = Markup()
            if wizard.preset and wizard.is_usable:
                vals = wizard._prepare_profile_vals()
                profile = self.env["api.access.profile"].new(vals)
                summary = self.env["api.access.summary"]._render(profile._get_grant())
            wizard.summary = summary

    def action_create_profile(self) -> dict:
        """Make the profile and open it.

        :raises AccessError: the caller may not make profiles.
        :raises UserError: the database has not the application it is for.
        """
        self.ensure_one()
        profiles = self.env["api.access.profile"]
        if not profiles.has_access("create"):
            raise AccessError(self.env._("You may not make access profiles."))
        if not self.is_usable:
            raise UserError(self.env._("The application this is for is not installed."))
        profile = profiles.create(self._prepare_profile_vals())
        return {
            "type": "ir.actions.act_window",
            "res_model": profile._name,
            "res_id": profile.id,
            "views": [(False, "form")],
        }

    def _prepare_profile_vals(self) -> dict:
        """Return the values of the profile; nothing the database has not is in it."""
        preset = PRESETS[self.preset]
        rules = [
            Command.create(self._prepare_rule_vals(model, rule))
            for model, rule in preset.rules.items()
            if model in self.env
        ]
        return {
            "name": self.name,
            "description": self.purpose,
            "rule_ids": rules,
            **{f"allow_{route}": True for route in preset.routes.split()},
            **preset.limits,
        }

    def _prepare_rule_vals(self, model: str, rule: PresetRule) -> dict:
        may = rule.may.split()
        methods = [
            name for name in rule.methods.split() if hasattr(self.env[model], name)
        ]
        return {
            "model_id": self.env["ir.model"]._get_id(model),
            **{f"may_{operation}": operation in may for operation in OPERATIONS},
            "read_mode": "only",
            "read_field_ids": [Command.set(self._get_field_ids(model, rule.reads))],
            "write_mode": "only",
            "write_field_ids": [Command.set(self._get_field_ids(model, rule.writes))],
            "methods": "\n".join(methods),
        }

    def _get_field_ids(self, model: str, names: str) -> list[int]:
        get = self.env["ir.model.fields"]._get
        found = [get(model, name).id for name in names.split()]
        return [field_id for field_id in found if field_id]
