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

HOURS = float(os.environ.get("SERVE_HOURS", "8"))
PID_FILE = places.RUN / "keeper.pid"
DEADLINE_FILE = places.RUN / "deadline"
LOOK_SECONDS = 20


def watch() -> None:
    """Let the servers of this clone run for SERVE_HOURS from now."""
    places.RUN.mkdir(parents=True, exist_ok=True)
    DEADLINE_FILE.write_text(str(time.time() + HOURS * 3600))
    if processes.background_pid(PID_FILE) is None:
        command = [sys.executable, "-m", "sandbox.keeper", str(places.SANDBOX)]
        log = places.LOGS / "keeper.log"
        processes.start_background(command, PID_FILE, log, cwd=places.SCRIPTS)


def dismiss() -> None:
    """End the keeper: nothing is left to watch."""
    processes.stop_background(PID_FILE)


def _wait_for_deadline() -> None:
    while DEADLINE_FILE.exists() and time.time() < float(DEADLINE_FILE.read_text()):
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    from . import odoo_server, postgres

    _wait_for_deadline()
    odoo_server.stop()
    if (ours := postgres.installed()) is not None:
        postgres.stop(ours)
