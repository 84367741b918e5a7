# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What schemathesis has to know of the gateway. Loaded by schemathesis, not by us."""

import itertools

import schemathesis

MAX_INTEGER = 2**63
NOTHING = (None, False, "")
#: Keys of vals for which one of these says something, or at least is no mistake.
PLAIN = {
    "company": (None,),
    **dict.fromkeys(("callback_url", "order", "search_domain"), ("",)),
    **dict.fromkeys(("dry_run", "multi", "count", "include_archived"), (False,)),
}
_serial = itertools.count(1)


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Send each request under an idempotency key of its own.

    One that was used before is answered by 422, and nothing else is looked at.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if key and key.isascii() and key.isprintable() and len(key) < 200:
        case.headers["Idempotency-Key"] = f"{key.replace(' ', '')}-{next(_serial)}"


@schemathesis.hook
def filter_body(_context, body):
    """Leave out numbers beyond 64 bit, wherever they stand.

    The wire takes none (docs/wire.md, section 1), and JSON Schema has no word for
    that where a value may be anything.
    """
    return not _has_huge(body)


def _has_huge(value):
    if isinstance(value, dict):
        return any(map(_has_huge, value.values()))
    if isinstance(value, list):
        return any(map(_has_huge, value))
    if isinstance(value, float):  # sent without a point where it has no fraction
        return value.is_integer() and abs(value) >= MAX_INTEGER
    return isinstance(value, int) and abs(value) >= MAX_INTEGER


@schemathesis.check
def wrong_request_is_no_success(_context, response, case):
    """A request the document forbids may be answered with 200, but not be done."""
    meta = case.meta
    if response.status_code != 200 or case.method != "POST" or meta is None:
        return
    if "body" not in get_wrong_parts(meta) or _says_nothing(case.body):
        return
    assert not response.json()["result"]["is_success"], "a wrong request succeeded"


def get_wrong_parts(meta):
    """Return which parts of a request were made to break the document."""
    return {
        str(getattr(part, "value", part))
        for part, info in meta.components.items()
        if info.mode.is_negative
    }


def _says_nothing(body):
    """Tell whether a key of vals has a value that 18.0 clients send for nothing.

    Accepted, and not in the document: nobody should begin with it.
    """
    return any(
        value == nothing and nothing not in PLAIN.get(key, ())
        for key, value in _get_said(body["params"]["vals"])
        for nothing in NOTHING
        if type(value) is type(nothing)
    )


def _get_said(vals):
    """Yield each key of vals with its value, those of records and payloads too."""
    yield from vals.items()
    for key in ("records", "payload"):
        inner = vals.get(key)
        for item in inner if isinstance(inner, list) else [inner]:
            if isinstance(item, dict):
                yield from _get_said(item)
