# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from odoo import models

from ..exceptions import InvalidValue, LimitExceeded
from ..tools.payload_plan import Level, Lookup, Place, Plan, Wants

#: How many times a made record may itself need records made. A payload that
#: goes deeper names itself in a circle.
MAX_AUTO_CREATE_DEPTH = 8
#: Errors that get near misses; a payload of a thousand unknown products costs no
#: thousand searches for hints.
HINTED_ERRORS = 20


def says(entry: object, value: object) -> bool:
    """Tell whether an entry's value is the lookup's, in whatever language."""
    if isinstance(entry, Mapping) and isinstance(value, str):
        return value in entry.values()
    return entry == value


class ApiPayloadResolver(models.AbstractModel):
    """Turns payloads into plans of values the ORM takes.

    Two passes, each over the whole request, and nothing written:

    1. collect: walk the payloads' own keys; note every value, every record that
       must be found, and everything wrong, at any depth.
    2. find: one search per (model, key fields, company) for all that was noted.
       Records that are missing and may be made are collected in their turn,
       until nothing new is wanted.

    What must be made is made later, with the records that need it.
    """

    _name = "api.payload.resolver"
    _description = "API Payload Resolver"

    def _resolve(self, wants: Wants, payloads: Sequence[tuple[Level, object]]) -> None:
        """Resolve the payloads of one request.

        What is wrong with a payload lands in the errors of its level's plan, and
        what is wrong with a record that must be made in those of every plan that
        needs it.

        :param wants: what the plans of all levels share.
        :param payloads: each with its level, which becomes its plan's.
        """
        collector = self.env["api.payload.collector"]
        checked: set[int] = set()  # items of a list share one auto_create
        made = set(wants.made)
        for level, payload in payloads:
            level.plan.levels.append(level)
            if id(level.plan.auto_create) not in checked:
                checked.add(id(level.plan.auto_create))
                self._check_auto_create(level.plan)
            collector._collect_level(level, payload)
        self._find_all(wants)
        levels = [level for level, _payload in payloads]
        new = [wants.made[key].entry for key in wants.made if key not in made]
        self.env["api.payload.merge"]._match([*levels, *new])
        self._tell_dependants(wants, [level.plan for level in levels])

    def _check_auto_create(self, plan: Plan) -> None:
        for key, entry in plan.auto_create.items():
            entries = entry if isinstance(entry, list) else [entry]
            if not entries or not all(isinstance(item, dict) for item in entries):
                message = self.env._(
                    "must be an object or a list of objects, not %s.", f"{entry!r:.80}"
                )
                path = f"{plan.auto_create_path}.{key}"
                plan.errors.append(InvalidValue(message, path=path))

    def _find_all(self, wants: Wants) -> None:
        """Find every lookup; collect what may be made for those that miss."""
        lookup_model = self.env["api.record.lookup"]
        told = 0
        for _depth in range(MAX_AUTO_CREATE_DEPTH + 1):
            if not wants.pending:
                return
            pending, wants.pending = wants.pending, []
            # A company is searched for as soon as it is seen.
            lookup_model._find([one for one in pending if one.ids is None])
            rivals = self._count_rivals(pending)
            for lookup in pending:
                if not lookup.ids and self._plan_entry(wants, lookup, rivals):
                    continue
                if len(lookup.ids) != 1:
                    self._tell(lookup, with_hint=told < HINTED_ERRORS)
                    told += len(lookup.places)
        for lookup in wants.pending:
            message = self.env._(
                "auto_create is nested more than %s deep.", MAX_AUTO_CREATE_DEPTH
            )
            for plan, place in zip(lookup.plans, lookup.places, strict=True):
                plan.errors.append(LimitExceeded(message, path=place.path))

    def _tell(self, lookup: Lookup, *, with_hint: bool) -> None:
        """Tell every plan that named it of a lookup that found none or several."""
        candidates = self.env["api.record.candidate"]
        if lookup.ids:
            errors = candidates._ambiguous_errors(lookup)
        else:
            errors = candidates._missing_errors(lookup, with_hint=with_hint)
        for plan, error in zip(lookup.plans, errors, strict=True):
            plan.errors.append(error)

    # -- what is missing and may be made ---------------------------------------

    def _count_rivals(self, pending: list[Lookup]) -> Counter:
        """Return how many lookups miss what one key of ``auto_create`` may make."""
        return Counter(
            rival
            for lookup in pending
            if not lookup.ids
            for rival in {
                (id(plan.auto_create), key) for plan, key in self._get_keys(lookup)
            }
        )

    def _get_keys(self, lookup: Lookup) -> Iterator[tuple[Plan, str]]:
        """Yield the keys of ``auto_create`` that stand for a lookup, and whose."""
        for plan, place in zip(lookup.plans, lookup.places, strict=True):
            if plan.auto_create:
                for key in (place.name, place.name.rpartition(".")[2]):
                    if key in plan.auto_create:
                        yield plan, key

    def _plan_entry(self, wants: Wants, lookup: Lookup, rivals: Counter) -> bool:
        """Plan the record that will stand in for a lookup that missed.

        :returns: False when ``auto_create`` has nothing for it.
        """
        plan, key = next(self._get_keys(lookup), (None, ""))
        if plan is None or "id" in lookup.keys:
            return False  # no record can be made to have a given id
        is_single = rivals[id(plan.auto_create), key] == 1
        values, path = self._choose_entry(plan, key, lookup, is_single)
        if values is None:
            return False
        # Two lookups may agree with one entry ({"name": "A"} and {"ref": "1"}):
        # it is made once.
        identity = (lookup.model, lookup.company_id, repr(values))
        first = wants.made.setdefault(identity, lookup)
        if first is not lookup:
            lookup.entry = first.entry
            return True
        company_id = lookup.company_id or self.env.company.id
        # A plan of its own, since several may need what it makes.
        own = dataclasses.replace(
            plan, model=lookup.model, levels=[], errors=[], warnings=[]
        )
        lookup.entry = Level(own, lookup.model, Place(path, key), company_id)
        own.levels.append(lookup.entry)
        self.env["api.payload.collector"]._collect_level(lookup.entry, values)
        return True

    def _choose_entry(
        self, plan: Plan, key: str, lookup: Lookup, is_single: bool
    ) -> tuple[Mapping | None, str]:
        """Return the entry whose values agree with the lookup, and its path.

        A single object stands for a single miss whatever it says of the other
        fields; with several misses only agreement decides.
        """
        entry = plan.auto_create[key]
        options = entry if isinstance(entry, list) else [entry]
        if not all(isinstance(option, Mapping) for option in options):
            return None, ""  # told by _check_auto_create
        path = f"{plan.auto_create_path}.{key}"
        for index, option in enumerate(options):
            if all(
                name in option and says(option[name], value)
                for name, value in lookup.raw.items()
            ):
                return option, f"{path}[{index}]" if options is entry else path
        if len(options) != 1 or not is_single:
            return None, path
        clash = any(
            name in options[0] and not says(options[0][name], value)
            for name, value in lookup.raw.items()
        )
        return (None, path) if clash else ({**lookup.raw, **options[0]}, path)

    def _tell_dependants(self, wants: Wants, plans: Sequence[Plan]) -> None:
        """Tell every plan what is wrong with the records that must be made for it."""
        _batches, circle = wants.sort_made()
        for lookup in circle:
            message = self.env._("auto_create names itself in a circle.")
            error = InvalidValue(message, path=lookup.places[0].path)
            lookup.entry.plan.errors.append(error)
        if any(lookup.entry.plan.errors for lookup in wants.made.values()):
            for plan in plans:
                for entry in wants.get_entries([plan]):
                    plan.errors += entry.plan.errors
