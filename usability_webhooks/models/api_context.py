# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

import pytz

from odoo import api, models

from ..exceptions import ApiError, ApiErrors, InvalidValue
from ..tools import access_grant
from ..tools.api_request import ApiRequest, is_left_out
from ..tools.payload_plan import Place
from ..tools.sentence import SOURCE_LANG

#: Context keys that belong to us; a caller who sent one would steer the engine.
OWN_PREFIX = "usability_webhooks_"
#: Set by core for its own ends, meaningless or harmful from outside.
CORE_KEYS = frozenset({"uid", "su", "prefetch_fields", "bin_size"})


class ApiContext(models.AbstractModel):
    """Builds the environment a request runs in: language, companies, context."""

    _name = "api.context"
    _description = "API Context"

    def _enter(self, request: ApiRequest) -> api.Environment:
        """Return the environment the request asks for, in the caller's rights.

        :raises ApiErrors: private keys, an unknown language or time zone.
        :raises ApiError: ``access_denied`` for a company that is not the user's,
            ``not_found`` or ``ambiguous`` for one that cannot be found.
        """
        asked: dict = {}
        for path, context in self._get_contexts(request).items():
            asked |= self._check_context(context, path)
        env = self.env(context={**self.env.user.context_get(), **asked})
        if access_grant.current() and "allowed_company_ids" not in asked:
            company_ids = self.env["api.access"]._get_company_ids()
            if not company_ids:
                message = self.env._("You may not work in any company.")
                raise ApiError("access_denied", message)
            env = env(context={**env.context, "allowed_company_ids": company_ids})
        company = request.vals.get("company")
        if not is_left_out(company):
            company_id = self._find_company(company)
            others = [cid for cid in env.companies.ids if cid != company_id]
            allowed = {"allowed_company_ids": [company_id, *others]}
            env = env(context={**env.context, **allowed})
        return env

    def _get_lang(self, request: ApiRequest | None) -> str:
        """Return the language in which a caller is told what is wrong.

        The one his request asks for, if it is installed, else his own: those that
        ``_enter`` has his data in.

        :param request: None before it is understood.
        """
        asked: dict = {}
        for context in self._get_contexts(request).values() if request else ():
            if isinstance(context, Mapping):
                asked |= context
        if not (lang := asked.get("lang", True)):
            return SOURCE_LANG
        if isinstance(lang, str) and self.env["res.lang"]._get_data(code=lang):
            return lang
        return self.env.user.context_get().get("lang") or SOURCE_LANG

    def _get_contexts(self, request: ApiRequest) -> dict[str, object]:
        """Return what a request says of its context, by the place where it does."""
        found = {"context": request.vals.get("context")}
        payload = request.vals.get("payload")
        if request.route == "call_function" and isinstance(payload, Mapping):
            found["payload.context"] = payload.get("context")
        return {path: said for path, said in found.items() if not is_left_out(said)}

    def _check_context(self, context: object, path: str) -> dict:
        if not isinstance(context, Mapping):
            raise InvalidValue(self.env._("context must be an object."), path=path)
        errors: list[ApiError] = []
        for key, value in context.items():
            try:
                self._check_key(key, value)
            except ApiError as exc:
                errors.append(exc.at(f"{path}.{key}"))
        if errors:
            raise ApiErrors(errors)
        return dict(context)

    def _check_key(self, key: str, value: object) -> None:
        if key.startswith(("_", OWN_PREFIX)) or key in CORE_KEYS:
            raise InvalidValue(self.env._("'%s' is a private context key.", key))
        if access_grant.current() and key not in access_grant.GRANTED_CONTEXT:
            raise InvalidValue(self.env._("'%s' may not be set with this key.", key))
        if key == "lang" and value:
            installed = dict(self.env["res.lang"].get_installed())
            if not isinstance(value, str) or value not in installed:
                message = self.env._("the language %s is not installed.", value)
                raise InvalidValue(message, hint=", ".join(installed))
        if key == "tz" and value:
            if not isinstance(value, str) or value not in pytz.all_timezones_set:
                raise InvalidValue(self.env._("%s is not a time zone.", value))
        if key == "allowed_company_ids":
            self._check_companies(value)

    def _check_companies(self, value: object) -> None:
        is_ids = isinstance(value, list) and all(type(cid) is int for cid in value)
        if not is_ids or not value:
            raise InvalidValue(self.env._("must be a list of company ids."))
        # Core checks nothing for superuser code called later
        # (odoo/orm/environments.py, ``company``), so it is checked here.
        if set(value) - set(self.env["api.access"]._get_company_ids()):
            message = self.env._("you may not work in all of these companies.")
            raise ApiError("access_denied", message)

    def _find_company(self, value: object) -> int:
        allowed = self.env["api.access"]._get_company_ids()
        company_id = (
            value["id"] if isinstance(value, dict) and [*value] == ["id"] else value
        )
        if type(company_id) is int and company_id in allowed:
            return company_id  # a profile need not list companies for this
        lookup_model = self.env["api.record.lookup"]
        candidates = self.env["api.record.candidate"]
        try:
            lookup = lookup_model._prepare_lookup("res.company", value, 0)
        except ApiError as exc:
            raise exc.at("company") from exc
        lookup.places.append(Place("company"))
        lookup_model._find([lookup])
        lookup.ids = [company_id for company_id in lookup.ids if company_id in allowed]
        if len(lookup.ids) == 1:
            return lookup.ids[0]
        if lookup.ids:
            error = candidates._ambiguous_errors(lookup)
        else:
            message = self.env._("you have no such company.")
            error = [ApiError("not_found", message, path="company")]
        raise ApiErrors(error)
