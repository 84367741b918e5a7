# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Carries out a schedule of faults, and keeps what production keeps running."""

from __future__ import annotations

import bisect
import contextlib
import dataclasses
import json
import os
import signal
import threading
import time

import psutil
import psycopg2

from .driver import Driver
from .rig import STOP_SECONDS
from .schedule import AT_CHECKPOINTS, OUTAGES, Event

TICK_SECONDS = 0.05
#: Production has the reaper look every two minutes at rows older than 90 s.
REAPER_SECONDS = 1.5
DISK_SECONDS = 2.5
#: Servers that were ended have so long to serve again.
HEALTHY_SECONDS = 120
#: So often the reaper has looked before its looks are counted on.
READY_RUNS = 3
#: An outage waits so long at a time for an honest request to end.
LATER_SECONDS = 5


@dataclasses.dataclass(slots=True)
class Fault:
    """One fault that happened.

    :param hit: requests it met; a lower bound for what strikes from outside.
    """

    time: float
    kind: str
    place: str = ""
    pid: int = 0
    request_id: str = ""
    hit: int = 1
    ended: float = 0.0


class Injector:
    """Runs in the main thread: what it starts ends with that thread."""

    def __init__(self, driver: Driver) -> None:
        self.rig = driver.rig
        self.faults: list[Fault] = []
        self.reaper_runs = 0
        self.skipped = 0
        #: While set, an honest request is on its way, which no outage may end.
        self.patient = threading.Event()
        self._driver = driver
        self._stopped: list[Fault] = []
        self._read_up_to = 0
        self._next_reaper = 0.0
        self._disk_clear_at = 0.0
        self._reaper_id = self.rig.get_reaper_id()

    def carry_out(self, schedule: list[Event]) -> None:
        """Let each fault happen at its time."""
        begin = time.monotonic()
        waiting = list(schedule)
        while waiting:
            event = waiting.pop(0)
            while time.monotonic() < begin + event.at:
                self.tick()
            if event.kind in OUTAGES and self.patient.is_set():
                bisect.insort(waiting, event._replace(at=event.at + LATER_SECONDS))
            else:
                self._strike(event)

    def get_ready(self) -> None:
        """Wait for the workers of scheduled actions: a busy machine starts them last.

        :raises RuntimeError: they do not work; with the end of the logs.
        """
        deadline = time.monotonic() + HEALTHY_SECONDS
        while self.reaper_runs < READY_RUNS:
            if time.monotonic() > deadline:
                raise RuntimeError(f"no reaper:\n{self.rig.server_log()[-4000:]}")
            self.tick()

    def settle(self) -> None:
        """Continue, restart and empty whatever is not as it should be.

        :raises RuntimeError: a server does not come back; with the end of the logs.
        """
        for checkpoint in self.rig.orders.iterdir():
            if checkpoint.name != "hits":
                checkpoint.unlink(missing_ok=True)
        self._disk_clear_at = self._disk_clear_at and 1.0
        while self._stopped or self._disk_clear_at:
            self.tick()
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not all(server.is_healthy() for server in self.rig.servers):
            if time.monotonic() > deadline:
                raise RuntimeError(f"not healthy:\n{self.rig.server_log()[-4000:]}")
            self.tick()

    def tick(self) -> None:
        """Do what is due, and wait a moment."""
        time.sleep(TICK_SECONDS)
        now = time.time()
        self._read_hits()
        for fault in [one for one in self._stopped if one.time < now - STOP_SECONDS]:
            self._stopped.remove(fault)
            fault.ended = now
            _signal(fault.pid, signal.SIGCONT)
        if self._disk_clear_at and self._disk_clear_at < now:
            self.rig.disk.clear()
            self._disk_clear_at = 0.0
        for server in self.rig.servers:
            if not server.is_running():
                server.start()
        if self._next_reaper < now:
            self._next_reaper = now + REAPER_SECONDS
            with contextlib.suppress(psycopg2.Error):
                self.trigger([self._reaper_id])

    def trigger(self, cron_ids: list[int]) -> None:
        """Have the servers' cron workers run these, as Odoo itself asks them."""
        self.rig.select(
            "INSERT INTO ir_cron_trigger (cron_id, call_at)"
            " SELECT unnest(%s), now() AT TIME ZONE 'UTC'",
            cron_ids,
        )
        with self.rig.connection("postgres") as connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.rig.name])

    def _read_hits(self) -> None:
        """Take over what the faults addon has noted since."""
        path = self.rig.orders / "hits"
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read_up_to)
            text = file.read()
        text = text[: text.rfind(b"\n") + 1]
        self._read_up_to += len(text)
        for line in text.splitlines():
            fault = Fault(**json.loads(line))
            if fault.kind == "reaper":
                self.reaper_runs += 1
                continue
            self.faults.append(fault)
            if fault.kind == "stop":
                self._stopped.append(fault)

    # -- striking -------------------------------------------------------------

    def _strike(self, event: Event) -> None:
        if event.kind in AT_CHECKPOINTS:
            if self.rig.has_order(event.place):
                self.skipped += 1
            else:
                self.rig.order(event.place, event.kind)
        else:
            strike = getattr(self, "_" + event.kind.lower().replace(" ", "_"))
            # PostgreSQL, or the process, may be gone already.
            with contextlib.suppress(psycopg2.Error, psutil.NoSuchProcess):
                strike(event.pick)

    def _note(self, kind: str, hit: int = 0, pid: int = 0) -> Fault:
        fault = Fault(time.time(), kind, pid=pid, hit=hit)
        self.faults.append(fault)
        return fault

    def _pick_worker(self, pick: float) -> int:
        """Return the id of a process of the prefork servers, cron included."""
        servers = self.rig.servers[:2]
        spared = self._get_patient_worker()
        pids = [
            process.pid
            for server in servers
            for process in server.get_processes()
            if server.is_running() and process.pid != spared
        ]
        return pids[int(pick * len(pids))]

    def _kill_worker(self, pick: float) -> None:
        pid = self._pick_worker(pick)
        self._note("kill worker", pid=pid)
        _signal(pid, signal.SIGKILL)

    def _stop_worker(self, pick: float) -> None:
        pid = self._pick_worker(pick)
        self._stopped.append(self._note("stop worker", pid=pid))
        _signal(pid, signal.SIGSTOP)

    def _kill_server(self, pick: float) -> None:
        number = int(pick * len(self.rig.servers))
        self._note("kill server", self._driver.count_in_flight(number))
        self.rig.servers[number].kill()
        self.rig.servers[number].start()

    def _terminate_connection(self, pick: float) -> None:
        """End a connection, one at work if there is one."""
        pids = self._get_busy_backends()
        if pids:
            pid = pids[int(pick * len(pids))]
            self._note("terminate connection", 1, pid)
            self.rig.select("SELECT pg_terminate_backend(%s)", pid)

    def _crash_backend(self, pick: float) -> None:
        """Kill one, whereupon PostgreSQL ends all and recovers."""
        pids = self._get_busy_backends()
        if pids:
            pid = pids[int(pick * len(pids))]
            fault = self._note("crash backend", self._driver.count_in_flight(), pid)
            os.kill(pid, signal.SIGKILL)
            fault.ended = time.time() + 1

    def _crash_postgresql(self, _pick: float) -> None:
        self._restart("crash PostgreSQL", signal.SIGQUIT)

    def _restart_postgresql(self, _pick: float) -> None:
        self._restart("restart PostgreSQL", signal.SIGINT)

    def _restart(self, kind: str, number: signal.Signals) -> None:
        fault = self._note(kind, self._driver.count_in_flight())
        self.rig.cluster.restart(number)
        fault.ended = time.time()

    def _fill_disk(self, _pick: float) -> None:
        fault = self._note("fill disk")
        self.rig.disk.fill()
        fault.ended = self._disk_clear_at = time.time() + DISK_SECONDS

    def _get_busy_backends(self) -> list[int]:
        """Return the connections in a transaction, but for the patient one's."""
        rows = self.rig.select(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
            " AND pid NOT IN (SELECT pid FROM pg_locks JOIN api_log ON objid = id"
            " WHERE classid = 1430736215 AND request_id LIKE 'spared-%%')"
            " ORDER BY pid",
            self.rig.name,
        )
        return [pid for (pid,) in rows]

    def _get_patient_worker(self) -> int:
        if not self.patient.is_set():
            return 0
        rows = self.rig.select(
            "SELECT worker FROM api_log WHERE state = 'received'"
            " AND request_id LIKE 'spared-%%'"
        )
        return int(rows[0][0].rpartition(":")[2]) if rows else 0


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
