# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The web shop's own small server, where Odoo's deliveries arrive."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import odoo_gateway

from .failure import DemoFailure

INTERFACE = "127.0.0.1"
#: Seconds; a second is usual. Longest is a server whose other scheduled actions are
#: all due: it was just started.
PATIENCE = 90


@dataclasses.dataclass(frozen=True)
class Delivery:
    """One event that was accepted.

    :param seconds: when it arrived, on the clock of ``time.monotonic``.
    """

    path: str
    headers: Mapping[str, str]
    event: dict
    seconds: float


class Receiver(ThreadingHTTPServer):
    """Listens on this machine until the ``with`` block ends.

    :param secrets: what Odoo signs with; filled in as they are made.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((INTERFACE, 0), _Handler)
        self.url = f"http://{INTERFACE}:{self.server_port}"
        self.secrets: list[str] = []
        self.refused = 0
        self._seen: set[str] = set()
        self._accepted: queue.Queue[Delivery] = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        super().__exit__(*exc)

    def receive(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take in a request of anybody; return the HTTP status to answer with.

        All that a receiver of webhooks has to do: check, remember the id, answer at
        once, and work later.
        """
        try:
            # HMAC-SHA256 of "<webhook-id>.<webhook-timestamp>.<body>" under our secret,
            # over the bytes as they arrived, and no older than five minutes.
            event = odoo_gateway.verify(headers, body, self.secrets)
        except odoo_gateway.BadSignature:
            self.refused += 1
            return HTTPStatus.BAD_REQUEST
        # It comes again where our answer was lost: not a second event.
        if headers["webhook-id"] not in self._seen:
            self._seen.add(headers["webhook-id"])
            self._accepted.put(Delivery(path, headers, event, time.monotonic()))
        return HTTPStatus.NO_CONTENT

    def wait(self, path: str, what: str) -> Delivery:
        """Return the next delivery to a path.

        :raises DemoFailure: none came in time.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                left = max(deadline - time.monotonic(), 0)
                delivery = self._accepted.get(timeout=left)
            except queue.Empty:
                raise DemoFailure(
                    f"nothing told of {what} within {PATIENCE} s; {self.refused}"
                    " requests were refused for their signature"
                ) from None
            if delivery.path == path:
                return delivery


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response_only(self.server.receive(self.path, self.headers, body))
        self.end_headers()
