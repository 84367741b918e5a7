# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType

from odoo import fields, models
from odoo.tools import ormcache

#: Set by the ORM itself; it drops them without a word
#: (odoo/orm/models.py, ``_prepare_create_values``).
MAGIC_FIELDS = frozenset(models.MAGIC_COLUMNS)
GROUPS = (list, tuple, set, frozenset, dict)


class ApiFieldFate(models.AbstractModel):
    """Tells what becomes of a value that is written to a field.

    The ORM takes a value for any field it has. With no column, no inverse and nobody
    who reads it, the value is gone when the request ends.
    """

    _name = "api.field.fate"
    _description = "API Field Fate"

    def _is_set_by_odoo(self, field: fields.Field) -> bool:
        """Tell whether a value would be dropped or computed anew."""
        if field.name in MAGIC_FIELDS:
            return True
        computed = field.compute and not field.inverse and field.readonly
        return bool(computed and not field.inherited)

    def _is_lost(self, model: models.BaseModel, field: fields.Field) -> bool:
        """Tell whether a value would be taken and kept nowhere.

        Such a field is an input of a form, like the product template of a sale order
        line: an onchange reads it, and nobody else. Others have no column either,
        but the model's own ``create`` or ``write`` takes them out of the values, like
        the weekdays of a recurring event: those name them in their code.

        A field that belongs to a parent record (``_inherits``) is what it is there.
        """
        if field.inherited:
            origin = field.related_field
            parent = self.env[origin.model_name]
            is_lost = self._is_set_by_odoo(origin) or self._is_lost(parent, origin)
        else:
            is_lost = not (field.store or field.inverse)
        return is_lost and not self._is_named(model._name, field.name)

    @ormcache("model_name", "name")
    def _is_named(self, model_name: str, name: str) -> bool:
        """Tell whether a method of a model names a field as text, itself or by a
        constant it uses. It may do so for another reason: then nothing is said."""
        return any(
            name in words
            for cls in type(self.env[model_name]).mro()
            if self._is_of_addon(cls)
            for words in self._get_words(cls)
        )

    def _is_of_addon(self, cls: type) -> bool:
        """Tell whether a class is what an addon wrote about a certain model.

        Not what the registry puts together of them, which lists all fields, and not
        what all models have.
        """
        is_model = issubclass(cls, models.BaseModel) and "pool" not in vars(cls)
        return is_model and cls is not models.BaseModel and cls._name != "base"

    def _get_words(self, cls: type) -> Iterator[frozenset[str]]:
        """Yield the texts that a class and its methods hold, in groups."""
        for value in vars(cls).values():
            if isinstance(value, GROUPS):
                yield self._get_texts(value)
            if isinstance(value, (classmethod, staticmethod)):
                value = value.__func__
            function = inspect.unwrap(value) if callable(value) else None
            if isinstance(function, FunctionType):
                yield from self._get_code_words(function.__code__, function.__globals__)

    def _get_code_words(self, code: CodeType, known: dict) -> Iterator[frozenset[str]]:
        """Yield the texts in a function's code, those in it, and the constants of the
        module it uses."""
        yield self._get_texts(code.co_consts)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self._get_code_words(constant, known)
        for name in code.co_names:
            if isinstance(used := known.get(name), GROUPS):
                yield self._get_texts(used)

    def _get_texts(self, values: list | tuple | set | frozenset | dict) -> frozenset:
        """Return the texts of a group, and of the groups in it."""
        texts = {value for value in values if isinstance(value, str)}
        for value in values:
            if isinstance(value, GROUPS):
                texts.update(item for item in value if isinstance(item, str))
        return frozenset(texts)
