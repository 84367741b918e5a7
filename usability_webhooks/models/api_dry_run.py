# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

from odoo import models
from odoo.fields import Field
from odoo.sql_db import BaseCursor

from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import ApiRequest

#: Attribute of a cursor while a dry run works on it. No key of ``cr.cache``: core
#: clears that at every savepoint rolled back (odoo/sql_db.py, ``BaseCursor.clear``).
MARK = "usability_webhooks_dry_run"
#: Methods of core that call a service inside the transaction and return nothing:
#: text messages, notifications of browsers and phones, letters.
SENDERS = (
    ("sms.sms", "send"),
    ("mail.thread", "_web_push_send_notification"),
    ("snailmail.letter", "_snailmail_print_valid_address"),
)


def get_created(cr: BaseCursor) -> set[tuple[str, int]] | None:
    """Return model and id of all that the dry run on a cursor has created so far.

    :returns: None where what happens on the cursor is for real.
    """
    return vars(cr).get(MARK)


def guard(cls: type, name: str) -> Callable:
    """Return a method of ``cls`` that does nothing while a request is only tried."""

    def method(self, *args, **kwargs):
        if get_created(self.env.cr) is not None:
            return None
        return getattr(super(cls, self), name)(*args, **kwargs)

    return method


class ApiDryRun(models.AbstractModel):
    """Knows that a request is only tried, and words what it would do.

    The mark is the cursor's, so it holds in whatever environment business code
    makes. ``ir.attachment``, ``ir.mail_server`` and the guards set here look at it,
    because a rollback takes back neither a file nor a message.
    """

    _name = "api.dry.run"
    _description = "API Dry Run"

    @contextlib.contextmanager
    def _mark(self) -> Iterator[None]:
        """Mark the cursor. Whoever does so rolls back before the mark is gone."""
        cr = self.env.cr
        setattr(cr, MARK, set())
        try:
            yield
        finally:
            delattr(cr, MARK)

    def _is_on(self) -> bool:
        """Tell whether what happens on this cursor will be rolled back."""
        return get_created(self.env.cr) is not None

    # -- what else would leave the transaction --------------------------------

    def _register_hook(self) -> None:
        """Put a guard before each of ``SENDERS`` this database has.

        A patch, for their modules are none we depend on, so that nothing of theirs
        can be inherited from here.
        """
        for model, name in SENDERS:
            cls = self.env.registry.models.get(model)
            if cls is not None and hasattr(cls, name):
                setattr(cls, name, guard(cls, name))
        return super()._register_hook()

    def _unregister_hook(self) -> None:
        for model, name in SENDERS:
            cls = self.env.registry.models.get(model)
            if cls is not None and name in vars(cls):
                delattr(cls, name)
        return super()._unregister_hook()

    # -- the answer -----------------------------------------------------------

    def _describe(self, request: ApiRequest, outcome: ApiOutcome) -> ApiOutcome:
        """Return the outcome without the ids of records that will not exist.

        Null stands in their place, in ``ids`` nothing does.
        """
        extra = {**outcome.extra, "dry_run": True}
        if extra.get("created"):
            extra["created"] = [row | {"id": None} for row in extra["created"]]
        result = outcome.result
        if request.route == "call_function":
            result = self._hide_opened(result)
        elif get_created(self.env.cr):
            result = self._hide_ids(request.model, result)
        return dataclasses.replace(outcome, result=result, extra=extra)

    def _get_plain_ids(self, records: models.BaseModel) -> list[int | None]:
        """Return the ids of records; in a dry run null for each it created."""
        return [self._hide_id(records._name, record_id) for record_id in records.ids]

    def _hide_opened(self, result: object) -> object:
        """Hide which new record an action would open; the rest is the method's own."""
        if isinstance(result, dict) and isinstance(result.get("res_id"), int):
            shown = self._hide_id(result.get("res_model"), result["res_id"])
            return result | {"res_id": shown}
        return result

    def _hide_ids(self, model: str, value: object) -> object:
        """Hide new ids in rows of ``model``, to any depth."""
        if isinstance(value, list):
            return [self._hide_ids(model, item) for item in value]
        if not isinstance(value, dict):
            return value
        row = {}
        for name, item in value.items():
            field = self.env[model]._fields.get(name)
            if name in ("id", "ids"):
                row[name] = self._hide_own_ids(model, item)
            elif field is None:
                row[name] = self._hide_ids(model, item)  # rows in a row: "records"
            else:
                row[name] = self._hide_related(field, item)
        return row

    def _hide_own_ids(self, model: str, value: object) -> object:
        if isinstance(value, list):
            return [item for item in value if self._hide_id(model, item)]
        return self._hide_id(model, value)

    def _hide_related(self, field: Field, value: object) -> object:
        """Hide new ids in one field's value, as ``api.record.reader`` gives it."""
        if field.type == "reference" and isinstance(value, str):
            model, _comma, record_id = value.partition(",")
            is_new = self._hide_id(model, int(record_id or 0)) is None
            return None if is_new else value
        if not field.relational or not isinstance(value, list):
            return value
        return [
            self._hide_ids(field.comodel_name, item)
            if isinstance(item, dict)
            else self._hide_id(field.comodel_name, item)
            for item in value
        ]

    def _hide_id(self, model: object, value: object) -> object:
        """Return None for the id of a new record, any other value as it is."""
        created = get_created(self.env.cr) or ()
        return None if type(value) is int and (model, value) in created else value
