# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the end of an API key is near enough to speak of. All times are UTC."""

from __future__ import annotations

import datetime

#: Days before its end at which somebody is told, the furthest first.
THRESHOLDS = (14, 7, 1)
#: "Soon", for the list of keys and for the answers' header.
SOON = datetime.timedelta(days=THRESHOLDS[0])


def get_header(
    expires: datetime.datetime | None, now: datetime.datetime
) -> dict[str, str]:
    """Return the header that tells a client its key ends soon; empty before that.

    :param expires: the end of the key, ``None`` for never.
    """
    if expires is None or expires - now > SOON:
        return {}
    text = expires.replace(microsecond=0).isoformat()
    return {"X-Api-Key-Expires": f"{text}Z"}


def get_threshold(
    created: datetime.datetime | None,
    expires: datetime.datetime,
    now: datetime.datetime,
) -> int | None:
    """Return the last threshold a key has passed, ``None`` before the first.

    A threshold as long as the key's whole life is none: whoever has just made a key
    for a week needs no warning that it ends within two.
    """
    passed = [days for days in THRESHOLDS if expires - now <= _days(days)]
    if created is not None:
        passed = [days for days in passed if expires - created > _days(days)]
    return min(passed, default=None)


def _days(number: int) -> datetime.timedelta:
    return datetime.timedelta(days=number)
