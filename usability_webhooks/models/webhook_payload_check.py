# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import inspect

from odoo import fields, models
from odoo.fields import NO_ACCESS

from ..tools.api_request import suggest
from ..tools.sentence import say
from ..tools.webhook_template import FORMS, FieldValue, MethodCall, Nearly

BINARY_TYPES = ("binary", "image")
#: Types a form makes sense of; ``join`` takes all.
FORM_TYPES = {
    "label": ("selection",),
    "date": ("date", "datetime", "char", "text"),
    "text": ("html", "char", "text"),
}


class WebhookPayloadCheck(models.AbstractModel):
    """Tells what is wrong with one part of a payload template."""

    _name = "webhook.payload.check"
    _description = "Webhook Payload Check"

    def _find_mistake(self, model: models.BaseModel, node: object) -> str | None:
        """Return a sentence that begins with the place, or None where all is well.

        :param model: the model the part is asked of, in the environment of the user
            who will read.
        :param node: a ``FieldValue``, ``MethodCall`` or ``Nearly``.
        """
        match node:
            case FieldValue():
                mistake = self._check_path(model, node)
            case MethodCall():
                mistake = self._check_call(model, node)
            case Nearly(text=text):
                mistake = self.env._(
                    "'%s' is neither {field.path}, {field.path:form} nor"
                    " {@_webhook_method(arguments)}.",
                    text,
                )
        return f"{node.place}: {mistake}" if mistake else None

    # -- fields ---------------------------------------------------------------

    def _check_path(self, model: models.BaseModel, node: FieldValue) -> str | None:
        *steps, last = node.path
        for name in steps:
            if mistake := self._check_field(model, name):
                return mistake
            field = model._fields[name]
            if field.type == "reference":
                return None  # each record's reference may lead to another model
            if not field.relational:
                return self.env._("'%s' does not lead to other records.", name)
            model = model.env[field.comodel_name]
        return self._check_field(model, last) or self._check_form(
            model._fields[last], node.form
        )

    def _check_field(self, model: models.BaseModel, name: str) -> str | None:
        field = model._fields.get(name)
        details = {"model": model._name, "field": name}
        if field is None:
            hint = suggest(name, model._fields)
            message = self.env._("%(model)s has no field '%(field)s'.", **details)
            return f"{message} ({say(hint, self.env.lang)})" if hint else message
        if field.type in BINARY_TYPES:
            return self.env._("'%s' holds files, which are not sent.", name)
        if field.groups == NO_ACCESS:
            return self.env._("'%s' may be read by nobody.", name)
        if not model.has_access("read"):
            details["user"] = model.env.user.login
            return self.env._("%(user)s may not read %(model)s records.", **details)
        if not model._has_field_access(field, "read"):
            details["user"] = model.env.user.login
            details["groups"] = field.groups or self.env._("nobody")
            return self.env._(
                "%(user)s may not read '%(field)s', which is for %(groups)s.", **details
            )
        return None

    def _check_form(self, field: fields.Field, form: str) -> str | None:
        if form and form not in FORMS:
            hint = suggest(form, FORMS) or ", ".join(FORMS)
            return self.env._(
                "There is no form '%(form)s' (%(hint)s).", form=form, hint=hint
            )
        types = FORM_TYPES.get(form)
        if types and field.type not in types:
            return self.env._(
                "'%(form)s' makes nothing of a field of type %(type)s.",
                form=form,
                type=field.type,
            )
        return None

    # -- methods --------------------------------------------------------------

    def _check_call(self, model: models.BaseModel, node: MethodCall) -> str | None:
        method = getattr(type(model), node.name, None)
        if not callable(method):
            known = [name for name in dir(type(model)) if name.startswith("_webhook_")]
            hint = suggest(node.name, known)
            message = self.env._(
                "%(model)s has no method '%(name)s'.", model=model._name, name=node.name
            )
            return f"{message} ({say(hint, self.env.lang)})" if hint else message
        try:
            inspect.signature(method).bind(model, *node.args)
        except TypeError as error:
            return self.env._(
                "'%(name)s' cannot be called so: %(why)s.", name=node.name, why=error
            )
        return None
