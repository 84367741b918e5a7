# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Collection

from odoo import fields, models

from ..exceptions import ApiError, LimitExceeded
from ..tools import access_grant
from ..tools.api_request import suggest

#: What a rule of a profile calls the ORM's operations. Lines are deleted by whoever
#: may change them: no route deletes records of their own.
RULE_OPERATIONS = {"write": "update", "unlink": "update"}
#: The operations ``ir.model.access`` knows.
ORM_OPERATIONS = ("read", "create", "write", "unlink")


class ApiAccess(models.AbstractModel):
    """Tells what a caller may name: Odoo's own rights, narrowed by the key's profile.

    About names in the request. What business code does of its own accord while it
    is carried out is Odoo's business and runs with the user's rights.
    """

    _name = "api.access"
    _description = "API Access"

    # -- models ---------------------------------------------------------------

    def _get_model(self, name: str, *, abstract: bool = False) -> models.BaseModel:
        """Return a model a request is about.

        :param abstract: whether one without records will do.
        :raises ApiError: ``unknown_model``, the same whether there is none, the user
            may do nothing with it, or the profile does not list it.
        """
        model = self.env.get(name)
        usable = model is not None and (abstract or not model._abstract)
        if not usable or not self._is_visible(name):
            message = self.env._("There is no model '%s'.", name)
            raise ApiError("unknown_model", message, path="model", value=name)
        return model

    def _is_visible(self, model: str) -> bool:
        """Tell whether the caller may know that a model exists."""
        grant = access_grant.current()
        if grant and model not in grant.models:
            return False
        target = self.env[model]
        return target._abstract or any(map(target.has_access, ORM_OPERATIONS))

    def _may(self, model: str, operation: str) -> bool:
        """Tell whether the caller may ask for an operation of the ORM on a model."""
        grant = access_grant.current()
        if grant and not grant.may(model, RULE_OPERATIONS.get(operation, operation)):
            return False
        return self.env[model].has_access(operation)

    def _check(self, model: str, operation: str) -> None:
        """:raises ApiError: ``access_denied``; a model that is out of sight is not
        named."""
        if self._may(model, operation):
            return
        verb = {
            "read": self.env._("read"),
            "create": self.env._("create"),
            "write": self.env._("change"),
            "unlink": self.env._("delete"),
        }[operation]
        if self._is_visible(model):
            message = self.env._(
                "You may not %(do)s %(model)s records.", do=verb, model=model
            )
            raise ApiError("access_denied", message, model=model)
        raise ApiError(
            "access_denied", self.env._("You may not %s these records.", verb)
        )

    # -- fields ---------------------------------------------------------------

    def _may_field(
        self, model: models.BaseModel, field: fields.Field, operation: str
    ) -> bool:
        """Tell whether the caller may name a field.

        :param operation: ``read``, searching and sorting included, or ``write``.
        """
        grant = access_grant.current()
        if grant:
            ask = grant.may_read if operation == "read" else grant.may_write
            if not ask(model._name, field.name):
                return False
        return model._has_field_access(field, operation)

    def _get_field(
        self, model: models.BaseModel, name: str, operation: str, path: str = ""
    ) -> fields.Field:
        """Return a field the caller names.

        :param path: the name as the caller wrote it, where that is a longer one.
        :raises ApiError: ``unknown_field`` with a suggestion among those the caller
            may name; ``field_denied``.
        """
        field = model._fields.get(name)
        grant = access_grant.current()
        if grant and operation == "read" and not grant.may(model._name, "read"):
            raise self._field_denied(path or name, operation)
        if field is None:
            message = self.env._(
                "%(model)s has no field '%(field)s'.", model=model._name, field=name
            )
            hint = suggest(name, self._get_names(model, operation))
            raise ApiError("unknown_field", message, hint=hint)
        if not self._may_field(model, field, operation):
            raise self._field_denied(path or name, operation)
        return field

    def _field_denied(self, name: str, operation: str) -> ApiError:
        if operation == "write":
            return ApiError("field_denied", self.env._("You may not write '%s'.", name))
        return ApiError("field_denied", self.env._("You may not read '%s'.", name))

    def _get_names(self, model: models.BaseModel, operation: str) -> list[str]:
        """Return the names of all fields the caller may name."""
        return [
            name
            for name, field in model._fields.items()
            if self._may_field(model, field, operation)
        ]

    def _check_changes(self, record: models.BaseModel, names: Collection[str]) -> None:
        """Refuse what a profile does not mean to allow, whatever fields it lists.

        The e-mail address of a contact who logs in is where Odoo sends a new
        password: whoever may change it has that login, the service user's own to
        begin with, and all it may. So it takes a profile that lists users.

        :param names: fields a request would change on the record.
        :raises ApiError: ``access_denied``.
        """
        grant = access_grant.current()
        if grant is None or grant.may("res.users", "update"):
            return
        if record._name != "res.partner" or "email" not in names:
            return
        partner_sudo = record.sudo()  # nobody is told more than yes or no
        if partner_sudo.with_context(active_test=False).user_ids:
            message = self.env._(
                "You may not change the email of somebody who logs in."
            )
            raise ApiError("access_denied", message, model=record._name, field="email")

    # -- names of records -----------------------------------------------------

    def _shows_names(self, model: str) -> bool:
        """Tell whether the caller may see what records of a model are called."""
        grant = access_grant.current()
        return grant is None or grant.may_read(model, "display_name")

    def _finds_by_name(self, model: str) -> bool:
        """Tell whether the caller may search a model by what its records are called.

        Odoo looks that up in other fields too, a partner's tax id for one, so it
        takes a profile that lets all of them be read.
        """
        grant = access_grant.current()
        if grant is None:
            return True
        rule = grant.models.get(model)
        return self._shows_names(model) and rule.readable.mode == "all"

    # -- sizes and companies --------------------------------------------------

    def _check_size(
        self,
        items: list,
        path: str,
        setting: str = "webhook.max_lines",
        *,
        is_batch: bool = False,
    ) -> None:
        """Check the length of a list.

        :param is_batch: it is the request's own records, which a profile may limit.
        :raises LimitExceeded: it is longer than the server or the profile takes.
        """
        limit = self.env["api.settings"]._get(setting)
        grant = access_grant.current()
        if is_batch and grant and grant.max_records:
            limit = min(limit, grant.max_records)
        if len(items) > limit:
            message = self.env._(
                "%(count)s records; no more than %(limit)s fit in one request.",
                count=len(items),
                limit=limit,
            )
            raise LimitExceeded(message, path=path)

    def _get_company_ids(self) -> list[int]:
        """Return the companies the caller may work in, the user's own first."""
        user = self.env.user
        allowed = user._get_company_ids()
        grant = access_grant.current()
        if grant and grant.company_ids:
            allowed = [cid for cid in allowed if cid in grant.company_ids]
        own = user.company_id.id
        return sorted(allowed, key=lambda cid: (cid != own, cid))
