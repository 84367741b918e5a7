# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import traceback
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from odoo import models
from odoo.fields import Command

from ..exceptions import ApiError, ApiErrors
from ..tools.payload_plan import Level, Lookup
from ..tools.payload_values import Lines, Links, ReferenceTo, Translations
from .base import LEVEL_KEY

#: Modes whose commands depend on the lines a record has.
OWN_LINES = ("replace", "merge")
LINK_COMMANDS = {"add": Command.link, "remove": Command.unlink}


class ApiPayloadBuilder(models.AbstractModel):
    """Turns resolved levels into values with ``Command``, and writes them."""

    _name = "api.payload.builder"
    _description = "API Payload Builder"

    def _create(self, levels: Sequence[Level]) -> None:
        """Create one record per level and tell each level its id.

        One ``create`` per model and company, in the order of ``levels``.
        """
        groups: dict[tuple[str, int], list[Level]] = defaultdict(list)
        for level in levels:
            groups[level.model, level.company_id].append(level)
        for (model_name, company_id), group in groups.items():
            model = self.env[model_name].with_company(company_id)
            with self._missing_told(group):
                records = model.create([self._build_vals(level) for level in group])
            for level, record in zip(group, records, strict=True):
                level.record_ids.append(record.id)
        self.env["api.payload.translation"]._write(levels)

    @contextlib.contextmanager
    def _missing_told(self, levels: Iterable[Level]) -> Iterator[None]:
        """Say which field is missing where a model's own code breaks off over it.

        :raises ApiErrors: ``missing_required``.
        """
        try:
            yield
        except KeyError as exc:
            if errors := list(self._find_missing(exc, levels)):
                raise ApiErrors(errors) from exc
            raise

    def _find_missing(
        self, exc: KeyError, levels: Iterable[Level]
    ) -> Iterator[ApiError]:
        """Yield an error for each level without a field its model takes for granted.

        Before anything is checked, ``create`` of many a model reads ``vals["field"]``
        (``ir.embedded.actions``, for one).
        """
        frames = [frame for frame, _line in traceback.walk_tb(exc.__traceback__)]
        # Until Python 3.12 a comprehension has a frame of its own.
        frame = [one for one in frames if one.f_code.co_name[0] != "<"][-1]
        model, name = frame.f_locals.get("self"), exc.args[0] if exc.args else None
        is_create = frame.f_code.co_name == "create"
        if not is_create or not isinstance(model, models.BaseModel):
            return
        if name not in model._fields:
            return
        word = self.env["api.database.error"]._get_missing_error
        for level in (part for root in levels for part in root.walk()):
            is_new = level.model == model._name and not level.is_update
            if is_new and name not in level.values:
                error = word(model, name, is_own=False)
                yield error.at(level.place.key(name).path)

    def _write(self, pairs: Sequence[tuple[Level, models.BaseModel]]) -> set[int]:
        """Write levels on the records they are to change, only what would change.

        Records that get the same values get them in one ``write``; those whose
        lines are replaced or merged in one each, since every record has lines of
        its own. No record may be in two pairs.

        :param pairs: levels of one model, each with its records.
        :returns: the ids that were written.
        """
        diff = self.env["api.record.diff"]
        groups: dict[object, tuple[models.BaseModel, dict, list[int]]] = {}
        levels: list[Level] = []
        for level, records in pairs:
            records = records.with_company(level.company_id)
            level.record_ids = list(records.ids)
            changed = diff._get_changed(level, records)
            levels += [level] if changed else []
            for record in changed:
                vals = self._build_changes(level, record)
                same = (level.company_id, repr(sorted(vals.items(), key=itemgetter(0))))
                if self._has_own_lines(level):
                    same = level, record.id
                groups.setdefault(same, (records, vals, []))[2].append(record.id)
        # What a model reads while it writes one record is read for all.
        together = [record_id for _level, records in pairs for record_id in records.ids]
        for model, vals, ids in groups.values():
            if not vals:
                continue
            with self._missing_told(level for level, _records in pairs):
                model.browse(ids).with_prefetch(together).write(vals)
        self.env["api.payload.translation"]._write(levels)
        return {
            record_id for _model, _vals, ids in groups.values() for record_id in ids
        }

    def _has_own_lines(self, level: Level) -> bool:
        return any(
            isinstance(value, Lines) and value.mode in OWN_LINES
            for value in level.values.values()
        )

    def _build_changes(self, level: Level, record: models.BaseModel) -> dict:
        """Return the values of a level that would change a record.

        :raises ApiError: ``access_denied``: not with this profile, not this record.
        """
        names = self.env["api.record.diff"]._get_changed_names(level, record)
        try:
            self.env["api.access"]._check_changes(record, names)
        except ApiError as exc:
            raise exc.at(level.place.key(exc.details["field"]).path) from exc
        vals = self._build_vals(level, record)
        return {name: value for name, value in vals.items() if name in names}

    def _build_vals(self, level: Level, record: models.BaseModel | None = None) -> dict:
        """Return the values of a level.

        :param record: whose lines they replace or are merged with; None where the
            level says the same to all records, or makes one.
        """
        vals = {}
        for name, value in level.values.items():
            if isinstance(value, Lines):
                commands = self._build_lines(value, name, record)
                # Even an empty list is a change to some models: a posted
                # invoice refuses it.
                if commands or not value.merge:
                    vals[name] = commands
            elif isinstance(value, Translations):
                lang = self.env.lang or "en_US"
                if lang in value.by_lang or not (record or level.is_update):
                    vals[name] = value.main(lang)
            else:
                vals[name] = self._build_value(value)
        return vals

    def _build_value(self, value: object) -> object:
        if isinstance(value, Lookup):
            return value.record_id
        if isinstance(value, Links):
            return self._build_links(value)
        if isinstance(value, ReferenceTo):
            return f"{value.lookup.model},{value.lookup.record_id}"
        return value

    def _build_links(self, links: Links) -> list:
        ids = list(dict.fromkeys(lookup.record_id for lookup in links.lookups))
        if links.mode == "replace":
            return [Command.set(ids)]
        return [LINK_COMMANDS[links.mode](record_id) for record_id in ids]

    # -- lines ----------------------------------------------------------------

    def _build_lines(
        self, lines: Lines, name: str, record: models.BaseModel | None
    ) -> list:
        """Return the commands that make a record's lines what the payload says.

        All in the same write: the model sees the change as a whole, and nothing is
        gone if a line is refused.
        """
        match = lines.match(record.id if record else None)
        gone = match.gone
        if lines.mode == "replace" and record:
            gone = record[name].ids
        commands = [Command.delete(line_id) for line_id in gone]
        for line in lines.levels:
            if line_id := match.line_ids.get(line):
                commands += self._build_update(line, record, name, line_id)
            else:
                commands.append(Command.create(self._build_line(line)))
        return commands

    def _build_update(
        self, level: Level, record: models.BaseModel, name: str, line_id: int
    ) -> list:
        """Return the command that changes one line; none where nothing would."""
        line = self.env["api.record.diff"]._get_line(record, name, line_id)
        level.record_ids.append(line_id)
        vals = self._build_changes(level, line)
        return [Command.update(line_id, vals)] if vals else []

    def _build_line(self, line: Level) -> dict:
        vals = self._build_vals(line)
        if line.files or line.translations():
            vals[LEVEL_KEY] = line
        return vals
