# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A receiver on this machine that behaves as badly as its path says."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import ssl
import struct
import threading
import time

HOST = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#: Path -> what is answered, in one piece; the connection stays open.
ANSWERS = {
    "/ok": OK,
    "/chunked": CHUNKED + b"3\r\nfoo\r\n3;ext=1\r\nbar\r\n0\r\nTrailer: x\r\n\r\n",
    "/garbled-chunks": CHUNKED + b"zz\r\nfoo\r\n",
    "/negative-chunk": CHUNKED + b"-5\r\nfoo\r\n0\r\n\r\n",
    "/early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK,
    "/continue": b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    "/redirect": b"HTTP/1.1 301 Moved\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n",
    "/wait": b"HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n",
    "/not-http": b"220 smtp.example.com ESMTP\r\n",
    "/more-than-asked": OK + b"HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n",
    "/no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/compressed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 3\r\n\r\n\x1f\x8b\x08",
}
#: The same, and hung up afterwards.
LAST_WORDS = {
    "/until-closed": b"HTTP/1.1 200 OK\r\n\r\nto the end",
    "/short": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    "/half-status": b"HTTP/1.1 20",
    "/half-headers": b"HTTP/1.1 200 OK\r\nContent-Le",
    "/nothing": b"",
    "/closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
}
#: Said once, then repeated as fast, or as slowly, as told (seconds).
ENDLESS = {
    "/drip-body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x", 0.1),
    "/drip-headers": (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n", 0.1),
    "/endless-headers": (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n" * 1000, 0),
    "/endless-line": (b"HTTP/1.1 200 ", b"x" * 10_000, 0),
    "/huge": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5368709120\r\n\r\n",
        b"x" * 65536,
        0,
    ),
    "/continue-flood": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0),
    "/silence": (b"", b"", 0.1),
}


@dataclasses.dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    moment: float


class Receiver:
    """Listens from ``start`` to ``stop`` and keeps what it received."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.connections = 0
        #: Path -> what it answers, in turn; the last one from then on.
        self.statuses: dict[str, list[int]] = {}
        self._context = context
        self._is_over = threading.Event()
        self._socket = socket.create_server((HOST, 0), backlog=200)
        self.port = self._socket.getsockname()[1]

    def url(self, path: str = "/ok") -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://{HOST}:{self.port}{path}"

    def start(self) -> Receiver:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def stop(self) -> None:
        self._is_over.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while not self._is_over.is_set():
                client, _address = self._socket.accept()
                self.connections += 1
                args = client, self.connections
                threading.Thread(target=self._serve, args=args, daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError), client:
            if self._context:
                client = self._context.wrap_socket(client, server_side=True)
            with client, client.makefile("rb") as reader:
                while self._answer(client, reader, number):
                    pass

    def _answer(self, client: socket.socket, reader, number: int) -> bool:
        """Serve one request; False when nothing more is to be said."""
        request = self._read(reader, number)
        if request is None:
            return False
        self.received.append(request)
        path = request.path.partition("?")[0]
        if path in ENDLESS:
            first, then, pause = ENDLESS[path]
            client.sendall(first)
            while not self._is_over.is_set():
                client.sendall(then)
                time.sleep(pause)
        if path in LAST_WORDS:
            client.sendall(LAST_WORDS[path])
            return False
        if path == "/reset":
            linger = struct.pack("ii", 1, 0)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return False
        if path == "/half-close":
            client.shutdown(socket.SHUT_WR)
            self._is_over.wait(30)
            return False
        if path == "/once":  # answers, then hangs up without a word
            client.sendall(OK)
            return False
        client.sendall(self._get_answer(path))
        return True

    def _get_answer(self, path: str) -> bytes:
        told = self.statuses.get(path, [200])
        status = told.pop(0) if len(told) > 1 else told[0]
        if path.startswith("/status/"):
            status = int(path.rpartition("/")[2])
        answer = f"HTTP/1.1 {status} Told\r\nContent-Length: 4\r\n\r\ntold".encode()
        return ANSWERS.get(path, answer)

    def _read(self, reader, number: int) -> Received | None:
        line = reader.readline().decode()
        if not line:
            return None
        headers: dict[str, str] = {}
        while (text := reader.readline().decode("latin-1").strip()) != "":
            name, _colon, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        return Received(line.split()[1], headers, body, number, time.time())
