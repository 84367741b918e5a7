# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Webhooks of what the storm writes: endpoints, rules, and the end of it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from system_tests.deliveries import OPEN_LOOPBACK
from system_tests.server import INTERFACE, end_with_parent

from . import clients
from .driver import Driver
from .injector import Injector
from .receiver import HEALTHY, MANNERS, ORDERED
from .rig import PREFORK, ChaosRig

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20
#: Endpoint -> which partners it is told of; of the counters each change counts. To
#: have many for those that answer, and enough for the others.
DOMAINS = {HEALTHY: [["ref", "!=", False]], ORDERED: [["ref", "=like", "counter-%"]]}
OTHERS = [["ref", "=like", "parent-%"]]
TIMEOUT_SECONDS = 2
#: Nobody helps the senders for so long; then they are woken, as their interval of
#: five minutes would.
ALONE_SECONDS = 30
#: The end is awaited while it comes nearer, and so long after it last did.
LAST_SECONDS = 90
#: Those which take everything in the end; what waits for the others is cancelled.
TAKING = HEALTHY, ORDERED, "fickle"
WAITING = """
SELECT count(*) FROM webhook_outbound_delivery d JOIN webhook_endpoint e
    ON e.id = d.endpoint_id
WHERE d.state = 'sending' OR (d.state = 'pending' AND e.name = ANY(%s))
"""
CANCEL = """
UPDATE webhook_outbound_delivery d SET state = 'cancelled', next_attempt_at = NULL
FROM webhook_endpoint e
WHERE e.id = d.endpoint_id AND d.state = 'pending' AND e.name <> ALL(%s)
"""


class Outbound:
    """The receiver's process and what the rig's database has for it."""

    def __init__(self, rig: ChaosRig) -> None:
        self._rig = rig
        self._folder = rig.folder / "receiver"
        self.arrivals = self._folder / "arrivals"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the receiver; before the servers, for it opens the network to them.

        :raises RuntimeError: it did not start.
        """
        self._folder.mkdir()
        self._rig.select(OPEN_LOOPBACK)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [os.environ["UW_PYTHON"], "-m", "chaos.receiver", str(self._folder)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
            )
        deadline = time.monotonic() + START_SECONDS
        while not (self._folder / "port").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def prepare(self, driver: Driver) -> None:
        """Make an endpoint and a rule for each manner.

        :raises RuntimeError: the servers do not work.
        """
        port = (self._folder / "port").read_text()
        endpoints = {
            role: self._call(
                driver,
                "faults_endpoint",
                url=f"http://{INTERFACE}:{port}/{role}",
                name=role,
                timeout_seconds=TIMEOUT_SECONDS,
                is_ordered=role == ORDERED,
            )
            for role in MANNERS
        }
        query = "SELECT endpoint_id, secret FROM webhook_endpoint_secret"
        secrets = dict(self._rig.select(query))
        by_role = {role: secrets[number] for role, number in endpoints.items()}
        (self._folder / "secrets.json").write_text(json.dumps(by_role))
        for role, endpoint_id in endpoints.items():
            domain = json.dumps(DOMAINS.get(role, OTHERS))
            self._call(driver, "faults_rule", endpoint_id=endpoint_id, domain=domain)

    def _call(self, driver: Driver, method: str, **parameter: object) -> int:
        wanted = clients.call("prepare", method, "", **parameter)
        sent = driver.send(wanted, PREFORK[0])
        if sent.answer != "success":
            raise RuntimeError(f"not prepared: {sent}")
        return int(str(sent.value))

    def settle(self, injector: Injector) -> str:
        """Let the senders end what they have to; return what there was to do."""
        begin = nearer = time.monotonic()
        count, helped = self._count_waiting(), 0
        left = least = count
        while left and time.monotonic() < nearer + LAST_SECONDS:
            if not helped and time.monotonic() > begin + ALONE_SECONDS:
                helped = left
                injector.trigger(self._rig.get_sender_ids())
            injector.tick()
            # Again and again: what is under way may come back.
            self._rig.select(CANCEL, list(TAKING))
            left = self._count_waiting()
            if left < least:
                least, nearer = left, time.monotonic()
        seconds = time.monotonic() - begin
        return (
            f"deliveries settled: {count} were waiting, {left} still do after"
            f" {seconds:.0f} s; {helped} had waited for the interval"
        )

    def _count_waiting(self) -> int:
        return self._rig.select(WAITING, list(TAKING))[0][0]

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
