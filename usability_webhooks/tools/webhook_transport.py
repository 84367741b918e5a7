# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One POST to a receiver nobody trusts: the one place where webhooks meet the network.

Whatever the receiver does, ``post`` returns at its deadline at the latest, having kept
no more than 64 KiB, and says what was true. It follows no redirect, asks no proxy,
reads no ``.netrc`` and takes nothing compressed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

from .webhook_connection import Connection, Deadline
from .webhook_policy import Policy
from .webhook_schedule import read_retry_after
from .webhook_target import Target, TargetRefused, parse

#: So much of an answer is read and kept.
MAX_ANSWER_BYTES = 64 * 1024
#: Status line and headers, those of interim answers and chunks included.
MAX_OVERHEAD_BYTES = 128 * 1024
#: These are ours: each of them could make one request two.
RESERVED_HEADERS = frozenset(
    {
        *("accept-encoding", "connection", "content-encoding", "content-length"),
        *("expect", "host", "keep-alive", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

_kept: ContextVar[_Kept | None] = ContextVar("usability_webhooks_kept", default=None)


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one POST.

    :param status: of the answer; None when there was none.
    :param error: what went wrong: a code of ``TargetRefused``, or ``invalid_header``,
        ``dns_failed``, ``connect_failed``, ``tls_failed``, ``timeout``,
        ``connection_lost``, ``bad_answer``. With a status, it is about the text that
        followed: the receiver has said yes or no nevertheless.
    :param message: a sentence for people.
    :param retry_after: seconds the receiver asked for.
    :param answer: the text, or as much of it as is kept.
    :param size: bytes of the text that were read.
    :param address: whom we were connected to.
    """

    status: int | None = None
    error: str = ""
    message: str = ""
    retry_after: float | None = None
    answer: str = ""
    size: int = 0
    milliseconds: float = 0.0
    address: str = ""


class HeaderRefused(ValueError):
    """A header that is none, or would say something else than it seems to."""


class _Kept:
    """The connection a thread keeps open between calls to one place."""

    def __init__(self) -> None:
        self.connection: Connection | None = None

    def take(self, target: Target, policy: Policy) -> Connection | None:
        """Hand out the connection if it leads to ``target``; forget it."""
        connection, self.connection = self.connection, None
        if connection and not (
            connection.is_for(target, policy) and connection.is_quiet()
        ):
            connection.close()
            return None
        return connection

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


@contextlib.contextmanager
def kept_open() -> Iterator[None]:
    """Have the calls inside, if they go to one place, share a connection.

    For a few calls in quick succession: names are not looked up again, and addresses
    not checked again, as long as it is open.
    """
    kept = _Kept()
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        kept.close()


def post(
    url: str, body: bytes, headers: Mapping[str, str], policy: Policy, deadline: float
) -> Attempt:
    """Send ``body`` and return what came of it; raises nothing.

    :param deadline: seconds in which it is over.
    """
    begun = time.monotonic()
    exchange = _Exchange(Deadline(deadline), policy)
    try:
        attempt = exchange.run(url, body, headers)
    except TargetRefused as exc:
        attempt = Attempt(error=exc.code, message=str(exc))
    except HeaderRefused as exc:
        attempt = Attempt(error="invalid_header", message=str(exc))
    except TimeoutError:
        message = f"No answer in {deadline:g} seconds."
        attempt = Attempt(error="timeout", message=message)
    except (OSError, http.client.HTTPException, ValueError) as exc:
        code = exchange.stage
        if isinstance(exc, ssl.SSLError):
            code = "tls_failed"
        elif not isinstance(exc, OSError):
            code = "bad_answer"
        message = f"{type(exc).__name__}: {exc}"[:500]
        attempt = Attempt(error=code, message=message)
    milliseconds = round((time.monotonic() - begun) * 1000, 1)
    return dataclasses.replace(
        attempt, milliseconds=milliseconds, address=exchange.address
    )


class _Exchange:
    """One request and its answer."""

    def __init__(self, deadline: Deadline, policy: Policy) -> None:
        self.deadline = deadline
        self.policy = policy
        self.stage = "dns_failed"  # the code of what would go wrong now
        self.address = ""

    def run(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        target = parse(url, self.policy)
        head = _write_head(target, headers, len(body))
        kept = _kept.get()
        connection = kept.take(target, self.policy) if kept else None
        if connection:
            try:
                return self._ask(connection, head + body)
            except (OSError, http.client.HTTPException):
                # A receiver may close what is idle in the very moment we send. If it
                # has not answered a byte, that is taken to be so; one that did
                # receive it knows it again by its id.
                if connection.received:
                    raise
        return self._ask(self._connect(target), head + body)

    def _connect(self, target: Target) -> Connection:
        try:
            return Connection(target, self.policy, self.deadline)
        except TimeoutError:
            raise
        except OSError as exc:
            is_dns = isinstance(exc, socket.gaierror)
            self.stage = "dns_failed" if is_dns else "connect_failed"
            raise

    def _ask(self, connection: Connection, request: bytes) -> Attempt:
        self.stage = "connection_lost"
        self.address = str(connection.address)
        connection.begin(self.deadline, MAX_ANSWER_BYTES + MAX_OVERHEAD_BYTES)
        is_open = False
        try:
            with contextlib.suppress(ConnectionError):
                # A receiver may say no before it has read everything, and hang up.
                connection.send(request)
            response = _Response(connection)  # type: ignore[arg-type]
            response.begin()
            attempt, is_open = self._read(response)
            return attempt
        finally:
            kept = _kept.get()
            if is_open and kept:
                kept.connection = connection
            else:
                connection.close()

    def _read(self, response: _Response) -> tuple[Attempt, bool]:
        """Return what the answer says, and whether the connection is fit for more."""
        parts, size, error, message = [], 0, "", ""
        try:
            while size < MAX_ANSWER_BYTES:
                part = response.read1(MAX_ANSWER_BYTES - size)
                if not part:
                    break
                parts.append(part)
                size += len(part)
        except TimeoutError:
            error, message = "timeout", "The answer's text did not end in time."
        except (OSError, http.client.HTTPException, ValueError) as exc:
            error, message = "bad_answer", f"The answer's text broke off: {exc}"[:500]
        is_over = not error and (response.isclosed() or response.length == 0)
        if is_over and response.length:
            error, message = "bad_answer", "The answer's text ended before its length."
        attempt = Attempt(
            status=response.status,
            error=error,
            message=message,
            retry_after=read_retry_after(response.headers.get("Retry-After")),
            answer=b"".join(parts).decode(errors="replace"),
            size=size,
        )
        return attempt, is_over and not error and not response.will_close


class _Response(http.client.HTTPResponse):
    """An answer; what the receiver says before it (1xx) is passed over."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()
            if not 100 <= status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)

    def _read_next_chunk_size(self) -> int:
        size = super()._read_next_chunk_size()
        if size < 0:  # "-5" is a number to Python
            raise ValueError("a chunk of less than nothing")
        return size


def _write_head(target: Target, headers: Mapping[str, str], length: int) -> bytes:
    """Return the request up to its body.

    :raises HeaderRefused: a name or a value would end the line, or is reserved.
    """
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.netloc}",
        "Accept-Encoding: identity",
        f"Content-Length: {length}",
    ]
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in RESERVED_HEADERS:
            raise HeaderRefused(f"A header may not be called {name[:60]!r}.")
        if not _HEADER_VALUE.fullmatch(value):
            # Not the value: it may be a secret.
            raise HeaderRefused(f"The header {name} holds characters no header may.")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")
