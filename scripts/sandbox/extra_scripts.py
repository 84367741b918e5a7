# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Scripts that use the sandbox: scripts/demo, scripts/system_tests, scripts/chaos."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from . import chromium, places
from .console import Failure, say, step
from .odoo_tests import Tally
from .processes import Command, run_status
from .workbench import Workbench

DEMO = places.SCRIPTS / "demo"
SYSTEM_TESTS = places.SCRIPTS / "system_tests"
CHAOS = places.SCRIPTS / "chaos"
#: The long run is `make chaos`.
CHAOS_MINUTES = 2
SCRIPT_SECONDS = 30 * 60
_TALLY = re.compile(r"^(\d+) passed, (\d+) failed$")


def run_demo(bench: Workbench) -> None:
    """Run scripts/demo, if there is one, with the user at the other end.

    :raises Failure: when it fails
    """
    if not _is_there(DEMO):
        return
    status = subprocess.run([DEMO], env=_environment(bench), check=False).returncode
    if status:
        raise Failure(
            f"scripts/demo ended with status {status}", "see its output above"
        )


def run_system_tests(bench: Workbench) -> Tally:
    """Run scripts/system_tests and a short scripts/chaos; returns what they counted."""
    # The examples of the documentation are sent to a copy of it.
    bench.template(demo=True).ensure()
    tests = _run_counted(bench, "system tests", SYSTEM_TESTS)
    return tests + _run_counted(bench, "chaos", CHAOS, f"--minutes={CHAOS_MINUTES}")


def _run_counted(bench: Workbench, name: str, script: Path, *options: str) -> Tally:
    """Run a script whose last line counts its checks; none, if it is not there.

    A script that fails without counting a failure counts as one.
    """
    if not _is_there(script):
        return Tally()
    with step(name):
        command = Command(
            [script, *options],
            log=places.LOGS / f"{script.name}.log",
            on_line=lambda line: print(f"    {line}", flush=True),
            env=_environment(bench),
            timeout=SCRIPT_SECONDS,
        )
        status, lines = run_status(command)
    match = next(filter(None, map(_TALLY.match, reversed(lines))), None)
    tally = Tally(int(match[1]), int(match[2])) if match else Tally()
    if status and not tally.failed:
        say(f"scripts/{script.name} ended with status {status}")
        tally.failed = 1
    return tally


def _is_there(script: Path) -> bool:
    return os.access(script, os.X_OK)


def _environment(bench: Workbench) -> dict[str, str]:
    return chromium.offered({**os.environ, **bench.environment()})
