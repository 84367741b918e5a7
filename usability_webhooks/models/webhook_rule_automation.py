# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models
from odoo.fields import Command, Domain

from ..tools.outbound_rule import CORE_TRIGGERS, read_domain

#: Context key of those who may change an automation that belongs to a rule.
OWNER_KEY = "usability_webhooks_owner"


class WebhookRuleAutomation(models.AbstractModel):
    """Keeps the core automation of each rule in step with it.

    Core watches models that have an active automation: create, write, unlink,
    computed fields, time. Ours has no action; ``base.automation`` hands what matches
    to ``webhook.outbound.capture``.
    """

    _name = "webhook.rule.automation"
    _description = "Webhook Rule Automation"

    def _sync(self, rules: models.BaseModel) -> None:
        """Make, change or rest the automations of rules."""
        owner = self._get_owner()
        rules = rules.sudo()  # the automation is an administrators' field
        new = rules.filtered(lambda rule: rule.active and not rule.automation_id)
        automations = owner.create([self._prepare_vals(rule) for rule in new])
        for rule, automation in zip(new, automations, strict=True):
            rule.automation_id = automation.id
        for rule in (rules - new).filtered("automation_id"):
            automation = owner.browse(rule.automation_id.id)
            vals = self._prepare_vals(rule)
            if rule.trigger == "due" and self._starts_anew(rule, automation):
                vals["last_run"] = self.env.cr.now()
            automation.write(vals)

    def _remove(self, automations: models.BaseModel) -> None:
        """Delete the automations of rules that are gone."""
        self._get_owner().browse(automations.ids).unlink()

    def _get_owner(self) -> models.BaseModel:
        """Return ``base.automation`` as the owner of some of its records sees it."""
        # Automations are for administrators; this one does what the rule says.
        automations = self.env["base.automation"].sudo()  # rule's rights were checked
        return automations.with_context(
            active_test=False,
            tracking_disable=True,
            mail_create_nosubscribe=True,
            **{OWNER_KEY: True},
        )

    def _starts_anew(
        self, rule: models.BaseModel, automation: models.BaseModel
    ) -> bool:
        """Tell whether a time of before this moment shall not be reached any more.

        Core searches from the automation's last run. Dates of years ago, or of the
        time a rule was archived, are no news.
        """
        return (rule.active and not automation.active) or (
            automation.trg_date_id != rule.date_field_id
        )

    def _prepare_vals(self, rule: models.BaseModel) -> dict:
        vals = {
            "name": self.env._("Webhook: %s", rule.name),
            "model_id": rule.model_id.id,
            "active": rule.active,
            "trigger": CORE_TRIGGERS[rule.trigger],
            "trigger_field_ids": [Command.set(self._get_field_ids(rule))],
            **self._prepare_filters(rule),
        }
        if rule.trigger == "due":
            vals |= {
                "trg_date_id": rule.date_field_id.id,
                "trg_date_range": rule.delay,
                "trg_date_range_type": rule.delay_unit,
                "trg_date_range_mode": rule.delay_mode,
            }
            if not rule.automation_id:
                vals["last_run"] = self.env.cr.now()
        return vals

    def _get_field_ids(self, rule: models.BaseModel) -> list[int]:
        if rule.trigger == "updated":
            return rule.trigger_field_ids.ids
        if name := self._get_active_name(rule):
            get = self.env["ir.model.fields"].sudo()._get  # its id is no secret
            return get(rule.model_name, name).ids
        return []

    def _get_active_name(self, rule: models.BaseModel) -> str:
        """Return the field that archives, where the rule is about it."""
        if rule.trigger not in ("archived", "unarchived"):
            return ""
        return self.env[rule.model_name]._active_name or ""

    def _prepare_filters(self, rule: models.BaseModel) -> dict:
        """Return the domains as core has them, so that who opens it can read it.

        Ours are read from the rule; core's text would be evaluated at each write.
        """
        try:
            domain = Domain(read_domain(rule.trigger_domain))
        except (ValueError, TypeError):
            domain = Domain.TRUE  # of a rule that was archived for its domain
        before = ~domain if rule.trigger == "matches" else Domain.TRUE
        if name := self._get_active_name(rule):
            domain &= Domain(name, "=", rule.trigger == "unarchived")
        return {
            "filter_domain": False if domain.is_true() else repr(list(domain)),
            "filter_pre_domain": False if before.is_true() else repr(list(before)),
        }
