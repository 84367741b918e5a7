# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import ormcache
from odoo.tools.sql import table_columns

from ..exceptions import LimitExceeded
from ..tools import time_limit

BINARY_TYPES = ("binary", "image")


class ApiRecordWhole(models.AbstractModel):
    """Reads records with all their fields: what a search that names none gets.

    Nobody asked for any of them by its name, so one that cannot be read is left out,
    and the clock is looked at.
    """

    _name = "api.record.whole"
    _description = "API Record Whole"

    def _read(self, records: models.BaseModel, *, plain: bool = False) -> list:
        """Read every field the caller may read, but for binaries.

        A field may also be out of reach without saying so beforehand: lines of a
        forbidden model, a compute method that looks at one. Those are left out.

        :raises LimitExceeded: it takes longer than the worker will live.
        """
        spec = self._get_default_spec(records)
        try:
            return self._read_in_time(records, spec, plain=plain)
        except AccessError:
            spec = {name: None for name in spec if self._may_read(records, name)}
            return self._read_in_time(records, spec, plain=plain)

    def _get_default_spec(self, model: models.BaseModel) -> dict:
        """Return every field the caller may read, but for binaries."""
        absent = self._get_absent(model._name) if not model._auto else ()
        return {
            name: None
            for name in self.env["api.access"]._get_names(model, "read")
            if model._fields[name].type not in BINARY_TYPES and name not in absent
        }

    @ormcache("name")
    def _get_absent(self, name: str) -> frozenset[str]:
        """Return fields of a report that its view lacks: only its sums have them."""
        model = self.env[name]
        columns = table_columns(self.env.cr, model._table)
        if not columns:  # no view either: a query is run each time
            return frozenset()
        return frozenset(
            key
            for key, field in model._fields.items()
            if field.store and field.column_type and key not in columns
        )

    def _may_read(self, records: models.BaseModel, name: str) -> bool:
        field = records._fields[name]
        if field.store and field.type not in ("one2many", "many2many"):
            return True
        try:
            records.read([name])
        except AccessError:
            return False
        return True

    def _read_in_time(
        self, records: models.BaseModel, spec: Mapping, *, plain: bool
    ) -> list[dict]:
        """As ``_read``, without relations; looks at the clock before each field that
        is computed: nobody asked for it by its name, and it may take minutes.

        :raises LimitExceeded: three quarters of the worker's time are over.
        """
        reader = self.env["api.record.reader"]
        records.fetch(["id", *spec])
        stored = {name: None for name in spec if records._fields[name].store}
        rows = reader._format(records, stored, plain=plain)
        for name in spec:
            if name in stored:
                continue
            if time_limit.is_nearly_over():
                raise self._too_slow()
            more = reader._format(records, {name: None}, plain=plain)
            for row, value in zip(rows, more, strict=True):
                row[name] = value[name]
        order = ["id", *(name for name in spec if name != "id")]
        return [{name: row[name] for name in order} for row in rows]

    def _too_slow(self) -> LimitExceeded:
        message = self.env._(
            "reading every field of these records takes longer than this server allows"
            " (limit_time_real): name the fields you need, or say a smaller limit."
        )
        return LimitExceeded(message, path="payload.search_field")
