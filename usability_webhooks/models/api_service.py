# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import models

from ..exceptions import ApiError, ApiErrors, InvalidValue, LimitExceeded
from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import ApiRequest
from ..tools.payload_plan import Place, Plan
from ..tools.redaction import redact


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
        ignore = self.env["api.settings"]._ignores_unknown()
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
        self._get_model(request)
        payload = request.vals.get("payload", {})
        plan = self._prepare_plan(request)
        spec = self._get_result_spec(request, plan)
        records = self._create_records(plan, self._get_items(payload))
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
        plan = self._prepare_plan(request)
        records = self._find_some_records(request, model, plan)
        return self._update_records(request, plan, records)

    def _create_update_data(self, request: ApiRequest) -> ApiOutcome:
        """Update what the search key names; create it when nothing does."""
        model = self._get_model(request)
        plan = self._prepare_plan(request)
        records = self._find_records(request, model, plan)
        if not records and not plan.errors:
            records = self._find_records(request, model, plan, archived=True)
        if records:
            return self._update_records(request, plan, records)
        if not plan.errors:
            guard = self.env["api.upsert.guard"]
            guard._touch(model._name, request.vals["search_key"])
        payload = self._get_upsert_payload(request, model, plan)
        spec = self._get_result_spec(request, plan)
        record = self._create_records(plan, [(Place("payload"), payload)])
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
        """Call a public method, or print, on the records the search key names."""
        model = self._get_model(request)
        payload = self._get_payload(request)
        if "report" in payload:
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

    def _prepare_plan(self, request: ApiRequest) -> Plan:
        return Plan(request.model, auto_create=request.vals.get("auto_create") or {})

    def _find_records(
        self,
        request: ApiRequest,
        model: models.BaseModel,
        plan: Plan,
        *,
        archived: bool = False,
    ) -> models.BaseModel:
        """Return what the search key names; what is wrong with it goes to the plan,
        so that it is told together with what is wrong with the payload."""
        finder = self.env["api.record.finder"]
        search_key = request.vals.get("search_key") or {}
        multi = bool(request.vals.get("multi"))
        try:
            if archived:
                choice = request.vals.get("on_archived")
                return finder._find_archived(model, search_key, choice, multi=multi)
            return finder._find_by_key(model, search_key, multi=multi)
        except ApiErrors as exc:
            plan.errors += exc.errors
        except ApiError as exc:
            plan.errors.append(exc)
        return model.browse()

    def _find_some_records(
        self, request: ApiRequest, model: models.BaseModel, plan: Plan
    ) -> models.BaseModel:
        """As ``_find_records``, where finding none is a mistake too."""
        records = self._find_records(request, model, plan)
        if not records and not plan.errors:
            plan.errors.append(self._not_found(model, request))
        return records

    def _get_records(
        self, request: ApiRequest, model: models.BaseModel
    ) -> models.BaseModel:
        """Return what the search key names, at least one record."""
        plan = self._prepare_plan(request)
        records = self._find_some_records(request, model, plan)
        plan.check()
        return records

    def _get_upsert_payload(
        self, request: ApiRequest, model: models.BaseModel, plan: Plan
    ) -> dict:
        """Return the payload completed by the search key's values."""
        payload = self._get_payload(request)
        if plan.errors:
            return payload
        finder = self.env["api.record.finder"]
        search_key = request.vals["search_key"]
        return finder._get_key_values(model, search_key) | payload

    def _create_records(
        self, plan: Plan, items: list[tuple[Place, object]]
    ) -> models.BaseModel:
        self.env["api.payload.resolver"]._resolve(plan, items)
        self.env["api.payload.builder"]._create(plan.levels)
        self.env["api.payload.attachment"]._attach(plan)
        ids = [level.record_ids[0] for level in plan.levels]
        return self.env[plan.model].browse(ids)

    def _update_records(
        self,
        request: ApiRequest,
        plan: Plan,
        records: models.BaseModel,
    ) -> ApiOutcome:
        company = records.company_id if "company_id" in records._fields else ()
        plan.company_id = company.id if len(company) == 1 else 0
        plan.is_update = True
        spec = self._get_result_spec(request, plan)
        payload = self._get_payload(request)
        if expected := request.vals.get("expected_write_date"):
            finder = self.env["api.record.finder"]
            plan.errors += finder._check_write_date(records, expected)
        self.env["api.payload.resolver"]._resolve(plan, [(Place("payload"), payload)])
        changed = self.env["api.payload.builder"]._write(plan.levels[0], records)
        self.env["api.payload.attachment"]._attach(plan)
        rows = self._read_result(records, spec)
        # 18.0 echoes the search key; a result field of the same name wins.
        result = dict(request.vals["search_key"])
        result |= rows[0] if len(rows) == 1 else {"records": rows} if spec else {}
        result["id"] = records.ids
        if request.route == "create_update_data":
            operation = "updated" if changed else "unchanged"
            result |= {"ids": records.ids, "operation": operation}
        return ApiOutcome(
            result,
            self.env._("Record updated successfully"),
            records.ids,
            {"created": plan.created, "warnings": plan.warnings},
        )

    def _get_result_spec(self, request: ApiRequest, plan: Plan) -> dict:
        """Check ``result_field`` before anything is written."""
        items = request.vals.get("result_field") or []
        try:
            reader = self.env["api.record.reader"]
            return reader._parse_spec(request.model, items, "result_field")
        except ApiErrors as exc:
            plan.errors += exc.errors
            return {}

    def _read_result(self, records: models.BaseModel, spec: dict) -> list[dict]:
        if not spec:
            return [{"id": record_id} for record_id in records.ids]
        if any(records._fields[name].type == "one2many" for name in spec):
            # The cache holds new lines in the order they were made, not in the
            # model's: the next search would answer otherwise.
            self.env.invalidate_all()
        return self.env["api.record.reader"]._read(records, spec)

    def _not_found(self, model: models.BaseModel, request: ApiRequest) -> ApiError:
        return ApiError(
            "not_found",
            self.env._("no %s matches the search key.", model._name),
            path="search_key",
            model=model._name,
            value=redact(request.vals["search_key"])[0],
        )
