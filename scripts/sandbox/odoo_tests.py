# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One run of the addon's tests in a fresh database."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace

from . import chromium, databases, odoo_server, places
from .console import say, step
from .processes import Command, run_status
from .workbench import Workbench

LOG = places.LOGS / "tests.log"
HARD_LIMIT_SECONDS = 45 * 60
KEPT_LINES = 60
DATABASE_PREFIX = "uw_test_"
DEFAULT_TAGS = f"/{places.ADDON}"

_RECORD = re.compile(
    r"^[-\d]+ [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[^:]+): (?P<text>.*)"
)
_SUMMARY = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


@dataclass
class Tally:
    """Tests counted; adding two adds their numbers."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


@dataclass
class _LogReader:
    """Reads Odoo's log while it is written."""

    warnings: int = 0
    tests: int = 0
    skipped: list[str] = field(default_factory=list)
    last_test: str = ""
    broken: int | None = None
    trouble: list[str] = field(default_factory=list)
    _in_trouble: bool = False

    def read(self, line: str) -> None:
        """Take in one line of the log."""
        record = _RECORD.match(line)
        if record is None:
            # The continuation of a record, for example of a traceback.
            if self._in_trouble:
                self.trouble.append(line)
            return
        self._in_trouble = record["level"] in ("ERROR", "CRITICAL")
        self.warnings += record["level"] == "WARNING"
        if self._in_trouble:
            self.trouble.append(line)
        if record["text"].startswith("Starting "):
            self.last_test = record["text"].removeprefix("Starting ").rstrip(" .")
        if record["text"].startswith("skipped "):
            self.skipped.append(record["text"])
        if match := _SUMMARY.match(record["text"]):
            self.broken = int(match[1]) + int(match[2])
            self.tests = int(match[3])


def run_tests(bench: Workbench) -> Tally:
    """Run the tests named by TEST_TAGS (all of the addon's) and count them.

    A server that fails, or runs no test at all, counts as a failed test.
    KEEP_DB=1 keeps the database.
    """
    name = f"{DATABASE_PREFIX}{os.getpid()}"
    template = bench.template(demo=False).ensure()
    databases.drop_abandoned(bench.server, DATABASE_PREFIX)
    databases.drop(bench.server, name)
    databases.copy(bench.server, template, name)
    # Its own file while it runs: several runs in one clone do not mix.
    log = LOG.with_name(f"{name}.log")
    log.unlink(missing_ok=True)
    reader = _LogReader()
    try:
        with step(f"Odoo tests, log in {log}") as progress:
            command = replace(_prepare_command(bench, name, reader, progress), log=log)
            status = run_status(command)[0]
    finally:
        if log.exists():
            log.rename(LOG)
        if os.environ.get("KEEP_DB") == "1":
            say(f"database kept: {name}")
        else:
            databases.drop(bench.server, name)
    return _judge(status, reader)


def _prepare_command(
    bench: Workbench, name: str, reader: _LogReader, progress
) -> Command:
    def on_line(line: str) -> None:
        reader.read(line)
        progress(reader.last_test or "installing the addon")

    env = chromium.offered({**os.environ, **bench.environment()})
    arguments = bench.odoo.command(
        *("--database", name, "--init", places.ADDON, "--stop-after-init"),
        *("--test-enable", "--test-tags", os.environ.get("TEST_TAGS") or DEFAULT_TAGS),
        *("--workers", "0", "--http-port", str(odoo_server.any_free_port())),
        *("--screenshots", places.LOGS / "screenshots"),
    )
    return Command(arguments, on_line=on_line, env=env, timeout=HARD_LIMIT_SECONDS)


def _judge(status: int, reader: _LogReader) -> Tally:
    for line in reader.trouble[-KEPT_LINES:]:
        print(f"    {line}")
    if reader.broken is None or not reader.tests:
        say(f"Odoo ended with status {status} and ran no test to its end; see {LOG}")
        return Tally(0, 1)
    for line in reader.skipped:
        say(f"  {line}")
    say(
        f"Odoo tests: {reader.tests} run, {len(reader.skipped)} of them skipped; "
        f"{reader.warnings} warnings in the log"
    )
    failed = reader.broken or int(status != 0)
    return Tally(reader.tests - reader.broken - len(reader.skipped), failed)
