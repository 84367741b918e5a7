# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import fields, models

from ..exceptions import ApiError, InvalidValue
from ..tools import access_grant
from ..tools.api_request import json_type, unknown_key
from ..tools.payload_plan import Level, Lookup, Place
from ..tools.payload_values import ReferenceTo
from ..tools.sensitive_names import DEFAULT as SENSITIVE
from ..tools.values import convert_value, decode_base64

FILE_KEYS = frozenset({"name", "datas", "url", "mimetype", "description"})
#: Said of a property, they change it for all records that have it
#: (odoo/orm/fields_properties.py, ``write``).
DEFINING = frozenset({"definition_changed", "definition_deleted"})


class ApiPayloadCollector(models.AbstractModel):
    """Reads a payload into levels, without touching the records it is about."""

    _name = "api.payload.collector"
    _description = "API Payload Collector"

    def _collect_level(self, level: Level, payload: object) -> None:
        """Fill ``level`` from one dict of the payload, and every level below it.

        Walks the payload's keys, not the model's fields. Whatever is wrong lands
        in ``level.plan.errors`` with its path; the walk goes on.
        """
        if not isinstance(payload, Mapping):
            what = json_type(type(payload))
            message = self.env._("must be an object, not %s.", what)
            level.plan.errors.append(InvalidValue(message, path=level.place.path))
            return
        if not level.is_merged:  # whether it is created is not known yet
            operation = "write" if level.is_update else "create"
            self._check_model_access(level, operation)
        self._collect_company(level, payload)
        for key, value in payload.items():
            place = level.place.key(key)
            try:
                if key == "attachment_ids" and self._is_files(level, value):
                    level.files = self._collect_files(level, value, place)
                elif (field := self._get_field(level, key, place)) is not None:
                    level.values[key] = self._collect_value(level, field, value, place)
            except ApiError as exc:
                if key in SENSITIVE:  # an error may quote the value it is about
                    exc.message = self.env._("the value does not fit this field.")
                details = {"model": level.model, "field": key}
                level.plan.errors.append(exc.at(place.path, **details))

    def _check_model_access(self, level: Level, operation: str) -> None:
        try:
            self.env["api.access"]._check(level.model, operation)
        except ApiError as error:
            # Ten lines of one forbidden model are one mistake.
            if not any(str(known) == str(error) for known in level.plan.errors):
                level.plan.errors.append(error.at(level.place.path))

    def _collect_company(self, level: Level, payload: Mapping) -> None:
        """Find the level's own company first: its lookups depend on it."""
        field = self.env[level.model]._fields.get("company_id")
        value = payload.get("company_id")
        if not value or field is None or field.comodel_name != "res.company":
            return
        place, access = level.place.key("company_id"), self.env["api.access"]
        try:
            access._get_field(self.env[level.model], "company_id", "write")
            lookup = self._collect_lookup(level, field, value, place)
        except ApiError:
            return  # told where the field itself is collected
        if lookup.ids is None:
            self.env["api.record.lookup"]._find([lookup])
        if len(lookup.ids) != 1:
            return
        level.company_id = lookup.ids[0]
        is_narrow = access_grant.current() is not None
        if is_narrow and level.company_id not in access._get_company_ids():
            # Working in it would add it to those the profile has.
            message = self.env._("You may not work in this company.")
            error = ApiError("access_denied", message, path=place.path)
            level.plan.errors.append(error)

    def _get_field(self, level: Level, key: str, place: Place) -> fields.Field | None:
        """Return the field to write.

        :returns: None when it is unknown and unknown fields are ignored.
        :raises ApiError: ``unknown_field``, ``readonly_field``, ``field_denied``.
        """
        model = self.env[level.model]
        try:
            field = self.env["api.access"]._get_field(model, key, "write")
        except ApiError as exc:
            ignored = self.env["api.settings"]._ignores_unknown()
            if exc.code != "unknown_field" or not ignored:
                raise
            level.plan.warnings.append(f"{place.path}: {exc.say(self.env.lang)}")
            return None
        fate = self.env["api.field.fate"]
        if fate._is_set_by_odoo(field):
            message = self.env._("'%s' is set by Odoo itself.", key)
            raise ApiError("readonly_field", message)
        if fate._is_lost(model, field):
            message = self.env._(
                "'%s' keeps no value: Odoo computes it, or only its forms use it.", key
            )
            raise ApiError("readonly_field", message)
        return field

    def _collect_value(
        self, level: Level, field: fields.Field, value: object, place: Place
    ) -> object:
        """Return what stands for ``value`` in the level, by type of field."""
        if field.type in ("one2many", "many2many"):
            lines = self.env["api.payload.lines"]
            return lines._collect(level, field, value, place)
        if field.type == "many2one":
            if value is None or value is False:
                return False
            return self._collect_lookup(level, field, value, place)
        if field.type == "reference" and isinstance(value, dict):
            return self._collect_reference(level, field, value, place)
        if isinstance(value, dict) and getattr(field, "translate", False):
            translations = self.env["api.payload.translation"]
            return translations._collect(level, field, value, place)
        if field.type == "properties":
            self._check_definition(field, value)
        selection = None
        if field.type in ("selection", "reference"):
            selection = field.get_values(self.env)
        if field.type == "reference" and isinstance(value, str):
            self._check_reference_model(value.partition(",")[0], selection)
            selection = None
        size = getattr(field, "size", None) if field.type == "char" else None
        return convert_value(field.type, value, size=size, selection=selection)

    def _check_definition(self, field: fields.Field, value: object) -> None:
        """Check who says which properties there are, not only what they hold.

        The ORM writes that on the record they are defined on, another one's.

        :raises ApiError: ``access_denied``, ``field_denied``: not with this profile.
        """
        if access_grant.current() is None or not isinstance(value, list):
            return
        said = [item for item in value if isinstance(item, Mapping)]
        if any(DEFINING & item.keys() for item in said):
            access, origin = self.env["api.access"], field.base_field
            container = self.env[origin.model_name][origin.definition_record]
            access._check(container._name, "write")
            access._get_field(container, origin.definition_record_field, "write")

    def _collect_lookup(
        self, level: Level, field: fields.Field, value: object, place: Place
    ) -> Lookup:
        lookup = self.env["api.record.lookup"]._prepare_lookup(
            field.comodel_name, value, level.company_id
        )
        return level.plan.want(lookup, place)

    def _collect_reference(
        self, level: Level, field: fields.Field, value: dict, place: Place
    ) -> ReferenceTo:
        """Read ``{"model": "res.partner", <lookup>}``."""
        model = value.get("model")
        self._check_reference_model(model, field.get_values(self.env))
        wanted = {key: item for key, item in value.items() if key != "model"}
        lookup = self.env["api.record.lookup"]._prepare_lookup(
            model, wanted, level.company_id
        )
        return ReferenceTo(level.plan.want(lookup, place))

    def _check_reference_model(self, model: object, allowed: list[str]) -> None:
        may = self.env["api.access"]._may
        known = [name for name in allowed if name in self.env and may(name, "read")]
        if model not in known:
            message = self.env._("'%s' is not a model this field may refer to.", model)
            raise InvalidValue(message, hint=", ".join(known[:20]))

    def _is_files(self, level: Level, value: object) -> bool:
        """Tell files from a model's own ``attachment_ids`` given as lookups."""
        if "attachment_ids" not in self.env[level.model]._fields:
            return isinstance(value, list) or not value
        return isinstance(value, list) and any(
            isinstance(item, dict) and {"datas", "url"} & item.keys() for item in value
        )

    def _collect_files(self, level: Level, value: object, place: Place) -> list[dict]:
        """Return ``ir.attachment`` values of the files of one level.

        :raises ApiError: ``access_denied``: the profile has nothing about files.
            What the user may do, the ORM says.
        """
        grant = access_grant.current()
        if value and grant and not grant.may("ir.attachment", "create"):
            raise ApiError("access_denied", self.env._("You may not attach files."))
        model = self.env[level.model]
        if "attachment_ids" in model._fields:
            self.env["api.access"]._get_field(model, "attachment_ids", "write")
        files = []
        for index, item in enumerate(value or ()):
            at = place.index(index)
            try:
                files.append(self._prepare_file_vals(item, at))
            except ApiError as exc:
                level.plan.errors.append(exc.at(at.path))
        return files

    def _prepare_file_vals(self, item: object, place: Place) -> dict:
        if not isinstance(item, dict):
            raise InvalidValue(self.env._("a file is an object with name and datas."))
        for key in item:
            if key not in FILE_KEYS:
                raise unknown_key(key, FILE_KEYS, path=f"{place.path}.{key}")
        name, datas, url = item.get("name"), item.get("datas"), item.get("url")
        if not isinstance(name, str) or not name.strip():
            raise InvalidValue(self.env._("a file needs a name."))
        vals = {"name": convert_value("char", name)}
        for key in ("mimetype", "description"):
            if item.get(key):
                vals[key] = convert_value("char", item[key])
        if url and datas is None:
            return vals | {"type": "url", "url": convert_value("char", url)}
        if datas is None:
            raise InvalidValue(self.env._("a file needs datas (base64) or url."))
        return vals | {"raw": decode_base64(datas)}
