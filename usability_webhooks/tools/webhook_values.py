# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a record or a method gave, as a payload carries it (18.0).

Empty values stay ``False``; dates are written as Python writes them,
``2026-07-31 12:00:00``, in UTC.
"""

from __future__ import annotations

import datetime
import decimal
import json
import math

from odoo.fields import Date
from odoo.tools import html2plaintext

_WRITTEN = (datetime.date, datetime.time, decimal.Decimal)


def to_plain(value: object) -> object:
    """Return ``value`` as plain JSON types, sharing nothing with it.

    :raises TypeError: JSON has no way to say it.
    :raises ValueError: ``NaN``, infinity, half a surrogate pair, a loop.
    """
    if value is None or type(value) in (bool, int):
        return value
    if type(value) is float and math.isfinite(value):
        return value
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_write)
    text.encode()
    return json.loads(text)


def convert(form: str, values: list, labels: dict) -> object:
    """Return the values at the end of a path, as ``{path:form}`` says.

    One value alone keeps its type, several become one text without the empty ones.
    Where the path led nowhere it is ``""``.

    :param values: plain ones, ``False`` for empty.
    :param labels: of a selection, for the form ``label``.
    :raises ValueError: a text that is no date, for the form ``date``.
    """
    if form == "label":
        values = [labels.get(value, value) for value in values]
    elif form == "date":
        values = [Date.to_string(Date.to_date(value)) for value in values]
    elif form == "text":
        values = [html2plaintext(value or "") for value in values]
    if form == "join" or len(values) > 1:
        # Zero is no empty value, although it equals False.
        return ", ".join(str(value) for value in values if value or value is not False)
    return values[0] if values else ""


def _write(value: object) -> str:
    if isinstance(value, _WRITTEN):
        return str(value)
    raise TypeError(f"JSON cannot say {value!r:.200}")
