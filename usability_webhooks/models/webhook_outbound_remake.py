# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.envelope import RETRYABLE
from ..tools.outbound_event import OutboundEvent
from ..tools.outbound_memory import Noted
from ..tools.outbound_rule import RulePlan

_logger = logging.getLogger(__name__)

#: What a payload may be made for. What was tried once and emptied since may have
#: arrived: no other bytes then.
LOST = (
    Domain("body", "=", False)
    & Domain("state", "=", "dead")
    & Domain("last_attempt_at", "=", False)
    & Domain("rule_id", "!=", False)
)
#: Deliveries whose records are read together.
BATCH = 500
STORE = """
    UPDATE webhook_outbound_delivery d
    SET body = v.body, body_size = v.body_size, last_error = v.last_error
    FROM unnest(%(ids)s::int[], %(bodies)s::text[], %(sizes)s::int[],
        %(errors)s::text[]) AS v (id, body, body_size, last_error)
    WHERE d.id = v.id AND d.body = '' AND d.state = 'dead' AND d.last_attempt_at IS NULL
"""


class WebhookOutboundRemake(models.AbstractModel):
    """Makes the payloads of deliveries that have none.

    One could not be made when the record changed, or was too large: it was never sent.
    It tells of the record as it is now, so its ``sequence`` is a new one; all else is
    as it was.
    """

    _name = "webhook.outbound.remake"
    _description = "Webhook Payload Made Anew"

    def _remake(self, domain: Domain) -> str:
        """Make the payloads of those that have none, as their rules say now.

        :param domain: of deliveries the caller may send again; those he sees are meant.
        :returns: why one of them could not be made, if so.
        """
        without = self.env["webhook.outbound.delivery"].search(domain & LOST)
        # Read by the rule's user; of the deliveries the caller has seen enough.
        env = self.env(user=SUPERUSER_ID, su=True, context={})
        remake = env[self._name]
        for start in range(0, len(without), BATCH):
            rows = without[start : start + BATCH].with_env(env)
            for rule, of_rule in rows.grouped("rule_id").items():
                remake._store(of_rule, remake._try_rule(rule.id, of_rule))
        without.invalidate_model()
        return next(filter(None, without.mapped("last_error")), "")

    def _try_rule(self, rule_id: int, deliveries: models.BaseModel) -> dict:
        """Return payload, or text of why there is none, by record.

        :raises Exception: only what PostgreSQL wants the transaction repeated for.
        """
        plan = self.env["webhook.outbound.capture"]._get_book().by_rule.get(rule_id)
        if plan is None or plan.problem:
            return {}
        try:
            with self.env.cr.savepoint():
                return self._make_payloads(plan, deliveries)
        except RETRYABLE:
            raise
        # Whatever it is, whoever pressed the button reads it on the delivery.
        except Exception as exc:  # pylint: disable=broad-exception-caught
            _logger.info("webhook rule %s: %r", plan.name, exc, exc_info=True)
            events = self.env["webhook.outbound.event"]
            return dict.fromkeys(deliveries.mapped("res_id"), events._word(exc))

    def _make_payloads(self, plan: RulePlan, deliveries: models.BaseModel) -> dict:
        records = self.env[plan.model].browse(set(deliveries.mapped("res_id")))
        alive = records.exists()
        events = self.env["webhook.outbound.event"]
        rows = events._render(plan, alive, Noted())
        gone = dict.fromkeys((records - alive).ids, self.env._("The record is gone."))
        hidden = self.env._("The user whose rights it is read with may not read it.")
        return (
            dict.fromkeys(alive.ids, hidden)
            | gone
            | {
                record_id: (payload, plan.body_format)
                for record_id, (payload, _company_id) in rows.items()
            }
        )

    def _store(self, deliveries: models.BaseModel, made: dict) -> None:
        """Put bytes, or why there are still none, on the deliveries."""
        found = deliveries.filtered(lambda delivery: delivery.res_id in made)
        if not found:
            return
        draw = SQL(
            "SELECT nextval('webhook_outbound_delivery_id_seq')"
            " FROM generate_series(1, %s)",
            len(found),
        )
        frozen = [
            self._freeze(delivery, made[delivery.res_id], sequence)
            for delivery, (sequence,) in zip(
                found, self.env.execute_query(draw), strict=True
            )
        ]
        bodies, sizes, errors = zip(*frozen, strict=True)
        query = SQL(
            STORE,
            ids=found.ids,
            bodies=list(bodies),
            sizes=list(sizes),
            errors=list(errors),
        )
        # Core logs a failing statement with its values; these are payloads.
        self.env.cr.execute(query, log_exceptions=False)

    def _freeze(
        self, delivery: models.BaseModel, made: object, sequence: int
    ) -> tuple[str, int, str | None]:
        """Return bytes, their number, and why they cannot be sent."""
        if isinstance(made, str):
            return "", 0, made
        payload, body_format = made
        event = OutboundEvent(
            rule_id=delivery.rule_id.id,
            endpoint_id=delivery.endpoint_id.id,
            url=delivery.url,
            event_type=delivery.event_type,
            kind=delivery.kind,
            res_model=delivery.res_model,
            res_id=delivery.res_id,
            company_id=delivery.company_id.id or None,
            data=payload,
            body_format=body_format,
        )
        outbox = self.env["webhook.outbound.outbox"]
        return outbox._freeze(delivery.occurred_at, event, sequence)
