# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from odoo import models

from ..exceptions import ApiError, InvalidValue
from ..tools.payload_plan import Level, Lookup
from ..tools.payload_values import Lines, Match, Merge, Translations

#: Ids of lines by what some of their fields hold.
Index = Mapping[tuple[Hashable, ...], Sequence[int]]


class ApiPayloadMerge(models.AbstractModel):
    """Finds the lines that ``merge`` means among those of the records it updates.

    After the lookups were found and before anything is written, so that what is
    wrong is told with all the rest.
    """

    _name = "api.payload.merge"
    _description = "API Payload Merge"

    def _match(self, levels: Iterable[Level]) -> None:
        """Fill the matches of every merge at and below some levels.

        Depth by depth: the lines of all records of one depth are read together.
        What is wrong lands in the plan's errors, what is odd in its warnings.
        """
        parents = [(lev, lev.record_ids if lev.is_update else []) for lev in levels]
        while parents:
            ids: dict[str, list[int]] = defaultdict(list)
            for level, record_ids in parents:
                ids[level.model] += record_ids
            below = []
            for level, record_ids in parents:
                model = self.env[level.model].with_company(level.company_id)
                records = model.browse(record_ids).with_prefetch(ids[level.model])
                for name, value in level.values.items():
                    if isinstance(value, Lines):
                        below += self._match_lines(level, records, name)
            parents = below

    def _match_lines(
        self, level: Level, records: models.BaseModel, name: str
    ) -> list[tuple[Level, list[int]]]:
        """Match one field of one level.

        :param records: what the level changes; none where it is created.
        :returns: each line that is clear with the lines it changes; none where it
            is created.
        """
        lines = level.values[name]
        merge = lines.merge
        if merge is None:
            return [(line, []) for line in lines.levels]
        if not merge.key:
            return []
        keys = {line: self._get_key(line, merge) for line in lines.levels}
        self._check_twins(keys, merge)
        for record in records:
            match = self._match_lines_of(record, name, merge, keys)
            self._match_deletes(level, record, name, match)
            merge.matches[record.id] = match
        if not records:
            self._match_nothing(level, merge, keys)
        self._check_line_access(level, name)
        changed: dict[Level, list[int]] = {
            line: [] for line, key in keys.items() if key is not None
        }
        for match in merge.matches.values():
            for line, line_id in match.line_ids.items():
                changed.get(line, []).append(line_id)
        return list(changed.items())

    # -- keys -----------------------------------------------------------------

    def _get_key(self, line: Level, merge: Merge) -> tuple[Hashable, ...] | None:
        """Return what must be found in a line; None where something is wrong."""
        if not all(name in line.values for name in merge.key if name != "id"):
            return None
        key = tuple(self._get_key_value(line, name) for name in merge.key)
        return None if None in key else key

    def _get_key_value(self, line: Level, name: str) -> Hashable | None:
        if name == "id":
            return line.line_id
        value = line.values[name]
        if isinstance(value, Lookup):
            if value.entry:
                # What must be made is in no line; once made it may be.
                made = value.entry.record_ids
                return made[0] if made else value.entry
            return value.ids[0] if len(value.ids or ()) == 1 else None
        if isinstance(value, Translations):
            value = value.main(self.env.lang or "en_US")
        model = self.env[line.model]
        field = model._fields[name]
        if field.relational:
            return value
        # Rounded and cleaned as the ORM will store it.
        found = field.convert_to_record(field.convert_to_cache(value, model), model)
        return str(found) if isinstance(found, str) else found

    def _get_index(self, lines: models.BaseModel, names: Iterable[str]) -> Index:
        lookup_model = self.env["api.record.lookup"]
        names = list(names)
        index: dict[tuple, list[int]] = defaultdict(list)
        for line in lines:
            for values in lookup_model._get_key_values(line, names):
                index[values].append(line.id)
        return index

    def _check_twins(self, keys: dict[Level, tuple | None], merge: Merge) -> None:
        """Tell of each record that means the line an earlier one means."""
        seen = set()
        for line, key in keys.items():
            if key is not None and key in seen:
                message = self.env._("an earlier record has the same key.")
                line.plan.errors.append(self._at(InvalidValue(message), line, merge))
                keys[line] = None
            seen.add(key)

    def _at(self, error: ApiError, line: Level, merge: Merge) -> ApiError:
        """Place an error at the key of a record, or the record if it has several."""
        is_single = len(merge.key) == 1
        place = line.place.key(merge.key[0]) if is_single else line.place
        return error.at(place.path, model=line.model)

    # -- matching -------------------------------------------------------------

    def _match_lines_of(
        self,
        record: models.BaseModel,
        name: str,
        merge: Merge,
        keys: dict[Level, tuple | None],
    ) -> Match:
        """Return the lines of one record that are to be changed.

        A key whose line is not clear becomes ``None``: it is told once, however
        many records there are.
        """
        shown, every = record[name], record.with_context(active_test=False)[name]
        match = Match({}, [])
        index = self._get_index(every, merge.key)
        by_id = "id" in merge.key
        for line, key in keys.items():
            found = every.browse(index.get(key, ()) if key is not None else ())
            if not found and (key is None or not by_id):
                continue
            says_active = by_id or every._active_name in line.values
            try:
                chosen = self._choose(found, every if says_active else shown)
                match.line_ids[line] = chosen.id
            except ApiError as exc:
                line.plan.errors.append(self._at(exc, line, merge))
                keys[line] = None
        return match

    def _choose(
        self, found: models.BaseModel, shown: models.BaseModel
    ) -> models.BaseModel:
        """Return the one line meant.

        :param shown: the lines in question. Archived ones, which no form shows, are
            not among them unless they were asked for: they are not changed
            unasked, and do not stand in the way of others.
        :raises ApiError: ``not_found``, ``ambiguous``: none, or several, or an
            archived one only, which a new line would duplicate.
        """
        if not found:
            raise ApiError("not_found", self.env._("no line of this record has it."))
        chosen = found & shown
        if len(chosen) == 1:
            return chosen
        message = self.env._("%s lines of this record match.", len(chosen))
        hint = self.env._("add a field that tells them apart, or use the id")
        if not chosen:
            message = self.env._("only an archived line of this record matches.")
            hint = self.env._("say active: true to bring it back, or use the id")
        candidates = self.env["api.record.candidate"]._get_candidates(chosen or found)
        raise ApiError("ambiguous", message, hint=hint, candidates=candidates)

    def _match_deletes(
        self, level: Level, record: models.BaseModel, name: str, match: Match
    ) -> None:
        """Note the lines of one record that ``delete`` names.

        None is fine, for a request may be sent again, but worth a warning.
        """
        deletes = level.values[name].merge.deletes
        shown, every = record[name], record.with_context(active_test=False)[name]
        indexes = {
            keys: self._get_index(every, keys)
            for keys in {lookup.keys for lookup in deletes}
        }
        for lookup in deletes:
            path = lookup.places[0].path
            says_active = {"id", every._active_name} & set(lookup.keys)
            ids = indexes[lookup.keys].get(lookup.values, ())
            # A line is there twice where two of its tags, say, have one name.
            found = every.browse(dict.fromkeys(ids))
            found &= every if says_active else shown
            if not found:
                message = self.env._("no line matches: nothing was deleted.")
                level.plan.warnings.append(f"{path}: {message}")
                continue
            try:
                line = self._choose(found, found)
                if line.id in match.line_ids.values():
                    message = self.env._("this line is among the records too.")
                    raise InvalidValue(message)
                if line.id not in match.gone:
                    match.gone.append(line.id)
            except ApiError as exc:
                level.plan.errors.append(exc.at(path, model=every._name))

    def _match_nothing(
        self, level: Level, merge: Merge, keys: dict[Level, tuple | None]
    ) -> None:
        """There are no lines yet: all are added, and none can be deleted."""
        for line, key in keys.items():
            if key is not None and "id" in merge.key:
                message = self.env._("the record is new: it has no lines yet.")
                error = self._at(ApiError("not_found", message), line, merge)
                level.plan.errors.append(error)
                keys[line] = None
        for lookup in merge.deletes:
            message = self.env._("nothing to delete: the record is new.")
            level.plan.warnings.append(f"{lookup.places[0].path}: {message}")

    def _check_line_access(self, level: Level, name: str) -> None:
        """Tell what the caller may not do to the line model at all.

        What the record rules have against single lines, the ORM will say.
        """
        lines = level.values[name]
        merge = lines.merge
        matches = merge.matches.values()
        some_new = any(len(match.line_ids) < len(lines.levels) for match in matches)
        wanted = {
            "write": any(match.line_ids for match in matches),
            "create": some_new or (lines.levels and not matches),
            "unlink": any(match.gone for match in matches),
        }
        model = self.env[level.model]._fields[name].comodel_name
        target = Level(level.plan, model, merge.place, level.company_id)
        collector = self.env["api.payload.collector"]
        for operation, is_wanted in wanted.items():
            if is_wanted:
                collector._check_model_access(target, operation)
