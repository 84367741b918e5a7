# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which fault when: drawn once, from a seed, so that it can be drawn again."""

from __future__ import annotations

import random
from typing import NamedTuple

#: Where a request can be struck: api.transaction's checkpoints, in their order.
CHECKPOINTS = ("received", "worked", "flipped", "committed")
#: When its events are stored; and where a sender can be struck.
EVENT_STORED = "event_stored"
SENDER_CHECKPOINTS = ("after_claim", "before_result", "after_result")
#: Fault -> how many a minute. At a checkpoint: once per place. Each happens at
#: least once, however short the run.
AT_CHECKPOINTS = {
    "kill": 8,
    "disconnect": 8,
    "serialization": 8,
    "deadlock": 4,
    "stop": 1.5,
    "hook": 3,
    "hang": 0.5,
}
#: Of these, so many a minute at each of a sender's.
AT_SENDERS = {"kill": 4, "disconnect": 4, "stop": 1}
#: Fault -> checkpoints, where not all of them.
PLACES = {
    # Nothing that could fail so is done at the first one, outside any attempt.
    "serialization": (EVENT_STORED, *CHECKPOINTS[1:]),
    "deadlock": (EVENT_STORED, *CHECKPOINTS[1:]),
    "hook": ("flipped",),
    "hang": ("worked",),
}
FROM_OUTSIDE = {
    "kill worker": 8,
    "stop worker": 2,
    "terminate connection": 15,
    "kill server": 0.5,
    "crash backend": 0.4,
    "crash PostgreSQL": 0.4,
    "restart PostgreSQL": 0.4,
    "fill disk": 1,
}
#: What nobody on the three servers is spared.
OUTAGES = frozenset(list(FROM_OUTSIDE)[3:])


class Event(NamedTuple):
    """One fault to come. ``pick`` in [0, 1) chooses whom among those there are."""

    at: float
    kind: str
    place: str
    pick: float


def draw(seed: int, seconds: float) -> list[Event]:
    """Return the faults of a run, in order of time."""
    chance = random.Random(seed)
    wanted = [
        (kind, place, rate)
        for kind, rate in AT_CHECKPOINTS.items()
        for place in PLACES.get(kind, (EVENT_STORED, *CHECKPOINTS))
    ]
    wanted += [
        (kind, place, rate)
        for kind, rate in AT_SENDERS.items()
        for place in SENDER_CHECKPOINTS
    ]
    wanted += [(kind, "", rate) for kind, rate in FROM_OUTSIDE.items()]
    return sorted(
        Event(chance.uniform(0, seconds), kind, place, chance.random())
        for kind, place, rate in wanted
        for _count in range(max(1, round(rate * seconds / 60)))
    )
