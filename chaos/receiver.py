# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The other end, in a process of its own: answers as its paths say, writes all down.

Started as ``python -m chaos.receiver <folder>``. It writes its port to ``port`` and
each request to ``arrivals``, one line of JSON, before it answers. Requests are verified
on arrival, by the official library, with what ``secrets.json`` holds by then.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

from system_tests.receiver import Received, Receiver

HEALTHY, ORDERED, GONE = "healthy", "ordered", "gone"
OK = "/ok"
LATER = b"HTTP/1.1 429 Later\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"
#: Endpoint -> how it answers, drawn anew for each request.
MANNERS = {
    HEALTHY: (OK,),
    ORDERED: (*[OK] * 8, "/status/500", "/reset", "/not-http"),
    "fickle": (
        *(OK, OK, OK, "/short", "/garbled-chunks", "/until-closed", "/status/503"),
        *("/redirect", "/reset", "/nothing", "/half-headers", "/drip-headers"),
    ),
    "stalls": ("/silence",),
    "drips": ("/drip-headers", "/drip-body"),
    "floods": ("/huge", "/endless-headers", "/endless-line", "/continue-flood"),
    "throttles": (OK, "/later"),
    GONE: ("/status/410",),
}
#: The paths whose answer begins with a 200, whatever follows.
YES = frozenset(
    {OK, "/short", "/garbled-chunks", "/until-closed", "/half-headers"}
    | {"/drip-body", "/huge"}
)


class _Journal:
    """Takes the place of the list a receiver appends to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / "arrivals").open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._secrets: dict[str, str] = {}

    def append(self, request: Received) -> None:
        role = request.headers["x-role"]
        line = {
            "moment": request.moment,
            "role": role,
            "manner": request.path,
            "message_id": request.headers.get("webhook-id", ""),
            "attempt": int(request.headers.get("webhook-attempt", 0)),
            "is_verified": self._is_verified(role, request),
            "body": request.body.decode(errors="backslashreplace"),
        }
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def _is_verified(self, role: str, request: Received) -> bool:
        if not self._secrets:
            self._secrets = json.loads((self._folder / "secrets.json").read_text())
        try:
            Webhook(self._secrets[role]).verify(request.body, request.headers)
        except WebhookVerificationError:
            return False
        return True


class MannersReceiver(Receiver):
    """A receiver whose paths are endpoints."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.received = _Journal(folder)

    def _read(self, reader, number: int) -> Received | None:
        request = super()._read(reader, number)
        if request:
            role = request.path.strip("/")
            request.headers["x-role"] = role
            request.path = random.choice(MANNERS[role])
        return request

    def _get_answer(self, path: str) -> bytes:
        return LATER if path == "/later" else super()._get_answer(path)


def main() -> None:
    folder = Path(sys.argv[1])
    receiver = MannersReceiver(folder).start()
    draft = folder / "port.draft"
    draft.write_text(str(receiver.port))
    draft.rename(folder / "port")
    signal.pause()


if __name__ == "__main__":
    main()
