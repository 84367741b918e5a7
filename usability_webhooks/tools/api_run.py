# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is known of a request while it goes through the protocol."""

from __future__ import annotations

import dataclasses
import threading
import time

from .api_outcome import ApiAnswer
from .api_request import ApiRequest
from .request_masks import RequestMasks


def count_queries() -> int:
    """Return how many statements this thread has sent since its request began."""
    return getattr(threading.current_thread(), "query_count", 0)


@dataclasses.dataclass(slots=True)
class Run:
    """One request on its way through the protocol."""

    request: ApiRequest
    masks: RequestMasks
    log_id: int | None = None
    attempt: int = 0
    answer: ApiAnswer | None = None  # of success, once the row was flipped
    is_committed: bool = False
    started: float = dataclasses.field(default_factory=time.monotonic)
    queries: int = dataclasses.field(default_factory=count_queries)

    def note_commit(self) -> None:
        """Remember that COMMIT got through."""
        self.is_committed = True

    def measure(self) -> dict:
        """Return what the run cost so far, as columns of the log row."""
        return {
            "duration": round((time.monotonic() - self.started) * 1000, 1),
            "query_count": max(count_queries() - self.queries, 0),
            "attempts": self.attempt,
            "http_status": 200,
        }
