# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a payload asks for, as plain values: the resolver's passes hand these on.

::

    Plan                    everything one request wants written
    |-- Level               one dict of the payload = one record to be
    |   |-- values[field]   a value, a Lookup, a Links or a Lines
    |   '-- files           what attachment_ids brought
    '-- Lookup              one record to be found, however many fields name it
        '-- entry           the Level that makes it where it is missing
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Mapping

from ..exceptions import ApiError, ApiErrors


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where in the request something stands.

    :param path: with indexes, for people: ``payload.order_line[2].product_id``.
    :param name: without, for ``auto_create``: ``order_line.product_id``.
    """

    path: str
    name: str = ""

    def key(self, key: str) -> Place:
        name = f"{self.name}.{key}" if self.name else key
        return Place(f"{self.path}.{key}" if self.path else key, name)

    def index(self, index: int) -> Place:
        return Place(f"{self.path}[{index}]", self.name)


@dataclasses.dataclass(slots=True, eq=False)
class Lookup:
    """One record to be found by key fields in one company.

    :param keys: field paths, sorted: ``("code", "country_id.code")``.
    :param values: what each must equal, in the ORM's terms.
    :param raw: the lookup as the caller wrote it.
    :param company_id: target company, 0 where none matters.
    :param ids: what was found, best company first; ``None`` before the search.
    """

    model: str
    keys: tuple[str, ...]
    values: tuple[Hashable, ...]
    raw: object
    company_id: int
    places: list[Place] = dataclasses.field(default_factory=list)
    ids: list[int] | None = None
    entry: Level | None = None
    record_id: int | None = None

    def conditions(self) -> list[tuple]:
        """Return the lookup as a domain, whatever the company."""
        return [
            (key, "=", value) for key, value in zip(self.keys, self.values, strict=True)
        ]

    def identity(self) -> tuple:
        """Two lookups of one identity are one lookup."""
        return (self.model, self.keys, self.values, self.company_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Links:
    """A many2many value: ``mode`` is ``add``, ``replace`` or ``remove``."""

    mode: str
    lookups: list[Lookup]


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """A one2many value: ``mode`` is ``add`` or ``replace``."""

    mode: str
    levels: list[Level]


@dataclasses.dataclass(frozen=True, slots=True)
class ReferenceTo:
    """A reference field's value once its record is found."""

    lookup: Lookup


@dataclasses.dataclass(slots=True, eq=False)
class Level:
    """One dict of the payload, to become one record (or to change some).

    :param plan: the plan it belongs to; what is wrong with it lands there.
    :param record_ids: the records it became; several where an update matched
        several. Filled by whoever writes, read for attachments.
    """

    plan: Plan
    model: str
    place: Place
    company_id: int
    is_update: bool = False
    values: dict[str, object] = dataclasses.field(default_factory=dict)
    files: list[dict] = dataclasses.field(default_factory=list)
    record_ids: list[int] = dataclasses.field(default_factory=list)

    def walk(self) -> Iterator[Level]:
        """Yield this level and every one2many level below, parents first."""
        yield self
        for value in self.values.values():
            if isinstance(value, Lines):
                for level in value.levels:
                    yield from level.walk()

    def needs(self) -> Iterator[Lookup]:
        """Yield every lookup this level and those below cannot do without."""
        for level in self.walk():
            for value in level.values.values():
                if isinstance(value, Lookup):
                    yield value
                elif isinstance(value, Links):
                    yield from value.lookups
                elif isinstance(value, ReferenceTo):
                    yield value.lookup


@dataclasses.dataclass(slots=True)
class Plan:
    """Everything one request wants written, and all that is wrong with it.

    :param model: the model of the payloads.
    :param auto_create: ``{field or path: values or [values]}``.
    :param company_id: the company lookups prefer; 0 = the request's own.
    :param is_update: the payloads change records instead of making them.
    :param made: what ``auto_create`` must make, by what it is to become.
    :param batches: the same in the order of making: each batch needs only earlier
        ones.
    :param created: what was made automatically, for the answer.
    """

    model: str
    company_id: int = 0
    is_update: bool = False
    auto_create: Mapping = dataclasses.field(default_factory=dict)
    levels: list[Level] = dataclasses.field(default_factory=list)
    lookups: dict[tuple, Lookup] = dataclasses.field(default_factory=dict)
    pending: list[Lookup] = dataclasses.field(default_factory=list)
    made: dict[tuple, Lookup] = dataclasses.field(default_factory=dict)
    batches: list[list[Lookup]] = dataclasses.field(default_factory=list)
    errors: list[ApiError] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    created: list[dict] = dataclasses.field(default_factory=list)

    def want(self, lookup: Lookup, place: Place) -> Lookup:
        """Return the plan's one lookup of this identity; remember where it stands."""
        known = self.lookups.setdefault(lookup.identity(), lookup)
        if known is lookup:
            self.pending.append(lookup)
        known.places.append(place)
        return known

    def all_levels(self) -> Iterator[Level]:
        """Yield every level of the payload and of what is made automatically."""
        for level in self.levels:
            yield from level.walk()
        for lookup in self.made.values():
            yield from lookup.entry.walk()

    def sort_made(self) -> list[Lookup]:
        """Fill ``batches``, so that whatever a record needs is made before it.

        :returns: what cannot be made because it needs itself, in a circle.
        """
        waiting, done = list(self.made.values()), set()
        while waiting:
            batch, blocked = [], []
            for lookup in waiting:
                needs = (need.entry for need in lookup.entry.needs())
                ready = all(entry is None or id(entry) in done for entry in needs)
                (batch if ready else blocked).append(lookup)
            if not batch:
                break
            self.batches.append(batch)
            done.update(id(lookup.entry) for lookup in batch)
            waiting = blocked
        return waiting

    def check(self) -> None:
        """:raises ApiErrors: when anything was found wrong."""
        if self.errors:
            raise ApiErrors(self.errors)
