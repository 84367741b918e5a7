# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is the same in every OpenAPI document: envelopes, errors, headers.

Drawn from the code that answers, ``exceptions`` above all, so that a code or a
status that is added there is in the document too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..exceptions import OPERATION_CODES, REFUSAL_STATUS

JSON = "application/json"
#: HTTP statuses in the words of RFC 9110, as far as the gateway uses them.
STATUS_WORDS = {
    400: "The body cannot be read as a request",
    401: "No key, or a bad one",
    403: "Not with this key, or not from there",
    404: "There is no such document",
    405: "Another HTTP method",
    409: "A request with this idempotency key is still running",
    413: "The body is too large",
    415: "Not JSON, or compressed",
    422: "The idempotency key was used for another request",
    429: "Too many requests",
    500: "A fault outside the operation",
    503: "Not available at the moment",
}
#: Statuses that come with a header a client should look at.
STATUS_HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    409: ("Retry-After",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
#: On every answer; those that are not always there are not required.
USUAL_HEADERS = (
    "X-Request-Id",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "RateLimit-Policy",
    "RateLimit",
    "X-Api-Key-Expires",
)
TEXT: dict = {"type": "string"}
IDS: dict = {"type": "array", "items": {"type": "integer"}}


def ref(name: str, kind: str = "schemas") -> dict:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def get_headers() -> dict:
    """Return the header components."""
    number = {"type": "integer", "minimum": 0}

    def header(description: str, schema: dict, **more: object) -> dict:
        return {"description": description, "schema": schema, **more}

    return {
        "X-Request-Id": header(
            "Names the request on the log: the client's own id, or a new one.",
            {"type": "string", "minLength": 1, "maxLength": 128},
            required=True,
        ),
        "RateLimit-Limit": header("Requests a minute; keys with a limit.", number),
        "RateLimit-Remaining": header("How many are left at this moment.", number),
        "RateLimit-Reset": header("Seconds until all are there again.", number),
        "RateLimit-Policy": header("All limits of the key, as a list.", TEXT),
        "RateLimit": header("Where the key stands with each of them.", TEXT),
        "X-Api-Key-Expires": header(
            "When the key ends; in its last 14 days.",
            {"type": "string", "format": "date-time"},
        ),
        "Idempotency-Replayed": header(
            "The answer of a request done before was sent again.",
            {"type": "string", "const": "true"},
        ),
        "WWW-Authenticate": header("How to authenticate.", TEXT),
        "Allow": header("The methods there are.", TEXT, required=True),
        "Retry-After": header(
            "Seconds to wait.", {"type": "integer", "minimum": 1}, required=True
        ),
        "ETag": header("Changes with the document.", TEXT, required=True),
    }


def get_parameters() -> dict:
    """Return the components of the headers a request may carry."""
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "However often a request is sent with the same key, its"
            " work is done once; the stored answer is sent again. Counts for one user"
            " and one route.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        },
        "RequestId": {
            "name": "X-Request-Id",
            "in": "header",
            "description": "Your own name for the request, to find it on the log.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
        },
    }


def get_security_schemes() -> dict:
    """Return the three ways to authenticate."""
    return {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "session": {"type": "apiKey", "in": "cookie", "name": "session_id"},
    }


def get_schemas() -> dict:
    """Return the schemas of what goes around the data."""
    return {
        "RequestId": {"type": "string", "description": "As in X-Request-Id."},
        "JsonRpcId": {
            "type": ["string", "number", "null"],
            "description": "Yours, or null where the request had none.",
        },
        "Refusal": _get_refusal_body(),
        "Error": _get_error(),
        "Failure": {
            **_object(
                {
                    "is_success": {"const": False},
                    "messages": {**TEXT, "description": "The first error, in words."},
                    "request_id": ref("RequestId"),
                    "errors": {
                        "type": "array",
                        "minItems": 1,
                        "items": ref("Error"),
                        "description": "All that one pass found wrong.",
                    },
                    "retryable": {
                        "type": "boolean",
                        "description": "The same request may succeed when sent again.",
                    },
                }
            ),
            "description": "Nothing was written, but for a batch that was told to go"
            " on past what fails: its verdicts are in `result`.",
        },
    }


def _get_refusal_body() -> dict:
    return _object(
        {
            "jsonrpc": {"const": "2.0"},
            "id": ref("JsonRpcId"),
            "error": _object(
                {
                    "code": {"type": "integer", "description": "JSON-RPC's."},
                    "message": TEXT,
                    "data": _object(
                        {
                            "code": {
                                "type": "string",
                                "enum": sorted(REFUSAL_STATUS),
                            },
                            "request_id": ref("RequestId"),
                        }
                    ),
                }
            ),
        }
    )


def _get_error() -> dict:
    schema = _object(
        {
            "code": {"type": "string", "enum": sorted(OPERATION_CODES)},
            "message": {**TEXT, "description": "A sentence a person understands."},
            "path": {
                **TEXT,
                "description": "Where in vals: payload.order_line[2].product_id.",
            },
            "model": TEXT,
            "field": TEXT,
            "value": {"description": "What was sent."},
            "hint": TEXT,
            "candidates": {
                "type": "array",
                "maxItems": 5,
                "items": _object(
                    {"id": {"type": "integer"}, "display_name": {"type": "string"}}
                ),
            },
        }
    )
    return schema | {"required": ["code", "message"]}


def get_success(result: dict) -> dict:
    """Return the schema of a success with a ``result``."""
    more = {
        "created": {
            "type": "array",
            "description": "What auto_create made.",
            "items": _object(
                {"path": TEXT, "model": TEXT, "id": {"type": ["integer", "null"]}}
            ),
        },
        "warnings": {"type": "array", "items": TEXT},
        "total": {"type": "integer", "description": "With `count: true`."},
        "dry_run": {"const": True},
    }
    schema = _object(
        {
            "is_success": {"const": True},
            "result": result,
            "messages": TEXT,
            "request_id": ref("RequestId"),
        }
    )
    return {**schema, "properties": schema["properties"] | more}


def get_answer(success: dict) -> dict:
    """Return the schema of the answer of an operation, done or failed."""
    return _object(
        {
            "jsonrpc": {"const": "2.0"},
            "id": ref("JsonRpcId"),
            "result": {"oneOf": [success, ref("Failure")]},
        }
    )


def get_refusals(statuses: Iterable[int]) -> dict:
    """Return the response components ``Refused<status>``."""
    return {f"Refused{status}": _get_refusal(status) for status in statuses}


def get_refusal_refs(statuses: Iterable[int]) -> dict:
    """Return what an operation lists below ``responses``."""
    return {
        str(status): ref(f"Refused{status}", "responses") for status in sorted(statuses)
    }


def _get_refusal(status: int) -> dict:
    codes = [code for code, (said, _n) in REFUSAL_STATUS.items() if said == status]
    narrowed = {"properties": {"data": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [ref("Refusal"), {"properties": {"error": narrowed}}]}
    headers = (*USUAL_HEADERS, *STATUS_HEADERS.get(status, ()))
    return {
        "description": f"{STATUS_WORDS[status]}: {', '.join(codes)}.",
        "headers": header_refs(headers),
        "content": {JSON: {"schema": schema}},
    }


def header_refs(names: Iterable[str]) -> dict:
    """Return what a response lists below ``headers``."""
    return {name: ref(name, "headers") for name in names}


def _object(properties: dict) -> dict:
    """Return the schema of an object that has all these keys."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }
