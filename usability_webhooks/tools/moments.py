# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Days and moments: JSON texts to Python's, strictly."""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from odoo.tools.translate import LazyTranslate

from ..exceptions import InvalidValue
from .sentence import shorten

_lt = LazyTranslate(__name__)

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DATETIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)


def convert_date(value: object) -> date:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        hint = None
        if isinstance(value, str) and _DATETIME.fullmatch(value):
            hint = _lt("this field holds no time of day; send the date alone")
        raise InvalidValue.expected(_lt("a date as YYYY-MM-DD"), value, hint)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        message = _lt("%(value)s is not in the calendar.", value=shorten(value))
        raise InvalidValue(message) from None


def convert_datetime(value: object) -> datetime:
    match = _DATETIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        hint = _lt("for example %(example)s", example="2026-01-31T16:30:00+07:00")
        raise InvalidValue.expected(_lt("a date and time"), value, hint)
    fraction = (match["fraction"] or "").rstrip("0")
    if len(fraction) > 6:
        raise InvalidValue(
            _lt(
                "%(value)s is finer than a microsecond and would be cut.",
                value=shorten(value),
            )
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
        message = _lt(
            "%(value)s is not in the calendar, or not on the clock.",
            value=shorten(value),
        )
        raise InvalidValue(message) from None


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
