# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ..tools.sensitive_names import DEFAULT as SENSITIVE

#: Fields by which people tell records apart, the surest first.
BUSINESS_KEYS = ("default_code", "barcode", "code", "ref", "login", "email", "name")
#: Types whose values a person would write into a lookup.
KEY_TYPES = frozenset({"char", "integer", "selection", "many2one", "date"})
#: What PostgreSQL itself keeps unique, which is what Odoo's ``models.Constraint`` and
#: ``models.UniqueIndex`` have come to, and what somebody added by hand. Not those of
#: expressions, nor those that hold for some rows only.
UNIQUE_INDEXES = """
SELECT t.relname, array_agg(a.attname ORDER BY k.place)
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(number, place)
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
WHERE i.indisunique AND i.indisvalid AND NOT i.indisprimary
    AND i.indpred IS NULL AND i.indexprs IS NULL
    AND k.place <= i.indnkeyatts
    AND t.relnamespace = current_schema::regnamespace AND t.relname IN %s
GROUP BY t.relname, i.indexrelid
ORDER BY t.relname, count(*), i.indexrelid
"""


class RecordKey(NamedTuple):
    """Fields that tell the records of a model apart.

    :param is_unique: the database keeps two records from having the same values.
    """

    names: tuple[str, ...]
    is_unique: bool


class ApiOpenapiIdentity(models.AbstractModel):
    """Tells by which fields the records of a model are found."""

    _name = "api.openapi.identity"
    _description = "API OpenAPI Identity"

    def _get_keys(self, names: Collection[str]) -> dict[str, list[RecordKey]]:
        """Return the keys of models, unique ones first, then those by convention.

        Of fields the caller may search. A company is left out beside other fields: a
        lookup prefers the records of the request's own anyway.

        Cost: one query.

        :param names: models the caller may read.
        """
        unique = self._get_unique_columns(names)
        return {name: self._get_model_keys(name, unique[name]) for name in names}

    def _get_unique_columns(
        self, names: Collection[str]
    ) -> dict[str, list[tuple[str, ...]]]:
        tables = {self.env[name]._table: name for name in names}
        found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        if tables:
            rows = self.env.execute_query(SQL(UNIQUE_INDEXES, tuple(tables)))
            for table, columns in rows:
                found[tables[table]].append(tuple(columns))
        return found

    def _get_model_keys(
        self, name: str, unique: list[tuple[str, ...]]
    ) -> list[RecordKey]:
        model, keys = self.env[name], {}
        for columns in unique:
            fields = tuple(col for col in columns if col != "company_id") or columns
            if all(self._is_key(model, field) for field in fields):
                keys[fields] = RecordKey(fields, is_unique=True)
        for field in (*BUSINESS_KEYS, model._rec_name):
            if field and self._is_key(model, field):
                keys.setdefault((field,), RecordKey((field,), is_unique=False))
        return list(keys.values())

    def _is_key(self, model: models.BaseModel, name: str) -> bool:
        """Tell whether the caller may look records up by a field."""
        field = model._fields.get(name)
        if field is None or field.type not in KEY_TYPES or name in SENSITIVE:
            return False
        if not field._description_searchable or not (field.store or field.related):
            return False
        return self.env["api.access"]._may_field(model, field, "read")

    # -- lookups --------------------------------------------------------------

    def _get_lookups(self, records: models.BaseModel) -> dict[int, dict]:
        """Return for each record a lookup that finds it and no other.

        By the best key that does, in the caller's own rights; by id where none does.

        Cost: a search for each key that is tried, for all records together.

        :param records: of one model, which the caller may read.
        """
        lookups: dict[int, dict] = {}
        model = records.browse()
        for key in self._get_keys([model._name])[model._name]:
            waiting = records - model.browse(lookups)
            if not waiting:
                break
            lookups |= self._try_key(waiting, key)
        return {rec.id: lookups.get(rec.id, {"id": rec.id}) for rec in records}

    def _try_key(self, records: models.BaseModel, key: RecordKey) -> dict[int, dict]:
        """Return the lookups by one key, of those records it tells apart."""
        finder, company_id = self.env["api.record.lookup"], self.env.company.id
        tried = []
        for record in records:
            value = {name: self._get_key_value(record, name) for name in key.names}
            if all(value.values()):
                lookup = finder._prepare_lookup(record._name, value, company_id)
                tried.append((record.id, value, lookup))
        finder._find([lookup for _id, _value, lookup in tried])
        return {
            record_id: value
            for record_id, value, lookup in tried
            if lookup.ids == [record_id]
        }

    def _get_key_value(self, record: models.BaseModel, name: str) -> object:
        field, value = record._fields[name], record[name]
        if field.relational:
            return value.id
        return str(value) if value and field.type in ("char", "date") else value
