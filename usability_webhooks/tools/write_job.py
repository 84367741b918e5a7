# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a writing route is asked to do: one record, a list of them, or a batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from ..exceptions import ApiError
from .api_request import ApiRequest
from .payload_plan import Level, Lookup, Place, Plan, Wants


@dataclasses.dataclass(slots=True, eq=False)
class WriteItem:
    """One record to be made, or one search key whose records are to be changed.

    :param vals: its own keys: ``payload``, ``search_key``, ``ref``, ...
    :param plan: what its payload asks for, and all that is wrong with it.
    :param place: where its payload stands.
    :param key: its search key as a lookup; ``None`` where it asks for several.
    :param ids: the records it found, then those it wrote.
    :param operation: ``created``, ``updated`` or ``unchanged``; empty until done.
    """

    vals: Mapping
    plan: Plan
    place: Place
    key: Lookup | None = None
    ids: Sequence[int] = ()
    operation: str = ""

    @property
    def level(self) -> Level:
        """The level of its payload, once that was read."""
        return self.plan.levels[0]

    @property
    def search_key(self) -> Mapping:
        return self.vals.get("search_key") or {}


@dataclasses.dataclass(slots=True, eq=False)
class WriteJob:
    """Everything one request wants written.

    :param items: in the order of the request.
    :param is_batch: asked for by ``records``: every item gets a verdict.
    :param is_tolerant: what is wrong with one item stops no other.
    :param wants: what the items' plans look for together.
    :param spec: the fields to answer with.
    :param errors: what is wrong with the request as a whole.
    :param warnings: what there is to tell about it.
    :param traces: tracebacks of items that ended in an internal error.
    """

    request: ApiRequest
    items: list[WriteItem] = dataclasses.field(default_factory=list)
    is_batch: bool = False
    is_tolerant: bool = False
    wants: Wants = dataclasses.field(default_factory=Wants)
    spec: Mapping = dataclasses.field(default_factory=dict)
    errors: list[ApiError] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    traces: list[str] = dataclasses.field(default_factory=list)

    @property
    def model(self) -> str:
        return self.request.model

    def all_errors(self) -> list[ApiError]:
        """Return all that is wrong, in the order of the request."""
        return [*self.errors, *(err for item in self.items for err in item.plan.errors)]

    def all_warnings(self) -> list[str]:
        plans = [item.plan for item in self.items]
        plans += [lookup.entry.plan for lookup in self.wants.made.values()]
        return [
            *self.warnings,
            *(warning for plan in plans for warning in plan.warnings),
        ]

    def done(self) -> Iterator[WriteItem]:
        """Yield the items that were carried out."""
        return (item for item in self.items if item.operation)
