# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A proxy before a server that loses requests and answers when it is told to."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from .rig import REQUEST_SECONDS
from .server import INTERFACE

#: What a load balancer says whose servers are all away.
BUSY_PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"


class BreakingProxy(ThreadingHTTPServer):
    """Passes POST requests on, but for the first ones, which meet with ``faults``:

    - ``drop``: hung up on; the server never hears of it
    - ``leave``: passed on, then hung up on while the server is at work
    - ``cut``: hung up on in the middle of the answer
    - ``busy``: answered with a page, not by the server

    ``passed`` counts all of them.
    """

    def __init__(self, url: str) -> None:
        super().__init__((INTERFACE, 0), _Handler)
        self.target = urlsplit(url).netloc
        self.faults: list[str] = []
        self.passed = 0

    @property
    def url(self) -> str:
        return f"http://{INTERFACE}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BreakingProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.faults.pop(0) if self.server.faults else ""
        self.server.passed += 1
        if fault == "drop":
            self._hang_up()
        elif fault == "busy":
            self._answer(503, {"Retry-After": "1"}, BUSY_PAGE)
        else:
            self._pass_on(body, fault)

    def _pass_on(self, body: bytes, fault: str) -> None:
        server = http.client.HTTPConnection(self.server.target, timeout=REQUEST_SECONDS)
        with contextlib.closing(server):
            server.request("POST", self.path, body, dict(self.headers))
            if fault == "leave":
                self._hang_up()
                return
            answer = server.getresponse()
            text = answer.read()
            kept = dict(answer.getheaders())
        self._answer(answer.status, kept, text, is_cut=fault == "cut")

    def _answer(
        self, status: int, headers: dict, text: bytes, is_cut: bool = False
    ) -> None:
        self.send_response_only(status)
        for name, value in (headers | {"Content-Length": str(len(text))}).items():
            if name not in ("Connection", "Transfer-Encoding"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text[: len(text) // 2] if is_cut else text)
        if is_cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def breaking_proxy(url: str) -> Iterator[BreakingProxy]:
    """Yield a proxy to a server, running."""
    with BreakingProxy(url) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
