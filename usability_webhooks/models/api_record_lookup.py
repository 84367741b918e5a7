# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from operator import itemgetter

from odoo import fields, models
from odoo.fields import Domain

from ..exceptions import ApiError, InvalidValue
from ..tools.api_request import json_type
from ..tools.payload_plan import Lookup
from ..tools.values import convert_value

#: One search may bring this many records per wanted lookup before it is taken
#: apart into one search each: a key nearly everything matches must not load a
#: whole table.
RECORDS_PER_LOOKUP = 20


class ApiRecordLookup(models.AbstractModel):
    """Finds records by business keys: one search per (model, keys, company).

    Runs with the caller's own rights, sees no archived records unless the lookup
    names ``active`` or an id, and keeps nothing between requests.
    """

    _name = "api.record.lookup"
    _description = "API Record Lookup"

    # -- what is wanted -------------------------------------------------------

    def _prepare_lookup(self, model: str, value: object, company_id: int) -> Lookup:
        """Read one lookup: a dict of key fields, ``{"id": 5}``, an xml id or an id.

        :param company_id: company whose records are preferred.
        :returns: a lookup not yet searched for.
        :raises InvalidValue: not a lookup at all.
        :raises ApiError: ``unknown_field``, ``field_denied``, ``not_found`` (xml id).
        """
        if isinstance(value, int) and not isinstance(value, bool):
            value = {"id": value}
        if not isinstance(value, dict):
            hint = None
            if isinstance(value, str):
                example = f'{{"name": "{value:.40}"}}'
                hint = self.env._("write %s to find it by name", example)
            message = self.env._(
                "must be an object such as {'name': ...}, an id or null, not %s.",
                json_type(type(value)),
            )
            raise InvalidValue(message, hint=hint)
        if not value:
            raise InvalidValue(self.env._("an empty lookup matches everything."))
        self.env["api.access"]._check(model, "read")
        keys = value
        if "xml_id" in value:
            keys = {"id": self._get_xml_id(model, value["xml_id"]), **value}
            del keys["xml_id"]
        pairs = sorted(self._flatten(model, keys), key=itemgetter(0))
        keys = tuple(key for key, _value in pairs)
        values = tuple(item for _key, item in pairs)
        if "id" in keys or not self._has_company(model):
            company_id = 0
        return Lookup(model, keys, values, value, company_id)

    def _get_xml_id(self, model: str, xml_id: object) -> int:
        """Return the id behind an xml id; 0, which no record has, for a bad one.

        Read with the superuser's eyes: that none is found must then read the same
        whether there is none or the caller may not see it.
        """
        if not isinstance(xml_id, str) or xml_id.count(".") != 1:
            return 0
        data = self.env["ir.model.data"]
        record_model, record_id = data._xmlid_to_res_model_res_id(xml_id)
        return record_id if record_model == model and record_id else 0

    def _flatten(
        self, model: str, value: Mapping, prefix: str = ""
    ) -> Iterator[tuple[str, Hashable]]:
        """Yield ``(dotted field path, converted value)`` of a nested lookup."""
        for key, item in value.items():
            path = f"{prefix}{key}"
            field = self._get_key_field(model, key, path)
            if isinstance(item, dict) and field.relational:
                yield from self._flatten(field.comodel_name, item, f"{path}.")
            elif isinstance(item, (list, dict)):
                message = self.env._("'%s' must be a single value.", path)
                raise InvalidValue(message)
            else:
                yield path, self._convert_key(field, item, path)

    def _get_key_field(self, model: str, key: str, path: str) -> fields.Field:
        """Return the last field of a key, dots allowed, checked for access."""
        field = None
        for name in key.split("."):
            if field is not None and not field.relational:
                message = self.env._("'%s' does not lead to another record.", path)
                raise ApiError("unknown_field", message)
            current = self.env[field.comodel_name if field is not None else model]
            field = self.env["api.access"]._get_field(current, name, "read", path)
            if name == "display_name":
                self.env["api.access.search"]._check_by_name(current._name, path)
        if not field._description_searchable:
            message = self.env._("'%s' cannot be searched for.", path)
            raise ApiError("invalid_value", message)
        return field

    def _convert_key(self, field: fields.Field, item: object, path: str) -> Hashable:
        ttype = "integer" if field.relational or field.type == "id" else field.type
        if field.name == "id":
            ttype = "integer"
        try:
            return convert_value(ttype, item)
        except ApiError as exc:
            message = f"'{path}': {exc.say(self.env.lang)}"
            raise InvalidValue(message, **exc.details) from exc

    # -- search ---------------------------------------------------------------

    def _find(self, lookups: Iterable[Lookup]) -> None:
        """Fill ``ids`` of every lookup: empty, one, or several, best company only.

        Cost: one search per (model, key fields, company) among ``lookups``.
        """
        groups: dict[tuple, list[Lookup]] = defaultdict(list)
        for lookup in lookups:
            groups[lookup.model, lookup.keys, lookup.company_id].append(lookup)
        for group in groups.values():
            self._find_group(group)

    def _find_group(self, group: list[Lookup]) -> None:
        first = group[0]
        model = self._get_model(first)
        varying = [
            (index, key)
            for index, key in enumerate(first.keys)
            if len({lookup.values[index] for lookup in group}) > 1
        ]
        limit = max(len(group), 5) * RECORDS_PER_LOOKUP
        records = model.search_fetch(
            self._get_group_domain(model, group),
            self._get_fetched(model, varying),
            limit=limit,
        )
        too_many = len(records) == limit and len(group) > 1
        if too_many or not self._distribute(group, varying, records):
            for lookup in group:
                self._find_group([lookup])

    def _get_model(self, lookup: Lookup):
        model = self.env[lookup.model]
        if lookup.company_id:
            model = model.with_company(lookup.company_id)
        if lookup.keys == ("id",):
            model = model.with_context(active_test=False)
        return model

    def _get_group_domain(self, model: models.BaseModel, group: list[Lookup]) -> Domain:
        """Domain of everything the group may want: each key's values, ANDed."""
        first = group[0]
        domain = Domain.TRUE
        for index, key in enumerate(first.keys):
            values = list(dict.fromkeys(lookup.values[index] for lookup in group))
            domain &= Domain(key, "in", values)
        if first.company_id:
            domain &= Domain(model._check_company_domain(first.company_id))
        return domain

    def _get_fetched(
        self, model: models.BaseModel, varying: list[tuple[int, str]]
    ) -> list[str]:
        names = {key.partition(".")[0] for _index, key in varying}
        if "company_id" in model._fields:
            names.add("company_id")
        return [name for name in names if name != "id"] or ["id"]

    def _is_plain(self, model: models.BaseModel, key: str) -> bool:
        """Tell whether a key's match can be decided by comparing values."""
        for name in key.split("."):
            field = model._fields[name]
            if not (field.store or field.inherited or field.name == "id"):
                return False
            if field.relational:
                model = self.env[field.comodel_name]
        return True

    def _distribute(
        self,
        group: list[Lookup],
        varying: list[tuple[int, str]],
        records: models.BaseModel,
    ) -> bool:
        """Hand each lookup of the group the records that are its own.

        :returns: False when equality does not tell whose a record is: the search of
            a field that is not stored may find what it likes.
        """
        wanted: dict[tuple, list[Lookup]] = defaultdict(list)
        for lookup in group:
            lookup.ids = []
            wanted[tuple(lookup.values[index] for index, _key in varying)].append(
                lookup
            )
        for index, key in varying:
            known = {lookup.values[index] for lookup in group}
            if not self._is_plain(records, key) and not all(
                known.intersection(self._get_path_values(record, key))
                for record in records
            ):
                return False
        matches: dict[int, list[int]] = defaultdict(list)
        for record in records:
            for values in self._get_key_values(record, [key for _i, key in varying]):
                for lookup in wanted.get(values, ()):
                    matches[id(lookup)].append(record.id)
        for lookup in group:
            found = records.browse(dict.fromkeys(matches[id(lookup)]))
            lookup.ids = self._prefer_company(found, lookup.company_id).ids
        return True

    def _get_key_values(
        self, record: models.BaseModel, keys: list[str]
    ) -> Iterator[tuple]:
        """Yield each combination of a record's values for ``keys``."""
        combinations: list[tuple] = [()]
        for key in keys:
            values = self._get_path_values(record, key)
            combinations = [(*done, value) for done in combinations for value in values]
        yield from combinations

    def _get_path_values(self, record: models.BaseModel, key: str) -> list[Hashable]:
        records, _dot, name = record, "", key
        if "." in key:
            path, _dot, name = key.rpartition(".")
            records = record.mapped(path)
        values = [rec[name] for rec in records] if name != "id" else records.ids
        flat: list[Hashable] = []
        for value in values:
            if isinstance(value, models.BaseModel):
                flat += value.ids or [False]
            else:
                flat.append(str(value) if isinstance(value, str) else value)
        return flat

    # -- companies ------------------------------------------------------------

    def _has_company(self, model: str) -> bool:
        """Tell whether records of a model belong to companies."""
        ignored = self.env["api.settings"]._get("webhook.ignore_checkcompany_model")
        if model in ignored:
            return False
        cls = type(self.env[model])
        own_rule = (
            cls._check_company_domain is not models.BaseModel._check_company_domain
        )
        return "company_id" in cls._fields or (
            own_rule and "company_ids" in cls._fields
        )

    def _prefer_company(
        self, found: models.BaseModel, company_id: int
    ) -> models.BaseModel:
        """Narrow several to those of the company, else of its parents."""
        if len(found) < 2 or not company_id or "company_id" not in found._fields:
            return found
        company = self.env["res.company"].browse(company_id)
        # The company tree is public knowledge; its records may be hidden.
        parents = company.sudo().parent_ids  # for ids alone
        for wanted in (company, *reversed(parents - company)):
            own = found.filtered(lambda rec, own=wanted: rec.company_id.id == own.id)
            if own:
                return own
        return found
