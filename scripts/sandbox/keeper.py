# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ends forgotten servers: a small process that stops everything at a deadline.

Run as a module it is that process; ``watch`` starts it or moves its deadline.
"""

from __future__ import annotations

import os
import sys
import time

from . import places, processes
from .console import Failure

DEFAULT_HOURS = "8"
PID_FILE = places.RUN / "keeper.pid"
DEADLINE_FILE = places.RUN / "deadline"
LOOK_SECONDS = 20


def hours() -> float:
    """How long servers may run: SERVE_HOURS.

    :raises Failure: when that is not a number
    """
    value = os.environ.get("SERVE_HOURS") or DEFAULT_HOURS
    try:
        return float(value)
    except ValueError as error:
        raise Failure(f"SERVE_HOURS is not a number: {value}") from error


def watch() -> None:
    """Let the servers of this clone run for SERVE_HOURS from now."""
    places.RUN.mkdir(parents=True, exist_ok=True)
    DEADLINE_FILE.write_text(str(time.time() + hours() * 3600))
    if processes.background(PID_FILE) is None:
        command = [sys.executable, "-m", "sandbox.keeper", str(places.SANDBOX)]
        log = places.LOGS / "keeper.log"
        processes.start_background(command, PID_FILE, log, cwd=places.SCRIPTS)


def dismiss() -> None:
    """End the keeper: nothing is left to watch."""
    processes.stop_background(PID_FILE)


def _wait(remembered: list[processes.Note]) -> None:
    """Return at the deadline, or when the sandbox was removed.

    :param remembered: receives the last Odoo server seen, whose pid file may
        be gone by then
    """
    while _is_responsible() and time.time() < float(DEADLINE_FILE.read_text()):
        if note := processes.background(odoo_server.PID_FILE):
            remembered[:] = [note]
        time.sleep(LOOK_SECONDS)


def _is_responsible() -> bool:
    note = processes.background(PID_FILE)
    return note is not None and note.pid == os.getpid() and DEADLINE_FILE.exists()


def _end_everything(remembered: list[processes.Note]) -> None:
    for note in remembered:
        note.stop()
    odoo_server.stop()
    if (ours := postgres.installed()) is not None:
        postgres.stop(ours)


if __name__ == "__main__":
    from . import odoo_server, postgres

    seen: list[processes.Note] = []
    _wait(seen)
    # A keeper that replaced this one, in a new sandbox, looks after its own.
    if _is_responsible() or processes.background(PID_FILE) is None:
        _end_everything(seen)
