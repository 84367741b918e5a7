# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Iterable

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.tools import SQL, ormcache

from ..tools.outbound_memory import (
    Noted,
    get_memory,
    get_noted,
    recall,
    take_noted,
)
from ..tools.outbound_rule import RuleBook, RulePlan, make_book

#: Of what this transaction stored the rows of some records, deletions aside: those are
#: final. Looked up record by record, and not in all it stored, which may be much by
#: now: so written that only the index of records fits.
WITHDRAW = """
    DELETE FROM webhook_outbound_delivery WHERE id IN (
        SELECT stored.id FROM unnest(%(ids)s) AS noted_id CROSS JOIN LATERAL (
            SELECT d.id FROM webhook_outbound_delivery d
            WHERE d.res_model = %(model)s AND d.res_id = noted_id
                AND (d.res_model, d.res_id, d.id)
                    >= (%(model)s, noted_id, %(first_row)s)
                AND d.transaction || ''
                    = pg_current_xact_id()::text || '.' || extract(epoch FROM now())
                AND d.rule_id IS NOT NULL AND d.kind NOT IN ('deleted', 'test')
            OFFSET 0) stored)
    RETURNING rule_id, res_id, kind
"""

#: Key of ``cr.cache`` for the rules as a transaction sees them that changes some.
BOOK = "usability_webhooks.rules"


class WebhookOutboundCapture(models.AbstractModel):
    """Notes which records concern which rules, and hands their events to the outbox.

    ::

        base.automation > _note      records of one change; nothing is read yet
        core's pre-commit > _store   webhook.outbound.event > webhook.outbound.outbox

    Core runs pre-commit hooks whenever it flushes a cursor: before each savepoint and
    before the commit. It forgets them when a savepoint is rolled back, so what was
    noted inside is forgotten, and what a flush inside has stored is rolled back. What
    changes after its event was stored is told as it is in the end.

    All is told as it looks from outside the transaction: what was made in it was
    created, whatever else was done to it; what was made and deleted never was.
    """

    _name = "webhook.outbound.capture"
    _description = "Outbound Webhook Capture"

    # -- the rules ------------------------------------------------------------

    def _get_book(self) -> RuleBook:
        """Return all active rules."""
        memory = recall(self.env.cr)
        if memory is None or not memory.is_editing:
            return self._get_shared_book()
        # Rules are being changed, which may be rolled back: nothing for others to see.
        # Core clears this cache when a savepoint is rolled back.
        book = self.env.cr.cache.get(BOOK)
        if book is None:
            book = self.env.cr.cache[BOOK] = self._read_book()
        return book

    def _close_book(self) -> None:
        """Have the rules read anew: they, or who has automations, just changed."""
        get_memory(self.env.cr).is_editing = True
        self.env.cr.cache.pop(BOOK, None)
        clear = self.env.registry.clear_cache
        clear()
        # Another thread may have read what was there before this is committed.
        self.env.cr.postcommit.add(clear)

    @ormcache()
    def _get_shared_book(self) -> RuleBook:
        """Return all active rules as of the last commit."""
        return self._read_book()

    def _read_book(self) -> RuleBook:
        # Rules are the same for all, and whoever writes may not read them.
        env = self.env(user=SUPERUSER_ID, su=True, context={})
        rules = env["webhook.outbound.rule"].search([("active", "=", True)])
        check = env["webhook.rule.check"]
        plans = [check._compile(rule) for rule in rules]
        owned = [plan.automation_id for plan in plans]
        others = env["base.automation"].search([("id", "not in", owned)])
        self.env["webhook.rule.trouble"]._note_broken(rules, plans)
        return make_book(plans, frozenset(others.mapped("model_name")))

    # -- what happened --------------------------------------------------------

    def _note(self, plan: RulePlan, records: models.BaseModel) -> None:
        """Note that a change of records concerns a rule.

        :param records: those that match it; deleted ones are still there.
        """
        memory = recall(self.env.cr)
        new_ids = memory.created.get(plan.model, ()) if memory else ()
        kinds = {
            record_id: kind
            for record_id in records.ids
            if (kind := plan.get_kind(record_id in new_ids))
        }
        if not kinds:
            return
        noted = self._open_noted()
        for record_id, kind in kinds.items():
            noted.add(plan.rule_id, record_id, kind)
        if plan.trigger == "deleted":
            self._read_last(plan, list(kinds), noted)

    def _read_last(self, plan: RulePlan, ids: list[int], noted: Noted) -> None:
        """Read what can be read for the last time, as its user will be told."""
        self.env.flush_all()  # what is pending must not be computed in other rights
        env = self.env(user=SUPERUSER_ID, su=True, context={})
        rows = env["webhook.outbound.event"]._render_last(plan, ids)
        noted.rendered |= {
            (plan.rule_id, record_id): row for record_id, row in rows.items()
        }

    def _note_created(self, model: str, record_ids: Iterable[int]) -> None:
        """Note what was made, where a rule may ask."""
        if model in self._get_book().by_model:
            created = get_memory(self.env.cr).created
            created.setdefault(model, set()).update(record_ids)

    def _note_again(self, model: str, record_ids: Iterable[int]) -> None:
        """Note that records changed, or went, whose events may be stored already."""
        memory = recall(self.env.cr)
        stored = memory.stored.get(model) if memory else None
        if stored and (ids := stored.intersection(record_ids)):
            self._open_noted().again.setdefault(model, set()).update(ids)

    def _open_noted(self) -> Noted:
        """Return what is noted since the last flush, to be stored at the next."""
        noted, is_new = get_noted(self.env.cr)
        if is_new:
            env = self.env(user=SUPERUSER_ID, su=True, context={})
            self.env.cr.precommit.add(env[self._name]._store)
        return noted

    # -- storing it -----------------------------------------------------------

    def _store(self) -> None:
        """Store what was noted.

        :raises Exception: what PostgreSQL wants the transaction repeated for, and
            what keeps the outbox from being written.
        """
        noted = take_noted(self.env.cr)
        book = self._get_book()
        for model, record_ids in noted.again.items():
            for rule_id, record_id, kind in self._withdraw(model, record_ids):
                noted.add(rule_id, record_id, kind)
        events = self.env["webhook.outbound.event"]._prepare(book, noted)
        if not events:
            return
        self.env["webhook.outbound.outbox"]._put(events)
        stored = get_memory(self.env.cr).stored
        for event in events:
            stored.setdefault(event.res_model, set()).add(event.res_id)

    def _withdraw(self, model: str, record_ids: Iterable[int]) -> list[tuple]:
        """Take back what this transaction stored of records.

        They changed again, and are stored as they are now; or are no more.

        :returns: rule, record and kind of each event.
        """
        return self.env.execute_query(
            SQL(
                WITHDRAW,
                model=model,
                ids=list(record_ids),
                first_row=get_memory(self.env.cr).first_row,
            )
        )
