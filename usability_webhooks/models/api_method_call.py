# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
import inspect
import math
from collections.abc import Callable, Mapping

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tools import lazy

from ..exceptions import ApiError, InvalidValue
from ..tools import access_grant
from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import is_left_out, suggest, unknown_key

CALL_KEYS = frozenset({"method", "parameter", "context"})
#: What a method that asks for a password answers instead of doing its work
#: (odoo/addons/base/models/res_users.py, ``check_identity``).
IDENTITY_CHECK_MODEL = "res.users.identitycheck"


class ApiMethodCall(models.AbstractModel):
    """Calls a public method and makes its answer fit for JSON."""

    _name = "api.method.call"
    _description = "API Method Call"

    def _get_method(self, model: models.BaseModel, payload: Mapping) -> Callable:
        """Return the method a payload names, if it may be called from outside.

        :raises ApiError: ``invalid_value`` (no name), ``unknown_key``,
            ``method_denied`` (Odoo's own rule: private), ``unknown_method``,
            ``identity_check_required``.
        """
        for key in payload:
            if key not in CALL_KEYS:
                raise unknown_key(key, CALL_KEYS, path=f"payload.{key}")
        name, path = payload.get("method"), "payload.method"
        if not isinstance(name, str) or not name:
            message = self.env._("payload.method must name a method.")
            raise InvalidValue(message, path=path)
        grant = access_grant.current()
        if grant and not grant.may_call(model._name, name):
            message = self.env._("You may not call '%s'.", name)
            raise ApiError("method_denied", message, path=path, value=name)
        try:
            method = get_public_method(model, name)
        except AccessError as exc:
            message = self.env._("'%s' is private.", name)
            raise ApiError("method_denied", message, path=path, value=name) from exc
        except AttributeError as exc:
            public = [key for key in dir(type(model)) if not key.startswith("_")]
            message = self.env._(
                "%(model)s has no method '%(method)s'.", model=model._name, method=name
            )
            hint = suggest(name, public)
            raise ApiError(
                "unknown_method", message, path=path, value=name, hint=hint
            ) from exc
        if not inspect.isroutine(method):
            message = self.env._("'%s' is not a method.", name)
            raise ApiError("unknown_method", message, path=path, value=name)
        self._check_identity_rule(model, name)
        return method

    def _check_identity_rule(self, model: models.BaseModel, name: str) -> None:
        for cls in type(model).mro():
            if getattr(cls.__dict__.get(name), "__has_check_identity", False):
                raise self._identity_error(name)

    def _identity_error(self, name: str) -> ApiError:
        message = self.env._("'%s' asks for a password, in the browser only.", name)
        return ApiError("identity_check_required", message, path="payload.method")

    def _call(
        self, records: models.BaseModel, method: Callable, payload: Mapping
    ) -> ApiOutcome:
        """Bind the parameters, call, and return the result as plain values.

        :param records: the records, or the bare model for a model method.
        :raises ApiError: ``invalid_arguments`` before the call; ``invalid_value``
            for a result JSON cannot say, ``identity_check_required``.
        """
        name, parameter = payload["method"], payload.get("parameter")
        path = "payload.parameter"
        if is_left_out(parameter):
            parameter = {}
        if not isinstance(parameter, dict):
            message = self.env._("must be an object of named arguments.")
            raise ApiError("invalid_arguments", message, path=path)
        try:
            inspect.signature(method).bind(records, **parameter)
        except TypeError as exc:
            message = self.env._("%(method)s: %(why)s", method=name, why=str(exc))
            raise ApiError("invalid_arguments", message, path=path) from exc
        result = method(records, **parameter)
        is_action = isinstance(result, dict)
        if is_action and result.get("res_model") == IDENTITY_CHECK_MODEL:
            raise self._identity_error(name)
        return ApiOutcome(
            self._to_plain(result, "result"),
            self.env._("Function '%s' called successfully", name),
            records.ids,
        )

    def _to_plain(self, value: object, path: str) -> object:
        """Return ``value`` in JSON's own types.

        Records as ids, dates as Odoo's texts, tuples as lists.

        :raises InvalidValue: whatever JSON cannot say, with its path.
        """
        if isinstance(value, lazy):
            value = value._value
        if isinstance(value, (list, tuple)):
            return [
                self._to_plain(item, f"{path}[{index}]")
                for index, item in enumerate(value)
            ]
        if isinstance(value, Mapping):
            return {
                self._to_plain_key(key, path): self._to_plain(item, f"{path}.{key}")
                for key, item in value.items()
            }
        return self._to_plain_scalar(value, path)

    def _to_plain_scalar(self, value: object, path: str) -> object:
        if value is None or isinstance(value, (bool, int)):
            return value
        if isinstance(value, str) and self._is_utf8(value):
            return str(value)
        if isinstance(value, float) and math.isfinite(value):
            return value
        if isinstance(value, models.BaseModel):
            return self.env["api.dry.run"]._get_plain_ids(value)
        if isinstance(value, datetime.datetime):
            return fields.Datetime.to_string(value)
        if isinstance(value, datetime.date):
            return fields.Date.to_string(value)
        if isinstance(value, bytes) and value.isascii():
            return value.decode("ascii")  # Odoo's binary fields: base64
        message = self.env._("the method returned a %s.", type(value).__name__)
        hint = self.env._("nothing was written; JSON cannot carry such a value")
        raise InvalidValue(message, path=path, hint=hint)

    def _is_utf8(self, text: str) -> bool:
        """Tell text from half a surrogate pair, which no answer and no log holds."""
        try:
            text.encode()
        except UnicodeEncodeError:
            return False
        return True

    def _to_plain_key(self, key: object, path: str) -> str:
        if isinstance(key, str):
            return str(key)
        if isinstance(key, (int, bool)) or key is None:
            return str(key)
        message = self.env._(
            "the method returned a key of type %s.", type(key).__name__
        )
        raise InvalidValue(message, path=path)
