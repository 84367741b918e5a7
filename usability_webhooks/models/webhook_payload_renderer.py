# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Iterable

from odoo import models

from ..tools.webhook_rendering import Rendering
from ..tools.webhook_template import (
    Entries,
    FieldList,
    FieldValue,
    Items,
    Literal,
    MethodCall,
    Nearly,
    Node,
)
from ..tools.webhook_values import to_plain

#: Context key of the fields that were dropped from the cache for this user already.
DROPPED_KEY = "usability_webhooks_dropped"


class WebhookPayloadRenderer(models.AbstractModel):
    """Makes the payloads of many records, part by part of the template."""

    _name = "webhook.payload.renderer"
    _description = "Webhook Payload Renderer"

    def _render(self, records: models.BaseModel, root: Node, uses: Iterable) -> list:
        """Return one payload per record; see ``webhook.payload.template``.

        :param uses: what ``root`` asks for, as ``_find_uses`` says.
        """
        self.env.flush_all()
        rendering = Rendering(runs_code=self._forget_seen(uses))
        values = self.env["webhook.payload.attempt"]._make_together(
            rendering, lambda attempt: self._make_all(attempt, records, root)
        )
        rendering.report(records._name)
        return values

    def _forget_seen(self, uses: Iterable) -> bool:
        """Drop from the cache what another user may have read differently.

        Lines and computed values are as that user saw them; columns are the same for
        all. Who renders several templates as one user says so by a set in the context,
        and each field is dropped once.

        :returns: whether the template runs code that may fail in PostgreSQL: methods,
            and computed fields that do not just follow a path.
        """
        runs_code = False
        dropped = self.env.context.get(DROPPED_KEY, set())
        for use in uses:
            runs_code |= isinstance(use.node, MethodCall)
            model = use.model
            for name in use.node.path if isinstance(use.node, FieldValue) else ():
                field = model._fields.get(name)
                if field is None:
                    break
                if not (field.store and field.column_type):
                    if (model._name, name) not in dropped:
                        model.invalidate_model([name], flush=False)
                        dropped.add((model._name, name))
                    runs_code |= bool(field.compute and not field.related)
                if field.relational:
                    model = model.env[field.comodel_name]
        return runs_code

    def _make_all(
        self, rendering: Rendering, records: models.BaseModel, root: Node
    ) -> list:
        path = self.env["webhook.payload.path"]
        model = records.browse()
        found = path._sift(rendering, "", list(records), is_strict=True)
        if isinstance(root, FieldList):
            return self.env["webhook.payload.list"]._make(rendering, model, found, root)
        return self._make(rendering, model, found, root)

    def _make(
        self, rendering: Rendering, model: models.BaseModel, records: list, node: Node
    ) -> list:
        """Return what ``node`` is for each of ``records``.

        :param records: records of ``model``; None for one that may not be read.
        """
        match node:
            case Entries(entries=entries):
                columns = {
                    key: self._make_entry(rendering, model, records, (key, child))
                    for key, child in entries
                }
                return [
                    {key: column[index] for key, column in columns.items()}
                    for index in range(len(records))
                ]
            case Items(values=nodes):
                columns = [self._make(rendering, model, records, n) for n in nodes]
                return [[c[index] for c in columns] for index in range(len(records))]
            case FieldValue():
                return self.env["webhook.payload.path"]._get_values(
                    rendering, records, node
                )
            case MethodCall():
                return [self._call(rendering, record, node) for record in records]
            case Literal(value=value) | Nearly(text=value):
                return [value for _record in records]
        raise TypeError(f"no part of a template: {node!r}")

    def _make_entry(
        self,
        rendering: Rendering,
        model: models.BaseModel,
        records: list,
        entry: tuple[str, Node],
    ) -> list:
        """Return the value of one key of an object, lines included."""
        key, node = entry
        template = self.env["webhook.payload.template"]
        field = template._get_lines_field(model, key, node)
        if field is None:
            return self._make(rendering, model, records, node)
        path = self.env["webhook.payload.path"]
        sets = path._follow(rendering, key, records, field.name)
        lines = [line for each in sets for line in each or ()]
        below = model.env[field.comodel_name]
        made = iter(self._make(rendering, below, lines, node.values[0]))
        return [
            None if each is None else [next(made) for _line in each] for each in sets
        ]

    def _call(
        self, rendering: Rendering, record: models.BaseModel | None, node: MethodCall
    ) -> object:
        """Return what a method of the record returns, where JSON can say it."""
        if record is None:
            return None
        method = getattr(record, node.name, None)
        if not callable(method):
            return rendering.fail(node.place, record, "no such method")
        return self.env["webhook.payload.attempt"]._make_value(
            rendering, node.place, record, lambda: to_plain(method(*node.args))
        )
