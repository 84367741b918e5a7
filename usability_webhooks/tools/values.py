# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""JSON values to field values, strictly, by field type (wire contract, section 3).

Nothing is coerced, cut or shifted: what the field type cannot hold as it was
sent raises :class:`InvalidValue`. Odoo itself is lenient here (``bool("false")``
is true, a too long text is cut, a date keeps its first ten characters), which
turns a sender's mistake into wrong data with a success answer.
"""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import binascii
import difflib
import math
import re
from collections.abc import Callable, Collection

from odoo.tools.translate import LazyTranslate

from ..exceptions import InvalidValue
from .moments import convert_date, convert_datetime
from .sentence import Sentence, shorten

_lt = LazyTranslate(__name__)

#: PostgreSQL ``int4``, the column type of Odoo's integer fields and ids.
INT4_MIN, INT4_MAX = -(2**31), 2**31 - 1
#: Allowed selection values listed in a hint; longer lists are not readable.
HINTED_CHOICES = 20

_REFERENCE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*,([1-9]\d{0,9})", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_ASCII_WHITESPACE = b" \t\r\n\f\v"

_NUMBER = _lt("a number")
_WHOLE_NUMBER = _lt("a whole number")


def decode_base64(value: object) -> bytes:
    """Return the bytes of a base64 text; ASCII whitespace in it is ignored.

    :raises InvalidValue: not a text, a ``data:`` URL, a character outside the
        standard alphabet (RFC 4648, section 4), or wrong padding.
    """
    return binascii.a2b_base64(_clean_base64(value))


def convert_value(
    ttype: str,
    value: object,
    *,
    size: int | None = None,
    selection: Collection[str] | None = None,
) -> object:
    """Return ``value``, as JSON has it, as the ORM takes it for a field type.

    :param ttype: one of the keys of ``_CONVERTERS``; relations are not values.
    :param size: the longest text allowed, in characters; None or 0: no limit.
    :param selection: the values a selection field allows; None for any text.
    :return: False for ``null`` and ``false``. Else: str for texts, selection,
        reference and binary (base64 without whitespace), int, float, bool,
        ``datetime.date``, a naive ``datetime.datetime`` in UTC with its
        microseconds, and the JSON itself for json and properties.
    :raises InvalidValue: the value does not fit the type.
    :raises ValueError: ``ttype`` is not in the table (the caller's mistake).
    """
    try:
        converter = _CONVERTERS[ttype]
    except KeyError:
        raise ValueError(f"no JSON form for field type {ttype!r}") from None
    if value is None or value is False:
        return False
    if converter is _convert_selection:
        return _convert_selection(value, selection)
    converted = converter(value)
    if size and isinstance(converted, str) and len(converted) > size:
        raise InvalidValue(
            _lt(
                "The text is %(length)s characters long; the field holds at most"
                " %(limit)s.",
                length=len(converted),
                limit=size,
            )
        )
    return converted


def _convert_text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue.expected(_lt("a text"), value)
    if "\0" in value:
        raise InvalidValue(
            _lt("The text holds a NUL character, which the database cannot store.")
        )
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidValue(
                _lt(
                    "The text holds half a surrogate pair at character %(position)s.",
                    position=error.start + 1,
                )
            ) from None
    return value


def _convert_number(value: object, expected: Sentence) -> int | float:
    """Return a finite number; bool is an int in Python, not in JSON."""
    if isinstance(value, str):
        raise InvalidValue.expected(expected, value, hint=_lt("send it without quotes"))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidValue.expected(expected, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidValue.expected(_lt("a finite number"), value)
    return value


def _convert_integer(value: object) -> int:
    number = _convert_number(value, _WHOLE_NUMBER)
    if number != int(number):
        raise InvalidValue.expected(_WHOLE_NUMBER, value)
    if not INT4_MIN <= number <= INT4_MAX:
        expected = _lt(
            "a whole number from %(least)s to %(most)s", least=INT4_MIN, most=INT4_MAX
        )
        raise InvalidValue.expected(expected, value)
    return int(number)


def _convert_float(value: object) -> float:
    number = _convert_number(value, _NUMBER)
    try:
        as_float = float(number)
    except OverflowError:
        raise InvalidValue.expected(_lt("a number a float can hold"), value) from None
    # Beyond 2**53 a float may be a neighbour of the number that was sent.
    if as_float != number:
        raise InvalidValue.expected(_lt("a number a float holds exactly"), value)
    return as_float


def _convert_boolean(value: object) -> bool:
    if value is not True:
        raise InvalidValue.expected(_lt("true or false"), value)
    return True


def _convert_selection(value: object, selection: Collection[str] | None = None) -> str:
    text = _convert_text(value)
    if selection is None or text in selection:
        return text
    choices = [str(choice) for choice in selection]
    listed = ", ".join(map(shorten, choices[:HINTED_CHOICES])) or _lt("nothing")
    hint = _lt("allowed: %(values)s", values=listed)
    if len(choices) > HINTED_CHOICES:
        more = len(choices) - HINTED_CHOICES
        hint = _lt("allowed: %(values)s and %(more)s more", values=listed, more=more)
    # Matching is quadratic in the text's length: a long text is no typing slip.
    near = len(text) <= 80 and difflib.get_close_matches(
        text.lower(), {choice.lower(): choice for choice in choices}, n=1
    )
    if near:
        meant = next(choice for choice in choices if choice.lower() == near[0])
        hint = _lt(
            "did you mean %(meant)s? %(allowed)s", meant=repr(meant), allowed=hint
        )
    message = _lt("%(value)s is not one of the field's values.", value=shorten(text))
    raise InvalidValue(message, hint=hint)


def _convert_json(value: object) -> object:
    return value


def _convert_properties(value: object) -> object:
    if not isinstance(value, (list, dict)):
        raise InvalidValue.expected(_lt("a list or an object of properties"), value)
    return value


def _clean_base64(value: object) -> str:
    """Return the base64 text without whitespace: the same object where it has none.

    :raises InvalidValue: see ``decode_base64``.
    """
    if not isinstance(value, str):
        raise InvalidValue.expected(_lt("base64 text"), value)
    if value[:5].lower() == "data:":
        raise InvalidValue.expected(
            _lt("base64 text"), value, _lt("send only what follows 'base64,'")
        )
    # A copy of a file of many MiB, so only where there is something to delete.
    if any(chr(blank) in value for blank in _ASCII_WHITESPACE):
        value = value.translate(dict.fromkeys(_ASCII_WHITESPACE))
    # Checked here, for the interpreters' own strictness differs.
    if not _BASE64.fullmatch(value):
        raise InvalidValue.expected(_lt("base64 text"), value)
    if len(value) % 4:
        raise InvalidValue(
            _lt(
                "The base64 text is cut short or lacks padding: its %(length)s"
                " characters are no multiple of 4.",
                length=len(value),
            )
        )
    return value


def _convert_reference(value: object) -> str:
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[1]) > INT4_MAX:
        raise InvalidValue.expected(_lt("a reference as 'model.name,ID'"), value)
    return value


_CONVERTERS: dict[str, Callable[[object], object]] = {
    "char": _convert_text,
    "text": _convert_text,
    "html": _convert_text,
    "selection": _convert_selection,
    "integer": _convert_integer,
    "many2one_reference": _convert_integer,
    "float": _convert_float,
    "monetary": _convert_float,
    "boolean": _convert_boolean,
    "date": convert_date,
    "datetime": convert_datetime,
    "json": _convert_json,
    "properties": _convert_properties,
    "properties_definition": _convert_properties,
    "binary": _clean_base64,
    "reference": _convert_reference,
}
