# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import models

from ..tools.field_spec import FieldSpec, parse_field_spec
from ..tools.webhook_rendering import Rendering
from ..tools.webhook_template import FieldList


class WebhookPayloadList(models.AbstractModel):
    """Makes payloads of the list form, in the shapes of ``search_data``."""

    _name = "webhook.payload.list"
    _description = "Webhook Payload List"

    def _make(
        self,
        rendering: Rendering,
        model: models.BaseModel,
        records: list[models.BaseModel | None],
        node: FieldList,
    ) -> list:
        """Return a dict per record; None for one that may not be read."""
        spec = parse_field_spec(node.items)
        known = self._get_known(rendering, model, spec, "")
        union = model.browse(record.id for record in records if record)
        if rendering.is_careful:
            rows = [self._read_one(rendering, record, known) for record in union]
        else:
            rows = self.env["api.record.reader"]._read(union, known) if union else []
        self._fill(rows, spec)
        made = {rec_id: row for rec_id, row in zip(union._ids, rows, strict=True)}
        return [made[record.id] if record else None for record in records]

    def _read_one(
        self, rendering: Rendering, record: models.BaseModel, spec: Mapping
    ) -> dict | None:
        def read() -> dict:
            return self.env["api.record.reader"]._read(record, spec)[0]

        get = self.env["webhook.payload.attempt"]._make_value
        return get(rendering, "", record, read)

    def _get_known(
        self, rendering: Rendering, model: models.BaseModel, spec: Mapping, prefix: str
    ) -> FieldSpec:
        """Return what of ``spec`` can be read; note the rest."""
        known: FieldSpec = {}
        check = self.env["webhook.payload.check"]
        for name, below in spec.items():
            place = f"{prefix}{name}"
            if mistake := check._check_field(model, name):
                rendering.fail(place, model, mistake)
                continue
            field = model._fields[name]
            if below and field.relational:
                target = model.env[field.comodel_name]
                below = self._get_known(rendering, target, below, f"{place}.")
            known[name] = below
        return known

    def _fill(self, rows: list, spec: Mapping) -> None:
        """Put null for what could not be read, at every level."""
        for row in rows:
            for name, below in spec.items() if row else ():
                value = row.setdefault(name, None)
                if below and isinstance(value, list):
                    self._fill(value, below)
