# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models

from ..tools.payload_plan import Level, Lookup
from ..tools.payload_values import Lines, Links, ReferenceTo, Translations

#: Their values hold definitions and defaults besides: not worth comparing.
INCOMPARABLE = ("properties", "properties_definition")


class ApiRecordDiff(models.AbstractModel):
    """Tells a write that would change something from one that would not.

    Syncs resend what they sent before. Writing it again takes row locks, fails
    other transactions and wakes automations, for nothing.
    """

    _name = "api.record.diff"
    _description = "API Record Diff"

    def _get_changed(self, level: Level, records: models.BaseModel) -> models.BaseModel:
        """Return the records that a resolved level would change.

        :raises AccessError: a record may not be written; told even where nothing
            would be.
        """
        records.check_access("write")
        return records.filtered(lambda record: self._differs(level, record))

    def _get_changed_names(self, level: Level, record: models.BaseModel) -> set[str]:
        """Return the fields of a level to write on a record, as Odoo's form would.

        A value that is said again starts computations that depend on it, which
        may undo what somebody set by hand. So equal ones are left out, but for
        those Odoo would compute anew from what does change: they are what the
        caller wants them to be.
        """
        changed = {
            name
            for name, value in level.values.items()
            if self._value_differs(record, name, value)
        }
        equal = {
            name
            for name in level.values.keys() - changed
            if record._fields[name].compute
        }
        touched = {
            dependent.name
            for name in changed
            for dependent in record.pool.get_dependent_fields(record._fields[name])
            if dependent.model_name == record._name
        }
        return changed | (equal & touched) if equal else changed

    def _get_line(
        self, record: models.BaseModel, name: str, line_id: int
    ) -> models.BaseModel:
        """Return a line of a record, archived or not, to be read with the others."""
        lines = record.with_context(active_test=False)[name]
        line = lines.browse(line_id).with_prefetch(lines._prefetch_ids)
        return line.with_env(record.env)

    def _differs(self, level: Level, record: models.BaseModel) -> bool:
        return bool(level.files) or any(
            self._value_differs(record, name, value)
            for name, value in level.values.items()
        )

    def _value_differs(
        self, record: models.BaseModel, name: str, value: object
    ) -> bool:
        field = record._fields[name]
        if not self.env["api.access"]._may_field(record, field, "read"):
            return True  # "unchanged" would tell what it holds
        if isinstance(value, Lines):
            return self._lines_differ(record, name, value)
        if isinstance(value, Translations):
            return any(
                self._value_differs(record.with_context(lang=code), name, text)
                for code, text in value.by_lang.items()
            )
        if isinstance(value, Links):
            return self._links_differ(record, name, value)
        if isinstance(value, Lookup):
            return record[name].id != value.record_id
        if field.type in INCOMPARABLE:
            return True
        if isinstance(value, ReferenceTo):
            value = f"{value.lookup.model},{value.lookup.record_id}"
        wanted = field.convert_to_record(field.convert_to_cache(value, record), record)
        return wanted != record[name]

    def _lines_differ(self, record: models.BaseModel, name: str, lines: Lines) -> bool:
        match = lines.match(record.id)
        if match.gone or len(match.line_ids) < len(lines.levels):
            # New lines get new ids, even where they say what the old ones said.
            return True
        if lines.mode == "replace" and record[name]:
            return True
        return any(
            self._differs(level, self._get_line(record, name, line_id))
            for level, line_id in match.line_ids.items()
        )

    def _links_differ(self, record: models.BaseModel, name: str, links: Links) -> bool:
        # Archived records are linked too, as the ORM itself counts them.
        current = set(record.with_context(active_test=False)[name].ids)
        wanted = {lookup.record_id for lookup in links.lookups}
        if links.mode == "add":
            return not wanted <= current
        if links.mode == "remove":
            return bool(wanted & current)
        return wanted != current
