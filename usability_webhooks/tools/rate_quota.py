# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much a caller may do, how far he is, and the HTTP fields that say so.

The generic cell rate algorithm (GCRA) in its "virtual scheduling" form, as ITU-T
I.371 and the ATM Forum's Traffic Management 4.0 (section 4.4.2) have it. All it
keeps of a caller is one moment, the *theoretical arrival time*: when everything done
so far would be over, had it been done at the allowed pace. ``ahead`` is how far that
lies in the future. So there are no windows to begin, to end or to purge, and one
statement that moves one timestamp is exact however many servers send it.

A quota of 60 a minute lets 60 through at once, then one each second. In a minute that
begins with a full quota up to twice as many get through; in the long run, 60 do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

MICROSECONDS = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Quota:
    """``limit`` of something in ``seconds``.

    In whole microseconds, as PostgreSQL counts: a rounded interval times the limit
    would not be the window, and the last one of a burst refused.

    :param name: what is counted, as ``RateLimit-Policy`` names it.
    :param limit: at least 1.
    """

    name: str
    limit: int
    seconds: int = 60

    @property
    def interval(self) -> int:
        """Microseconds one of them takes at the allowed pace; at least 1."""
        return max(self.seconds * MICROSECONDS // self.limit, 1)

    @property
    def window(self) -> int:
        """Microseconds all of them take: how far ahead a caller may be."""
        return self.interval * self.limit

    @property
    def rest(self) -> int:
        """Microseconds all but one take: so far ahead, one more may be done."""
        return self.window - self.interval


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with a quota.

    :param ahead: microseconds from now to the theoretical arrival time; zero or
        less when the whole quota is there.
    """

    quota: Quota
    ahead: int

    @property
    def remaining(self) -> int:
        """How many may be done at this moment."""
        free = self.quota.window - max(self.ahead, 0)
        return max(free // self.quota.interval, 0)

    @property
    def reset(self) -> int:
        """Whole seconds until the whole quota is there again."""
        return _round_up(self.ahead)

    @property
    def wait(self) -> int:
        """Whole seconds until one more may be done; 0 for now."""
        return _round_up(self.ahead - self.quota.rest)


def get_headers(standings: Sequence[Standing]) -> dict[str, str]:
    """Return the HTTP fields that tell a client where it stands.

    Two generations of one Internet-Draft, ``draft-ietf-httpapi-ratelimit-headers``:
    no RFC came of it yet. Up to its version 06 it had the three fields
    ``RateLimit-Limit``, ``-Remaining`` and ``-Reset``, one number each, which is what
    client libraries read; they tell of the quota that is nearest to its end. Since
    version 08 (11 is of May 2026) it has ``RateLimit-Policy`` and ``RateLimit``,
    lists of named policies with ``q`` a quota in ``w`` seconds, of which ``r`` are
    left and all are back after ``t`` seconds.

    :param standings: empty for a caller without limits, who gets no fields.
    """
    if not standings:
        return {}
    nearest = min(standings, key=lambda one: one.remaining / one.quota.limit)
    policies = [
        f'"{one.quota.name}";q={one.quota.limit};w={one.quota.seconds}'
        for one in standings
    ]
    states = [
        f'"{one.quota.name}";r={one.remaining};t={one.reset}' for one in standings
    ]
    return {
        "RateLimit-Limit": str(nearest.quota.limit),
        "RateLimit-Remaining": str(nearest.remaining),
        "RateLimit-Reset": str(nearest.reset),
        "RateLimit-Policy": ", ".join(policies),
        "RateLimit": ", ".join(states),
    }


def get_retry_after(standings: Sequence[Standing]) -> dict[str, str]:
    """Return ``Retry-After``: when all of the quotas let one more through."""
    return {"Retry-After": str(max([1, *(one.wait for one in standings)]))}


def _round_up(microseconds: int) -> int:
    """Return whole seconds, never fewer than it takes."""
    return max(-(-microseconds // MICROSECONDS), 0)
