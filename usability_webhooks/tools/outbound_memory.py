# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is noted of a transaction's changes, until they are stored as deliveries."""

from __future__ import annotations

import dataclasses
import datetime

from odoo.api import Environment
from odoo.sql_db import BaseCursor

#: Attribute of a cursor that holds its ``Memory``; no key of ``cr.cache``, which
#: core clears at every savepoint rolled back.
MEMORY = "usability_webhooks_outbound"
#: Key of ``cr.precommit.data`` that holds what is ``Noted``.
NOTED = "usability_webhooks.outbound"


@dataclasses.dataclass(slots=True, eq=False)
class Noted:
    """Changes since the last flush. Gone with the savepoint they were made in.

    :param kinds: rule -> record -> kind of its event.
    :param rendered: (rule, record) -> payload and company of a record that goes.
    :param again: model -> records that changed after their events were stored.
    :param alive: model -> those of its noted records that exist; filled on demand.
    :param payloads: what is read as whom and how -> record -> payload; likewise.
    :param reader_id: the user payloads were last read as.
    :param readers: language -> that user's environment.
    :param dropped: model and field that were dropped from the cache for that user.
    """

    kinds: dict[int, dict[int, str]] = dataclasses.field(default_factory=dict)
    rendered: dict[tuple[int, int], tuple[object, int | None]] = dataclasses.field(
        default_factory=dict
    )
    again: dict[str, set[int]] = dataclasses.field(default_factory=dict)
    alive: dict[str, set[int]] = dataclasses.field(default_factory=dict)
    payloads: dict[tuple, dict[int, object]] = dataclasses.field(default_factory=dict)
    reader_id: int = 0
    readers: dict[str, Environment] = dataclasses.field(default_factory=dict)
    dropped: set[tuple[str, str]] = dataclasses.field(default_factory=set)

    def add(self, rule_id: int, record_id: int, kind: str) -> None:
        """Note an event. What was created stays so, however often it is updated."""
        kinds = self.kinds.setdefault(rule_id, {})
        if kinds.get(record_id) != "created":
            kinds[record_id] = kind


@dataclasses.dataclass(slots=True, eq=False)
class Memory:
    """What must be known until the transaction ends, savepoints or not.

    Ids rolled back with a savepoint stay in it; they are never given again.

    :param now: when the transaction began, which tells it from others.
    :param created: model -> ids made in it, of models with rules.
    :param stored: model -> ids whose events it may have stored already.
    :param first_row: no delivery it stored has a lower id.
    :param awake_row: a delivery for which the sender was woken.
    :param is_editing: rules were changed in it, so it reads them for itself.
    """

    now: datetime.datetime
    created: dict[str, set[int]] = dataclasses.field(default_factory=dict)
    stored: dict[str, set[int]] = dataclasses.field(default_factory=dict)
    first_row: int = 0
    awake_row: int = 0
    is_editing: bool = False


def recall(cr: BaseCursor) -> Memory | None:
    """Return the memory of a cursor's transaction, if it has one."""
    memory = vars(cr).get(MEMORY)
    return memory if memory is not None and memory.now == cr.now() else None


def get_memory(cr: BaseCursor) -> Memory:
    """Return the memory of a cursor's transaction."""
    memory = recall(cr)
    if memory is None:
        memory = Memory(cr.now())
        setattr(cr, MEMORY, memory)
    return memory


def get_noted(cr: BaseCursor) -> tuple[Noted, bool]:
    """Return what is noted since the last flush, and whether that is new."""
    data = cr.precommit.data
    if noted := data.get(NOTED):
        return noted, False
    data[NOTED] = noted = Noted()
    return noted, True


def take_noted(cr: BaseCursor) -> Noted:
    """Return what is noted since the last flush, and forget it."""
    return cr.precommit.data.pop(NOTED, None) or Noted()
