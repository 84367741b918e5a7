# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import hashlib
import json

from odoo import models, release
from odoo.modules.module import get_manifest

from ..exceptions import ApiError, ApiRefused
from ..tools import access_grant
from ..tools import openapi_envelope as parts
from ..tools.api_request import ROUTES
from ..tools.openapi_route import (
    DOCUMENT_STATUSES,
    ROUTE_STATUSES,
    get_path,
    get_verdict,
)
from ..tools.openapi_vals import RouteSubject

OPENAPI_VERSION = "3.1.0"
PATH = "/api/openapi.json"
#: Caches of core whose contents a document is made from.
CACHES = ("default", "stable", "groups")
#: What a route needs to be allowed on a model: one of these.
ROUTE_OPERATIONS = {
    "create_data": {"create"},
    "update_data": {"write"},
    "create_update_data": {"create", "write"},
    "search_data": {"read"},
}
INTRODUCTION = """\
Five routes, all `POST`, all with the same envelope. A request that reached an
operation is answered with 200: look at `is_success`. Relations are named by business
keys, such as `{"default_code": "DESK"}`, wherever they occur.

`?model=<name>` gives the fields of a model; `x-models` of the document without it
lists them. It is made for you: models, fields and routes you may not use are not in it.
"""


class ApiOpenapi(models.AbstractModel):
    """Makes the OpenAPI document of this database for one caller."""

    _name = "api.openapi"
    _description = "API OpenAPI"

    def _enter(self) -> models.BaseModel:
        """Return self in the caller's language and companies.

        To be called while the caller's grant is held, as everything here.
        """
        context = dict(self.env.user.context_get())
        if access_grant.current():
            company_ids = self.env["api.access"]._get_company_ids()
            context["allowed_company_ids"] = company_ids
        return self.with_context(**context)

    def _get_etag(self, name: str, server: str) -> str:
        """Return what changes whenever the document would.

        Names the registry, the caches of rights and settings, who asks, what the key
        may do, and the record the examples are about. What that record refers to may
        change its key meanwhile: the examples are as true as when they were made.

        Cost: two queries.

        :raises ApiRefused: ``unknown_document``.
        """
        env, grant = self.env, access_grant.current()
        registry, caches = env.registry.get_sequences(env.cr)
        facts = [
            *(registry, *(caches[cache] for cache in CACHES)),
            *(env.uid, env.lang, sorted(env.user.all_group_ids.ids)),
            *(env.companies.ids, name, server, repr(grant and _sorted(grant))),
        ]
        if name:
            sample = self.env["api.openapi.example"]._get_sample(self._get_model(name))
            dated = sample and "write_date" in sample._fields
            facts.append([sample.id, sample.write_date if dated else None])
        text = json.dumps(facts, default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _get_document(self, name: str, server: str) -> dict:
        """Return the document.

        :param name: the model it is about; empty for the index of models.
        :param server: address of the server, as the caller reached it.
        :raises ApiRefused: ``unknown_document``: no such model, or out of sight.
        """
        model = self._get_model(name) if name else None
        document = {
            "openapi": OPENAPI_VERSION,
            "info": self._get_info(model),
            "servers": [{"url": server}],
            "security": [{"bearer": []}, {"key": []}, {"session": []}],
            "paths": {},
            "components": self._get_components(model),
        }
        subject = self._get_subject(model)
        for route in self._get_routes(model):
            document["paths"][f"/api/{route}"] = get_path(route, subject)
        document["paths"][PATH] = self._get_own_path()
        if model is None:
            document["x-models"] = self.env["api.openapi.model"]._get_index()
        else:
            methods = self.env["api.openapi.model"]._get_methods(model)
            document["x-methods"] = methods
        return document

    # -- what it is about -----------------------------------------------------

    def _get_model(self, name: str) -> models.BaseModel:
        try:
            return self.env["api.access"]._get_model(name)
        except ApiError as exc:
            raise ApiRefused("unknown_document", exc.message) from exc

    def _get_routes(self, model: models.BaseModel | None) -> list[str]:
        """Return the routes the caller may use, for the model where there is one."""
        grant, may = access_grant.current(), self.env["api.access"]._may
        routes = [route for route in ROUTES if not grant or route in grant.routes]
        if model is None:
            return routes
        usable = {
            route
            for route, operations in ROUTE_OPERATIONS.items()
            if any(may(model._name, operation) for operation in operations)
        }
        if not grant or any(grant.may(model._name, kind) for kind in ("call", "print")):
            usable.add("call_function")
        return [route for route in routes if route in usable]

    def _get_subject(self, model: models.BaseModel | None) -> RouteSubject:
        grant = access_grant.current()
        limit = self.env["api.settings"]._get("webhook.max_records")
        if grant and grant.max_records:
            limit = min(limit, grant.max_records)
        common = {
            "needs_idempotency_key": bool(grant and grant.needs_idempotency_key),
            "max_records": limit,
        }
        if model is None:
            payload = {"type": "object", "description": "Fields and their values."}
            row = {"type": "object", "required": ["id"]}
            return RouteSubject(parts.ref("Model"), payload, payload, row, **common)
        created, payload = self.env["api.openapi.model"]._get_subject_schemas(model)
        methods = None
        if grant:
            listed = grant.models[model._name].methods
            methods = [
                name for name in sorted(listed) if grant.may_call(model._name, name)
            ]
        return RouteSubject(
            {"const": model._name},
            created,
            payload,
            parts.ref(f"{model._name}.row"),
            methods,
            examples=self.env["api.openapi.example"]._get_examples(model),
            **common,
        )

    # -- the document's parts -------------------------------------------------

    def _get_info(self, model: models.BaseModel | None) -> dict:
        title = f"Odoo {release.series}"
        if model is not None:
            title = f"{title}: {model._name}"
        version = get_manifest("usability_webhooks").get("version", "")
        return {"title": title, "version": version, "description": INTRODUCTION}

    def _get_components(self, model: models.BaseModel | None) -> dict:
        describe = self.env["api.openapi.model"]
        if model is None:
            names = [entry["model"] for entry in describe._get_index()]
            schemas = {"Model": {"type": "string", "enum": names}}
        else:
            schemas = describe._get_schemas(model)
            schemas |= self.env["api.openapi.field"]._get_read_schemas()
        parameters = parts.get_parameters()
        required = parameters["IdempotencyKey"] | {"required": True}
        return {
            "securitySchemes": parts.get_security_schemes(),
            "parameters": parameters | {"RequiredIdempotencyKey": required},
            "headers": parts.get_headers(),
            "responses": parts.get_refusals(ROUTE_STATUSES),
            "schemas": {
                **parts.get_schemas(),
                "Verdict": get_verdict(),
                "Lookup": self._get_lookup(),
                **schemas,
            },
        }

    def _get_lookup(self) -> dict:
        return {
            "description": "Names one record: fields and values, all ANDed, that must"
            " find exactly one; an id; an xml id.",
            "anyOf": [
                {"type": ["integer", "null"]},
                {"type": "object", "minProperties": 1},
            ],
        }

    def _get_own_path(self) -> dict:
        """Describe the document itself."""
        model = {
            "name": "model",
            "in": "query",
            "description": "Technical name of a model.",
            "schema": {"type": "string"},
        }
        headers = parts.header_refs((*parts.USUAL_HEADERS, "ETag"))
        content = {parts.JSON: {"schema": {"type": "object", "required": ["openapi"]}}}
        statuses = {401, 403, 429, 500, 503, *DOCUMENT_STATUSES}
        return {
            "get": {
                "operationId": "openapi",
                "summary": "This document",
                "parameters": [model, parts.ref("RequestId", "parameters")],
                "responses": {
                    "200": {
                        "description": "An OpenAPI document.",
                        "headers": headers,
                        "content": content,
                    },
                    "304": {"description": "It has not changed.", "headers": headers},
                    **parts.get_refusal_refs(statuses),
                },
            }
        }


def _sorted(grant: access_grant.Grant) -> list:
    """Return what a grant says, in an order that is the same in every process."""
    rules = [
        (
            name,
            sorted(rule.operations),
            *(rule.readable.mode, sorted(rule.readable.names)),
            *(rule.writable.mode, sorted(rule.writable.names)),
            sorted(rule.methods),
        )
        for name, rule in sorted(grant.models.items())
    ]
    limits = (grant.max_records, grant.needs_idempotency_key)
    return [*rules, sorted(grant.routes), sorted(grant.company_ids), *limits]
