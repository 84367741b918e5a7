# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..tools.outbound_event import Lost, OutboundEvent, UnwritableData
from ..tools.outbound_memory import get_memory
from ..tools.webhook_signature import new_message_id

#: Column of a delivery -> its type, for the columns that come with an event.
COLUMNS = {
    "id": "int",
    "message_id": "text",
    "rule_id": "int",
    "endpoint_id": "int",
    "event_type": "text",
    "kind": "text",
    "res_model": "text",
    "res_id": "int",
    "company_id": "int",
    "url": "text",
    "body": "text",
    "body_size": "int",
    "last_error": "text",
}
#: What a later event of the same record, in the same transaction, overwrites.
OVERWRITTEN = (
    *("id", "event_type", "kind", "company_id", "body", "body_size"),
    *("state", "last_error", "occurred_at", "next_attempt_at"),
)
#: Endpoint and rule are joined: one that is gone by now must not spoil the change.
INSERT = """
    INSERT INTO webhook_outbound_delivery (
        id, message_id, rule_id, endpoint_id, event_type, kind, res_model, res_id,
        company_id, url, body, body_size, last_error, state,
        transaction, occurred_at, next_attempt_at, attempt_count)
    SELECT v.id, v.message_id, r.id, e.id, v.event_type, v.kind, v.res_model, v.res_id,
        v.company_id, v.url, v.body, v.body_size,
        COALESCE(v.last_error, CASE WHEN e.state = 'disabled' THEN %(disabled)s END),
        CASE WHEN v.last_error IS NOT NULL OR e.state = 'disabled'
            THEN 'dead' ELSE 'pending' END,
        %(transaction)s, %(now)s, %(now)s, 0
    FROM unnest(%(arrays)s) AS v (%(names)s)
    JOIN webhook_endpoint e
        ON e.id = v.endpoint_id AND e.active AND e.database_uuid = %(uuid)s
    LEFT JOIN webhook_outbound_rule r ON r.id = v.rule_id
    ON CONFLICT (transaction, rule_id, endpoint_id, md5(url), res_model, res_id)
        WHERE rule_id IS NOT NULL
    DO UPDATE SET %(changes)s
    RETURNING state, id
"""
OPEN = """
    WITH this AS MATERIALIZED (
        SELECT pg_current_xact_id()::text || '.' || extract(epoch FROM now()) AS name)
    SELECT name, clock_timestamp() AT TIME ZONE 'utc',
        ARRAY(SELECT nextval('webhook_outbound_delivery_id_seq')
            FROM generate_series(1, %(count)s)),
        %(stored)s, %(is_awake)s
    FROM this
"""
#: Of this transaction's rows those with the same key as an event, each by the index
#: that keeps it unique: a long transaction is flushed often, and has stored many.
STORED = """
    ARRAY(SELECT stored.event FROM unnest(%(arrays)s) AS k (%(names)s)
        CROSS JOIN LATERAL (
            SELECT jsonb_build_array(d.rule_id, d.endpoint_id, d.url, d.res_model,
                d.res_id, d.kind, d.event_type) AS event
            FROM webhook_outbound_delivery d
            WHERE d.transaction = this.name AND d.rule_id = k.rule_id
                AND d.endpoint_id = k.endpoint_id AND md5(d.url) = md5(k.url)
                AND d.res_model = k.res_model AND d.res_id = k.res_id
            LIMIT 1) stored)
"""
#: Gone, where the savepoint it was woken in was rolled back.
IS_AWAKE = "EXISTS (SELECT FROM webhook_outbound_delivery WHERE id = %s)"
#: What tells two events of one transaction apart.
KEY = ("rule_id", "endpoint_id", "url", "res_model", "res_id")
Key = tuple[int | None, int, str, str, int]


class _Slot(NamedTuple):
    """Where the outbox stands in this transaction."""

    transaction: str
    now: datetime.datetime
    ids: list[int]
    stored: dict[Key, tuple[str, str]]
    is_awake: bool


class WebhookOutboundOutbox(models.AbstractModel):
    """Stores events as deliveries, in the transaction of the change.

    So a delivery exists if and only if the change does. In SQL: one statement for
    any number of them, and the bytes that will be sent are frozen in it.
    """

    _name = "webhook.outbound.outbox"
    _description = "Webhook Outbox"

    @api.model
    def _put(self, events: list[OutboundEvent]) -> None:
        """Store events for the sender and wake it, once per transaction.

        To be called when the changes are flushed: ids are drawn while their row locks
        are held, so that those of one record rise in the order of commits. Of a
        record that comes again in this transaction only the latest state is kept.

        Nothing is stored on a copy of the database, nor for archived endpoints; for a
        disabled endpoint, and what is too large to be sent, the delivery is dead at
        once, with the reason.
        """
        endpoints = self.env["webhook.endpoint"]
        if not events or endpoints._is_neutralized():
            return
        endpoints.flush_model()
        slot = self._open_slot(events)
        memory = get_memory(self.env.cr)
        memory.first_row = memory.first_row or slot.ids[0]
        waiting = self._insert(slot, self._prepare_rows(slot, events))
        if waiting and not slot.is_awake:
            self.env["webhook.outbound.sender"]._wake()
            memory.awake_row = waiting[0]

    def _open_slot(self, events: list[OutboundEvent]) -> _Slot:
        """Draw ids, and see what this transaction stored already of the same.

        Read from the table, not remembered: a savepoint may have been rolled back. One
        clock, the database's, for all servers: latencies are differences of it.
        """
        memory, stored = get_memory(self.env.cr), SQL("'{}'::jsonb[]")
        keys = {key for event in events if (key := self._get_key(event))}
        if keys and memory.first_row:
            stored = self._prepare_stored(keys)
        is_awake = SQL(IS_AWAKE, memory.awake_row) if memory.awake_row else SQL("FALSE")
        query = SQL(OPEN, count=len(events), stored=stored, is_awake=is_awake)
        transaction, now, ids, stored, is_awake = self.env.execute_query(query)[0]
        return _Slot(
            transaction,
            now,
            sorted(ids),
            {tuple(key): (kind, event_type) for *key, kind, event_type in stored},
            is_awake,
        )

    def _prepare_stored(self, keys: set[Key]) -> SQL:
        arrays = [
            SQL(f"%s::{COLUMNS[name]}[]", list(values))
            for name, values in zip(KEY, zip(*keys, strict=True), strict=True)
        ]
        return SQL(
            STORED,
            arrays=SQL(", ").join(arrays),
            names=SQL(", ").join(map(SQL.identifier, KEY)),
        )

    def _prepare_rows(self, slot: _Slot, events: list[OutboundEvent]) -> list[tuple]:
        """Return the values of ``COLUMNS``, one row for all that coalesces."""
        known = dict(slot.stored)
        latest: dict[object, OutboundEvent] = {}
        for number, event in enumerate(events):
            key = self._get_key(event)
            if key is None:
                latest[number] = event
                continue
            if key in known:
                event = event.follow(*known[key])
            known[key] = event.kind, event.event_type
            # The last one keeps the place of the last one: ids rise with it.
            latest.pop(key, None)
            latest[key] = event
        pairs = zip(latest.values(), slot.ids, strict=False)
        return [self._prepare_row(slot, event, row_id) for event, row_id in pairs]

    def _get_key(self, event: OutboundEvent) -> Key | None:
        """Return what the event coalesces by; None: it stands for itself."""
        if not event.rule_id:
            return None
        return (
            event.rule_id,
            event.endpoint_id,
            event.url,
            event.res_model,
            event.res_id,
        )

    def _prepare_row(self, slot: _Slot, event: OutboundEvent, row_id: int) -> tuple:
        body, size, error = self._freeze(slot.now, event, row_id)
        return (
            row_id,
            new_message_id(),
            event.rule_id or None,
            event.endpoint_id,
            event.event_type,
            event.kind,
            event.res_model,
            event.res_id,
            event.company_id or None,  # False would be company 0
            event.url,
            body,
            size,
            error,
        )

    def _freeze(
        self, now: datetime.datetime, event: OutboundEvent, sequence: int
    ) -> tuple[str, int, str | None]:
        """Return the body, its size in bytes, and why it cannot be sent, if so.

        A body that is too large is not stored, and never cut.
        """
        if isinstance(event.data, Lost):
            return "", 0, event.data.reason
        try:
            body = event.to_body(now, sequence)
        except UnwritableData as exc:
            return "", 0, self.env._("The payload is no JSON: %s", exc)
        size = len(body.encode())
        limit = self.env["api.settings"]._get("webhook.max_outbound_body")
        if size <= limit:
            return body, size, None
        error = self.env._(
            "The body has %(size)s bytes, more than the %(limit)s that are allowed.",
            size=size,
            limit=limit,
        )
        return "", size, error

    def _insert(self, slot: _Slot, rows: list[tuple]) -> list[int]:
        """Insert all rows in one statement.

        An endpoint or a rule that is gone by now must not spoil the change itself, so
        both are joined.

        :returns: the ids of those that can be sent.
        """
        arrays = SQL(", ").join(
            SQL(f"%s::{kind}[]", list(values))
            for kind, values in zip(
                COLUMNS.values(), zip(*rows, strict=False), strict=True
            )
        )
        query = SQL(
            INSERT,
            arrays=arrays,
            names=SQL(", ").join(map(SQL.identifier, COLUMNS)),
            changes=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
                for name in OVERWRITTEN
            ),
            transaction=slot.transaction,
            now=slot.now,
            uuid=self.env["webhook.endpoint"]._get_database_uuid(),
            disabled=self.env._("The endpoint was disabled."),
        )
        # Core logs a failing statement with its values; these are payloads.
        self.env.cr.execute(query, log_exceptions=False)
        rows = self.env.cr.fetchall()
        return [row_id for state, row_id in rows if state == "pending"]
