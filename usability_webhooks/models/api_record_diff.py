# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models

from ..tools.payload_plan import Level, Lines, Links, Lookup, ReferenceTo

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
        if level.files:
            return records
        return records.filtered(lambda record: self._differs(level, record))

    def _differs(self, level: Level, record: models.BaseModel) -> bool:
        return any(
            self._value_differs(record, name, value)
            for name, value in level.values.items()
        )

    def _value_differs(
        self, record: models.BaseModel, name: str, value: object
    ) -> bool:
        field = record._fields[name]
        if isinstance(value, Lines):
            # New lines get new ids, even where they say what the old ones said.
            replaces = value.mode == "replace" and bool(record[name])
            return replaces or bool(value.levels)
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

    def _links_differ(self, record: models.BaseModel, name: str, links: Links) -> bool:
        # Archived records are linked too, as the ORM itself counts them.
        current = set(record.with_context(active_test=False)[name].ids)
        wanted = {lookup.record_id for lookup in links.lookups}
        if links.mode == "add":
            return not wanted <= current
        if links.mode == "remove":
            return bool(wanted & current)
        return wanted != current
