# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from psycopg2 import Error

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Field

from ..tools.envelope import RETRYABLE
from ..tools.outbound_rule import RulePlan
from .webhook_rule_automation import OWNER_KEY

_logger = logging.getLogger(__name__)

#: Written by core itself on an automation that is ours.
CORE_FIELDS = frozenset({"last_run"})


class BaseAutomation(models.Model):
    """Hands what matches a webhook rule's automation to the capture.

    Such an automation runs no action and writes nothing on the record. What core reads
    and evaluates at every change is asked of plain values here, so that a change costs
    next to nothing; whatever is wrong with a rule, the change goes on.
    """

    _inherit = "base.automation"

    def _get_plan(self) -> RulePlan | None:
        """Return the rule the automation watches for, if it is a rule's."""
        book = self.env["webhook.outbound.capture"]._get_book()
        return book.by_automation.get(self.id)

    # -- which automations, which records -------------------------------------

    def _get_actions(self, records, triggers):
        """Return the automations of a change; without a search where all are rules'."""
        book = self.env["webhook.outbound.capture"]._get_book()
        plans = book.by_model.get(records._name)
        if not plans or records._name in book.shared_models:
            return super()._get_actions(records, triggers)
        if "__action_done" not in self.env.context:
            self = self.with_context(__action_done={})
        asked = [plan for plan in plans if plan.core_trigger in triggers]
        automations = self.browse(plan.automation_id for plan in asked)
        # Core logs the name of each, which would be a query in every transaction.
        names = [plan.name for plan in asked]
        self._fields["name"]._insert_cache(automations.sudo(), names)  # for the log
        return automations

    def _filter_pre(self, records, feedback=False):
        """Return the records a change of which can concern the automation."""
        plan = self._get_plan()
        if plan is None:
            return super()._filter_pre(records, feedback)
        changed = self.env.context.get("changed_fields", ())
        if plan.problem or not records or self._is_untouched(plan, changed):
            return records.browse()
        if plan.trigger != "matches":
            return records
        pending = self._get_pending(changed)
        watched = records.with_context(changed_fields=())
        matching = self._match(plan, watched, feedback=feedback)
        for field, waiting in pending:
            self.env.add_to_compute(field, waiting)
        return records - matching

    def _is_untouched(self, plan: RulePlan, changed: list[Field]) -> bool:
        """Tell whether fields that are computed anew make no difference to a rule."""
        if not changed or plan.watched is None:
            return False
        return plan.watched.isdisjoint(field.name for field in changed)

    def _get_pending(self, changed: list[Field]) -> list[tuple]:
        """Return what waits to be computed from fields that change.

        Looking at a record computes it too early; core's ``_filter_pre`` has it
        computed again after the change, and so do we.
        """
        dependents = self.env.registry.get_dependent_fields
        return [
            (field, waiting)
            for source in changed
            for field in dependents(source)
            if (waiting := self.env.records_to_compute(field))
        ]

    def _filter_post_export_domain(self, records, feedback=False):
        """Return the records that match after a change."""
        if not records:
            return records, None  # what core answers too, having read the domain
        plan = self._get_plan()
        if plan is None:
            return super()._filter_post_export_domain(records, feedback)
        if plan.problem:
            return records.browse(), None
        return self._match(plan, records, feedback=feedback), None

    def _match(self, plan: RulePlan, records, *, feedback: bool):
        """Return the records that match a rule's domain, asked with all rights.

        In the writer's own environment otherwise, as core asks: what is pending is
        computed as it would be without us.
        """
        if plan.domain.is_true():
            return records
        if feedback:
            records = records.with_context(__action_feedback=True)
        try:
            found = records.sudo().filtered_domain(plan.domain)  # as core does
        except (*RETRYABLE, Error):
            raise  # the transaction is lost: whoever changes the record is told
        except Exception as exc:  # pylint: disable=broad-exception-caught
            _logger.exception("webhook rule %s cannot be asked", plan.name)
            self.env["webhook.rule.trouble"]._note(plan.rule_id, exc)
            return records.browse()
        return found.with_env(records.env)

    def _search_time_based_automation_records(self, *, until):
        """Return the records whose time has come; none where a rule is broken."""
        plan = self._get_plan()
        if plan is not None and plan.problem:
            return self.env[plan.model] if plan.model in self.env else self.browse()
        return super()._search_time_based_automation_records(until=until)

    # -- what becomes of them -------------------------------------------------

    def _process(self, records, domain_post=None):
        """Hand a rule's records to the capture; run the actions of others."""
        if not records:
            return None
        plan = self._get_plan()
        if plan is None:
            return super()._process(records, domain_post=domain_post)
        if plan.problem:
            return None
        old_values = self.env.context.get("old_values")
        if old_values is not None and plan.trigger != "deleted":
            records = records.filtered(
                lambda record: self._is_changed(plan, record, old_values)
            )
        if records:
            self.env["webhook.outbound.capture"]._note(plan, records)
        return None

    def _is_changed(self, plan: RulePlan, record, old_values: dict) -> bool:
        """Tell whether a write made a difference that the rule asks for.

        :param old_values: record id -> what was written -> its value before. Fields
            that are not stored are missing in it.
        """
        if plan.trigger == "matches":
            return True  # it did not match before, which is difference enough
        old = old_values.get(record.id) or {}
        if not old and plan.watched is None:
            return True
        names = [name for name in old if plan.watched is None or name in plan.watched]
        return any(
            # Lines may be the same and differ inside.
            record._fields[name].type in ("one2many", "many2many")
            or record[name] != old[name]
            for name in names
        )

    # -- whose it is ----------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create automations; which models have some is known anew."""
        automations = super().create(vals_list)
        self.env["webhook.outbound.capture"]._close_book()
        return automations

    def write(self, vals):
        """Change automations, but for those of rules."""
        if CORE_FIELDS.issuperset(vals):
            return super().write(vals)
        self._check_owner()
        result = super().write(vals)
        self.env["webhook.outbound.capture"]._close_book()
        return result

    def unlink(self):
        """Delete automations; which models have some is known anew."""
        result = super().unlink()
        self.env["webhook.outbound.capture"]._close_book()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_rules(self) -> None:
        self._check_owner()

    def _check_owner(self) -> None:
        """:raises UserError: it belongs to a rule, which keeps it in step."""
        if self.env.context.get(OWNER_KEY):
            return
        rules_sudo = self.env["webhook.outbound.rule"].sudo()  # who owns it, no more
        rule = rules_sudo.with_context(active_test=False).search(
            [("automation_id", "in", self.ids)], limit=1
        )
        if rule:
            raise UserError(
                self.env._(
                    "This automation belongs to the webhook rule '%s'. Change or"
                    " delete the rule instead.",
                    rule.name,
                )
            )
