# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stretch of time the dashboard shows, cut as a clock on the wall would."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytz

HOURS = 24
DAYS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """Buckets of time, one after the other.

    :ivar edges: where each begins and the last one ends; UTC without a zone, as
        the ORM has it.
    """

    edges: tuple[datetime.datetime, ...]

    @property
    def buckets(self) -> list[tuple[datetime.datetime, datetime.datetime]]:
        """Begin and end of each; the end is not in it."""
        return [*pairwise(self.edges)]


def get_hours(now: datetime.datetime, zone: pytz.BaseTzInfo) -> Window:
    """Return the running hour and the 23 before it.

    :param now: in UTC; where the last bucket ends.
    :param zone: whose hours: they do not begin together everywhere.
    """
    clock = _read_clock(now, zone)
    begun = now - datetime.timedelta(
        minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
    hours = (datetime.timedelta(hours=back) for back in reversed(range(HOURS)))
    return Window((*(begun - hour for hour in hours), now))


def get_days(now: datetime.datetime, zone: pytz.BaseTzInfo) -> Window:
    """Return today and the 29 days before it; see ``get_hours``.

    A day with a change of the clock has 23 or 25 hours.
    """
    today = _read_clock(now, zone).date()
    days = (datetime.timedelta(days=back) for back in reversed(range(DAYS)))
    midnights = (
        datetime.datetime.combine(today - day, datetime.time()) for day in days
    )
    starts = (
        zone.localize(midnight).astimezone(datetime.UTC).replace(tzinfo=None)
        for midnight in midnights
    )
    return Window((*starts, now))


def _read_clock(moment: datetime.datetime, zone: pytz.BaseTzInfo) -> datetime.datetime:
    """Return what a clock of the zone shows at a moment of UTC."""
    return moment.replace(tzinfo=datetime.UTC).astimezone(zone)
