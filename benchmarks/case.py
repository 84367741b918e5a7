# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a case is, and how its two sides take turns."""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Callable, Iterable

from .client import Client, measure
from .outcome import Outcome
from .stage import Stage

#: Pairs that are run and thrown away: caches fill, files are loaded.
WARM_UP_PAIRS = 3
QUICK_DIVISOR = 5


class NotTheSame(Exception):
    """The two sides did not do the same work; their times say nothing."""


@dataclasses.dataclass(frozen=True)
class Turn:
    """What a side gets: its caller, and a word no other turn has."""

    stage: Stage
    client: Client
    token: str


#: A side does its work and returns its effect: ids, rows, what ``effect`` reads.
Side = Callable[[Turn], object]


@dataclasses.dataclass(frozen=True)
class Pair:
    """The same work done in two ways, in turn.

    :param name: for ``--only``
    :param goal: the ratio ours / theirs to stay under
    :param effect: turns what a side returned into what must be equal; not timed
    :param records: how many one turn of each side makes; figures are per record
    """

    name: str
    work: str
    against: str
    goal: float
    ours: Side
    theirs: Side
    effect: Callable[[Stage, object], object]
    rounds: int = 100
    warm_up: int = WARM_UP_PAIRS
    records: tuple[int, int] = (1, 1)
    note: str = ""

    def run(self, stage: Stage, rounds: int) -> list[Outcome]:
        """Return one outcome of ``rounds`` pairs.

        :raises NotTheSame: the effects differ.
        :raises Refused: a server refused the work.
        """
        client, ours, theirs = stage.client(), [], []
        for number in range(self.warm_up + rounds):
            pair = self._take_turns(stage, client, ours_first=number % 2 == 0)
            if number >= self.warm_up:
                ours.append(pair[0] * 1000 / self.records[0])
                theirs.append(pair[1] * 1000 / self.records[1])
        return [self.outcome(ours=ours, theirs=theirs)]

    def outcome(self, **figures: object) -> Outcome:
        """Return an outcome that says what the case says, with figures."""
        return Outcome(
            self.name, self.work, self.against, self.goal, note=self.note, **figures
        )

    def _take_turns(
        self, stage: Stage, client: Client, *, ours_first: bool
    ) -> tuple[float, float]:
        sides = [self.ours, self.theirs]
        done = {}
        for side in sides if ours_first else reversed(sides):
            turn = Turn(stage, client, uuid.uuid4().hex[:12])
            done[side] = measure(side, turn)
        mine, other = done[self.ours], done[self.theirs]
        effects = self.effect(stage, mine.effect), self.effect(stage, other.effect)
        if effects[0] != effects[1] or not effects[0]:
            raise NotTheSame(f"{self.name}: {effects!r:.600}")
        return mine.seconds, other.seconds


@dataclasses.dataclass(frozen=True)
class Study:
    """A measurement with a shape of its own; it may fill several rows.

    :param rows: the outcomes to be, without figures
    :param measure: returns ``{row's name: fields of the outcome}``
    """

    name: str
    rows: tuple[Outcome, ...]
    measure: Callable[[Stage, int], dict[str, dict]]
    rounds: int = 3

    def run(self, stage: Stage, rounds: int) -> list[Outcome]:
        found = self.measure(stage, rounds)
        return [dataclasses.replace(row, **found[row.name]) for row in self.rows]


Case = Pair | Study


def run_case(case: Case, stage: Stage, rounds: int) -> list[Outcome]:
    """Run a case; one that a server cannot serve yet is reported as such."""
    started = time.monotonic()
    try:
        outcomes = case.run(stage, rounds)
    # Twenty minutes of figures are not lost because one case breaks.
    except Exception as error:  # pylint: disable=broad-exception-caught
        rows = case.rows if isinstance(case, Study) else [case.outcome()]
        reason = f"{type(error).__name__}: {error}"[:300]
        outcomes = [dataclasses.replace(row, unavailable=reason) for row in rows]
    for outcome in outcomes:
        outcome.cost = (time.monotonic() - started) / len(outcomes)
    return outcomes


def choose_rounds(case: Case, wanted: int | None, *, quick: bool) -> int:
    """Return the pairs to run: what was asked for, or the case's own number."""
    if wanted:
        return wanted
    return max(2, case.rounds // QUICK_DIVISOR) if quick else case.rounds


def select_cases(cases: Iterable[Case], only: str) -> list[Case]:
    """Return the cases whose name holds one of the words of ``only``."""
    words = only.split(",")
    return [case for case in cases if any(word in case.name for word in words)]
