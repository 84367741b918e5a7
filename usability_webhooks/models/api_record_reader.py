# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from odoo import fields, models

from ..exceptions import ApiError, ApiErrors
from ..tools.field_spec import FieldSpecError, parse_field_spec

#: Types that JSON, in the 18.0 form, has as core reads them.
TYPES_AS_READ = frozenset(
    "boolean char float html integer monetary selection text".split()
)
#: Types where an empty value is ``false`` in the 18.0 form, ``null`` in the plain.
EMPTY_KEPT = ("boolean", "integer", "float", "monetary", "one2many", "many2many")


class ApiRecordReader(models.AbstractModel):
    """Reads records and a nested specification into plain values.

    Level by level: all records of one level are read together, so that queries
    grow with the depth of the specification and not with the number of records.
    """

    _name = "api.record.reader"
    _description = "API Record Reader"

    def _parse_spec(self, model: str, items: Sequence, path: str) -> dict:
        """Check a field list against a model, any depth.

        :param items: ``["name", "order_line{product_id{name}, qty}"]``.
        :param path: where the list stands, for errors.
        :returns: ``{field: None or {field: ...}}``, every name known and readable.
        :raises ApiErrors: each unknown or forbidden field and each syntax error.
        """
        try:
            spec = parse_field_spec(items)
        except FieldSpecError as exc:
            raise ApiErrors([exc.at(path)]) from exc
        errors = list(self._check_spec(self.env[model], spec))
        if errors:
            raise ApiErrors(error.at(path) for error in errors)
        return spec

    def _check_spec(
        self, model: models.BaseModel, spec: Mapping, prefix: str = ""
    ) -> Iterator[ApiError]:
        """Yield an error for each name that is unknown, forbidden or no relation."""
        access = self.env["api.access"]
        for name, sub in spec.items():
            place = f"{prefix}{name}"
            details = {"model": model._name, "field": place}
            try:
                field = access._get_field(model, name, "read", place)
            except ApiError as exc:
                exc.details |= details
                yield exc
                continue
            if sub is None or field.type == "reference":
                continue  # each record's reference may lead to another model
            elif not field.relational:
                message = self.env._("'%s' does not lead to other records.", place)
                yield ApiError("unknown_field", message, **details)
            else:
                yield from self._check_spec(
                    self.env[field.comodel_name], sub, f"{place}."
                )

    def _read(
        self, records: models.BaseModel, spec: Mapping, *, plain: bool = False
    ) -> list[dict]:
        """Return one dict per record, in order, each with its ``id``.

        :param spec: as ``_parse_spec`` returned it.
        :param plain: ``null`` for empty, one dict for an expanded many2one and
            ISO 8601 datetimes, instead of the forms of 18.0.
        :raises AccessError: a record of the first level may not be read.
        """
        records.fetch(["id", *spec])
        return self._format(records, spec, plain=plain)

    def _format(
        self, records: models.BaseModel, spec: Mapping, *, plain: bool = False
    ) -> list[dict]:
        """As ``_read``, of records that were fetched, and with that found readable.

        Core's ``read`` would ask the record rules once more, for each record, in
        Python, and load every column to answer them.
        """
        simple = [name for name, sub in spec.items() if sub is None and name != "id"]
        expanded = {name: sub for name, sub in spec.items() if sub is not None}
        rows = records._read_format(simple)
        for name in simple:
            field = records._fields[name]
            if plain or field.type not in TYPES_AS_READ:
                for row in rows:
                    row[name] = self._format_value(field, row[name], plain=plain)
        if expanded:
            self._expand(records, rows, expanded, plain=plain)
        if list(spec) != simple:
            order = ["id", *(name for name in spec if name != "id")]
            rows = [{name: row[name] for name in order} for row in rows]
        return rows

    def _expand(
        self,
        records: models.BaseModel,
        rows: list[dict],
        expanded: dict,
        *,
        plain: bool,
    ) -> None:
        """Fill the expanded relations of one level, each with one read."""
        # Without display names: nobody will see them.
        links = {row["id"]: row for row in records._read_format([*expanded], None)}
        for name, sub in expanded.items():
            field = records._fields[name]
            targets = {
                row_id: self._get_targets(field, row[name])
                for row_id, row in links.items()
            }
            by_model: dict[str, dict[int, None]] = {}
            for model, ids in targets.values():
                by_model.setdefault(model, {}).update(dict.fromkeys(ids))
            if field.type == "reference":
                by_model = {
                    model: self._get_referred(model, ids, name, sub)
                    for model, ids in by_model.items()
                    if ids
                }
            read = {
                (model, row["id"]): row
                for model, ids in by_model.items()
                if ids
                for row in self._read_related(model, list(ids), sub, plain=plain)
            }
            for row in rows:
                model, ids = targets[row["id"]]
                found = [read[model, rid] for rid in ids if (model, rid) in read]
                if plain and field.type in ("many2one", "reference"):
                    row[name] = found[0] if found else None
                else:
                    row[name] = found

    def _hide_names(self, value: object) -> object:
        """Return properties without names the caller may not see.

        A property that is a relation carries its comodel and the names of its
        records (odoo/orm/fields_properties.py, ``convert_to_read``).
        """
        if not isinstance(value, list):
            return value
        shows = self.env["api.access"]._shows_names
        hidden = []
        for item in value:
            if item.get("comodel") and not shows(item["comodel"]):
                item = {
                    key: self._hide_name(said) if key in ("value", "default") else said
                    for key, said in item.items()
                }
            hidden.append(item)
        return hidden

    def _hide_name(self, value: object) -> object:
        """Return the link or the links of a property, by id alone."""
        if isinstance(value, (list, tuple)) and value:
            if isinstance(value[0], (list, tuple)):
                return [[link[0], False] for link in value]
            return [value[0], False] if isinstance(value[-1], str) else value
        return value

    def _get_targets(self, field: fields.Field, value: object) -> tuple[str, list[int]]:
        """Return the model and ids a relational value leads to."""
        if field.type == "reference":
            model, _comma, record_id = (value or "").partition(",")
            return model, [int(record_id)] if model in self.env else []
        if field.type == "many2one":
            return field.comodel_name, [value] if value else []
        return field.comodel_name, list(value)

    def _get_referred(
        self, model: str, ids: Iterable[int], name: str, sub: dict
    ) -> dict[int, None]:
        """Return the ids a reference still leads to: no foreign key keeps it alive.

        :raises ApiErrors: fields this model does not have, or not for the caller.
        """
        errors = list(self._check_spec(self.env[model], sub, f"{name}."))
        if errors:
            raise ApiErrors(errors)
        return dict.fromkeys(self.env[model].browse(ids).exists().ids)

    def _read_related(
        self, model: str, ids: list[int], sub: dict, *, plain: bool
    ) -> list[dict]:
        """Read the records of a deeper level; what may not be read is left out."""
        target = self.env[model]
        # The rules are part of the statement that fetches.
        query = target._search([("id", "in", ids)], active_test=False)
        fetched = target._determine_fields_to_fetch(["id", *sub])
        return self._format(target._fetch_query(query, fetched), sub, plain=plain)

    def _format_value(
        self, field: fields.Field, value: object, *, plain: bool
    ) -> object:
        """Return one value as JSON has it."""
        if field.type == "many2one" and value:
            shows = self.env["api.access"]._shows_names(field.comodel_name)
            return list(value) if shows else [value[0], False]
        if field.type in ("properties", "properties_definition"):
            value = self._hide_names(value)
        if isinstance(value, datetime.datetime):
            if plain:
                return f"{value.isoformat()}Z"
            return fields.Datetime.to_string(value)
        if isinstance(value, datetime.date):
            return fields.Date.to_string(value)
        if isinstance(value, bytes):
            return value.decode("ascii")
        if plain and value is False and field.type not in EMPTY_KEPT:
            return None
        if isinstance(value, tuple):
            return list(value)
        return value
