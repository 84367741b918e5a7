# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.service.model import get_public_method

from ..tools import access_grant
from ..tools.openapi_envelope import ref
from .api_openapi_identity import RecordKey

#: Operations the index tells of, in the ORM's words.
OPERATIONS = ("read", "create", "write")


class ApiOpenapiModel(models.AbstractModel):
    """Describes one model: what a payload may hold, what is read, how it is found.

    All of it as ``api.access`` lets the caller see it.
    """

    _name = "api.openapi.model"
    _description = "API OpenAPI Model"

    # -- the index ------------------------------------------------------------

    def _get_index(self) -> list[dict]:
        """Return the models the caller may do something with, by name.

        Without wizards, unless a profile lists them: there are hundreds.

        :returns: ``{"model", "name", "operations"}`` of each, sorted.
        """
        access, grant = self.env["api.access"], access_grant.current()
        names = grant.models if grant else self.env.registry.models
        titles = self._get_titles(names)
        index = []
        for name in sorted(names):
            model = self.env.get(name)
            if model is None or model._abstract or (model._transient and not grant):
                continue
            may = [
                operation for operation in OPERATIONS if access._may(name, operation)
            ]
            if may or access._is_visible(name):
                entry = {"model": name, "name": titles.get(name, name)}
                index.append(entry | {"operations": may})
        return index

    def _get_titles(self, names: Iterable[str]) -> dict[str, str]:
        """Return what people call models, in the caller's language."""
        ir_model = self.env["ir.model"].sudo()  # for administrators; names alone
        rows = ir_model.search_fetch([("model", "in", list(names))], ["model", "name"])
        return {row.model: row.name for row in rows}

    # -- one model ------------------------------------------------------------

    def _get_schemas(self, model: models.BaseModel) -> dict:
        """Return the components of a model: its payload, its rows, its lookups.

        The lines a payload may hold have theirs too, one level deep.
        """
        lines = self._get_line_models(model)
        schemas = {model._name: self._describe(model, lines)}
        for name in sorted(lines - {model._name}):
            schemas[name] = self._describe(self.env[name], lines)
        wanted = {
            part["x-relation"]
            for schema in schemas.values()
            for part in schema["properties"].values()
            if self._is_looked_up(part)
        }
        keys = self.env["api.openapi.identity"]._get_keys({*wanted, model._name})
        for name in sorted(wanted):
            schemas[f"Lookup.{name}"] = self._describe_lookup(name, keys[name])
        schemas[model._name]["x-keys"] = self._word_keys(keys[model._name])
        schemas[f"{model._name}.row"] = self._describe_row(model)
        return schemas

    def _is_looked_up(self, part: dict) -> bool:
        """Tell whether a field's schema refers to the lookup of a model."""
        if part["x-type"] not in ("many2one", "many2many") or "readOnly" in part:
            return False
        name = part.get("x-relation")
        return bool(name) and self.env["api.access"]._may(name, "read")

    def _get_line_models(self, model: models.BaseModel) -> set[str]:
        """Return the models of the lines a payload may hold: what is nothing without
        the record it belongs to. Of other models there is a document of their own."""
        return {
            field.comodel_name
            for field in model._fields.values()
            if field.type == "one2many" and self._is_line(model, field)
        }

    def _is_line(self, model: models.BaseModel, field: fields.Field) -> bool:
        comodel = self.env.get(field.comodel_name)
        if comodel is None or not self.env["api.access"]._may(comodel._name, "create"):
            return False
        inverse = comodel._fields.get(field.inverse_name)
        is_part = getattr(inverse, "ondelete", None) == "cascade" and inverse.required
        return is_part and self.env["api.openapi.field"]._may_write(model, field)

    def _describe(self, model: models.BaseModel, lines: set[str]) -> dict:
        describe = self.env["api.openapi.field"]._describe
        properties = {
            name: schema
            for name, field in model._fields.items()
            if (schema := describe(model, field, lines)) is not None
        }
        return {
            "type": "object",
            "title": self._get_titles([model._name])[model._name],
            "properties": properties,
            "additionalProperties": False,
            "x-model": model._name,
            "x-required": self._get_required(model),
        }

    def _get_required(self, model: models.BaseModel) -> list[str]:
        """Return the fields a new record cannot do without.

        Those PostgreSQL demands and nobody fills: no default, no computation, and not
        the parent a record is made together with.
        """
        writes = self.env["api.openapi.field"]._may_write
        defaults = self.env["ir.default"]._get_model_defaults(model._name)
        parents = set(model._inherits.values())
        return [
            name
            for name, field in model._fields.items()
            if self._is_demanded(field)
            and name not in defaults
            and name not in parents
            and writes(model, field)
        ]

    def _is_demanded(self, field: fields.Field) -> bool:
        if field.inherited:
            field = field.inherited_field
        filled = field.compute or field.related or field.default is not None
        return bool(field.required and field.store and not filled)

    def _describe_row(self, model: models.BaseModel) -> dict:
        access, describe = self.env["api.access"], self.env["api.openapi.field"]
        return {
            "type": "object",
            "required": ["id"],
            "properties": {
                name: describe._describe_read(field)
                for name, field in model._fields.items()
                if access._may_field(model, field, "read")
            }
            | {"id": {"type": "integer"}},
        }

    def _describe_lookup(self, name: str, keys: Sequence[RecordKey]) -> dict:
        """Return how a record of a model is named in a payload."""
        model = self.env[name]
        value = self.env["api.openapi.field"]._describe_key
        single = dict.fromkeys(name for key in keys for name in key.names)
        found = {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "id": {"type": "integer"},
                "xml_id": {"type": "string"},
                **{field: value(model._fields[field]) for field in single},
            },
        }
        forms = [{"type": ["integer", "null"]}, found]
        return {"anyOf": forms, "x-model": name, "x-keys": self._word_keys(keys)}

    def _word_keys(self, keys: Sequence[RecordKey]) -> list[dict]:
        return [{"fields": [*key.names], "unique": key.is_unique} for key in keys]

    def _get_subject_schemas(self, model: models.BaseModel) -> tuple[dict, dict]:
        """Return the schemas of a payload that makes a record, and of one that
        changes one."""
        payload = ref(model._name)
        required = self._get_required(model)
        if not required:
            return payload, payload
        return {"allOf": [payload, {"required": required}]}, payload

    # -- methods --------------------------------------------------------------

    def _get_methods(self, model: models.BaseModel) -> list[dict]:
        """Return the methods ``call_function`` may call, but for those of all models.

        :returns: ``{"name", "parameters", "summary"}`` of each, sorted.
        """
        grant = access_grant.current()
        methods = []
        for name in dir(type(model)):
            if name.startswith("_") or hasattr(models.BaseModel, name):
                continue
            if grant and not grant.may_call(model._name, name):
                continue
            try:
                method = get_public_method(model, name)
            except (AccessError, AttributeError):
                continue
            if inspect.isroutine(method):
                methods.append(self._describe_method(name, method))
        return methods

    def _describe_method(self, name: str, method) -> dict:
        parameters = [*inspect.signature(method).parameters.values()][1:]
        summary = (inspect.getdoc(method) or "").partition("\n")[0].strip()
        described = {
            "name": name,
            "parameters": [parameter.name for parameter in parameters],
        }
        return described | ({"summary": summary} if summary else {})
