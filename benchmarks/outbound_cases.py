# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Webhooks: what rules add to a change, and how fast deliveries leave."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from system_tests.receiver import Receiver

from .case import NotTheSame, Pair, Study, Turn
from .client import Client, Timed
from .order_cases import get_product_ids, prepare_order
from .outcome import Outcome, percentile
from .stage import WORKERS, Stage

#: Also in scripts/bench.
DATABASE_PREFIX = "uw_ruled_"
LINES = 10
#: Requests of each database that make both workers load what they need.
WARM_UP_ORDERS = 8
#: What five rules say of an order; no two of them share what is read.
PAYLOADS: tuple = (
    {"id": "{id}", "order": "{name}"},
    {"order": "{name}", "total": "{amount_total}", "currency": "{currency_id.name}"},
    {"customer": "{partner_id.name}", "country": "{partner_id.country_id.code}"},
    {
        "order": "{name}",
        "order_line": [{"sku": "{product_id.default_code}", "n": "{product_uom_qty}"}],
    },
    ["name", "state", "order_line{name, price_subtotal, product_id{default_code}}"],
)
MAKE_RULES = """
env["bench.probe"]._make_rules({url!r}, {payloads!r})
env.cr.commit()
"""

#: One worker for requests; both senders.
SENDERS = ("--workers", "1", "--max-cron-threads", str(WORKERS))
SENDER_LIMIT = ("--limit-time-real-cron", "120")
MAX_PARALLEL = 8
MANY = 3_000
WANTED_RATE = 500
PATIENCE_SECONDS = 120
#: Beside one that hangs: so many at a time, so often, at this distance in seconds.
BURST, BURSTS, BURST_SECONDS = 50, 20, 0.5
HANGING_SECONDS = 10


# -- what rules add -----------------------------------------------------------


def get_ruled(stage: Stage) -> Stage:
    """Return a copy with five rules; one server has both, and sends nothing."""
    if stage.ruled is None:
        # A database is copied only while nobody is connected to it.
        stage.stop_servers()
        stage.ruled = stage.copy(DATABASE_PREFIX)
        script = MAKE_RULES.format(
            url="https://127.0.0.1/hook", payloads=list(PAYLOADS)
        )
        stage.ruled.run_shell(script)
        stage.start_server(
            *("--database", f"{stage.name},{stage.ruled.name}"),
            *("--workers", str(WORKERS), "--max-cron-threads", "0"),
        )
        for one in (stage, stage.ruled):
            turn = Turn(stage, stage.client(), "")
            for _warm_up in range(WARM_UP_ORDERS):
                _confirm(turn, one)
    return stage.ruled


def confirm_with_rules(turn: Turn) -> Timed:
    return _confirm(turn, get_ruled(turn.stage))


def confirm_without(turn: Turn) -> Timed:
    get_ruled(turn.stage)
    return _confirm(turn, turn.stage)


def _confirm(turn: Turn, owner: Stage) -> Timed:
    """Confirm a new order in the database of ``owner``; making it is not timed."""
    stage = turn.stage
    client = Client(stage.urls[-1], stage.key, database=owner.name)
    vals = prepare_order(stage, get_product_ids(stage)[:LINES])
    order_id = client.json2("sale.order", "create", vals_list=[vals])[0]
    payload = {"method": "action_confirm"}
    started = time.perf_counter()
    client.api(
        "call_function", "sale.order", search_key={"id": order_id}, payload=payload
    )
    return Timed(time.perf_counter() - started, (owner, order_id))


def read_confirmed(stage: Stage, effect: tuple[Stage, int]) -> object:
    """Return state and total of the order, told of by as many rules as there are."""
    owner, order_id = effect
    told = owner.select(
        "SELECT count(DISTINCT rule_id) FROM webhook_outbound_delivery"
        " WHERE res_model = 'sale.order' AND res_id = %s AND state = 'pending'",
        order_id,
    )[0][0]
    if told != (len(PAYLOADS) if owner is stage.ruled else 0):
        raise NotTheSame(f"{told} deliveries of order {order_id}")
    query = "SELECT state, amount_total FROM sale_order WHERE id = %s"
    return owner.select(query, order_id)


# -- how fast deliveries leave ------------------------------------------------


class Mailbox:
    """A receiver on this machine, its endpoint, and what was put there."""

    def __init__(self, stage: Stage, path: str = "/ok", **vals: object) -> None:
        self.receiver = Receiver().start()
        self.url = self.receiver.url(path)
        self.client = stage.client()
        vals |= {"url": self.url}
        self.endpoint_id = self.client.json2("bench.probe", "make_endpoint", **vals)
        self.stage = stage

    def put(self, count: int) -> None:
        facts = {"endpoint_id": self.endpoint_id, "url": self.url, "count": count}
        self.client.json2("bench.probe", "put_deliveries", **facts)

    def wait_for(self, count: int) -> list[float]:
        """Return the latencies of all deliveries, once there are so many.

        :raises RuntimeError: they did not all arrive in time.
        """
        query = (
            "SELECT latency FROM webhook_outbound_delivery WHERE endpoint_id = %s"
            " AND state = 'delivered' ORDER BY id"
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(rows := self.stage.select(query, self.endpoint_id)) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(rows)} of {count} deliveries arrived")
            time.sleep(0.2)
        return [float(latency) for (latency,) in rows]


@contextlib.contextmanager
def sending(stage: Stage) -> Iterator[None]:
    """Have a server more, with two senders."""
    stage.start_server(*SENDERS, *SENDER_LIMIT)
    try:
        yield
    finally:
        stage.stop_last_server()


def measure_rate(stage: Stage, rounds: int) -> dict[str, dict]:
    """Return deliveries a second, from the first to the last that arrives."""
    rates = []
    with sending(stage):
        for _round in range(rounds):
            box = Mailbox(stage, max_parallel=MAX_PARALLEL)
            try:
                # The senders are awake, and have met the endpoint.
                box.put(1)
                box.wait_for(1)
                box.put(MANY)
                box.wait_for(MANY + 1)
            finally:
                box.receiver.stop()
            moments = sorted(one.moment for one in box.receiver.received[1:])
            rates.append((len(moments) - 1) / (moments[-1] - moments[0]))
    return {"deliveries": {"ours": rates, "theirs": [WANTED_RATE] * rounds}}


def measure_beside_hanging(stage: Stage, rounds: int) -> dict[str, dict]:
    """Return p99 from change to answer, in seconds, beside an endpoint that hangs."""
    tails = []
    with sending(stage):
        for _round in range(rounds):
            hanging = Mailbox(stage, "/silence", timeout_seconds=HANGING_SECONDS)
            healthy = Mailbox(stage)
            try:
                healthy.put(1)
                healthy.wait_for(1)
                hanging.put(BURST)
                for _burst in range(BURSTS):
                    healthy.put(BURST)
                    time.sleep(BURST_SECONDS)
                latencies = healthy.wait_for(1 + BURST * BURSTS)[1:]
            finally:
                hanging.receiver.stop()
                healthy.receiver.stop()
            tails.append(percentile(latencies, 0.99))
    return {"hanging": {"ours": tails, "theirs": [1.0] * rounds}}


CASES = (
    Study(
        "outbound-rate",
        (
            Outcome(
                "deliveries",
                f"deliveries a second to one endpoint, {MAX_PARALLEL} at once",
                f"{WANTED_RATE} a second",
                1.0,
                unit="/s",
                more_is_better=True,
                note="Two workers; the receiver runs on the same machine.",
            ),
        ),
        measure_rate,
        rounds=6,
    ),
    Study(
        "outbound-hanging",
        (
            Outcome(
                "hanging",
                "p99 from a change to its delivery while another endpoint hangs",
                "one second",
                3.0,
                unit="s",
                note=f"{BURST} deliveries every {BURST_SECONDS} s; two workers.",
            ),
        ),
        measure_beside_hanging,
        rounds=6,
    ),
    Pair(
        "outbound-rules",
        f"confirm an order of {LINES} lines that five rules tell of",
        "the same without rules",
        1.05,
        confirm_with_rules,
        confirm_without,
        read_confirmed,
        rounds=60,
        note="Two databases of one server. The rules' payloads all differ.",
    ),
)
