# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The promises that are counted: pairs, upserts, patience, a stopped worker.

Each is a thread of its own; its ``report`` says what was found, and its
``violations`` what was not as promised.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from . import clients
from .driver import Driver, Sent, Wanted
from .injector import Injector
from .rig import PREFORK, REAP_SECONDS

PAIRS = 1_000
UPSERTS = 200  # by each server
UPSERT_KEYS = 20
CALLERS = 6
LOOK_SECONDS = 0.5
#: A machine that is busy may have the reaper look too late.
PROOF_TRIES = 3


class Promise:
    """Something to be tried while other things go on."""

    name = ""

    def __init__(self, driver: Driver, injector: Injector) -> None:
        self.report = "not tried"
        self.violations: list[str] = []
        self._driver = driver
        self._rig = driver.rig
        self._injector = injector
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self._try()
        except Exception as exc:  # pylint: disable=broad-exception-caught
            self.violations.append(f"{self.name}: {exc!r}")

    def _try(self) -> None:
        raise NotImplementedError

    def _expect(self, is_kept: bool, what: object) -> None:
        if not is_kept:
            self.violations.append(f"{self.name}: {what}")


class Pairs(Promise):
    """One key to two servers at once: one effect."""

    name = "same key on two servers"

    def _try(self) -> None:
        chances = [random.Random(number) for number in range(PAIRS)]
        before = len(self._driver.sent)
        with ThreadPoolExecutor(CALLERS) as pool:
            list(pool.map(self._send, chances))
        sent = [one for one in self._driver.sent[before:] if one.wanted.key]
        keys = {one.wanted.key for one in sent}
        query = (
            "SELECT count(*), count(DISTINCT ref) FROM res_partner WHERE ref = ANY(%s)"
        )
        effects, distinct = self._rig.select(query, list(keys))[0]
        is_kept = effects == distinct == len(keys) == PAIRS
        self._expect(is_kept, f"{effects} effects of {distinct} keys")
        waited = sum(one.answer == "in progress" for one in sent)
        replayed = sum(one.is_replayed for one in sent)
        self._expect(waited + replayed > 0, "they never met: nothing was proved")
        self.report = (
            f"{len(keys):,} pairs, {effects:,} effects"
            f" ({waited:,} told to wait, {replayed:,} replayed)"
        )

    def _send(self, chance: random.Random) -> None:
        clients.send_pair(self._driver, chance, PREFORK)


class Upserts(Promise):
    """Two servers, 200 upserts each, 20 keys: 20 records."""

    name = "upserts on two servers"

    def _try(self) -> None:
        keys = [f"counted-{number}" for number in range(UPSERT_KEYS)]
        cases = [
            (keys[number % UPSERT_KEYS], server)
            for number in range(UPSERTS)
            for server in PREFORK
        ]
        with ThreadPoolExecutor(CALLERS) as pool:
            answers = list(pool.map(self._send, cases))
        query = "SELECT ref, count(*) FROM res_partner WHERE ref = ANY(%s) GROUP BY ref"
        counts = dict(self._rig.select(query, keys))
        self._expect(counts == dict.fromkeys(keys, 1), counts)
        done = sum(sent.answer == "success" for sent in answers)
        odd = [s for s in answers if s.answer != "success" and s.code != "conflict"]
        self._expect(not odd, odd[:1])
        self.report = (
            f"{len(PREFORK)} x {UPSERTS} over {len(keys)} keys,"
            f" {sum(counts.values())} records"
            f" ({done} done, {len(answers) - done} conflicts)"
        )

    def _send(self, case: tuple[str, int]) -> Sent:
        target, server = case
        return self._driver.send(clients.upsert(target, "counted upsert"), server)


class _Watched(Promise):
    """One request that takes long; its row is looked at all the time."""

    def _watch(self, wanted: Wanted, server: int, request_id: str) -> None:
        """Send it and see that it ends ``done``, and was ``received`` until then."""
        with ThreadPoolExecutor(1) as pool:
            begin, runs = time.monotonic(), None
            future = pool.submit(self._driver.send, wanted, server, request_id)
            states = set()
            while not future.done():
                states.add(self._look(request_id))
                time.sleep(LOOK_SECONDS)
                self.seconds = time.monotonic() - begin
                if runs is None and self.seconds > REAP_SECONDS + 1:
                    runs = self._injector.reaper_runs
            sent = future.result()
        # The first of these may have begun before the row was old enough.
        self.looks = self._injector.reaper_runs - (runs or 0) - 1 if runs else 0
        # The last look may have come after the work and before the answer.
        self._expect(states <= {"", "received", "done"}, f"its row was {states}")
        self._expect(sent.answer == "success", sent)
        self._expect(self._look(request_id) == "done", self._look(request_id))

    def _tell(self) -> None:
        self._expect(self.looks > 0, "the reaper did not look: nothing was proved")
        self.report = (
            f"{self.seconds:.0f} s, looked at {self.looks} times by the reaper"
            f" when older than {REAP_SECONDS} s, done"
        )

    def _look(self, request_id: str) -> str:
        query = "SELECT state FROM api_log WHERE request_id = %s"
        try:
            rows = self._rig.select(query, request_id)
        except psycopg2.Error:
            return ""
        return rows[0][0] if rows else ""


class Patience(_Watched):
    """An honest request takes long, and is never given up."""

    name = "honest long request"

    def __init__(self, driver: Driver, injector: Injector, seconds: int) -> None:
        super().__init__(driver, injector)
        self._wanted_seconds = seconds

    def _try(self) -> None:
        # A counter nobody else counts: it reads it first and writes it last.
        ref = "counter-patient"
        vals = {"search_key": {"ref": ref}, "payload": {"name": ref}}
        made = Wanted("prepare", "create_update_data", vals)
        self._driver.insist(made, PREFORK[1], random.Random(0))
        seconds = self._wanted_seconds
        wanted = clients.call("increment", "faults_patience", ref, seconds=seconds)
        self._injector.patient.set()
        try:
            self._watch(wanted, PREFORK[1], f"spared-patient-{ref}")
        finally:
            self._injector.patient.clear()
        self._tell()


class Stopped(_Watched):
    """A worker is stopped in the midst of its work, and goes on."""

    name = "worker stopped and continued"

    def _try(self) -> None:
        for number in range(PROOF_TRIES):
            request_id = f"spared-stopped-{number}"
            self._rig.order(f"worked@{request_id}", "stop")
            self._watch(clients.create("create"), PREFORK[0], request_id)
            if self.looks > 0:
                break
        self._tell()
