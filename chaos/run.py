# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A run: promises counted in quiet, a storm of faults, and what must hold after."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from pathlib import Path

from . import clients, invariants, schedule, table
from .driver import Driver
from .injector import Injector
from .outbound import Outbound
from .promises import Pairs, Patience, Promise, Stopped, Upserts
from .rig import ChaosRig

CLIENTS = 10
#: Of the minutes asked for, what goes before and after the storm.
QUIET_SECONDS = 75
LEAST_STORM_SECONDS = 30
#: A run this long has time for an honest request of two minutes.
LONG_STORM_SECONDS = 300
PATIENCE_SECONDS = {False: 15, True: 120}
REAPER_TRIES = 30


class Run:
    """One run and what it found."""

    def __init__(self, minutes: float, seed: int) -> None:
        self.seed = seed
        self.minutes = minutes
        self.storm = max(minutes * 60 - QUIET_SECONDS, LEAST_STORM_SECONDS)
        self.is_long = self.storm >= LONG_STORM_SECONDS
        self.rig = ChaosRig()
        self.driver = Driver(self.rig)
        self.outbound = Outbound(self.rig)
        self.passed = 0
        self.failed = 0
        self._lines: list[str] = []
        self._begin = time.monotonic()

    def carry_out(self) -> None:
        """Do it all; whatever happens, nothing is left running."""
        self.say(f"seed {self.seed}, {self.minutes:g} minutes")
        try:
            self._prepare()
            injector = Injector(self.driver)
            self._count_promises(injector)
            self._make_storm(injector)
            self._settle(injector)
            self._judge(injector)
        finally:
            self.driver.is_closed = True
            if self.failed or not self.passed:
                self._keep_logs()
            self.rig.stop_servers()
            self.outbound.stop()
            self.rig.drop()

    def say(self, text: str) -> None:
        """Print a line, or several, and keep them for the table's file."""
        self._lines.append(text)
        print(text, flush=True)

    # -- the phases -----------------------------------------------------------

    def _prepare(self) -> None:
        self.rig.create()
        self.outbound.start()
        self.rig.start()
        self.outbound.prepare(self.driver)
        clients.prepare(self.driver)
        self.say(
            "two prefork servers and a threaded one, a PostgreSQL of their own;"
            f" the log's disk: {self.rig.disk.method} ({self._now():.0f} s)"
        )

    def _count_promises(self, injector: Injector) -> None:
        injector.get_ready()
        promises: list[Promise] = [
            Stopped(self.driver, injector),
            Pairs(self.driver, injector),
            Upserts(self.driver, injector),
        ]
        if not self.is_long:
            promises.append(Patience(self.driver, injector, PATIENCE_SECONDS[False]))
        self._await(promises, injector)

    def _await(self, promises: list[Promise], injector: Injector) -> None:
        for promise in promises:
            promise.thread.start()
        while any(promise.thread.is_alive() for promise in promises):
            injector.tick()
        for promise in promises:
            self._tell(promise.name, promise.violations, promise.report)

    def _make_storm(self, injector: Injector) -> None:
        events = schedule.draw(self.seed, self.storm)
        self.say(f"storm: {self.storm:g} s, {len(events)} faults ({self._now():.0f} s)")
        patience = []
        if self.is_long:
            patience = [Patience(self.driver, injector, PATIENCE_SECONDS[True])]
            patience[0].thread.start()
            injector.patient.wait(10)
        stop = threading.Event()
        threads = [
            clients.Client(self.driver, f"{self.seed}-{number}", stop).thread
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        try:
            injector.carry_out(events)
        finally:
            stop.set()
        self._finish(injector, threads + [one.thread for one in patience])
        for promise in patience:
            self._tell(promise.name, promise.violations, promise.report)

    def _finish(self, injector: Injector, threads: list[threading.Thread]) -> None:
        """Let every client have its answer."""
        injector.settle()
        while any(thread.is_alive() for thread in threads):
            injector.tick()
        injector.settle()

    def _settle(self, injector: Injector) -> None:
        """Do what clients and Odoo would do in time: resend, look, mark."""
        chance = random.Random(self.seed)
        wanted = {one.wanted.key: one.wanted for one in self.driver.sent}
        for one in self.driver.sent:
            if one.answer == "success":
                wanted.pop(one.wanted.key, None)
        wanted.pop("", None)
        for one in wanted.values():
            self.driver.insist(one, 0, chance)
        query = "SELECT count(*) FROM api_log WHERE state = 'received'"
        waiting = self.rig.select(query)[0][0]
        for _try in range(REAPER_TRIES):
            if not self.rig.select(query)[0][0]:
                break
            time.sleep(1)
            injector.tick()
        self.say(
            f"settled: {len(wanted)} keys sent again, {waiting} rows left to the"
            f" reaper, which looked {injector.reaper_runs} times"
            f" ({self._now():.0f} s)"
        )
        self.say(f"{self.outbound.settle(injector)} ({self._now():.0f} s)")

    def _judge(self, injector: Injector) -> None:
        sent, faults = self.driver.sent, injector.faults
        self.say("\n" + table.render(self.rig, sent, faults))
        path = self.outbound.arrivals
        found_by_name, figures = invariants.check(self.rig, sent, faults, path)
        self.say("\n" + "\n".join(figures) + "\n")
        for name, found in found_by_name.items():
            lines = []
            for row in found[:5]:
                lines.append(str(row))
                lines += invariants.describe(self.rig, row[0], sent, faults)
            self._tell(name, lines, f"{len(found)} violations", len(found))
        self.say(f"\n{self._now():.0f} s, seed {self.seed}, {self.failed} broken")
        self._save()

    # -- telling --------------------------------------------------------------

    def _tell(
        self, name: str, violations: list[str], report: str, number: int = 0
    ) -> None:
        is_kept = not (violations or number)
        self.passed += is_kept
        self.failed += not is_kept
        self.say(f"{'ok  ' if is_kept else 'FAIL'}  {name}: {report}")
        for line in violations:
            self.say(f"        {line}")

    def _now(self) -> float:
        return time.monotonic() - self._begin

    def _get_folder(self) -> Path:
        folder = Path(os.environ["UW_SANDBOX"], "chaos")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _save(self) -> None:
        path = self._get_folder() / f"{time.strftime('%Y%m%d-%H%M%S')}-{self.seed}.txt"
        path.write_text("\n".join(self._lines) + "\n")
        print(f"written to {path}", flush=True)

    def _keep_logs(self) -> None:
        """Keep what the servers said, for whoever looks into a failure."""
        folder = self._get_folder() / f"logs-{self.seed}"
        folder.mkdir(exist_ok=True)
        logs = [*self.rig.folder.glob("server*.log"), self.rig.orders / "hits"]
        logs.append(self.outbound.arrivals)
        for log in logs:
            if log.exists():
                shutil.copy(log, folder)
        if self.rig.cluster.log.exists():
            shutil.copy(self.rig.cluster.log, folder / "postgresql.log")
        print(f"logs kept in {folder}", flush=True)
