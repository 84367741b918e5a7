# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A connection to an address that was checked, bound to a moment when it ends.

A socket's own timeout starts anew with every byte: a receiver that sends one each
second is never too late. Here each wait is given what is left of the whole.
"""

from __future__ import annotations

import functools
import http.client
import io
import ipaddress
import queue
import select
import socket
import ssl
import threading
import time

import certifi

from .webhook_policy import Address, Policy
from .webhook_target import Target, resolve

#: Of a name with many addresses, so many are tried.
MAX_TRIES = 4
#: Sent in pieces, between which the time is looked at.
PIECE_BYTES = 64 * 1024


class Deadline:
    """A moment on the clock that cannot be moved."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, more than none.

        :raises TimeoutError: there are none.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class PeerChanged(OSError):
    """The other end is not the address that was checked."""


class AnswerTooLong(http.client.HTTPException):
    """The receiver sent more than anybody reads."""


class Connection:
    """A socket to one target's checked address, made for ``http.client``."""

    def __init__(self, target: Target, policy: Policy, deadline: Deadline) -> None:
        """Connect, and greet with TLS if the target wants it.

        :raises TargetRefused: an address of the target is not allowed.
        :raises OSError: nobody there, or nobody trusted; ``TimeoutError`` at the
            deadline.
        """
        self.key = _get_key(target, policy)
        self.deadline = deadline
        addresses = _resolve_in_time(target, policy, deadline)
        self._socket, self.address = _connect(target, addresses, deadline)
        self._reader: _AnswerReader | None = None
        if target.scheme == "https":
            self._socket.settimeout(deadline.left())
            try:
                self._socket = get_tls_context().wrap_socket(
                    self._socket, server_hostname=target.host
                )
            except BaseException:
                self._socket.close()
                raise
        self._raw = _DeadlineReader(self._socket, self)

    def is_for(self, target: Target, policy: Policy) -> bool:
        """Tell whether what is allowed now leads to this very connection."""
        return self.key == _get_key(target, policy)

    def begin(self, deadline: Deadline, byte_limit: int) -> None:
        """Begin an exchange that ends at ``deadline`` or after so many bytes read."""
        self.deadline = deadline
        self._raw.bytes_left = byte_limit
        self._raw.received = 0
        self._reader = _AnswerReader(self._raw, 8192)

    def is_quiet(self) -> bool:
        """Tell whether nothing has come that was not asked for, nor the end.

        Only then a next answer would be the answer to the next request. Over TLS,
        what is not read yet may be its own housekeeping.
        """
        if self._reader and self._reader.has_more():
            return False
        if isinstance(self._socket, ssl.SSLSocket):
            return not self._socket.pending()
        return not select.select([self._socket], [], [], 0)[0]

    def send(self, data: bytes) -> None:
        """Send it all.

        :raises OSError: the other end went away; ``TimeoutError`` at the deadline.
        """
        view = memoryview(data)
        while view:
            self._socket.settimeout(self.deadline.left())
            view = view[self._socket.send(view[:PIECE_BYTES]) :]

    def makefile(self, _mode: str) -> _AnswerReader:
        """Return where the answer is read, as ``http.client`` asks a socket for it."""
        return self._reader

    @property
    def received(self) -> int:
        """How many bytes the other end has sent since ``begin``."""
        return self._raw.received

    def close(self) -> None:
        self._socket.close()


class _DeadlineReader(io.RawIOBase):
    """Reads of a socket until the deadline, and not more than so many bytes."""

    def __init__(self, sock: socket.socket, connection: Connection) -> None:
        super().__init__()
        self._socket = sock
        self._connection = connection
        self.bytes_left = 0
        self.received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self.bytes_left <= 0:
            raise AnswerTooLong("more was sent than anybody reads")
        view = memoryview(buffer)[: self.bytes_left]
        self._socket.settimeout(self._connection.deadline.left())
        count = self._socket.recv_into(view)
        self.bytes_left -= count
        self.received += count
        return count


class _AnswerReader(io.BufferedReader):
    """Reads one answer."""

    def close(self) -> None:
        """Leave the connection open: an answer's end is not its end."""

    def has_more(self) -> bool:
        """Tell whether more was read than the answer; reads no further."""
        self.raw.bytes_left = 0
        try:
            return bool(self.peek(1))
        except AnswerTooLong:
            return False


def _get_key(target: Target, policy: Policy) -> tuple:
    return target.scheme, target.host, target.port, policy


@functools.cache
def get_tls_context() -> ssl.SSLContext:
    """Return how certificates are checked: always, by the system's authorities.

    Where the system has none, by those that ``requests`` brings along.
    """
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath:
        context.load_verify_locations(certifi.where())
    return context


def _resolve_in_time(
    target: Target, policy: Policy, deadline: Deadline
) -> list[Address]:
    """Resolve, in a thread of its own if a name has to be looked up.

    The system's resolver knows no deadline. A thread that is late ends by itself.
    """
    if target.address:
        return resolve(target, policy)
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(target, policy))
        # Whatever it is, it belongs to the thread that waits.
        except BaseException as exc:  # pylint: disable=broad-exception-caught
            answers.put(exc)

    threading.Thread(target=ask, name="webhook resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _connect(
    target: Target, addresses: list[Address], deadline: Deadline
) -> tuple[socket.socket, Address]:
    """Connect to the first address that answers; each gets its share of the time."""
    addresses = addresses[:MAX_TRIES]
    for number, address in enumerate(addresses, start=1):
        seconds = deadline.left() / (len(addresses) - number + 1)
        try:
            return _connect_to(address, target.port, seconds), address
        except OSError:
            if number == len(addresses):
                raise
    raise OSError("the name has no address")


def _connect_to(address: Address, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        # An address, not a name: nobody is asked a second time who this is.
        sock.connect((str(address), port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = sock.getpeername()[0].partition("%")[0]
        if ipaddress.ip_address(peer) != address:
            raise PeerChanged(f"connected to {peer} instead of {address}")
    except BaseException:
        sock.close()
        raise
    return sock
