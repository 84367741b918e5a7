# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The command line of the benchmarks; `scripts/bench` starts it."""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
import time
from pathlib import Path

from . import (
    access_cases,
    batch_cases,
    load_cases,
    log_cases,
    machine,
    memory_cases,
    order_cases,
    outbound_cases,
    profiling,
    report,
    single_cases,
    switch_cases,
)
from .case import Case, choose_rounds, run_case, select_cases
from .outcome import Outcome
from .stage import Stage

CASES: tuple[Case, ...] = (
    *single_cases.CASES,
    *order_cases.CASES,
    *batch_cases.CASES,
    *switch_cases.CASES,
    *access_cases.CASES,
    *load_cases.CASES,
    *memory_cases.CASES,
    # These and those after them stop the servers once.
    *outbound_cases.CASES,
    # Last: they leave a large log.
    *log_cases.CASES,
)


def run() -> int:
    """Run what the command line asks for; exit status 1 if no case ran."""
    options = _parse()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Unwind, so that servers end and databases go; SIGINT too, which a shell
        # has its background commands ignore.
        signal.signal(number, _unwind)
    cases = select_cases(CASES, options.only)
    stage = Stage()
    try:
        _say(f"a database on a copy of {os.environ['UW_TEMPLATE']}")
        stage.create()
        if options.profile:
            print(profiling.profile(stage))
            return 0
        stage.start()
        # Now: who edits the code meanwhile shall not be stamped on the figures.
        facts, commit = machine.describe(stage), machine.read_commit()
        rows = _run_cases(cases, stage, options)
    finally:
        stage.close()
    _report({"commit": commit, "machine": facts, "rows": rows}, options)
    return 0 if rows else 1


def _unwind(received: int, _frame: object) -> None:
    """End the run; what asks again meanwhile does not disturb the clean-up."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + received)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--only", default="", help="cases with one of these words (a,b) in their name"
    )
    parser.add_argument("--rounds", type=int, help="pairs per case")
    parser.add_argument("--quick", action="store_true", help="a fifth of the pairs")
    parser.add_argument("--list", action="store_true", help="names of the cases")
    parser.add_argument(
        "--publish", action="store_true", help="write the page of a quick run too"
    )
    parser.add_argument(
        "--profile", action="store_true", help="where the time goes, as Markdown"
    )
    options = parser.parse_args()
    if options.list:
        print("\n".join(case.name for case in CASES))
        parser.exit()
    return options


def _run_cases(cases: list[Case], stage: Stage, options) -> list[dict]:
    rows = []
    for case in cases:
        rounds = choose_rounds(case, options.rounds, quick=options.quick)
        for outcome in run_case(case, stage, rounds):
            _say(_summarise(outcome))
            rows.append(outcome.describe())
    return rows


def _report(run_facts: dict, options: argparse.Namespace) -> None:
    """Write the results; the page only of a whole run, the table always."""
    now = datetime.datetime.now(datetime.timezone.utc)
    found = {
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "kind": "a quick run, few pairs" if options.quick else "a whole run",
        **run_facts,
    }
    print(f"\n{report.make_table(found['rows'])}\n")
    is_part = options.only or options.quick or options.rounds
    if is_part and not options.publish:
        folder = Path(os.environ["UW_SANDBOX"], "benchmarks", "partial")
        print(f"A part of the benchmarks: {report.write_results(found, folder)}")
        return
    path = report.write_results(found)
    report.write_page(found, path.name)
    print(f"Written: {path}, {report.PAGE}, {report.PLOT}")


def _summarise(outcome: Outcome) -> str:
    if outcome.unavailable:
        return f"{outcome.name}: not available: {outcome.unavailable[:120]}"
    low, high = outcome.interval
    verdict = "met" if outcome.is_met else "missed"
    return (
        f"{outcome.name}: {outcome.ratio:.3f} ({low:.3f} - {high:.3f}),"
        f" goal {outcome.goal:g} {verdict}; {outcome.cost:.0f} s"
    )


_STARTED = time.monotonic()


def _say(text: str) -> None:
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", flush=True)
