# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Iterable

from odoo import fields, models
from odoo.exceptions import AccessError

from ..tools import access_grant
from ..tools.sensitive_names import DEFAULT as SENSITIVE
from .api_openapi_identity import BUSINESS_KEYS

#: What an example writes where it needs a text of its own.
TEXT = "Example"
#: Fields of a line beside those it cannot do without.
LINE_FIELDS = 3
#: Fields an example of a search reads.
READ_FIELDS = 4


class ApiOpenapiExample(models.AbstractModel):
    """Makes examples of requests that are true for this database.

    From the newest record the caller may read: what it refers to is found again by
    the lookups the examples have. Texts are made up, so an example holds no word of a
    record but the keys it is found by.
    """

    _name = "api.openapi.example"
    _description = "API OpenAPI Example"

    def _get_examples(self, model: models.BaseModel) -> dict[str, dict]:
        """Return route to ``{name: {"summary", "value": params}}``.

        Empty where the record they would be about cannot be read to the end: a field
        may be computed from what its reader may not see.
        """
        try:
            return self._prepare_examples(model, self._get_sample(model))
        except AccessError:
            return {}

    def _prepare_examples(
        self, model: models.BaseModel, sample: models.BaseModel
    ) -> dict[str, dict]:
        access = self.env["api.access"]
        examples: dict[str, dict] = {}
        if access._may(model._name, "create"):
            vals = {"payload": self._get_payload(sample), "dry_run": True}
            summary = self.env._("Try to create a record")
            examples["create_data"] = self._word(model, summary, vals)
        if sample and access._may(model._name, "write"):
            vals = self._get_change(sample) | {"dry_run": True}
            for route in ("update_data", "create_update_data"):
                summary = self.env._("Try to change the newest record")
                examples[route] = self._word(model, summary, vals)
        if access._may(model._name, "read"):
            vals = {"payload": {"search_field": self._get_read(model), "limit": 3}}
            summary = self.env._("Read three records")
            examples["search_data"] = self._word(model, summary, vals)
        if not access_grant.current():
            count = {"method": "search_count", "parameter": {"domain": []}}
            summary = self.env._("Count the records")
            examples["call_function"] = self._word(model, summary, {"payload": count})
        return examples

    def _get_sample(self, model: models.BaseModel) -> models.BaseModel:
        """Return the newest record the caller may read, if any."""
        if not self.env["api.access"]._may(model._name, "read"):
            return model.browse()
        return model.search_fetch([], ["write_date"], order="id desc", limit=1)

    def _word(self, model: models.BaseModel, summary: str, vals: dict) -> dict:
        value = {"model": model._name, "vals": vals}
        return {"example": {"summary": summary, "value": value}}

    # -- payloads -------------------------------------------------------------

    def _get_payload(self, sample: models.BaseModel) -> dict:
        """Return a payload that makes a record much like the sample."""
        describe = self.env["api.openapi.model"]
        names = describe._get_required(sample)
        if not names:
            names = self._get_texts(sample)[:1]
        payload = self._get_values(sample, names)
        if (lines := self._get_lines_field(sample)) and sample:
            line = sample[lines.name]._filtered_access("read")[:1]
            if values := self._get_line(line, lines):
                payload[lines.name] = [values]
        return payload

    def _get_line(self, line: models.BaseModel, field: fields.Field) -> dict:
        """Return a payload for one line: what it needs, what it refers to."""
        if not line:
            return {}
        needed = self.env["api.openapi.model"]._get_required(line)
        chosen = [
            name
            for name, candidate in line._fields.items()
            if self._is_telling(line, candidate)
        ]
        names = [*needed, *chosen[:LINE_FIELDS]]
        names = [name for name in names if name != field.inverse_name]
        return self._get_values(line, names)

    def _is_telling(self, line: models.BaseModel, field: fields.Field) -> bool:
        """Tell whether a field says what a line is about: a product, a quantity."""
        if field.readonly or not field.store or field.related:
            return False
        is_link = field.type == "many2one" and not field.compute
        if not is_link and not (field.required and field.type in ("float", "integer")):
            return False
        if not self.env["api.openapi.field"]._may_write(line, field):
            return False
        may_read = self.env["api.access"]._may_field(line, field, "read")
        return may_read and bool(line[field.name])

    def _get_lines_field(self, model: models.BaseModel) -> fields.Field | None:
        """Return the one2many of the lines a record of the model is made of."""
        describe = self.env["api.openapi.model"]
        for field in model._fields.values():
            if field.type != "one2many":
                continue
            copied = field.copy and field.store and not field.compute
            if describe._is_line(model, field) and copied and not field.readonly:
                return field
        return None

    def _get_values(self, sample: models.BaseModel, names: Iterable[str]) -> dict:
        """Return a value for each field, the sample's own where it is no text."""
        values = {}
        for name in names:
            field = sample._fields[name]
            value = self._get_value(sample, field)
            if value is not None:
                values[name] = value
        return values

    def _get_value(self, sample: models.BaseModel, field: fields.Field) -> object:
        if field.type in ("char", "text", "html"):
            return TEXT
        may_read = self.env["api.access"]._may_field(sample, field, "read")
        value = sample[field.name] if sample and may_read else None
        if field.type == "many2one":
            return self._get_lookup(field, value)
        if field.type in ("date", "datetime"):
            return fields.Date.to_string(fields.Date.context_today(self))
        if field.type == "selection":
            return value or next(iter(field.get_values(self.env)), None)
        if field.type in ("integer", "float", "monetary"):
            return value or 1
        return True if field.type == "boolean" else None

    def _get_lookup(
        self, field: fields.Field, target: models.BaseModel | None
    ) -> dict | None:
        """Return how to name a record a field refers to, or any it could."""
        comodel = self.env[field.comodel_name]
        if not self.env["api.access"]._may(comodel._name, "read"):
            return None
        target = (target or comodel)._filtered_access("read")
        target = target or comodel.search([], limit=1)
        identity = self.env["api.openapi.identity"]
        return next(iter(identity._get_lookups(target).values()), None)

    # -- search keys and fields -----------------------------------------------

    def _get_change(self, sample: models.BaseModel) -> dict:
        """Return the search key of a record, and a payload that changes it."""
        identity = self.env["api.openapi.identity"]
        key = identity._get_lookups(sample)[sample.id]
        texts = [name for name in self._get_texts(sample) if name not in key]
        return {"search_key": key, "payload": dict.fromkeys(texts[:1], TEXT)}

    def _get_texts(self, model: models.BaseModel) -> list[str]:
        """Return names of plain texts to write, business keys last but one to none."""
        may_write = self.env["api.openapi.field"]._may_write
        names = [
            name
            for name, field in model._fields.items()
            if field.type in ("char", "text")
            and not (field.readonly or field.compute or name in SENSITIVE)
            and may_write(model, field)
        ]
        first = [name for name in (model._rec_name, "name") if name in names]
        return [*dict.fromkeys([*first, *names])]

    def _get_read(self, model: models.BaseModel) -> list[str]:
        """Return fields to read: those people know a record by, and one relation."""
        may_field = self.env["api.access"]._may_field
        wanted = dict.fromkeys([model._rec_name, *reversed(BUSINESS_KEYS)])
        names = [
            name
            for name in wanted
            if name in model._fields and may_field(model, model._fields[name], "read")
        ]
        return names[:READ_FIELDS] or ["id"]
