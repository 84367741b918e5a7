# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""JSON values to field values, strictly, by field type (wire contract, section 3).

Nothing is coerced, cut or shifted: what the field type cannot hold as it was
sent raises :class:`InvalidValue`. Odoo itself is lenient here (``bool("false")``
is true, a too long text is cut, a date keeps its first ten characters), which
turns a sender's mistake into wrong data with a success answer.
"""

from __future__ import annotations

import binascii
import difflib
import math
import re
import reprlib
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from ..exceptions import InvalidValue

#: PostgreSQL ``int4``, the column type of Odoo's integer fields and ids.
INT4_MIN, INT4_MAX = -(2**31), 2**31 - 1
#: Allowed selection values listed in a hint; longer lists are not readable.
HINTED_CHOICES = 20

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DATETIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_REFERENCE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*,([1-9]\d{0,9})", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_ASCII_WHITESPACE = b" \t\r\n\f\v"

_shortener = reprlib.Repr()
_shortener.maxstring = _shortener.maxother = _shortener.maxlong = 200


def shorten(value: object, limit: int = 80) -> str:
    """Return ``repr(value)`` for a message, at most ``limit`` characters long.

    Cheap for any size: long texts and deep structures are cut before ``repr``.
    """
    if isinstance(value, str):
        text = repr(value[: limit + 1])
    elif isinstance(value, int) and value.bit_length() > 4 * limit:
        # repr() of a huge int is slow, then refused by the interpreter.
        text = f"a number of {value.bit_length()} bits"
    else:
        text = _shortener.repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


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
            f"The text is {len(converted)} characters long; "
            f"the field holds at most {size}."
        )
    return converted


def _mismatch(expected: str, value: object, hint: str | None = None) -> InvalidValue:
    return InvalidValue(f"Expected {expected}, got {shorten(value)}.", hint=hint)


def _convert_text(value: object) -> str:
    if not isinstance(value, str):
        raise _mismatch("a text", value)
    if "\0" in value:
        raise InvalidValue(
            "The text holds a NUL character, which the database cannot store."
        )
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidValue(
                f"The text holds half a surrogate pair at character {error.start + 1}."
            ) from None
    return value


def _convert_number(value: object, expected: str) -> int | float:
    """Return a finite number; bool is an int in Python, not in JSON."""
    if isinstance(value, str):
        raise _mismatch(expected, value, hint="send it without quotes")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _mismatch(expected, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _mismatch(f"{expected} (finite)", value)
    return value


def _convert_integer(value: object) -> int:
    number = _convert_number(value, "a whole number")
    if number != int(number):
        raise _mismatch("a whole number", value)
    if not INT4_MIN <= number <= INT4_MAX:
        raise _mismatch(f"a whole number from {INT4_MIN} to {INT4_MAX}", value)
    return int(number)


def _convert_float(value: object) -> float:
    number = _convert_number(value, "a number")
    try:
        as_float = float(number)
    except OverflowError:
        raise _mismatch("a number a float can hold", value) from None
    # Beyond 2**53 a float may be a neighbour of the number that was sent.
    if as_float != number:
        raise _mismatch("a number a float holds exactly", value)
    return as_float


def _convert_boolean(value: object) -> bool:
    if value is not True:
        raise _mismatch("true or false", value)
    return True


def _convert_date(value: object) -> date:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        hint = None
        if isinstance(value, str) and _DATETIME.fullmatch(value):
            hint = "this field holds no time of day; send the date alone"
        raise _mismatch("a date as YYYY-MM-DD", value, hint)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise InvalidValue(f"{shorten(value)} is not in the calendar.") from None


def _convert_datetime(value: object) -> datetime:
    match = _DATETIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise _mismatch(
            "a date and time", value, "for example 2026-01-31T16:30:00+07:00"
        )
    fraction = (match["fraction"] or "").rstrip("0")
    if len(fraction) > 6:
        raise InvalidValue(
            f"{shorten(value)} is finer than a microsecond and would be cut."
        )
    try:
        return datetime(
            *map(int, match["date"].split("-")),
            hour=int(match["hour"] or 0),
            minute=int(match["minute"] or 0),
            second=int(match["second"] or 0),
            microsecond=int(fraction.ljust(6, "0")),
        ) - _parse_utc_offset(match["zone"])
    except (ValueError, OverflowError):
        raise InvalidValue(
            f"{shorten(value)} is not in the calendar, or not on the clock."
        ) from None


def _parse_utc_offset(zone: str | None) -> timedelta:
    """Return the distance from UTC; none given is UTC, as everywhere in Odoo.

    :raises ValueError: beyond 23:59, the largest offset of RFC 3339, 5.6.
    """
    if zone is None or zone in "Zz":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("offset out of range")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def _convert_selection(value: object, selection: Collection[str] | None = None) -> str:
    text = _convert_text(value)
    if selection is None or text in selection:
        return text
    choices = [str(choice) for choice in selection]
    listed = ", ".join(map(shorten, choices[:HINTED_CHOICES]))
    if len(choices) > HINTED_CHOICES:
        listed += f" and {len(choices) - HINTED_CHOICES} more"
    hint = f"allowed: {listed or 'nothing'}"
    # Matching is quadratic in the text's length: a long text is no typing slip.
    near = len(text) <= 80 and difflib.get_close_matches(
        text.lower(), {choice.lower(): choice for choice in choices}, n=1
    )
    if near:
        meant = next(choice for choice in choices if choice.lower() == near[0])
        hint = f"did you mean {meant!r}? {hint}"
    raise InvalidValue(f"{shorten(text)} is not one of the field's values.", hint=hint)


def _convert_json(value: object) -> object:
    return value


def _convert_properties(value: object) -> object:
    if not isinstance(value, (list, dict)):
        raise _mismatch("a list or an object of properties", value)
    return value


def _clean_base64(value: object) -> str:
    """Return the base64 text without whitespace: the same object where it has none.

    :raises InvalidValue: see ``decode_base64``.
    """
    if not isinstance(value, str):
        raise _mismatch("base64 text", value)
    if value[:5].lower() == "data:":
        raise _mismatch("base64 text", value, "send only what follows 'base64,'")
    # A copy of a file of many MiB, so only where there is something to delete.
    if any(chr(blank) in value for blank in _ASCII_WHITESPACE):
        value = value.translate(dict.fromkeys(_ASCII_WHITESPACE))
    # Checked here, for the interpreters' own strictness differs.
    if not _BASE64.fullmatch(value):
        raise _mismatch("base64 text", value)
    if len(value) % 4:
        raise InvalidValue(
            "The base64 text is cut short or lacks padding: its "
            f"{len(value)} characters are no multiple of 4."
        )
    return value


def _convert_reference(value: object) -> str:
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[1]) > INT4_MAX:
        raise _mismatch("a reference as 'model.name,ID'", value)
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
    "date": _convert_date,
    "datetime": _convert_datetime,
    "json": _convert_json,
    "properties": _convert_properties,
    "properties_definition": _convert_properties,
    "binary": _clean_base64,
    "reference": _convert_reference,
}
