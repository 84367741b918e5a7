# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from psycopg2 import DataError, IntegrityError, errors

from odoo import models

from ..exceptions import ApiError, ApiErrors


class ApiDatabaseError(models.AbstractModel):
    """Words an error of PostgreSQL as Odoo itself would word it."""

    _name = "api.database.error"
    _description = "API Database Error"

    def _translate(
        self, exc: IntegrityError | DataError, model_name: str, payload: object
    ) -> ApiErrors:
        """Return what a violated constraint or an impossible value means.

        :param model_name: the model of the payload.
        :param payload: to tell which required fields it lacks.
        """
        model = self._get_model(exc.diag.table_name)
        if isinstance(exc, errors.NotNullViolation):
            asked = payload if model._name == model_name else None
            missing = self._get_missing(model, exc.diag.column_name, asked)
            return ApiErrors(missing)
        if isinstance(exc, DataError):
            message = exc.diag.message_primary or self.env._("Invalid value.")
            return ApiErrors([ApiError("invalid_value", message)])
        message = model._sql_error_to_message(exc)
        return ApiErrors([ApiError("validation_error", message, model=model._name)])

    def _get_model(self, table: str | None) -> models.BaseModel:
        for name, cls in self.env.registry.items():
            if table and not cls._abstract and cls._table == table:
                return self.env[name]
        return self.env["base"]

    def _get_missing(
        self, model: models.BaseModel, column: str | None, payload: object
    ) -> list[ApiError]:
        """Return one error per required field nobody gave.

        PostgreSQL names the first column only; on the payload's own model the
        others are those it could have given and did not.

        :param payload: ``None`` when another model's row was refused.
        """
        names = [column or ""]
        if isinstance(payload, dict):
            names += [
                name
                for name, field in model._fields.items()
                if field.required
                and field.store
                and field.column_type  # no x2many: it has no column to be empty
                and not (field.compute or field.default or field.inherited)
                and name not in payload
                and name != column
            ]
        is_own = payload is not None
        return [self._get_missing_error(model, name, is_own=is_own) for name in names]

    def _get_missing_error(
        self, model: models.BaseModel, name: str, *, is_own: bool
    ) -> ApiError:
        field = model._fields.get(name)
        label = field._description_string(self.env) if field is not None else name
        path = f"payload.{name}" if is_own else None
        message = self.env._("'%s' is required and was not given.", label)
        return ApiError(
            "missing_required", message, path=path, model=model._name, field=name
        )
