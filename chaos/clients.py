# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the clients want: each a thread that never stops wanting."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable

from .driver import Driver, Sent, Wanted
from .rig import PREFORK, REFUSED, THREADED

COUNTERS = [f"counter-{number}" for number in range(4)]
CROSSED = ["crossed-0", "crossed-1"]
PARENTS = [f"parent-{number}" for number in range(6)]
UPSERT_KEYS = [f"upsert-{number}" for number in range(10)]
#: The threaded server works in one process, so it gets less.
SERVERS = (*PREFORK, *PREFORK, *PREFORK, THREADED)


def make_token() -> str:
    """Return the ``ref`` by which an effect is found."""
    return f"chaos-{uuid.uuid4()}"


def create(kind: str = "create", key: str = "", **values: object) -> Wanted:
    """A partner that tells by its ``ref`` who made it."""
    token = key or make_token()
    payload = {"name": "Created", "ref": token} | values
    return Wanted(kind, "create_data", {"payload": payload}, token=token, key=key)


def keyed() -> Wanted:
    """The same, safe to be sent again."""
    return create("keyed create", key=make_token())


def batch() -> Wanted:
    """Three partners, all or none; two are told by their ``ref`` as its parts."""
    token = make_token()
    refs = (token, *(f"part {number} of {token}" for number in (1, 2)))
    records = [{"payload": {"name": "In a batch", "ref": ref}} for ref in refs]
    vals = {"records": records}
    return Wanted("batch", "create_data", vals, token=token, key=token)


def try_out() -> Wanted:
    """A partner that must not be made."""
    token = make_token()
    vals = {"payload": {"name": "Tried", "ref": token}, "dry_run": True}
    return Wanted("dry run", "create_data", vals, token=token)


def upsert(target: str, kind: str = "upsert") -> Wanted:
    """A partner there is one of; ``function`` tells who wrote it last."""
    token = make_token()
    payload = {"name": "Upserted", "function": token}
    vals = {"search_key": {"ref": target}, "payload": payload}
    return Wanted(kind, "create_update_data", vals, token=token, target=target)


def call(kind: str, method: str, ref: object, /, **parameter: object) -> Wanted:
    """Call a method of the faults addon; on the partners of a ``ref``."""
    payload = {"method": method, "parameter": parameter}
    vals = {"payload": payload} | ({"search_key": {"ref": ref}} if ref else {})
    target = ref if isinstance(ref, str) else ""
    token = parameter.get("ref", "")
    return Wanted(kind, "call_function", vals, token=token, target=target)


def increment(target: str) -> Wanted:
    return call("increment", "faults_increment", target)


def cross(backwards: bool) -> Wanted:
    """Two callers, one of them backwards, deadlock."""
    return call("cross", "faults_cross", CROSSED, backwards=backwards)


def update(target: str) -> Wanted:
    """Write on a partner others write on too, and add a child to be found."""
    token = make_token()
    child = {"name": "Child", "ref": token}
    children = {"mode": "add", "records": [child]}
    payload = {"function": token, "child_ids": children}
    vals = {"search_key": {"ref": target}, "payload": payload}
    return Wanted("update", "update_data", vals, token=token)


def search() -> Wanted:
    payload = {"search_field": ["name", "child_ids{ref}"], "limit": 5}
    payload |= {"search_domain": [["ref", "in", PARENTS]]}
    return Wanted("read", "search_data", {"payload": payload})


#: What must fail: before, in, and after the work, and at COMMIT itself.
FAILING: tuple[Callable[[], Wanted], ...] = (
    lambda: create("must fail", no_such_field=1),
    lambda: create("must fail", country_id={"code": "no such country"}),
    lambda: create("must fail", name=False),
    lambda: create("must fail", function=REFUSED),
    lambda: call("must fail", "faults_fail", "", ref=make_token()),
)


def prepare(driver: Driver) -> None:
    """Make the partners that the others work on.

    :raises RuntimeError: the servers do not work.
    """
    for ref in (*COUNTERS, *CROSSED, *PARENTS):
        payload = {"name": ref, "ref": ref}
        wanted = Wanted("prepare", "create_data", {"payload": payload})
        sent = driver.send(wanted, PREFORK[0])
        if sent.answer != "success":
            raise RuntimeError(f"not prepared: {sent}")


class Client:
    """One thread: wants this and that until told to stop."""

    def __init__(self, driver: Driver, seed: str, stop: threading.Event) -> None:
        self._driver = driver
        self._chance = random.Random(seed)
        self._stop = stop
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        actions = {
            self._send_pair: 4,
            self._create: 4,
            self._send_batch: 2,
            self._try_out: 1,
            self._upsert: 3,
            self._increment: 4,
            self._cross: 2,
            self._update: 3,
            self._fail: 3,
            self._search: 2,
        }
        choices, weights = list(actions), list(actions.values())
        while not self._stop.is_set():
            self._chance.choices(choices, weights)[0]()

    def _send(self, wanted: Wanted) -> Sent:
        return self._driver.send(wanted, self._chance.choice(SERVERS))

    def _send_pair(self) -> None:
        """Send one key to two servers at once, each until it knows."""
        send_pair(self._driver, self._chance)

    def _create(self) -> None:
        self._send(create())

    def _send_batch(self) -> None:
        self._driver.insist(batch(), self._chance.choice(SERVERS), self._chance)

    def _try_out(self) -> None:
        self._send(try_out())

    def _upsert(self) -> None:
        self._send(upsert(self._chance.choice(UPSERT_KEYS)))

    def _increment(self) -> None:
        self._send(increment(self._chance.choice(COUNTERS)))

    def _cross(self) -> None:
        self._send(cross(self._chance.choice((True, False))))

    def _update(self) -> None:
        self._send(update(self._chance.choice(PARENTS)))

    def _fail(self) -> None:
        self._send(self._chance.choice(FAILING)())

    def _search(self) -> None:
        self._send(search())


def send_pair(driver: Driver, chance: random.Random, servers: tuple = ()) -> None:
    """Have two callers send one key at the same moment, each until it knows."""
    wanted = keyed()
    one, other = servers or chance.sample(range(len(driver.rig.urls)), 2)
    seed = chance.random()
    twin = threading.Thread(
        target=driver.insist, args=[wanted, other, random.Random(seed)], daemon=True
    )
    twin.start()
    driver.insist(wanted, one, chance)
    twin.join()
