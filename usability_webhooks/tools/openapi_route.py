# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The five routes as OpenAPI operations, for any model or for one."""

from __future__ import annotations

from ..exceptions import REFUSAL_STATUS
from .api_request import WRITING_ROUTES
from .openapi_envelope import (
    IDS,
    JSON,
    TEXT,
    USUAL_HEADERS,
    get_answer,
    get_refusal_refs,
    get_success,
    header_refs,
    ref,
)
from .openapi_vals import RouteSubject, get_vals

#: Routes that may be asked for one idempotency key only once.
IDEMPOTENCY_STATUSES = frozenset({409, 422})
#: Of documents, not of routes.
DOCUMENT_STATUSES = frozenset({404})
ROUTE_STATUSES = frozenset(status for status, _number in REFUSAL_STATUS.values())
SUMMARIES = {
    "create_data": "Create a record, or many",
    "update_data": "Update the records a search key finds",
    "create_update_data": "Update what a search key finds, or create it",
    "search_data": "Search and read, nested to any depth",
    "call_function": "Call a method, or print a report",
}


def get_path(route: str, subject: RouteSubject) -> dict:
    """Return the path item of a route."""
    statuses = set(ROUTE_STATUSES - DOCUMENT_STATUSES)
    parameters = [ref("RequestId", "parameters")]
    headers = USUAL_HEADERS
    if route in WRITING_ROUTES:
        name = "IdempotencyKey"
        if subject.needs_idempotency_key:
            name = "RequiredIdempotencyKey"
        parameters.append(ref(name, "parameters"))
        headers = (*headers, "Idempotency-Replayed")
    else:
        statuses -= IDEMPOTENCY_STATUSES
    answer = get_answer(get_success(_get_result(route, subject)))
    return {
        "post": {
            "operationId": route,
            "summary": SUMMARIES[route],
            "parameters": parameters,
            "requestBody": _get_body(route, subject),
            "responses": {
                "200": {
                    "description": "The operation was reached; `is_success` says"
                    " whether it succeeded.",
                    "headers": header_refs(headers),
                    "content": {JSON: {"schema": answer}},
                },
                **get_refusal_refs(statuses),
            },
        }
    }


def _get_body(route: str, subject: RouteSubject) -> dict:
    params = {
        "type": "object",
        "required": ["model", "vals"],
        "properties": {"model": subject.model, "vals": get_vals(route, subject)},
    }
    body: dict = {"schema": _get_request(params)}
    if examples := subject.examples.get(route):
        body["examples"] = {
            name: example | {"value": {"params": example["value"]}}
            for name, example in examples.items()
        }
    return {"required": True, "content": {JSON: body}}


def _get_request(params: dict) -> dict:
    return {
        "type": "object",
        "required": ["params"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "method": {"type": ["string", "null"]},
            "id": ref("JsonRpcId"),
            "params": params,
        },
    }


# -- results ------------------------------------------------------------------


def _get_result(route: str, subject: RouteSubject) -> dict:
    if route == "search_data":
        return {"type": "array", "items": subject.row}
    if route == "call_function":
        return {"description": "What the method returned, or name and PDF."}
    one_id = {"type": ["integer", "null"], "description": "Null in a dry run."}
    single: dict = {"type": "object", "required": ["id"]}
    if route == "create_data":
        single["properties"] = {"id": one_id}
    elif route == "update_data":
        single["properties"] = {"id": IDS}
    else:
        single["required"] = ["id", "ids", "operation"]
        single["properties"] = {
            "id": {"anyOf": [one_id, IDS]},
            "ids": IDS,
            "operation": {"enum": ["created", "updated", "unchanged"]},
        }
    listed = {"type": "array", "items": {"anyOf": [single, ref("Verdict")]}}
    return {"anyOf": [single, listed]}


def get_verdict() -> dict:
    """Return the schema of what became of one record of a batch."""
    done = {
        "type": "object",
        "required": ["ref", "is_success", "operation", "id", "ids"],
        "properties": {
            "ref": {"type": ["string", "number", "null"]},
            "is_success": {"const": True},
            "operation": {"enum": ["created", "updated", "unchanged"]},
            "id": {"type": ["integer", "null"]},
            "ids": IDS,
        },
    }
    failed = {
        "type": "object",
        "required": ["ref", "is_success", "messages", "errors"],
        "properties": {
            "ref": {"type": ["string", "number", "null"]},
            "is_success": {"const": False},
            "messages": TEXT,
            "errors": {"type": "array", "items": ref("Error"), "minItems": 1},
        },
    }
    return {"oneOf": [done, failed]}
