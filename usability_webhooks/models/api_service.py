# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import models

from ..exceptions import ApiError, InvalidValue, LimitExceeded
from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import ApiRequest, json_type
from ..tools.payload_plan import Level, Place

ON_ARCHIVED = ("update", "create")


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
        settings = self.env["api.settings"]
        ignore = settings._get("webhook.unknown_fields") == "ignore"
        warnings = request.check_keys(ignore_unknown=ignore)
        self = self.with_env(self.env["api.context"]._enter(request))
        use_case = {
            "create_data": self._create_data,
            "update_data": self._update_data,
            "create_update_data": self._create_update_data,
            "search_data": self._search_data,
            "call_function": self._call_function,
        }[request.route]
        outcome = use_case(request)
        if warnings:
            extra = {**outcome.extra}
            extra["warnings"] = [*warnings, *extra.get("warnings", ())]
            outcome = ApiOutcome(
                outcome.result, outcome.message, outcome.record_ids, extra
            )
        return outcome

    # -- the use cases --------------------------------------------------------

    def _create_data(self, request: ApiRequest) -> ApiOutcome:
        """Create one record, or one per item where the payload is a list."""
        model = self._get_model(request)
        payload = request.vals.get("payload", {})
        items = self._get_items(payload)
        spec = self._get_result_spec(request)
        plan = self.env["api.payload.resolver"]._resolve(
            model._name, items, auto_create=request.vals.get("auto_create")
        )
        records = self._create_levels(plan.levels)
        self.env["api.payload.attachment"]._attach(plan)
        rows = self._read_result(records, spec)
        return ApiOutcome(
            rows if isinstance(payload, list) else rows[0],
            self.env._("Record created successfully"),
            records.ids,
            {"created": plan.created, "warnings": plan.warnings},
        )

    def _update_data(self, request: ApiRequest) -> ApiOutcome:
        """Update the records the search key names; at least one."""
        model = self._get_model(request)
        spec = self._get_result_spec(request)
        records = self._find_records(request, model)
        if not records:
            raise self._not_found(model, self._get_search_key(request))
        return self._update_records(request, records, spec)

    def _create_update_data(self, request: ApiRequest) -> ApiOutcome:
        """Update what the search key names; create it when nothing does."""
        model = self._get_model(request)
        spec = self._get_result_spec(request)
        records = self._find_records(request, model)
        if not records:
            records = self._find_archived(request, model)
        if records:
            return self._update_records(request, records, spec, operation="updated")
        plan = self.env["api.payload.resolver"]._resolve(
            model._name,
            [(Place("payload"), self._get_upsert_payload(request, model))],
            auto_create=request.vals.get("auto_create"),
        )
        record = self._create_levels(plan.levels)
        self.env["api.payload.attachment"]._attach(plan)
        result = self._read_result(record, spec)[0]
        return ApiOutcome(
            result | {"ids": record.ids, "operation": "created"},
            self.env._("Record created successfully"),
            record.ids,
            {"created": plan.created, "warnings": plan.warnings},
        )

    def _search_data(self, request: ApiRequest) -> ApiOutcome:
        """Search and read, nested to any depth."""
        model = self._get_model(request)
        return self.env["api.record.search"]._search_records(
            model, self._get_payload(request)
        )

    def _call_function(self, request: ApiRequest) -> ApiOutcome:
        """Call a public method, on the records the search key names if any."""
        model = self._get_model(request)
        caller = self.env["api.method.call"]
        payload = self._get_payload(request)
        method = caller._get_method(model, payload)
        records = model
        if self._get_search_key(request):
            records = self._find_records(request, model)
            if not records:
                raise self._not_found(model, self._get_search_key(request))
        elif not getattr(method, "_api_model", False):
            message = self.env._(
                "'%s' works on records: name them with search_key.", payload["method"]
            )
            raise ApiError("invalid_arguments", message, path="search_key")
        return caller._call(records, method, payload)

    # -- their steps ----------------------------------------------------------

    def _get_model(self, request: ApiRequest) -> models.BaseModel:
        """Return the request's model, if it is one with records."""
        model = self.env.get(request.model)
        data_route = request.route != "call_function"
        if model is None or (data_route and model._abstract):
            message = self.env._("There is no model '%s'.", request.model)
            raise ApiError("unknown_model", message, path="model", value=request.model)
        return model

    def _get_payload(self, request: ApiRequest) -> Mapping:
        payload = request.vals.get("payload")
        if payload is None:
            payload = {}
        if not isinstance(payload, dict):
            message = self.env._("payload must be an object.")
            raise InvalidValue(message, path="payload")
        return payload

    def _get_items(self, payload: object) -> list[tuple[Place, Mapping]]:
        """Return the payloads of a create with their places."""
        if not isinstance(payload, list):
            return [(Place("payload"), payload)]
        limit = self.env["api.settings"]._get("webhook.max_lines")
        if not payload:
            raise InvalidValue(self.env._("payload is an empty list."), path="payload")
        if len(payload) > limit:
            message = self.env._(
                "%(count)s records; no more than %(limit)s fit in one request.",
                count=len(payload),
                limit=limit,
            )
            raise LimitExceeded(message, path="payload")
        return [(Place("payload").index(i), item) for i, item in enumerate(payload)]

    def _get_search_key(self, request: ApiRequest) -> Mapping:
        return request.vals.get("search_key") or {}

    def _find_records(
        self, request: ApiRequest, model: models.BaseModel, *, archived: bool = False
    ) -> models.BaseModel:
        return self.env["api.record.finder"]._find_by_key(
            model.with_context(active_test=False) if archived else model,
            self._get_search_key(request),
            multi=bool(request.vals.get("multi")),
        )

    def _find_archived(
        self, request: ApiRequest, model: models.BaseModel
    ) -> models.BaseModel:
        """Return the archived match an upsert may update.

        :raises ApiError: ``ambiguous`` when one exists and the caller has not said
            what to do about it: a second record would be a duplicate.
        """
        choice = request.vals.get("on_archived")
        if choice is not None and choice not in ON_ARCHIVED:
            message = self.env._("must be one of %s.", ", ".join(ON_ARCHIVED))
            raise InvalidValue(message, path="on_archived", value=choice)
        if not model._active_name or choice == "create":
            return model.browse()
        archived = self._find_records(request, model, archived=True)
        if archived and choice is None:
            raise ApiError(
                "ambiguous",
                self.env._("an archived record matches the search key."),
                path="search_key",
                model=model._name,
                candidates=self.env["api.record.candidate"]._get_candidates(archived),
                hint=self.env._("say on_archived: update, or on_archived: create"),
            )
        return archived.with_context(active_test=True)

    def _get_upsert_payload(self, request: ApiRequest, model: models.BaseModel) -> dict:
        """Return the payload completed by the search key's values."""
        payload = self._get_payload(request)
        finder = self.env["api.record.finder"]
        return finder._get_key_values(model, self._get_search_key(request)) | payload

    def _create_levels(self, levels: list[Level]) -> models.BaseModel:
        self.env["api.payload.builder"]._create(levels)
        ids = [level.record_ids[0] for level in levels]
        return self.env[levels[0].model].browse(ids)

    def _update_records(
        self,
        request: ApiRequest,
        records: models.BaseModel,
        spec: dict,
        operation: str | None = None,
    ) -> ApiOutcome:
        company = records.company_id if "company_id" in records._fields else None
        plan = self.env["api.payload.resolver"]._resolve(
            records._name,
            [(Place("payload"), self._get_payload(request))],
            auto_create=request.vals.get("auto_create"),
            company_id=company.id if company and len(company) == 1 else 0,
            is_update=True,
        )
        self.env["api.payload.builder"]._write(plan.levels[0], records)
        self.env["api.payload.attachment"]._attach(plan)
        rows = self._read_result(records, spec)
        # 18.0 echoes the search key; a result field of the same name wins.
        result = dict(self._get_search_key(request))
        result |= rows[0] if len(rows) == 1 else {"records": rows} if spec else {}
        result["id"] = records.ids
        if operation:
            result |= {"ids": records.ids, "operation": operation}
        return ApiOutcome(
            result,
            self.env._("Record updated successfully"),
            records.ids,
            {"created": plan.created, "warnings": plan.warnings},
        )

    def _get_result_spec(self, request: ApiRequest) -> dict:
        """Check ``result_field`` before anything is written."""
        items = request.vals.get("result_field") or []
        reader = self.env["api.record.reader"]
        return reader._parse_spec(request.model, items, "result_field")

    def _read_result(self, records: models.BaseModel, spec: dict) -> list[dict]:
        if not spec:
            return [{"id": record_id} for record_id in records.ids]
        return self.env["api.record.reader"]._read(records, spec)

    def _not_found(self, model: models.BaseModel, search_key: Mapping) -> ApiError:
        message = self.env._("no %s matches the search key.", model._name)
        value = search_key if search_key else json_type(type(None))
        return ApiError(
            "not_found", message, path="search_key", model=model._name, value=value
        )
