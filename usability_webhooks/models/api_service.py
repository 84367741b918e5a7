# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from odoo import models

from ..exceptions import ApiError, ApiErrors, InvalidValue
from ..tools import access_grant
from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import ApiRequest
from ..tools.sentence import say


class ApiService(models.AbstractModel):
    """The five use cases, each a readable paragraph.

    Runs in the caller's own environment, inside the transaction that
    ``api.transaction`` opened; commits nothing and catches nothing.
    """

    _name = "api.service"
    _description = "API Service"

    def _perform(self, request: ApiRequest) -> ApiOutcome:
        """Carry out one request.

        :raises ApiError, ApiErrors: what is wrong with the request.
        :raises UserError, IntegrityError, ...: what the ORM makes of it.
        """
        with access_grant.held(request.caller.grant):
            return self._perform_granted(request)

    def _perform_granted(self, request: ApiRequest) -> ApiOutcome:
        """Carry out one request whose grant is held."""
        ignore = self.env["api.settings"]._ignores_unknown()
        warnings = request.check_keys(ignore_unknown=ignore)
        self = self.with_env(self.env["api.context"]._enter(request))
        use_case = {
            "create_data": self._write_data,
            "update_data": self._write_data,
            "create_update_data": self._write_data,
            "search_data": self._search_data,
            "call_function": self._call_function,
        }[request.route]
        outcome = use_case(request)
        if warnings:
            extra = {**outcome.extra}
            said = [say(warning, self.env.lang) for warning in warnings]
            extra["warnings"] = [*said, *extra.get("warnings", ())]
            outcome = dataclasses.replace(outcome, extra=extra)
        return outcome

    # -- the use cases --------------------------------------------------------

    def _write_data(self, request: ApiRequest) -> ApiOutcome:
        """Create, update or upsert what the request holds: one record or many."""
        self._get_model(request)
        job = self.env["api.write.reader"]._read(request)
        reader = self.env["api.record.reader"]
        try:
            items = request.vals.get("result_field") or []
            job.spec = reader._parse_spec(request.model, items, "result_field")
        except ApiErrors as exc:
            job.errors += exc.errors
        self.env["webhook.callback"]._read(job)
        self.env["api.record.writer"]._carry_out(job)
        self.env["webhook.callback"]._bind(job)
        return self.env["api.write.answer"]._answer(job)

    def _search_data(self, request: ApiRequest) -> ApiOutcome:
        """Search and read, nested to any depth."""
        model = self._get_model(request)
        return self.env["api.record.search"]._search_records(
            model, self._get_payload(request)
        )

    def _call_function(self, request: ApiRequest) -> ApiOutcome:
        """Call a public method, or print, on the records the search key names."""
        model = self._get_model(request)
        payload = self._get_payload(request)
        if "report" in payload:
            self.env["api.report.print"]._check_grant(model)
            records = self._get_records(request, model)
            return self.env["api.report.print"]._print(records, payload)
        caller = self.env["api.method.call"]
        method = caller._get_method(model, payload)
        is_model_method = getattr(method, "_api_model", False)
        if not is_model_method and not request.vals.get("search_key"):
            message = self.env._(
                "'%s' works on records: name them with search_key.", payload["method"]
            )
            raise ApiError("invalid_arguments", message, path="search_key")
        records = model
        if request.vals.get("search_key"):
            records = self._get_records(request, model)
        return caller._call(records, method, payload)

    # -- their steps ----------------------------------------------------------

    def _get_model(self, request: ApiRequest) -> models.BaseModel:
        """Return the request's model, if it is one with records."""
        return self.env["api.access"]._get_model(
            request.model, abstract=request.route == "call_function"
        )

    def _get_payload(self, request: ApiRequest) -> Mapping:
        payload = request.vals.get("payload")
        if payload is None:
            payload = {}
        if not isinstance(payload, dict):
            message = self.env._("payload must be an object.")
            raise InvalidValue(message, path="payload")
        return payload

    def _get_records(
        self, request: ApiRequest, model: models.BaseModel
    ) -> models.BaseModel:
        """Return what the search key names, at least one record."""
        finder = self.env["api.record.finder"]
        search_key = request.vals.get("search_key") or {}
        multi = bool(request.vals.get("multi"))
        records = finder._find_by_key(model, search_key, multi=multi)
        if not records:
            raise finder._not_found(model, search_key)
        return records
