# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sends requests and remembers every one of them: what is true is known here."""

from __future__ import annotations

import dataclasses
import random
import time
import uuid

import requests

from .rig import ChaosRig

#: Longer than the longest request takes: a client that went away would not know.
CLIENT_SECONDS = 180
MAX_TRIES = 40
#: HTTP status -> what the answer says; 5xx says nothing about the effect.
REFUSALS = {409: "in progress", 429: "rate limited"}


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants done, however often it has to ask.

    :param token: the ``ref`` of the partner that is the effect.
    :param target: the counter or the upsert's key.
    """

    kind: str
    route: str
    vals: dict
    token: str = ""
    target: str = ""
    key: str = ""


@dataclasses.dataclass(slots=True)
class Sent:
    """One request and its answer.

    ``answer``: success, failure, in progress, refused; unavailable (5xx), not JSON
    and lost (no answer) leave open what became of it.
    """

    wanted: Wanted
    server: int
    request_id: str
    started: float
    ended: float = 0.0
    answer: str = "lost"
    code: str = ""
    is_replayed: bool = False
    is_retryable: bool = False
    value: object = None

    @property
    def is_definitive(self) -> bool:
        """Whether a client need not ask again."""
        if self.answer == "failure":
            return not self.is_retryable
        return self.answer in ("success", "refused")


class Driver:
    """The clients' way to the servers."""

    def __init__(self, rig: ChaosRig) -> None:
        self.rig = rig
        self.sent: list[Sent] = []
        #: Set at the end of a run: nobody insists any longer.
        self.is_closed = False

    def send(self, wanted: Wanted, server: int, request_id: str = "") -> Sent:
        """Send it once; never raises."""
        sent = Sent(wanted, server, request_id or str(uuid.uuid4()), time.time())
        self.sent.append(sent)
        headers = {
            "Authorization": f"Bearer {self.rig.key}",
            "X-Request-Id": sent.request_id,
        }
        if wanted.key:
            headers["Idempotency-Key"] = wanted.key
        try:
            response = requests.post(
                f"{self.rig.urls[server]}/api/{wanted.route}",
                json={"params": {"model": "res.partner", "vals": wanted.vals}},
                headers=headers,
                timeout=CLIENT_SECONDS,
            )
            self._read(sent, response)
        except requests.RequestException as exc:
            sent.code = type(exc).__name__
        finally:
            sent.ended = time.time()
        return sent

    def _read(self, sent: Sent, response: requests.Response) -> None:
        if response.headers.get("Content-Type") != "application/json":
            sent.answer, sent.value = "not JSON", response.text
            sent.code = f"{response.status_code} without JSON"
            return
        if response.status_code != 200:
            unavailable = response.status_code >= 500
            default = "unavailable" if unavailable else "refused"
            sent.answer = REFUSALS.get(response.status_code, default)
            sent.code = response.json()["error"]["data"]["code"]
            return
        result = response.json()["result"]
        sent.is_replayed = "Idempotency-Replayed" in response.headers
        if result["is_success"]:
            sent.answer = "success"
            # Counters answer what they saw; whole records would fill the memory.
            if isinstance(result["result"], int):
                sent.value = result["result"]
        else:
            sent.answer, sent.code = "failure", result["errors"][0]["code"]
            sent.is_retryable = result["retryable"]

    def insist(self, wanted: Wanted, server: int, chance: random.Random) -> Sent:
        """Send it until the answer is definitive, as a good client does.

        Only what has a key may be sent like this: the rest could be done twice.
        """
        for attempt in range(MAX_TRIES):
            sent = self.send(wanted, server)
            if sent.is_definitive or self.is_closed:
                break
            time.sleep(chance.uniform(0, min(0.1 * 2**attempt, 1)))
            server = chance.randrange(len(self.rig.urls))
        return sent

    def count_in_flight(self, server: int | None = None) -> int:
        """Return how many requests wait for an answer, of one server or of all."""
        return sum(
            not sent.ended and server in (None, sent.server)
            for sent in self.sent[-200:]
        )
