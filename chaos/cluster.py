# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A PostgreSQL of the rig's own: what is restarted and crashed is nobody else's."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

from system_tests.server import end_with_parent

ROLE = "odoo"
PORT = "5432"
START_SECONDS = 60
#: PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody"
# A crash of PostgreSQL loses nothing it has handed to the kernel, so fsync would
# only cost time; a loss of power is not what is tried here. Deadlocks are looked
# for sooner, to have many.
SETTINGS = """
listen_addresses = ''
shared_buffers = 256MB
max_connections = 200
max_parallel_workers_per_gather = 0
fsync = off
deadlock_timeout = 100ms
log_line_prefix = '%m [%p] %d '
"""


class Cluster:
    """One data folder and the server on it, in a temporary folder."""

    def __init__(self) -> None:
        # The path of a socket may have 107 characters: not in the sandbox.
        self.folder = Path(tempfile.mkdtemp(prefix="uw_chaos_"))
        self.log = self.folder / "server.log"
        self._data = self.folder / "data"
        self._owner = UNPRIVILEGED if os.geteuid() == 0 else None
        self._programs = Path(shutil.which("initdb") or "").parent
        self._process: subprocess.Popen | None = None
        if self._owner:
            shutil.chown(self.folder, self._owner, "nogroup")
            self._have_reachable_programs()

    def _have_reachable_programs(self) -> None:
        """Copy the programs where they lie behind a folder only root may enter."""
        probe = [self._programs / "initdb", "--version"]
        with contextlib.suppress(PermissionError):
            if not self._run(probe, check=False).returncode:
                return
        root = self._programs.parent
        shutil.copytree(root, self.folder / "postgres", symlinks=True)
        (self.folder / "postgres").chmod(0o755)
        self._programs = self.folder / "postgres" / self._programs.name

    def create(self) -> None:
        """Initialise, start, and point psycopg2, libpq and Odoo to it."""
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        initdb = [self._programs / "initdb", "-U", ROLE, "--auth=trust", "--no-sync"]
        self._run([*initdb, *locale, "-D", self._data])
        with (self._data / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS)
        os.environ |= {"PGHOST": str(self.folder), "PGPORT": PORT, "PGUSER": ROLE}
        os.environ.pop("PGPASSWORD", None)
        self.start()

    def start(self) -> None:
        """Start the server and wait until it takes connections.

        :raises RuntimeError: it does not; with the end of its log.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self.folder],
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
                **self._as_owner(),
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(psycopg2.OperationalError):
                psycopg2.connect(dbname="postgres").close()
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL:\n{self.log.read_text()[-4000:]}")

    def restart(self, number: signal.Signals) -> None:
        """Restart: SIGINT asks for a fast shutdown, SIGQUIT is a crash."""
        self._process.send_signal(number)
        self._process.wait(START_SECONDS)
        self.start()

    def remove(self) -> None:
        """End the server and remove its files."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, args: list, check: bool = True) -> subprocess.CompletedProcess:
        return subprocess.run(
            args, check=check, capture_output=True, **self._as_owner()
        )

    def _as_owner(self) -> dict:
        # The working folder may be one that the other user cannot enter.
        options: dict = {"cwd": "/", "env": os.environ | {"LC_ALL": "C.UTF-8"}}
        if self._owner:
            options |= {"user": self._owner, "group": "nogroup", "extra_groups": []}
        return options
