# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from psycopg2 import Error

from odoo import models
from odoo.api import Environment

from ..tools.envelope import RETRYABLE
from ..tools.outbound_event import Lost, OutboundEvent
from ..tools.outbound_memory import Noted
from ..tools.outbound_rule import RuleBook, RulePlan
from .webhook_payload_renderer import DROPPED_KEY

_logger = logging.getLogger(__name__)


class WebhookOutboundEvent(models.AbstractModel):
    """Makes events of noted records: read as the rule's user, with their address.

    Runs with all rights in a user's transaction, of whose changes nothing is pending.
    """

    _name = "webhook.outbound.event"
    _description = "Outbound Webhook Event"

    def _prepare(self, book: RuleBook, noted: Noted) -> list[OutboundEvent]:
        """Return the events of what was noted. Trouble of a rule is its own.

        :raises Exception: only what PostgreSQL wants the transaction repeated for.
        """
        plans = [
            plan
            for rule_id in noted.kinds
            if (plan := book.by_rule.get(rule_id)) and not plan.problem
        ]
        plans.sort(key=lambda plan: plan.user_id)
        try:
            # One savepoint for all, for it is never needed. It must not flush: that
            # is what we are called by.
            with self.env.cr.savepoint(flush=False):
                return [
                    event for plan in plans for event in self._try_plan(plan, noted)
                ]
        except RETRYABLE:
            raise
        except Error:
            self.env.invalidate_all(flush=False)
        events: list[OutboundEvent] = []
        for plan in plans:
            events += self._contain(plan, noted)
        return events

    def _contain(self, plan: RulePlan, noted: Noted) -> list[OutboundEvent]:
        """Return a rule's events; none where a statement of its own fails."""
        try:
            with self.env.cr.savepoint(flush=False):
                return self._try_plan(plan, noted)
        except RETRYABLE:
            raise
        except Error as exc:
            self.env.invalidate_all(flush=False)
            return self._lose(plan, noted, exc)

    def _try_plan(self, plan: RulePlan, noted: Noted) -> list[OutboundEvent]:
        """Return a rule's events.

        :raises Error: PostgreSQL's; no other exception.
        """
        try:
            return self._prepare_plan(plan, noted)
        except (*RETRYABLE, Error):
            raise
        except Exception as exc:  # pylint: disable=broad-exception-caught
            return self._lose(plan, noted, exc)

    def _lose(
        self, plan: RulePlan, noted: Noted, exc: Exception
    ) -> list[OutboundEvent]:
        """Return events without payloads: that they were, and why there are none.

        Kept as dead deliveries, they can be made and sent once the rule is mended.
        """
        lost = self._note_lost(plan, exc)
        kinds = noted.kinds[plan.rule_id]
        try:
            with self.env.cr.savepoint(flush=False):
                alive = self._find_alive(plan.model, noted)
                is_deletion = plan.trigger == "deleted"
                ids = [rid for rid in sorted(kinds) if (rid in alive) != is_deletion]
                rows = dict.fromkeys(ids, (lost, None))
                if not is_deletion:
                    records = self.env[plan.model].browse(ids)
                    rows = {
                        record.id: (lost, self._get_company_id(record))
                        for record in records
                    }
                return self._address(plan, rows, kinds)
        except RETRYABLE:
            raise
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("webhook rule %s: events are lost", plan.name)
            return []

    def _note_lost(self, plan: RulePlan, exc: Exception) -> Lost:
        _logger.error(
            "webhook rule %s: payloads cannot be made", plan.name, exc_info=exc
        )
        self.env["webhook.rule.trouble"]._note(plan.rule_id, exc)
        return Lost(self._word(exc))

    def _word(self, exc: Exception) -> str:
        """Return why a payload could not be made, for a person."""
        reason = str(exc)[:500].replace("\x00", "") or repr(exc)
        return self.env._("The payload could not be made: %s", reason)

    def _prepare_plan(self, plan: RulePlan, noted: Noted) -> list[OutboundEvent]:
        kinds = dict(sorted(noted.kinds[plan.rule_id].items()))
        alive = self._find_alive(plan.model, noted)
        if plan.trigger == "deleted":
            rows = {
                record_id: row
                for record_id in kinds
                if record_id not in alive
                and (row := noted.rendered.get((plan.rule_id, record_id)))
            }
        else:
            ids = [record_id for record_id in kinds if record_id in alive]
            records = self.env[plan.model].browse(ids)
            # As it is at the end: what matched in between only is not told.
            rows = self._render(plan, records.filtered_domain(plan.domain), noted)
        return self._address(plan, rows, kinds)

    def _find_alive(self, model: str, noted: Noted) -> set[int]:
        """Return the noted records of a model that exist, asked for once."""
        if model not in noted.alive:
            book = self.env["webhook.outbound.capture"]._get_book()
            plans = book.by_model.get(model, ())
            ids = {rid for plan in plans for rid in noted.kinds.get(plan.rule_id, ())}
            noted.alive[model] = set(self.env[model].browse(ids).exists().ids)
        return noted.alive[model]

    # -- what is told ---------------------------------------------------------

    def _render_last(
        self, plan: RulePlan, record_ids: Collection[int]
    ) -> dict[int, tuple[object, int | None]]:
        """Return payload and company of records that are about to go.

        :raises Exception: only what PostgreSQL wants the transaction repeated for.
        """
        try:
            with self.env.cr.savepoint(flush=False):
                records = self.env[plan.model].browse(record_ids)
                return self._render(plan, records, Noted())
        except RETRYABLE:
            raise
        except Exception as exc:  # pylint: disable=broad-exception-caught
            self.env.invalidate_all(flush=False)
            return dict.fromkeys(record_ids, (self._note_lost(plan, exc), None))

    def _render(
        self, plan: RulePlan, records: models.BaseModel, noted: Noted
    ) -> dict[int, tuple[object, int | None]]:
        """Return payload and company of records, of those the rule's user may read."""
        env = self._get_env(plan, noted)
        readable = records.with_env(env)._filtered_access("read")
        if len(readable) < len(records):
            hidden = (records.with_env(env) - readable).ids
            _logger.info(
                "webhook rule %s: not told of %s %s, which its user may not read",
                *(plan.name, plan.model, hidden),
            )
        # Rules often differ in where they send to, and say the same.
        key = (plan.model, plan.user_id, plan.lang, plan.template)
        payloads = noted.payloads.setdefault(key, {})
        new = readable.browse(rid for rid in readable.ids if rid not in payloads)
        made = env["webhook.payload.template"]._render(new, plan.template)
        payloads.update(zip(new.ids, made, strict=True))
        return {
            record.id: (payloads[record.id], self._get_company_id(record))
            for record in records.browse(readable.ids)
        }

    def _get_company_id(self, record: models.BaseModel) -> int | None:
        return record.company_id.id if "company_id" in record._fields else None

    def _get_env(self, plan: RulePlan, noted: Noted) -> Environment:
        """Return the environment of a rule's user, who reads one rule after another.

        As long as it is one user, what was read for one rule holds for the next.
        """
        if noted.reader_id != plan.user_id:
            noted.reader_id = plan.user_id
            noted.dropped = set()
            noted.readers.clear()
        if plan.lang not in noted.readers:
            context = {**plan.context, DROPPED_KEY: noted.dropped}
            noted.readers[plan.lang] = self.env(
                user=plan.user_id, su=False, context=context
            )
        return noted.readers[plan.lang]

    # -- where it goes --------------------------------------------------------

    def _address(
        self,
        plan: RulePlan,
        rows: Mapping[int, tuple[object, int | None]],
        kinds: Mapping[int, str],
    ) -> list[OutboundEvent]:
        """Return the events of payloads; none for a record without an address."""
        targets = self._find_targets(plan, rows)
        events = []
        for record_id, (payload, company_id) in rows.items():
            target = targets.get(record_id)
            if not target:
                _logger.info(
                    "webhook rule %s: %s %s has no address to tell",
                    *(plan.name, plan.model, record_id),
                )
                continue
            endpoint_id, url = target
            kind = kinds[record_id]
            events.append(
                OutboundEvent(
                    rule_id=plan.rule_id,
                    endpoint_id=endpoint_id,
                    url=url,
                    event_type=plan.get_event_type(kind),
                    kind=kind,
                    res_model=plan.model,
                    res_id=record_id,
                    company_id=company_id or None,
                    data=payload,
                    body_format=plan.body_format,
                )
            )
        return events

    def _find_targets(
        self, plan: RulePlan, record_ids: Collection[int]
    ) -> Mapping[int, tuple[int, str]]:
        """Return endpoint and URL of each record that has one."""
        if plan.endpoint_source == "record":
            return self.env["webhook.callback"]._find(plan.model, record_ids)
        if not plan.url:
            return {}
        return dict.fromkeys(record_ids, (plan.endpoint_id, plan.url))
