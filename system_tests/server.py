# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One Odoo server of a rig: its process, its workers, its end."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
import requests

INTERFACE = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 20
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Server:
    """A server that can be started again, on the same port, as often as wanted.

    Start it in a thread that lives as long as it should: the kernel ends it
    with that thread.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        ports = "--http-port", str(free_port()), "--gevent-port", str(free_port())
        self.url = f"http://{INTERFACE}:{ports[1]}"
        self.log = log
        self._command = [*command, *ports]
        self._environment = dict(environment)
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the process; it serves a few seconds later."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                env=self._environment,
                preexec_fn=end_with_parent,
            )

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_until_healthy(self) -> None:
        """Wait for the first answer.

        :raises RuntimeError: there is none; with the end of the log.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.is_running():
            if self.is_healthy():
                return
            time.sleep(0.2)
        end = self.log.read_text()[-4000:]
        raise RuntimeError(f"no answer from {self.url}:\n{end}")

    def is_healthy(self) -> bool:
        """Ask it whether it serves."""
        try:
            return requests.get(f"{self.url}/web/health", timeout=10).ok
        except requests.RequestException:
            return False

    def get_processes(self) -> list[psutil.Process]:
        """Return the processes that do the work, by their ids.

        They are the workers of a prefork server, or the whole threaded one. The
        one for long polling serves no request of ours.
        """
        with contextlib.suppress(psutil.NoSuchProcess):
            master = psutil.Process(self._process.pid)
            children = master.children()
            workers = [child for child in children if not _is_gevent(child)]
            return sorted(workers or [master], key=lambda process: process.pid)
        return []

    def kill(self) -> None:
        """End it at once, with all its processes, stopped ones too."""
        processes = []
        with contextlib.suppress(psutil.NoSuchProcess):
            processes = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def end(self, seconds: float = STOP_SECONDS) -> None:
        """Ask it to end, wait, and kill what is left."""
        if self.is_running():
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                return
            self.kill()


def _is_gevent(process: psutil.Process) -> bool:
    try:
        return "gevent" in process.cmdline()
    except psutil.Error:
        return True


def end_with_parent() -> None:
    """Have the kernel end this child should the driver be killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((INTERFACE, 0))
        return probe.getsockname()[1]
