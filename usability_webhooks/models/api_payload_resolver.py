# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping, Sequence

from odoo import models

from ..exceptions import InvalidValue, LimitExceeded
from ..tools.payload_plan import Level, Lookup, Place, Plan

#: How many times a made record may itself need records made. A payload that
#: goes deeper names itself in a circle.
MAX_AUTO_CREATE_DEPTH = 8
#: Errors that get near misses; a payload of a thousand unknown products costs no
#: thousand searches for hints.
HINTED_ERRORS = 20


class ApiPayloadResolver(models.AbstractModel):
    """Turns payloads into a plan of values the ORM takes.

    Three passes, each over the whole request, nothing written before the last:

    1. collect: walk the payload's own keys; note every value, every record that
       must be found, and everything wrong, at any depth.
    2. find: one search per (model, key fields, company) for all that was noted.
       Records that are missing and may be made are collected in their turn,
       until nothing new is wanted.
    3. build: values with ``Command``, lookups replaced by ids.
    """

    _name = "api.payload.resolver"
    _description = "API Payload Resolver"

    def _resolve(self, plan: Plan, payloads: Sequence[tuple[Place, object]]) -> Plan:
        """Resolve payloads of one model, all or none.

        :param plan: a fresh plan that says what is asked for.
        :param payloads: each with its place in the request.
        :returns: the plan, its levels in the order of ``payloads``. What had to be
            made automatically has been, and is listed in ``plan.created``.
        :raises ApiErrors: everything wrong with the payloads, in one go, before
            anything is written.
        """
        company_id = plan.company_id or self.env.company.id
        self._check_auto_create(plan)
        collector = self.env["api.payload.collector"]
        for place, payload in payloads:
            level = Level(plan, plan.model, place, company_id, plan.is_update)
            plan.levels.append(level)
            collector._collect_level(level, payload)
        self._find_all(plan)
        plan.check()
        self._make_missing(plan)
        return plan

    def _check_auto_create(self, plan: Plan) -> None:
        for key, entry in plan.auto_create.items():
            entries = entry if isinstance(entry, list) else [entry]
            if not entries or not all(isinstance(item, dict) for item in entries):
                message = f"must be an object or a list of objects, not {entry!r:.80}."
                plan.errors.append(InvalidValue(message, path=f"auto_create.{key}"))

    def _find_all(self, plan: Plan) -> None:
        """Find every lookup; collect what may be made for those that miss."""
        lookup_model = self.env["api.record.lookup"]
        candidate_model = self.env["api.record.candidate"]
        for _depth in range(MAX_AUTO_CREATE_DEPTH + 1):
            if not plan.pending:
                break
            wanted, plan.pending = plan.pending, []
            lookup_model._find(wanted)
            for lookup in wanted:
                if lookup.ids:
                    self._settle(plan, lookup)
                elif not self._plan_entry(plan, lookup, wanted):
                    plan.errors += candidate_model._missing_errors(
                        lookup, with_hint=len(plan.errors) < HINTED_ERRORS
                    )
        if plan.pending:
            message = self.env._(
                "auto_create is nested more than %s deep.", MAX_AUTO_CREATE_DEPTH
            )
            path = plan.pending[0].places[0].path
            plan.errors.append(LimitExceeded(message, path=path))
        elif circle := plan.sort_made():
            message = self.env._("auto_create names itself in a circle.")
            path = circle[0].places[0].path
            plan.errors.append(InvalidValue(message, path=path))

    def _settle(self, plan: Plan, lookup: Lookup) -> None:
        if len(lookup.ids) == 1:
            lookup.record_id = lookup.ids[0]
        else:
            plan.errors += self.env["api.record.candidate"]._ambiguous_errors(lookup)

    def _plan_entry(self, plan: Plan, lookup: Lookup, wanted: list[Lookup]) -> bool:
        """Plan the record that will stand in for a lookup that missed.

        :returns: False when ``auto_create`` has nothing for it.
        """
        key = next(
            (
                name
                for place in lookup.places
                for name in (place.name, place.name.rpartition(".")[2])
                if name in plan.auto_create
            ),
            None,
        )
        if key is None or "id" in lookup.keys:
            return False  # no record can be made to have a given id
        values, path = self._choose_entry(plan, key, lookup, wanted)
        if values is None:
            return False
        # Two lookups may agree with one entry ({"name": "A"} and {"ref": "1"}):
        # it is made once.
        identity = (lookup.model, lookup.company_id, repr(values))
        first = plan.made.setdefault(identity, lookup)
        if first is not lookup:
            lookup.entry = first.entry
            return True
        company_id = lookup.company_id or self.env.company.id
        lookup.entry = Level(plan, lookup.model, Place(path, key), company_id)
        self.env["api.payload.collector"]._collect_level(lookup.entry, values)
        return True

    def _choose_entry(
        self, plan: Plan, key: str, lookup: Lookup, wanted: list[Lookup]
    ) -> tuple[Mapping | None, str]:
        """Return the entry whose values agree with the lookup, and its path.

        A single object stands for a single miss whatever it says of the other
        fields; with several misses only agreement decides.
        """
        entry = plan.auto_create[key]
        options = entry if isinstance(entry, list) else [entry]
        if not all(isinstance(option, Mapping) for option in options):
            return None, ""  # told by _check_auto_create
        path = f"auto_create.{key}"
        for index, option in enumerate(options):
            if all(
                name in option and option[name] == value
                for name, value in lookup.raw.items()
            ):
                return option, f"{path}[{index}]" if options is entry else path
        if len(options) != 1:
            return None, path
        rivals = [
            other
            for other in wanted
            if not other.ids
            and any(key in (p.name, p.name.rpartition(".")[2]) for p in other.places)
        ]
        clash = any(
            name in options[0] and options[0][name] != value
            for name, value in lookup.raw.items()
        )
        if len(rivals) != 1 or clash:
            return None, path
        return {**lookup.raw, **options[0]}, path

    def _make_missing(self, plan: Plan) -> None:
        """Create what ``auto_create`` must: batch by batch, one create per model."""
        builder = self.env["api.payload.builder"]
        for made in plan.batches:
            builder._create([lookup.entry for lookup in made])
            for lookup in plan.lookups.values():
                if lookup.entry and lookup.entry.record_ids:
                    lookup.record_id = lookup.entry.record_ids[0]
            plan.created += [
                {
                    "path": lookup.entry.place.path,
                    "model": lookup.model,
                    "id": lookup.entry.record_ids[0],
                }
                for lookup in made
            ]
