# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Paired figures, and what they say together."""

from __future__ import annotations

import dataclasses
import random
import statistics
from collections.abc import Sequence

RESAMPLES = 2000
#: The interval holds the true median 19 times out of 20.
TAIL = 0.025


@dataclasses.dataclass
class Outcome:
    """One row of the table: the figures of both sides, pair by pair.

    :param ours: figures of our routes, in ``unit``
    :param theirs: of what they are compared with, as many
    :param note: what a reader must know to read the figure right
    """

    name: str
    work: str
    against: str
    goal: float
    ours: Sequence[float] = ()
    theirs: Sequence[float] = ()
    unit: str = "ms"
    more_is_better: bool = False
    note: str = ""
    unavailable: str = ""
    cost: float = 0.0

    @property
    def ratios(self) -> list[float]:
        pairs = zip(self.ours, self.theirs, strict=True)
        return [ours / theirs for ours, theirs in pairs]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% bootstrap interval of the median; the same each time."""
        ratios, source = self.ratios, random.Random(0)
        medians = sorted(
            statistics.median(source.choices(ratios, k=len(ratios)))
            for _resample in range(RESAMPLES)
        )
        last = len(medians) - 1
        return medians[int(last * TAIL)], medians[round(last * (1 - TAIL))]

    @property
    def is_met(self) -> bool:
        if self.more_is_better:
            return self.ratio >= self.goal
        return self.ratio <= self.goal

    def describe(self) -> dict:
        """Return the row for the results file; figures rounded to 4 digits."""
        row: dict = {
            "name": self.name,
            "work": self.work,
            "against": self.against,
            "goal": self.goal,
            "more_is_better": self.more_is_better,
            "cost_seconds": round(self.cost, 1),
            "note": self.note,
        }
        if self.unavailable:
            return row | {"unavailable": self.unavailable}
        low, high = self.interval
        return row | {
            "ratio": _short(self.ratio),
            "low": _short(low),
            "high": _short(high),
            "met": self.is_met,
            "unit": self.unit,
            "ours": _short(statistics.median(self.ours)),
            "theirs": _short(statistics.median(self.theirs)),
            "pairs": len(self.ratios),
            # One text: a list of numbers would be a line each.
            "ratios": " ".join(f"{ratio:.4g}" for ratio in self.ratios),
        }


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the figure that ``share`` of all are no larger than."""
    ordered = sorted(figures)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _short(number: float) -> float:
    return float(f"{number:.4g}")
