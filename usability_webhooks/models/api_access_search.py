# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Iterable

from odoo import fields, models
from odoo.fields import Domain

from ..tools import access_grant

#: Operators whose value is a domain on the comodel.
NESTED = frozenset({"any", "not any", "any!", "not any!"})
HIERARCHY = frozenset({"child_of", "parent_of"})


class ApiAccessSearch(models.AbstractModel):
    """Keeps domains and orders from telling what a profile does not let be read.

    Somebody who may filter or sort by a field learns its values one question at a
    time, so it takes the right to read it. Core checks the user's own rights when it
    compiles a domain; this is about the profile's.
    """

    _name = "api.access.search"
    _description = "API Access of Searches"

    def _check_domain(self, model: models.BaseModel, domain: Domain) -> None:
        """:raises ApiError: ``field_denied``: it asks about an unreadable field."""
        if access_grant.current() is None:
            return
        for condition in domain.iter_conditions():
            self._check_condition(
                model, condition.field_expr, condition.operator, condition.value
            )

    def _check_condition(
        self, model: models.BaseModel, path: str, operator: str, value: object
    ) -> None:
        access = self.env["api.access"]
        name, _dot, rest = path.partition(".")
        field = access._get_field(model, name, "read", path)
        if field.name == "display_name":
            self._check_by_name(model._name, path)
        if name == "id" and not rest:
            # Odoo has it lead to the model itself: ("id", "child_of", "Name").
            if operator in NESTED:
                raise access._field_denied(path, "read")
            self._check_relation(model, path, operator, value)
            return
        if not field.relational:
            # What follows is a part of the value: a month, a property.
            if field.type == "properties" and not self._reads_all(model):
                raise access._field_denied(path, "read")
            return
        comodel = self.env[field.comodel_name]
        if rest:
            self._check_condition(comodel, rest, operator, value)
        elif operator in NESTED:
            inner = value if isinstance(value, Domain) else Domain(value)
            self._check_domain(comodel, inner)
        else:
            self._check_relation(comodel, path, operator, value)

    def _check_relation(
        self, comodel: models.BaseModel, path: str, operator: str, value: object
    ) -> None:
        """Check what a comparison of a relation looks at in the comodel."""
        access = self.env["api.access"]
        if operator in HIERARCHY:
            parent = comodel._fields.get(comodel._parent_name)
            if parent is None or not access._may_field(comodel, parent, "read"):
                raise access._field_denied(path, "read")
        several = isinstance(value, Iterable) and not isinstance(value, str)
        if any(isinstance(item, str) for item in (value if several else [value])):
            self._check_by_name(comodel._name, path)

    def _check_by_name(self, model: str, path: str) -> None:
        access = self.env["api.access"]
        if not access._finds_by_name(model):
            raise access._field_denied(path, "read")

    def _reads_all(self, model: models.BaseModel) -> bool:
        return access_grant.current().models[model._name].readable.mode == "all"

    # -- orders ---------------------------------------------------------------

    def _get_default_order(self, model: models.BaseModel) -> str:
        """Return the model's own order, or ``id`` where that would tell too much."""
        return model._order if self._may_order(model, model._order) else "id"

    def _check_order(self, model: models.BaseModel, field: fields.Field) -> None:
        """:raises ApiError: ``field_denied``; a many2one sorts by its comodel's own
        order."""
        if not self._may_order_by(model, field):
            raise self.env["api.access"]._field_denied(field.name, "read")

    def _may_order(self, model: models.BaseModel, order: str) -> bool:
        if access_grant.current() is None:
            return True
        names = (term.split()[0] for term in order.split(",") if term.strip())
        found = [model._fields.get(name.partition(":")[0].strip('"')) for name in names]
        return all(field and self._may_order_by(model, field) for field in found)

    def _may_order_by(self, model: models.BaseModel, field: fields.Field) -> bool:
        if not self.env["api.access"]._may_field(model, field, "read"):
            return False
        if field.type != "many2one" or access_grant.current() is None:
            return True
        comodel = self.env[field.comodel_name]
        # A tree sorted by its own parent would have this go round for ever.
        return comodel._name != model._name and self._may_order(comodel, comodel._order)
