# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Threads that carry deliveries; they know no database.

A lane is one thread, one connection and a few deliveries to one endpoint, carried one
after the other. The first that fails ends it: the others go back untried, so that a
receiver that hangs holds no more than its lanes, each for the length of one timeout.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from . import webhook_transport
from .webhook_policy import Policy
from .webhook_signature import sign
from .webhook_transport import Attempt

_logger = logging.getLogger(__name__)

#: Deliveries of a lane, at most.
MAX_LANE = 64
#: A lane is given as many deliveries as should take so long.
LANE_SECONDS = 0.25
#: One that takes longer gives back what it has not begun.
MAX_LANE_SECONDS = 3.0
#: Lanes of an endpoint that has not answered this worker yet, and of one that has: as
#: many as the endpoint allows.
FIRST_LANES = 1
ALL_LANES = 1_000
USER_AGENT = "usability_webhooks/19.0"


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """How deliveries reach an endpoint.

    :param secrets: what signs, none for an endpoint that wants no signature.
    :param headers: extra ones, the endpoint's own.
    :param timeout: seconds for one attempt.
    """

    endpoint_id: int
    policy: Policy
    timeout: float
    secrets: tuple[str, ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery that was claimed.

    :param token: of the lease it was claimed under.
    :param attempt_count: this attempt's number, from 1.
    """

    delivery_id: int
    token: str
    endpoint_id: int
    message_id: str
    url: str
    body: bytes
    attempt_count: int


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one parcel.

    :param attempt: None when it was not tried.
    :param ended: on ``time.monotonic``.
    """

    parcel: Parcel
    attempt: Attempt | None
    ended: float


@dataclasses.dataclass(frozen=True, slots=True)
class _LaneEnd:
    endpoint_id: int


class Courier:
    """Carries lanes, as many at once as it has threads.

    All its methods are for the thread that made it.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, "webhook")
        self._done: queue.SimpleQueue[Outcome | _LaneEnd] = queue.SimpleQueue()
        self._lanes: Counter[int] = Counter()
        self._seconds: dict[int, float] = {}
        self._is_stopping = threading.Event()

    def __enter__(self) -> Courier:
        return self

    def __exit__(self, *_exc) -> None:
        self._is_stopping.set()
        self._pool.shutdown()

    @property
    def free(self) -> int:
        """How many lanes could begin now."""
        return self.threads - self._lanes.total()

    def get_shares(self) -> dict[int, tuple[int, int, int]]:
        """Return what endpoints have and may have: endpoint -> lanes it has, lanes at
        most, deliveries of each.

        One that is not named has not been called yet: it may have one lane with one
        delivery. Only an endpoint that answers gets more.
        """
        shares = {}
        for endpoint_id in {*self._lanes, *self._seconds}:
            lanes = self._lanes[endpoint_id]
            seconds = self._seconds.get(endpoint_id)
            if seconds is None:
                shares[endpoint_id] = lanes, FIRST_LANES, 1
            else:
                size = int(LANE_SECONDS / max(seconds, 0.0001))
                shares[endpoint_id] = lanes, ALL_LANES, min(max(size, 1), MAX_LANE)
        return shares

    def start(self, route: Route, parcels: list[Parcel]) -> None:
        """Have a lane carried."""
        self._lanes[route.endpoint_id] += 1
        self._pool.submit(self._carry, route, parcels)

    def stop(self) -> None:
        """Have lanes give back what they have not begun."""
        self._is_stopping.set()

    def collect(self, seconds: float, gather: float) -> list[Outcome]:
        """Return what has come to an end.

        :param seconds: how long to wait for the first.
        :param gather: how long to wait for more after it, unless a lane ends.
        """
        outcomes: list[Outcome] = []
        with contextlib.suppress(queue.Empty):
            deadline = time.monotonic() + seconds
            is_gathering = False
            while True:
                left = deadline - time.monotonic()
                done = self._done.get(timeout=left) if left > 0 else None
                if done is None:
                    done = self._done.get_nowait()
                if isinstance(done, _LaneEnd):
                    self._lanes[done.endpoint_id] -= 1
                    deadline = min(deadline, time.monotonic())
                    continue
                outcomes.append(done)
                self._note(done)
                if not is_gathering:
                    is_gathering = True
                    deadline = time.monotonic() + gather
        self._lanes = +self._lanes
        return outcomes

    def _note(self, outcome: Outcome) -> None:
        """Learn how quick an endpoint is; forget it when it fails."""
        attempt, endpoint_id = outcome.attempt, outcome.parcel.endpoint_id
        if attempt is None:
            return
        if not _is_delivered(attempt):
            self._seconds.pop(endpoint_id, None)
            return
        seconds = attempt.milliseconds / 1000
        before = self._seconds.get(endpoint_id, seconds)
        self._seconds[endpoint_id] = 0.7 * before + 0.3 * seconds

    # -- in the lane's own thread ---------------------------------------------

    def _carry(self, route: Route, parcels: list[Parcel]) -> None:
        end = time.monotonic() + MAX_LANE_SECONDS
        is_broken = False
        try:
            with webhook_transport.kept_open():
                for parcel in parcels:
                    is_broken |= time.monotonic() > end or self._is_stopping.is_set()
                    attempt = None if is_broken else _send(route, parcel)
                    if attempt and not _is_delivered(attempt):
                        is_broken = True
                    self._done.put(Outcome(parcel, attempt, time.monotonic()))
        finally:
            self._done.put(_LaneEnd(route.endpoint_id))


def _is_delivered(attempt: Attempt) -> bool:
    return attempt.status is not None and 200 <= attempt.status < 300


def _send(route: Route, parcel: Parcel) -> Attempt:
    try:
        headers = _prepare_headers(route, parcel)
        return webhook_transport.post(
            parcel.url, parcel.body, headers, route.policy, route.timeout
        )
    # A lane must end with an outcome for each of its parcels, whatever happens.
    except Exception as exc:  # pylint: disable=broad-exception-caught
        _logger.exception("delivery %s could not be sent", parcel.delivery_id)
        message = f"{type(exc).__name__} on our side; see the server's log."
        return Attempt(error="internal_error", message=message)


def _prepare_headers(route: Route, parcel: Parcel) -> dict[str, str]:
    """Return the headers of one attempt; ours win over the endpoint's own."""
    timestamp = int(time.time())
    ours = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Idempotency-Key": parcel.message_id,
        "Webhook-Id": parcel.message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Attempt": str(parcel.attempt_count),
    }
    if route.secrets:
        ours["Webhook-Signature"] = sign(
            route.secrets, parcel.message_id, timestamp, parcel.body
        )
    taken = {name.lower() for name in ours}
    theirs = {
        name: text for name, text in route.headers.items() if name.lower() not in taken
    }
    return theirs | ours
