# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Many callers at once."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence

from .case import Side, Study, Turn
from .outcome import Outcome, percentile
from .single_cases import (
    create_in_two_calls,
    create_ours,
    search_ours,
    search_theirs,
    upsert_ours,
    upsert_theirs,
)
from .stage import Stage

CLIENTS = 16
SECONDS = 8
OURS = (search_ours, create_ours, search_ours, upsert_ours)
THEIRS = (search_theirs, create_in_two_calls, search_theirs, upsert_theirs)


class Crowd:
    """Callers at work at once, each with its own connection, for some seconds."""

    def __init__(self, stage: Stage, sides: Sequence[Side], clients: int) -> None:
        self.stage = stage
        self.sides = sides
        self.clients = clients
        self.seconds: list[float] = []
        self.errors: list[Exception] = []

    def work(self, seconds: float) -> list[float]:
        """Return how long each piece of work took.

        :raises Exception: the first error of any caller.
        """
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._call_until, args=(end, number))
            for number in range(self.clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.errors:
            raise self.errors[0]
        return self.seconds

    def _call_until(self, end: float, number: int) -> None:
        client = self.stage.client()
        try:
            while time.monotonic() < end and not self.errors:
                turn = Turn(self.stage, client, uuid.uuid4().hex[:12])
                started = time.monotonic()
                self.sides[number % len(self.sides)](turn)
                self.seconds.append(time.monotonic() - started)
                number += 1
        # Whatever ends a thread must end the measurement, not go unseen.
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.errors.append(error)


def compare_crowds(stage: Stage, rounds: int) -> dict[str, dict]:
    """Let crowds of both kinds work in turn."""
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    tails: dict[str, list[float]] = {"ours": [], "theirs": []}
    kinds = {"ours": OURS, "theirs": THEIRS}
    for number in range(rounds):
        for kind in kinds if number % 2 else reversed(kinds):
            started = time.monotonic()
            seconds = Crowd(stage, kinds[kind], CLIENTS).work(SECONDS)
            rates[kind].append(len(seconds) / (time.monotonic() - started))
            tails[kind].append(percentile(seconds, 0.99) * 1000)
    return {"load-rate": rates | {"unit": "1/s"}, "load-p99": tails}


Measure = Callable[[Stage, int], dict[str, dict]]
_WORK = f"{CLIENTS} clients at once: search, create by code, search, two upserts"
_AGAINST = "JSON-2, the same work in its calls"

CASES = (
    Study(
        "load",
        (
            Outcome(
                "load-rate",
                f"{_WORK}; pieces of work a second",
                _AGAINST,
                1.3,
                more_is_better=True,
            ),
            Outcome("load-p99", f"{_WORK}; p99", _AGAINST, 0.8),
        ),
        compare_crowds,
        rounds=5,
    ),
)
