# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``vals`` of each route as JSON Schema, for any model or for one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from .api_request import BATCH_KEYS, CHOICES, COMMON_KEYS, ITEM_KEYS, ROUTE_KEYS
from .openapi_envelope import TEXT, ref

FIELD_LIST = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Field names; a relation may be followed: `partner_id{name}`.",
}
DATE_TIME = {"type": ["string", "null"], "format": "date-time"}


@dataclasses.dataclass(frozen=True, slots=True)
class RouteSubject:
    """What the routes are described for.

    :param model: schema of ``params.model``.
    :param created: schema of a payload that makes a record.
    :param payload: schema of a payload that changes one.
    :param row: schema of a record that is read.
    :param methods: names ``call_function`` may call; ``None`` for any.
    :param needs_idempotency_key: writing routes take no request without one.
    :param max_records: of one batch.
    :param examples: route to ``{name: {"summary", "value": params}}``.
    """

    model: dict
    created: dict
    payload: dict
    row: dict
    methods: list[str] | None = None
    needs_idempotency_key: bool = False
    max_records: int = 0
    examples: Mapping[str, dict] = dataclasses.field(default_factory=dict)


def get_vals(route: str, subject: RouteSubject) -> dict:
    """Return the schema of ``vals``; its keys are those the route reads."""
    known = _get_known_keys(route, subject)
    names = sorted(COMMON_KEYS | ROUTE_KEYS[route])
    schema: dict = {
        "type": "object",
        "properties": {name: known[name] for name in names},
        "additionalProperties": False,
    }
    if route == "search_data":
        return schema
    if route == "call_function":
        return schema | {"required": ["payload"]}
    single = ["payload"] if route == "create_data" else ["payload", "search_key"]
    choice = [{"required": single}, {"required": ["records"]}]
    return schema | {"oneOf": choice}


def _get_known_keys(route: str, subject: RouteSubject) -> dict:
    """Return a schema for each key of ``vals`` of a route."""
    common = _get_common_keys()
    if route not in ITEM_KEYS:
        common["result_field"] = {"type": "array", "description": "No effect here."}
    known = {
        **common,
        **_get_item_keys(route, subject),
        "on_error": {
            "enum": [*CHOICES["on_error"]],
            "default": "abort",
            "description": "Of a batch: all or nothing, or as many as can be.",
        },
    }
    if route in ITEM_KEYS:
        items = {name: known[name] for name in sorted(ITEM_KEYS[route] - BATCH_KEYS)}
        records: dict = {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    name for name in ("payload", "search_key") if name in items
                ],
                "properties": items,
                "additionalProperties": False,
            },
            "minItems": 1,
            "description": "A batch: each holds what vals would hold for it alone.",
        }
        if subject.max_records:
            records["maxItems"] = subject.max_records
        known["records"] = records
    return known


def _get_common_keys() -> dict:
    return {
        "context": {
            "type": "object",
            "description": "`lang`, `tz`, `allowed_company_ids`; other keys where the"
            " key has no access profile.",
        },
        "company": ref("Lookup"),
        "callback_url": TEXT,
        "result_field": {
            **FIELD_LIST,
            "description": "Fields to answer, as in search_field.",
        },
        "dry_run": {
            "type": "boolean",
            "default": False,
            "description": "Run it to the end and roll it back: nothing is written.",
        },
    }


def _get_item_keys(route: str, subject: RouteSubject) -> dict:
    """Return the keys that say what is to be done with a record."""
    payload = subject.payload
    if route == "create_data":
        many = {"type": "array", "items": subject.created, "minItems": 1}
        payload = {"anyOf": [subject.created, many]}
    elif route == "search_data":
        payload = _get_search(subject)
    elif route == "call_function":
        payload = _get_call(subject)
    return {
        "ref": {
            "type": ["string", "number"],
            "description": "Yours; comes back with the record's verdict.",
        },
        "search_key": {
            "type": "object",
            # Methods of a model need none.
            "minProperties": int(route != "call_function"),
            "description": "Fields and values that find the record, all ANDed. One"
            " value must find exactly one record; a list means all that match.",
        },
        "payload": payload,
        "auto_create": {
            "type": "object",
            "description": "Field or path to the values of a record to make where the"
            " lookup of that field finds none.",
        },
        "multi": {"type": "boolean", "description": "Several may match."},
        "on_archived": {
            "enum": [*CHOICES["on_archived"]],
            "description": "What to do when only an archived record matches.",
        },
        "expected_write_date": {
            **DATE_TIME,
            "description": "The write_date you saw; a record that moved on since is a"
            " conflict.",
        },
    }


def _get_search(subject: RouteSubject) -> dict:
    domain = {
        "description": "Conditions in Odoo's prefix notation.",
        "anyOf": [{"type": "array"}, {"type": "string"}],
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "search_field": FIELD_LIST,
            "search_domain": domain,
            "limit": {"type": "integer", "minimum": 0},
            "offset": {"type": "integer", "minimum": 0},
            "order": {"type": "string", "description": "`name desc, id`"},
            "count": {"type": "boolean", "description": "Adds `total`."},
            "include_archived": {"type": "boolean"},
            "format": {"enum": ["odoo", "plain"], "default": "odoo"},
        },
    }


def _get_call(subject: RouteSubject) -> dict:
    method: dict = {"type": "string"}
    if subject.methods is not None:
        method["enum"] = subject.methods
    call = {
        "type": "object",
        "required": ["method"],
        "additionalProperties": False,
        "properties": {
            "method": method,
            "parameter": {"type": "object", "description": "Arguments, by name."},
            "context": {"type": "object"},
        },
    }
    report = {
        "type": "object",
        "required": ["report"],
        "additionalProperties": False,
        "properties": {"report": TEXT, "context": {"type": "object"}},
    }
    return {"anyOf": [call, report]}
