# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What payloads ask for, as plain values: the resolver's passes hand these on.

::

    Wants                   what several plans look for, each thing once
    '-- Lookup              one record to be found, however many fields name it
        '-- entry           the Level that makes it where it is missing
    Plan                    what one record of a request asks for; its errors
    '-- Level               one dict of the payload = one record to be
        |-- values[field]   a value, a Lookup, a Links, a Lines or a Translations
        '-- files           what attachment_ids brought
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Iterator, Mapping

from ..exceptions import ApiError, ApiErrors
from .payload_values import Lines, Links, ReferenceTo, Translations


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
    :param places: every place that names it; ``plans`` says whose each is.
    :param ids: what was found, best company first; ``None`` before the search.
    """

    model: str
    keys: tuple[str, ...]
    values: tuple[Hashable, ...]
    raw: object
    company_id: int
    places: list[Place] = dataclasses.field(default_factory=list)
    plans: list[Plan] = dataclasses.field(default_factory=list)
    ids: list[int] | None = None
    entry: Level | None = None

    @property
    def record_id(self) -> int | None:
        """The one record found, or the one made in its stead; ``None`` before."""
        found = self.entry.record_ids if self.entry else self.ids
        return found[0] if found and len(found) == 1 else None

    def pairs(self) -> Iterator[tuple[str, Hashable]]:
        """Yield each key with its value."""
        return zip(self.keys, self.values, strict=True)

    def conditions(self) -> list[tuple]:
        """Return the lookup as a domain, whatever the company."""
        return [(key, "=", value) for key, value in self.pairs()]

    def identity(self) -> tuple:
        """Two lookups of one identity are one lookup."""
        return (self.model, self.keys, self.values, self.company_id)


@dataclasses.dataclass(slots=True, eq=False)
class Level:
    """One dict of the payload, to become one record (or to change some).

    :param plan: the plan it belongs to; what is wrong with it lands there.
    :param is_merged: a line that changes one of the record's own, or is created.
    :param line_id: the id a merged line is known by, where ``id`` is a key.
    :param record_ids: the records it became; several where an update matched
        several. Of an update known from the start, else filled by whoever writes.
    """

    plan: Plan
    model: str
    place: Place
    company_id: int
    is_update: bool = False
    values: dict[str, object] = dataclasses.field(default_factory=dict)
    files: list[dict] = dataclasses.field(default_factory=list)
    record_ids: list[int] = dataclasses.field(default_factory=list)
    is_merged: bool = False
    line_id: int | None = None

    def translations(self) -> dict[str, Translations]:
        """Return the values that are said in several languages."""
        return {
            name: value
            for name, value in self.values.items()
            if isinstance(value, Translations)
        }

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


@dataclasses.dataclass(slots=True, eq=False)
class Wants:
    """What the plans of one request look for together, each thing once.

    :param lookups: everything to be found, by identity.
    :param pending: those not searched for yet.
    :param made: what ``auto_create`` may make, by what it is to become.
    :param created: levels of it that were made, in order.
    """

    lookups: dict[tuple, Lookup] = dataclasses.field(default_factory=dict)
    pending: list[Lookup] = dataclasses.field(default_factory=list)
    made: dict[tuple, Lookup] = dataclasses.field(default_factory=dict)
    created: list[Level] = dataclasses.field(default_factory=list)

    def get_entries(self, plans: Iterable[Plan]) -> list[Level]:
        """Return what must be made for some plans, and for that in its turn."""
        entries: dict[int, Level] = {}
        waiting = [lookup for plan in plans for lookup in plan.needs()]
        while waiting:
            entry = waiting.pop().entry
            if entry is not None and id(entry) not in entries:
                entries[id(entry)] = entry
                waiting += entry.needs()
        return list(entries.values())

    def sort_made(self) -> tuple[list[list[Lookup]], list[Lookup]]:
        """Order what is to be made, so that whatever a record needs comes before it.

        :returns: batches, each needing only earlier ones; and what cannot be made
            because it needs itself, in a circle.
        """
        batches: list[list[Lookup]] = []
        waiting, done = list(self.made.values()), set()
        while waiting:
            batch, blocked = [], []
            for lookup in waiting:
                needs = (need.entry for need in lookup.entry.needs())
                ready = all(entry is None or id(entry) in done for entry in needs)
                (batch if ready else blocked).append(lookup)
            if not batch:
                break
            batches.append(batch)
            done.update(id(lookup.entry) for lookup in batch)
            waiting = blocked
        return batches, waiting


@dataclasses.dataclass(slots=True, eq=False)
class Plan:
    """What one record of a request asks for, and all that is wrong with it.

    :param model: the model of the payload.
    :param wants: what it looks for together with the request's other plans.
    :param root: where in the request it stands: ``records[3]``, empty for a
        request about a single record.
    :param auto_create: ``{field or path: values or [values]}``.
    :param auto_create_path: where that stands.
    """

    model: str
    wants: Wants = dataclasses.field(default_factory=Wants)
    root: str = ""
    auto_create: Mapping = dataclasses.field(default_factory=dict)
    auto_create_path: str = "auto_create"
    levels: list[Level] = dataclasses.field(default_factory=list)
    errors: list[ApiError] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)

    def want(self, lookup: Lookup, place: Place) -> Lookup:
        """Return the one lookup of this identity; remember where it stands."""
        known = self.wants.lookups.setdefault(lookup.identity(), lookup)
        if known is lookup:
            self.wants.pending.append(lookup)
        known.places.append(place)
        known.plans.append(self)
        return known

    def path(self, key: str) -> str:
        """Return the path of one of the plan's own keys: ``records[3].payload``."""
        return f"{self.root}.{key}" if self.root else key

    def refuse(self, exc: ApiError | ApiErrors) -> None:
        """Note what is wrong, told by somebody who does not know the root."""
        errors = exc.errors if isinstance(exc, ApiErrors) else [exc]
        self.errors += [error.under(self.root) for error in errors]

    def walk(self) -> Iterator[Level]:
        """Yield every level of the payload, parents first."""
        for level in self.levels:
            yield from level.walk()

    def needs(self) -> Iterator[Lookup]:
        """Yield every lookup the payload cannot do without."""
        for level in self.levels:
            yield from level.needs()
