# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.service.model import get_public_method

from ..tools.access_grant import OPERATIONS

FIELD_MODES = [("all", "All"), ("only", "Only these"), ("except", "All but these")]
#: Methods every model has that say which records or fields they are about by their
#: arguments: naming one would undo what the profile says of fields and records.
#: These two change one flag of the records the search key names.
HARMLESS = frozenset({"action_archive", "action_unarchive"})


class ApiAccessRule(models.Model):
    """What a profile allows on one model. Models without a rule are out of reach."""

    _name = "api.access.rule"
    _description = "API Access Rule"
    _order = "profile_id, model, id"
    _rec_name = "model"
    _allow_sudo_commands = False

    profile_id = fields.Many2one(
        "api.access.profile", "Profile", required=True, ondelete="cascade", index=True
    )
    model_id = fields.Many2one(
        "ir.model",
        "Model",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    model = fields.Char(related="model_id.model", store=True, string="Technical Name")
    may_read = fields.Boolean("Read", default=True)
    may_create = fields.Boolean("Create")
    may_update = fields.Boolean(
        "Update", help="Change records, and delete them where they are lines."
    )
    may_call = fields.Boolean("Call")
    may_print = fields.Boolean("Print")
    read_mode = fields.Selection(FIELD_MODES, "Readable", required=True, default="all")
    read_field_ids = fields.Many2many(
        "ir.model.fields",
        "api_access_rule_read_field_rel",
        string="Readable Fields",
        domain="[('model_id', '=', model_id)]",
    )
    write_mode = fields.Selection(FIELD_MODES, "Writable", required=True, default="all")
    write_field_ids = fields.Many2many(
        "ir.model.fields",
        "api_access_rule_write_field_rel",
        string="Writable Fields",
        domain="[('model_id', '=', model_id)]",
    )
    methods = fields.Text(
        help="Methods call_function may call on this model, one a line."
    )
    policy = fields.Char(
        compute="_compute_policy", store=True, groups="base.group_no_one"
    )

    _model_unique = models.Constraint(
        "UNIQUE (profile_id, model_id)",
        "The profile has a rule for this model already.",
    )

    @api.depends(
        *(f"may_{operation}" for operation in OPERATIONS),
        *("read_mode", "read_field_ids", "write_mode", "write_field_ids", "methods"),
    )
    def _compute_policy(self) -> None:
        for rule in self:
            policy = {
                "operations": [name for name in OPERATIONS if rule[f"may_{name}"]],
                "read_mode": rule.read_mode,
                "readable": sorted(rule.read_field_ids.mapped("name")),
                "write_mode": rule.write_mode,
                "writable": sorted(rule.write_field_ids.mapped("name")),
                "methods": rule._get_methods(),
            }
            rule.policy = json.dumps(policy)

    def _get_methods(self) -> list[str]:
        return (self.methods or "").replace(",", " ").split()

    @api.constrains("methods", "model_id")
    def _check_methods(self) -> None:
        """Refuse names that are no method, private, or every model's own."""
        for rule in self:
            model = self.env.get(rule.model)
            for name in rule._get_methods() if model is not None else ():
                if hasattr(models.BaseModel, name) and name not in HARMLESS:
                    message = self.env._(
                        "'%s' reads or writes whatever it is told, past what this"
                        " profile says of fields. Use the routes for data instead.",
                        name,
                    )
                    raise ValidationError(message)
                try:
                    get_public_method(model, name)
                except Exception as exc:
                    message = self.env._(
                        "%(model)s has no public method '%(method)s'.",
                        model=rule.model,
                        method=name,
                    )
                    raise ValidationError(message) from exc
