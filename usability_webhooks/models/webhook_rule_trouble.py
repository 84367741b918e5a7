# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from odoo import api, models
from odoo.api import SUPERUSER_ID
from odoo.modules.registry import Registry

from ..tools.outbound_rule import RulePlan

_logger = logging.getLogger(__name__)


class WebhookRuleTrouble(models.AbstractModel):
    """Tells the owner of a rule that it is in trouble.

    Trouble shows in the transaction of somebody who changes a record, and must not be
    theirs: it is written in one of its own, after they committed.
    """

    _name = "webhook.rule.trouble"
    _description = "Webhook Rule Trouble"

    def _note(self, rule_id: int, exc: Exception) -> None:
        """Have it told that a rule could not tell of changes.

        Where only the payload could not be made, there are dead deliveries of them.
        """
        reason = self.env._(
            "Deliveries could not be made: %s", str(exc)[:500] or repr(exc)
        )
        self._tell_later({rule_id: {"problem": reason}})

    def _note_broken(self, rules: models.BaseModel, plans: list[RulePlan]) -> None:
        """Have it told, once, that rules cannot work any more."""
        news = {
            rule.id: {"told_problem": plan.problem}
            for rule, plan in zip(rules, plans, strict=True)
            if plan.problem != (rule.told_problem or "")
        }
        if news:
            self._tell_later(news)

    def _tell_later(self, news: dict[int, dict[str, str]]) -> None:
        """Tell it after the commit: rule -> what to write on it."""
        dbname = self.env.cr.dbname

        def tell() -> None:
            try:
                with Registry(dbname).cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env["webhook.rule.trouble"]._tell(news)
            except Exception as exc:  # pylint: disable=broad-exception-caught
                # The change is committed; its writer has no part in this.
                _logger.warning("webhook rules %s: not told: %r", list(news), exc)

        self.env.cr.postcommit.add(tell)

    def _tell(self, news: dict[int, dict[str, str]]) -> None:
        """Write what is new on rules, each with an activity for its owner."""
        for rule in self.env["webhook.outbound.rule"].browse(list(news)).exists():
            vals = news[rule.id]
            if all((rule[name] or "") == text for name, text in vals.items()):
                continue
            # Somebody else tells it at this moment: once is enough.
            if not rule.try_lock_for_update():
                continue
            rule.write(vals)
            if text := next(iter(vals.values())):
                self._schedule(rule, text)

    def _schedule(self, rule: models.BaseModel, text: str) -> None:
        """Give the owner something to do, unless there is something already."""
        summary = self.env._("The webhook rule is in trouble")
        if rule.activity_ids.filtered(lambda activity: activity.summary == summary):
            return
        owner = rule.owner_id or rule.create_uid
        rule.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=text,
            user_id=owner.id,
        )

    @api.autovacuum
    def _gc_check_rules(self) -> None:
        """Look once a day whether all rules can still work."""
        check = self.env["webhook.rule.check"]
        # A database has few rules, as it has few automations.
        rules = self.env["webhook.outbound.rule"].search([("active", "=", True)])
        self._tell(
            {rule.id: {"told_problem": check._find_problem(rule)} for rule in rules}
        )
