# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A request body to its JSON value: strict, and bounded before it is built.

``json.loads`` alone keeps the last of two equal keys, reads ``NaN``, turns
``1e999`` into infinity, builds a million lists before anybody counts them and
ends in ``RecursionError`` when they are nested. Each is refused here.
"""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import codecs
import json
import math
import re
from dataclasses import dataclass

from odoo.tools.translate import LazyTranslate

from ..exceptions import LimitExceeded, ParseError
from .sentence import shorten

_lt = LazyTranslate(__name__)

#: Signed 64 bit, the widest whole number PostgreSQL and most clients share.
INT8_MIN, INT8_MAX = -(2**63), 2**63 - 1
#: Characters of the longest integer literal above: the sign and 19 digits.
_INT8_CHARACTERS = 20
#: No double needs more (at most 767 significant digits and an exponent); the
#: cap keeps the conversion's cost out of the sender's hands.
_FLOAT_CHARACTERS = 800

# Strings are one token each, so that brackets inside them do not count. There
# are no escapes left in the text it sees, hence no backtracking.
_TOKEN = re.compile(r'"[^"]*"?|\[[ \t\r\n]*\]|\{[ \t\r\n]*\}|[\[\]{},]')
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """What one body may hold.

    :param max_depth: containers inside each other; a flat object is 1 deep.
    :param max_nodes: values of every kind, containers included, keys not.
    :param max_keys: keys of one object.
    """

    max_depth: int = 32
    max_nodes: int = 50_000
    max_keys: int = 1_000


DEFAULT_LIMITS = JsonLimits()


def decode_body(body: bytes) -> str:
    """Return the text of a body.

    :param body: UTF-8; a byte order mark in front is tolerated.
    :raises ParseError: not UTF-8, or nothing but white space.
    """
    if body.startswith(codecs.BOM_UTF8):
        body = body[len(codecs.BOM_UTF8) :]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        message = _lt(
            "The body is not UTF-8: byte %(byte)s at position %(position)s.",
            byte=f"0x{error.object[error.start]:02x}",
            position=error.start,
        )
        raise ParseError(message) from None
    if not text or text.isspace():
        raise ParseError(_lt("The body is empty; a JSON object was expected."))
    return text


def parse_json(text: str, limits: JsonLimits = DEFAULT_LIMITS) -> object:
    """Return the JSON value (RFC 8259) that ``text`` holds.

    Measured (CPython 3.11 and 3.13, one of two shared cores, median of 7): 10 MiB
    of one base64 string 21 ms, 0.9 MiB of 20,024 values 27 ms. Of 13 hostile
    bodies of 10 MiB (brackets, quotes, backslashes, digits) none took over 110 ms.

    :raises ParseError: not JSON (with line and column), a key twice
        in one object, ``NaN`` or infinity, a whole number beyond 64 bit, half a
        surrogate pair.
    :raises LimitExceeded: more than ``limits`` allow.
    """
    _check_limits(text, limits)
    try:
        value = _build_decoder(limits).decode(text)
        if _SURROGATE_ESCAPE.search(text):
            _check_surrogates(value)
        return value
    except json.JSONDecodeError as error:
        message = _lt(
            "This is not valid JSON: %(reason)s, line %(line)s, column %(column)s.",
            reason=error.msg.removesuffix(" at"),
            line=error.lineno,
            column=error.colno,
        )
        raise ParseError(message) from None
    except RecursionError:
        # Only with a max_depth near the interpreter's own recursion limit.
        raise LimitExceeded(_lt("The JSON is nested too deeply.")) from None


def _check_limits(text: str, limits: JsonLimits) -> None:
    """Count depth and values on the text, before anything is built from it.

    In well-formed JSON every value but the root follows a comma or is the first
    of its container, which makes the count exact. A malformed text may pass or
    fail here, it fails at the parser anyway.

    :raises LimitExceeded:
    """
    if "\\" in text:
        # Pairs of backslashes first: what then precedes a quote escapes it.
        text = text.replace("\\\\", "").replace('\\"', "")
    depth, nodes = 0, 1
    # A value costs at most a key, itself, a comma and two brackets: a text with
    # more tokens is over the limit too, or malformed on purpose to cost time.
    tokens_left = 5 * limits.max_nodes
    for match in _TOKEN.finditer(text):
        tokens_left -= 1
        start, end = match.span()
        first = text[start]
        if first == ",":
            nodes += 1
        elif first in "[{":
            is_empty = end - start > 1
            if not is_empty:
                nodes += 1
                depth += 1
            if depth + is_empty > limits.max_depth:
                raise _too_deep(limits)
        elif first in "]}":
            depth -= 1
        if nodes > limits.max_nodes or tokens_left < 0:
            raise _too_many(limits)


def _too_deep(limits: JsonLimits) -> LimitExceeded:
    return LimitExceeded(
        _lt(
            "The JSON is nested more than %(limit)s levels deep.",
            limit=limits.max_depth,
        )
    )


def _too_many(limits: JsonLimits) -> LimitExceeded:
    return LimitExceeded(
        _lt(
            "The JSON holds more than %(limit)s values; send it in parts.",
            limit=limits.max_nodes,
        )
    )


def _build_decoder(limits: JsonLimits) -> json.JSONDecoder:
    def build_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(pairs) > limits.max_keys:
            raise LimitExceeded(
                _lt(
                    "An object holds %(count)s keys; at most %(limit)s are allowed.",
                    count=len(pairs),
                    limit=limits.max_keys,
                )
            )
        built = dict(pairs)
        if len(built) != len(pairs):
            key = _find_repeated(pairs)
            raise ParseError(
                _lt("The key %(key)s stands twice in one object.", key=key)
            )
        return built

    return json.JSONDecoder(
        object_pairs_hook=build_object,
        parse_int=_parse_int,
        parse_float=_parse_float,
        parse_constant=_refuse_constant,
    )


def _find_repeated(pairs: list[tuple[str, object]]) -> str:
    seen: set[str] = set()
    for key, _value in pairs:
        if key in seen:
            return shorten(key)
        seen.add(key)
    raise AssertionError("no key is repeated")


def _parse_int(digits: str) -> int:
    # The length first: int() of a million digits takes seconds, or is refused.
    if len(digits) <= _INT8_CHARACTERS:
        number = int(digits)
        if INT8_MIN <= number <= INT8_MAX:
            return number
    message = _lt("The number %(number)s is beyond 64 bit.", number=_cut(digits))
    raise ParseError(message)


def _parse_float(literal: str) -> float:
    if len(literal) <= _FLOAT_CHARACTERS:
        number = float(literal)
        if math.isfinite(number):
            return number
    number = _cut(literal)
    raise ParseError(
        _lt("The number %(number)s is beyond a double's range.", number=number)
    )


def _refuse_constant(name: str) -> object:
    raise ParseError(_lt("%(word)s is not a JSON value.", word=name))


def _cut(literal: str) -> str:
    return literal if len(literal) <= 40 else literal[:37] + "..."


def _check_surrogates(value: object) -> None:
    """Refuse half a surrogate pair: no UTF-8, database or log can hold it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        message = _lt(
            "A text holds %(code)s, half of a surrogate pair.", code=f"\\u{half:04x}"
        )
        raise ParseError(message) from None
