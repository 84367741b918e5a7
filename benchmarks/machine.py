# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from .stage import Stage

ROOT = Path(__file__).resolve().parent.parent


def describe(stage: Stage) -> dict:
    """Return the machine, the versions and the commit, for the results file."""
    # How busy the machine was before the first request: others' work, not ours.
    return {
        "cpu": _find("/proc/cpuinfo", r"model name\s*: (.+)", platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": _read_memory(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgresql": stage.select("SHOW server_version")[0][0].split()[0],
        "odoo": _read_odoo(stage),
    }


def read_commit() -> str:
    """Return the short commit, with ``-dirty`` when the code differs from it."""
    commit = _git("rev-parse", "--short=10", "HEAD")
    # What the run itself writes does not count.
    changed = _git("status", "--porcelain", "--", "usability_webhooks", "benchmarks")
    code = [line for line in changed.splitlines() if "benchmarks/results" not in line]
    return f"{commit}-dirty" if code else commit or "unknown"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def _read_memory() -> float:
    kibibytes = int(_find("/proc/meminfo", r"MemTotal:\s+(\d+)", "0"))
    return round(kibibytes / 2**20, 1)


def _read_odoo(stage: Stage) -> str:
    query = "SELECT latest_version FROM ir_module_module WHERE name = 'base'"
    return stage.select(query)[0][0]


def _find(path: str, pattern: str, default: str) -> str:
    match = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    return match[1].strip() if match else default
