# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Collection

from odoo import fields, models

from ..tools.openapi_envelope import ref
from ..tools.values import INT4_MAX, INT4_MIN

TEXTS = {"char": "", "text": "", "html": "text/html"}
NUMBERS = ("float", "monetary")
INTEGERS = ("integer", "many2one_reference")
INT4 = {"type": ["integer", "null"], "minimum": INT4_MIN, "maximum": INT4_MAX}
#: Types whose values are the same whatever the field.
SIMPLE = {
    **dict.fromkeys(INTEGERS, INT4),
    **dict.fromkeys(NUMBERS, {"type": ["number", "null"]}),
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "binary": {"type": ["string", "null"], "contentEncoding": "base64"},
    "properties": {"type": ["array", "object", "null"]},
    "properties_definition": {"type": ["array", "object", "null"]},
}
#: A reference to more models than this is one to any.
MODELS_LIMIT = 50
#: A related record as it is read, in each of the forms there are.
READ_LINK = {
    "anyOf": [
        {"type": ["boolean", "null", "object"]},
        {
            "type": "array",
            "description": "`[id, name]`, or expanded a list of one object.",
        },
    ]
}
READ_LINKS = {
    "type": "array",
    "items": {"type": ["integer", "object", "null"]},
    "description": "Ids, or expanded a list of objects.",
}


class ApiOpenapiField(models.AbstractModel):
    """Describes one field as JSON Schema has it.

    Mirrors what ``api.payload.collector`` takes and ``api.record.reader`` gives. What
    JSON Schema has no word for stands under keys that begin with ``x-``.
    """

    _name = "api.openapi.field"
    _description = "API OpenAPI Field"

    # -- written --------------------------------------------------------------

    def _describe(
        self,
        model: models.BaseModel,
        field: fields.Field,
        lines: Collection[str] = (),
    ) -> dict | None:
        """Return the schema of a field's value in a payload.

        :param lines: models that have a schema of their own in the document.
        :returns: ``None`` for a field the caller may neither read nor write.
        """
        may = self.env["api.access"]._may_field
        is_read = may(model, field, "read")
        is_written = self._may_write(model, field)
        if not is_read and not is_written:
            return None
        schema = {"title": field.get_description(self.env, ["string"])["string"]}
        helped = field.get_description(self.env, ["help"]).get("help")
        if helped:
            schema["description"] = helped
        if is_written or field.type == "selection":
            schema |= self._describe_value(field, lines)
        else:
            schema |= self._describe_read(field)
        schema["x-type"] = field.type
        if field.relational and self._is_in_sight(field.comodel_name):
            schema["x-relation"] = field.comodel_name
        if not is_written:
            schema["readOnly"] = True
        elif not is_read:
            schema["writeOnly"] = True
        return schema

    def _may_write(self, model: models.BaseModel, field: fields.Field) -> bool:
        """Tell whether a payload of the caller may name a field."""
        access, fate = self.env["api.access"], self.env["api.field.fate"]
        if fate._is_set_by_odoo(field) or fate._is_lost(model, field):
            return False
        may_change = access._may(model._name, "create") or access._may(
            model._name, "write"
        )
        return may_change and access._may_field(model, field, "write")

    def _describe_value(self, field: fields.Field, lines: Collection[str]) -> dict:
        """Return what JSON Schema says of a value, by type of field."""
        kind = field.type
        if kind in SIMPLE:
            return dict(SIMPLE[kind])
        if kind in TEXTS:
            return self._describe_text(field)
        if kind == "selection":
            return self._describe_selection(field)
        if kind == "reference":
            return self._describe_reference(field)
        if field.relational:
            return self._describe_relation(field, lines)
        return {}

    def _describe_text(self, field: fields.Field) -> dict:
        schema: dict = {"type": ["string", "null"]}
        if size := getattr(field, "size", None):
            schema["maxLength"] = size
        if media := TEXTS[field.type]:
            schema["contentMediaType"] = media
        if getattr(field, "translate", False):
            schema["type"].append("object")
            schema["x-translated"] = True
        return schema

    def _describe_selection(self, field: fields.Field) -> dict:
        """Return the values there are, with what people call them."""
        said = field.get_description(self.env, ["selection"])["selection"]
        labels = {str(value): label for value, label in said}
        return {"enum": [*labels, None], "x-labels": labels}

    def _describe_reference(self, field: fields.Field) -> dict:
        may = self.env["api.access"]._may
        names = [
            name
            for name in field.get_values(self.env)
            if name in self.env and may(name, "read")
        ]
        # Any model at all: the index has them.
        known = {"enum": names} if len(names) <= MODELS_LIMIT else {"type": "string"}
        target = {
            "type": "object",
            "required": ["model"],
            "properties": {"model": known},
        }
        text = {"type": ["string", "null"], "description": "`model.name,5`"}
        return {"anyOf": [text, target]}

    # -- relations ------------------------------------------------------------

    def _describe_relation(self, field: fields.Field, lines: Collection[str]) -> dict:
        """Return how to name related records; of what is out of reach, nothing."""
        access, name = self.env["api.access"], field.comodel_name
        if field.type == "one2many":
            schema = self._unreachable()
            if name in self.env and access._may(name, "create"):
                schema = self._describe_lines(field, lines)
        elif name in self.env and access._may(name, "read"):
            schema = ref(f"Lookup.{name}")
            if field.type == "many2many":
                schema = self._describe_links(schema)
        else:
            schema = self._unreachable()
        return schema

    def _is_in_sight(self, name: str) -> bool:
        return name in self.env and self.env["api.access"]._is_visible(name)

    def _unreachable(self) -> dict:
        return {"type": "null", "description": "Leads where you may not name records."}

    def _describe_links(self, lookup: dict) -> dict:
        records = {"type": "array", "items": lookup}
        return {
            "anyOf": [
                {**records, "description": "Replaces the links there are."},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "mode": {"enum": ["replace", "add", "remove"]},
                        "records": records,
                    },
                },
            ]
        }

    def _describe_lines(self, field: fields.Field, lines: Collection[str]) -> dict:
        name = field.comodel_name
        line = ref(name) if name in lines else {"type": "object"}
        records = {"type": "array", "items": line}
        lookups: dict = {"type": "array", "items": ref("Lookup")}
        return {
            "anyOf": [
                {**records, "description": "On update: replaces the lines there are."},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "mode": {"enum": ["replace", "add", "merge"]},
                        "records": records,
                        "key": {"type": "array", "items": {"type": "string"}},
                        "delete": lookups,
                    },
                },
            ],
            "x-inverse": field.inverse_name,
        }

    # -- read -----------------------------------------------------------------

    def _describe_read(self, field: fields.Field) -> dict:
        """Return the schema of a field's value in an answer, whatever the format."""
        kind = field.type
        if kind in ("many2one", "reference"):
            form = {"anyOf": [*READ_LINK["anyOf"], {"type": "string"}]}
            return form if kind == "reference" else ref("ReadLink")
        if kind in ("one2many", "many2many"):
            return ref("ReadLinks")
        if kind in INTEGERS:
            return {"type": ["integer", "boolean", "null"]}
        if kind in NUMBERS:
            return {"type": ["number", "boolean", "null"]}
        if kind == "boolean":
            return {"type": ["boolean", "null"]}
        if kind in (*TEXTS, "date", "datetime", "binary", "selection"):
            return {"type": ["string", "integer", "boolean", "null"]}
        return {}

    def _get_read_schemas(self) -> dict:
        """Return the components ``_describe_read`` refers to."""
        return {"ReadLink": READ_LINK, "ReadLinks": READ_LINKS}

    def _describe_key(self, field: fields.Field) -> dict:
        """Return the schema of a field's value in a lookup."""
        if field.type == "selection":
            return self._describe_selection(field)
        if field.relational:
            return {"type": ["integer", "object"]}
        if field.type == "date":
            return {"type": "string", "format": "date"}
        return {"type": "integer" if field.type in INTEGERS else "string"}
