# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: What a rule says to whom, in whose rights: who may change these may read it all.
GUARDED = frozenset(
    {
        "model_id",
        "trigger_domain",
        "payload_fields",
        "user_id",
        "endpoint_id",
        "endpoint_source",
        "endpoint_url",
        "trigger",
    }
)
#: Changes of these say nothing about what the rule does.
NOTES = frozenset({"note", "owner_id", "problem", "told_problem", "automation_id"})


class WebhookOutboundRule(models.Model):
    """Which change of which records is told where, and what is told."""

    _name = "webhook.outbound.rule"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhook Rule"
    _order = "name, id"
    _allow_sudo_commands = False

    name = fields.Char(required=True, translate=False, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    model_id = fields.Many2one(
        "ir.model",
        "Model",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
        tracking=True,
    )
    model_name = fields.Char(
        related="model_id.model", string="Model Name", store=True, index=True
    )
    trigger = fields.Selection(
        [
            ("matches", "Starts to match"),
            ("created", "Created"),
            ("updated", "Updated"),
            ("created_or_updated", "Created or updated"),
            ("deleted", "Deleted"),
            ("archived", "Archived"),
            ("unarchived", "Unarchived"),
            ("due", "A time is reached"),
        ],
        "When",
        required=True,
        default="matches",
        help="Starts to match: a record is made that matches, or one that did not is"
        " changed so that it does. Later changes while it matches are not told.",
        tracking=True,
    )
    trigger_domain = fields.Char(
        "Records",
        default="[]",
        help="Which records the rule is for. Plain values only; dates also as 'today'"
        " or 'today -7d'.",
        tracking=True,
    )
    trigger_field_ids = fields.Many2many(
        "ir.model.fields",
        string="Fields",
        domain="[('model_id', '=', model_id), ('store', '=', True)]",
        help="Tell only of changes of one of these. Empty: of every change.",
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        "Date",
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('date', 'datetime'))]",
    )
    delay = fields.Integer(default=0, aggregator=None)
    delay_unit = fields.Selection(
        [
            ("minutes", "Minutes"),
            ("hour", "Hours"),
            ("day", "Days"),
            ("month", "Months"),
        ],
        default="day",
        required=True,
    )
    delay_mode = fields.Selection(
        [("after", "After"), ("before", "Before")], default="after", required=True
    )
    endpoint_source = fields.Selection(
        [("static", "One Endpoint"), ("record", "The Record's Callback URL")],
        "Send To",
        default="record",
        required=True,
        help="One Endpoint: always the same.\n"
        "The Record's Callback URL: what the request that wrote the record last named"
        " as callback_url, if its host is one of a callback endpoint.",
        tracking=True,
    )
    endpoint_id = fields.Many2one(
        "webhook.endpoint",
        "Endpoint",
        ondelete="restrict",
        index=True,
        domain=[("kind", "=", "static")],
        tracking=True,
    )
    endpoint_url = fields.Char(
        "Endpoint URL",
        compute="_compute_endpoint_url",
        readonly=False,
        help="Type an address: its endpoint is found, or made.",
    )
    auth_header = fields.Char(
        "Authorization",
        compute="_compute_auth_header",
        inverse="_inverse_auth_header",
        groups="usability_webhooks.group_api_manager",
        help="Becomes the Authorization header of the endpoint. Can be written, never"
        " read.",
    )
    event_type = fields.Char(
        "Event Name", help="Empty: the model and what happened: sale.order.updated"
    )
    payload_fields = fields.Text(
        "Payload",
        help="What is sent of a record, as JSON with {placeholders}. Empty: its id.",
        tracking=True,
    )
    body_format = fields.Selection(
        [("standard", "With an envelope"), ("data", "The payload alone")],
        "Body",
        default="standard",
        required=True,
        help="With an envelope: type, time, sequence, record and the payload as data.\n"
        "The payload alone: as version 18.0 sent it.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Read As",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="The payload is read with this user's rights, whoever changes a record."
        " Records this user may not read are not told of.",
        tracking=True,
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        help="Of names and labels in the payload. Empty: that of the user it is"
        " read as.",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        ondelete="set null",
        help="Is told when the rule breaks.",
    )
    note = fields.Text()
    automation_id = fields.Many2one(
        "base.automation",
        "Automation",
        readonly=True,
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        groups="base.group_system",
    )
    problem = fields.Text(
        "Last Trouble",
        readonly=True,
        copy=False,
        help="What went wrong when it was last at work.",
    )
    told_problem = fields.Text(readonly=True, copy=False)
    error = fields.Text(compute="_compute_error", string="What Is Wrong")
    state = fields.Selection(
        [("on", "On"), ("off", "Off"), ("broken", "Broken")],
        compute="_compute_error",
        search="_search_state",
    )

    _delay_positive = models.Constraint(
        "CHECK (delay >= 0)", "A delay is not negative: choose Before or After."
    )

    # -- what it shows --------------------------------------------------------

    @api.depends(
        *("active", "model_id", "trigger", "trigger_domain", "trigger_field_ids"),
        *("date_field_id", "endpoint_source", "endpoint_id", "payload_fields"),
        *("user_id", "lang", "problem"),
    )
    def _compute_error(self) -> None:
        check = self.env["webhook.rule.check"]
        for rule in self:
            is_ready = rule.model_id and rule.user_id
            error = check._find_problem(rule) if is_ready else ""
            error = error or rule.problem or ""
            rule.error = error
            rule.state = "off" if not rule.active else "broken" if error else "on"

    def _search_state(self, operator: str, value):
        if operator != "in":
            return NotImplemented
        rules = self.search([("active", "in", [True, False])])
        return [("id", "in", rules.filtered(lambda rule: rule.state in value).ids)]

    @api.depends("endpoint_id")
    @api.depends_context("uid")
    def _compute_endpoint_url(self) -> None:
        """Show the address to those who may see the endpoint's."""
        field = self.endpoint_id._fields["url"]
        is_shown = self.endpoint_id._has_field_access(field, "read")
        for rule in self:
            rule.endpoint_url = is_shown and rule.endpoint_id.url

    def _compute_auth_header(self) -> None:
        """Say nothing: it can be written and never read."""
        self.auth_header = False

    def _inverse_auth_header(self) -> None:
        for rule in self.filtered("auth_header"):
            self.env["webhook.rule.endpoint"]._authorize(rule, rule.auth_header)

    # -- saving ---------------------------------------------------------------

    @api.constrains(
        *("active", "model_id", "trigger", "trigger_domain", "trigger_field_ids"),
        *("date_field_id", "endpoint_source", "endpoint_id", "payload_fields"),
        *("user_id", "lang"),
    )
    def _check_rule(self) -> None:
        """Refuse what cannot work. An archived rule may be half done."""
        for rule in self.filtered("active"):
            try:
                self.env["webhook.rule.check"]._check(rule)
            except ValidationError as exc:
                message = f"{rule.name}: {exc.args[0]}"
                raise ValidationError(message) from exc

    @api.model_create_multi
    def create(self, vals_list):
        """Create rules with their automations."""
        endpoints = self.env["webhook.rule.endpoint"]
        rules = super().create([endpoints._find_url(vals) for vals in vals_list])
        self.env["webhook.rule.check"]._check_reader(rules)
        self.env["webhook.rule.automation"]._sync(rules)
        self.env["webhook.outbound.capture"]._close_book()
        return rules

    def write(self, vals):
        """Change rules and their automations."""
        if NOTES.issuperset(vals):
            return super().write(vals)
        if not GUARDED.isdisjoint(vals):
            self.env["webhook.rule.check"]._check_reader(self)
        vals = self.env["webhook.rule.endpoint"]._find_url(vals)
        result = super().write({"problem": False, "told_problem": False} | vals)
        if not GUARDED.isdisjoint(vals):
            self.env["webhook.rule.check"]._check_reader(self)
        self.env["webhook.rule.automation"]._sync(self)
        self.env["webhook.outbound.capture"]._close_book()
        return result

    def unlink(self):
        """Delete rules and their automations."""
        automations = self.env["webhook.rule.automation"]
        owned_sudo = self.sudo().mapped("automation_id")  # administrators' field
        result = super().unlink()
        automations._remove(owned_sudo)
        self.env["webhook.outbound.capture"]._close_book()
        return result

    def copy_data(self, default=None):
        """Return the values of copies, named so."""
        vals_list = super().copy_data(default)
        if default and "name" in default:
            return vals_list
        return [
            vals | {"name": self.env._("%s (copy)", rule.name)}
            for rule, vals in zip(self, vals_list, strict=True)
        ]
