# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from odoo import models
from odoo.fields import Command

from ..tools.payload_plan import Level, Lines, Links, Lookup, ReferenceTo
from .base import LEVEL_KEY

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
            records = model.create([self._build_vals(level) for level in group])
            for level, record in zip(group, records, strict=True):
                level.record_ids.append(record.id)

    def _write(self, level: Level, records: models.BaseModel) -> models.BaseModel:
        """Write one level on the records it would change.

        In one ``write``, or in one each where lines are replaced, since every
        record has lines of its own to delete.

        :returns: the records that were written.
        """
        records = records.with_company(level.company_id)
        level.record_ids = list(records.ids)
        changed = self.env["api.record.diff"]._get_changed(level, records)
        replaced = [
            name
            for name, value in level.values.items()
            if isinstance(value, Lines) and value.mode == "replace"
        ]
        if changed and not replaced:
            changed.write(self._build_vals(level))
        for record in changed if replaced else ():
            vals = self._build_vals(level)
            for name in replaced:
                # Deleted in the same write: the model sees the change as a whole,
                # and nothing is gone if the new lines are refused.
                gone = [Command.delete(line_id) for line_id in record[name].ids]
                vals[name] = gone + vals[name]
            record.write(vals)
        return changed

    def _build_vals(self, level: Level) -> dict:
        return {name: self._build_value(value) for name, value in level.values.items()}

    def _build_value(self, value: object) -> object:
        if isinstance(value, Lookup):
            return value.record_id
        if isinstance(value, Links):
            return self._build_links(value)
        if isinstance(value, Lines):
            return [Command.create(self._build_line(line)) for line in value.levels]
        if isinstance(value, ReferenceTo):
            return f"{value.lookup.model},{value.lookup.record_id}"
        return value

    def _build_links(self, links: Links) -> list:
        ids = list(dict.fromkeys(lookup.record_id for lookup in links.lookups))
        if links.mode == "replace":
            return [Command.set(ids)]
        return [LINK_COMMANDS[links.mode](record_id) for record_id in ids]

    def _build_line(self, line: Level) -> dict:
        vals = self._build_vals(line)
        if line.files:
            vals[LEVEL_KEY] = line
        return vals
