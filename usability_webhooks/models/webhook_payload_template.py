# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Mapping

from odoo import fields, models
from odoo.exceptions import ValidationError

from ..tools import access_grant
from ..tools.field_spec import parse_field_spec
from ..tools.webhook_template import (
    ID_ALONE,
    Entries,
    FieldList,
    FieldValue,
    Items,
    Literal,
    Node,
    TemplateError,
    parse_template,
)

_logger = logging.getLogger(__name__)

#: Mistakes told at once; who made more sees the rest next time.
SHOWN_MISTAKES = 10
X2MANY = ("one2many", "many2many")


@dataclasses.dataclass(frozen=True, slots=True)
class Use:
    """One thing a template asks of a model.

    :param model: an empty recordset, in the environment that will read.
    :param prefix: the fields that lead there from the rule's own model.
    :param node: a ``FieldValue``, also for lines that are gone through, a
        ``MethodCall`` or a ``Nearly``.
    """

    model: models.BaseModel
    prefix: tuple[str, ...]
    node: Node


class WebhookPayloadTemplate(models.AbstractModel):
    """What a rule asks about its payload template.

    ``_check`` is asked in the environment of the user whose rights the payload will
    be read with; ``_render`` reads in that of the records.
    """

    _name = "webhook.payload.template"
    _description = "Webhook Payload Template"

    def _check(self, model_name: str, text: str | None) -> None:
        """Refuse a template that could not be made for every record.

        :param text: the template; empty is fine.
        :raises ValidationError: says what is wrong, and where in the template: JSON,
            a field or method there is none of, a binary, what the user may not read.
        """
        model = self.env[model_name]
        mistakes = []
        try:
            with access_grant.held(None):
                check = self.env["webhook.payload.check"]
                mistakes = [
                    mistake
                    for use in self._find_uses(model, parse_template(text or ""))
                    if (mistake := check._find_mistake(use.model, use.node))
                ]
        except TemplateError as error:
            mistakes = [error.say(self.env.lang)]
        if mistakes:
            listed = "\n".join(f"- {text}" for text in mistakes[:SHOWN_MISTAKES])
            message = self.env._("The payload cannot be made:\n%s", listed)
            raise ValidationError(message)

    def _get_field_names(self, model_name: str, text: str | None) -> list[str]:
        """Return the dotted paths a template reads, each once and sorted.

        What methods read is not known. A path to lines is listed by itself, and
        those of the lines below it.

        :raises ValidationError: the template cannot be read.
        """
        try:
            root = parse_template(text or "")
        except TemplateError as error:
            raise ValidationError(error.say(self.env.lang)) from error
        paths = {
            ".".join((*use.prefix, *use.node.path))
            for use in self._find_uses(self.env[model_name], root)
            if isinstance(use.node, FieldValue)
        }
        return sorted(paths)

    def _render(self, records: models.BaseModel, text: str | None) -> list:
        """Make the payload of each record: JSON-able values, in order.

        What cannot be made is ``null``, with a warning in the server log. Queries
        grow with the depth of the template, not with the number of records.

        :param records: in the environment of the user who reads them.
        :raises Exception: only what PostgreSQL wants the transaction repeated for,
            and what flushing the caller's own pending changes raises.
        """
        try:
            root = parse_template(text or "")
        except TemplateError as error:
            _logger.warning("webhook payload of %s: %s", records._name, error)
            root = ID_ALONE
        uses = list(self._find_uses(records.browse(), root))
        renderer = records.env["webhook.payload.renderer"]
        # A key's profile narrows what its caller names; a rule is not the caller's.
        with access_grant.held(None):
            return renderer._render(records, root, uses)

    # -- what a template asks for ---------------------------------------------

    def _find_uses(
        self, model: models.BaseModel, node: Node, prefix: tuple[str, ...] = ()
    ) -> Iterator[Use]:
        """Yield every path, call and near miss of a tree, with the model it is for."""
        match node:
            case Entries(entries=entries):
                for key, child in entries:
                    field = self._get_lines_field(model, key, child)
                    if field is None:
                        yield from self._find_uses(model, child, prefix)
                        continue
                    yield Use(model, prefix, FieldValue((field.name,), "", key))
                    below = model.env[field.comodel_name]
                    item = child.values[0]
                    yield from self._find_uses(below, item, (*prefix, field.name))
            case Items(values=values):
                for child in values:
                    yield from self._find_uses(model, child, prefix)
            case FieldList(items=items):
                yield from self._find_listed(model, parse_field_spec(items), prefix)
            case Literal():
                return
            case _:
                yield Use(model, prefix, node)

    def _find_listed(
        self, model: models.BaseModel, spec: Mapping, prefix: tuple[str, ...]
    ) -> Iterator[Use]:
        """Yield the fields of the list form, level by level."""
        for name, below in spec.items():
            place = ".".join((*prefix, name))
            field = model._fields.get(name)
            leads_on = field is not None and field.relational
            if below and not leads_on and getattr(field, "type", "") != "reference":
                # As a path: its check says that it leads nowhere.
                path = (name, next(iter(below)))
                yield Use(model, prefix, FieldValue(path, "", place))
                continue
            yield Use(model, prefix, FieldValue((name,), "", place))
            if below and leads_on:
                target = model.env[field.comodel_name]
                yield from self._find_listed(target, below, (*prefix, name))

    def _get_lines_field(
        self, model: models.BaseModel, key: str, node: Node
    ) -> fields.Field | None:
        """Return the field whose records ``node`` is made for one by one, if so.

        That is a one-item array under a key that names lines (18.0).
        """
        field = model._fields.get(key.strip())
        is_one = isinstance(node, Items) and len(node.values) == 1
        return field if is_one and field is not None and field.type in X2MANY else None
