# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import fields, models

from ..exceptions import ApiError, InvalidValue
from ..tools import access_grant
from ..tools.api_request import is_left_out, json_type, unknown_key
from ..tools.payload_plan import Level, Lookup, Place
from ..tools.payload_values import Lines, Links, Merge
from ..tools.values import convert_value

LINKS_MODES = ("replace", "add", "remove")
LINES_MODES = ("replace", "add", "merge")
KEYS = ("mode", "records")
MERGE_KEYS = (*KEYS, "key", "delete")
#: Their values do not tell one line from another.
NO_KEY_TYPES = frozenset(
    {"one2many", "many2many", "binary", "json", "reference", "properties"}
    | {"properties_definition"}
)


class ApiPayloadLines(models.AbstractModel):
    """Reads what a payload says of a one2many or a many2many field."""

    _name = "api.payload.lines"
    _description = "API Payload Lines"

    def _collect(
        self, level: Level, field: fields.Field, value: object, place: Place
    ) -> Links | Lines:
        """Return the links or lines that ``value`` asks for.

        :raises ApiError: it cannot be read at all. What is wrong with a part of it
            lands in ``level.plan.errors``.
        """
        is_links, access = field.type == "many2many", self.env["api.access"]
        if value is None or value is False:
            value = []
        modes = LINKS_MODES if is_links else LINES_MODES
        mode, records, inner = self._read_mode(value, modes, place)
        # To empty a relation is to name what it leads to, too.
        if is_links:
            if access_grant.current():
                access._check(field.comodel_name, "read")
            return Links(mode, self._collect_links(level, field, records, inner))
        if not records and access_grant.current():
            operation = "write" if level.is_update else "create"
            access._check(field.comodel_name, operation)
        access._check_size(records, place.path)
        if level.is_update and mode == "replace":
            # By the profile; of what there is to delete, the ORM asks the user's.
            self._check_replaced(field.comodel_name)
        merge = None
        if mode == "merge":
            merge = self._collect_merge(level, field, value, place)
        lines = [
            Level(level.plan, field.comodel_name, inner.index(index), level.company_id)
            for index in range(len(records))
        ]
        for line, item in zip(lines, records, strict=True):
            said = self._take_key(line, item, merge) if merge else item
            self.env["api.payload.collector"]._collect_level(line, said)
        return Lines(mode, lines, merge)

    def _check_replaced(self, model: str) -> None:
        """:raises ApiError: ``access_denied``: the old lines may not be deleted."""
        grant = access_grant.current()
        if grant and not grant.may(model, "update"):
            message = self.env._(
                "You may not delete the lines this replaces; add to them with"
                " mode: add."
            )
            raise ApiError("access_denied", message)

    def _collect_links(
        self, level: Level, field: fields.Field, records: list, place: Place
    ) -> list[Lookup]:
        collector = self.env["api.payload.collector"]
        lookups = []
        for index, item in enumerate(records):
            at = place.index(index)
            try:
                lookups.append(collector._collect_lookup(level, field, item, at))
            except ApiError as exc:
                level.plan.errors.append(exc.at(at.path))
        return lookups

    def _read_mode(
        self, value: object, modes: tuple[str, ...], place: Place
    ) -> tuple[str, list, Place]:
        """Read ``[...]`` or ``{"mode": ..., "records": [...]}``.

        :returns: the mode, the records and the place of the records.
        """
        if isinstance(value, list):
            return "replace", value, place
        if not isinstance(value, dict):
            what = json_type(type(value))
            message = self.env._("must be a list or an object, not %s.", what)
            raise InvalidValue(message)
        mode, records = value.get("mode", "replace"), value.get("records", [])
        known = MERGE_KEYS if mode == "merge" else KEYS
        for key in value:
            if key not in known:
                error = unknown_key(key, known, path=f"{place.path}.{key}")
                if key in MERGE_KEYS and "merge" in modes:
                    error.details["hint"] = self.env._("it goes with mode: merge")
                raise error
        if mode not in modes:
            message = self.env._("'mode' must be one of %s.", ", ".join(modes))
            raise InvalidValue(message, path=f"{place.path}.mode", value=mode)
        if not isinstance(records, list):
            message = self.env._("'records' must be a list.")
            raise InvalidValue(message, path=f"{place.path}.records")
        return mode, records, Place(f"{place.path}.records", place.name)

    # -- merge ----------------------------------------------------------------

    def _collect_merge(
        self, level: Level, field: fields.Field, value: Mapping, place: Place
    ) -> Merge:
        """Read ``key`` and ``delete``.

        :returns: with an empty key where something is wrong with it.
        """
        model = self.env[field.comodel_name]
        names = value.get("key")
        errors = []
        if not names or not isinstance(names, list) or {*map(type, names)} != {str}:
            message = self.env._(
                "merge needs 'key', a list of the fields that tell lines apart."
            )
            errors.append(InvalidValue(message))
            names = []
        for name in names:
            try:
                self._check_key(model, name)
            except ApiError as exc:
                errors.append(exc)
        level.plan.errors += [
            exc.at(place.key("key").path, model=model._name) for exc in errors
        ]
        key = () if errors else tuple(dict.fromkeys(names))
        deletes = self._collect_deletes(level, field, value, place.key("delete"))
        return Merge(place, key, deletes)

    def _check_key(self, model: models.BaseModel, name: str) -> None:
        """:raises ApiError: the field cannot tell lines of ``model`` apart."""
        field = self.env["api.access"]._get_field(model, name, "read")
        if field.type in NO_KEY_TYPES or not field._description_searchable:
            message = self.env._("'%s' cannot tell lines apart.", name)
            raise InvalidValue(message)

    def _collect_deletes(
        self, level: Level, field: fields.Field, value: Mapping, place: Place
    ) -> list[Lookup]:
        items = value.get("delete")
        if is_left_out(items):
            return []
        if not isinstance(items, list):
            message = self.env._("'delete' must be a list.")
            raise InvalidValue(message, path=place.path)
        self.env["api.access"]._check_size(items, place.path)
        lookup_model = self.env["api.record.lookup"]
        deletes = []
        for index, item in enumerate(items):
            at = place.index(index)
            try:
                # Company 0: the lines are the record's own, whosever they are.
                lookup = lookup_model._prepare_lookup(field.comodel_name, item, 0)
            except ApiError as exc:
                level.plan.errors.append(exc.at(at.path, model=field.comodel_name))
            else:
                lookup.places.append(at)
                deletes.append(lookup)
        return deletes

    def _take_key(self, line: Level, item: object, merge: Merge) -> object:
        """Check that a record of ``merge`` gives its key; take its ``id`` out."""
        line.is_merged = True
        if not isinstance(item, Mapping):
            return item
        for name in merge.key:
            if name not in item:
                message = self.env._("'%s' is a key of this merge.", name)
                self._refuse(line, ApiError("missing_required", message), name)
        if "id" not in merge.key or "id" not in item:
            return item
        try:
            line.line_id = convert_value("integer", item["id"]) or None
            if line.line_id is None:
                raise InvalidValue(self.env._("must be the id of a line."))
        except ApiError as exc:
            self._refuse(line, exc, "id")
        return {name: said for name, said in item.items() if name != "id"}

    def _refuse(self, line: Level, error: ApiError, name: str) -> None:
        path = line.place.key(name).path
        line.plan.errors.append(error.at(path, model=line.model, field=name))
