# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Webhooks leave two servers at once, and whatever happens to these, all arrive."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable

from .receiver import Receiver
from .rig import Rig

#: Long enough for a cron worker that nobody wakes to look by itself.
PATIENCE_SECONDS = 100
MANY = 1_000
#: Per second and in seconds; measured are several hundred and a few tenths, on two
#: cores that also run the receiver and PostgreSQL.
LEAST_RATE = 50
MOST_P99 = 3.0
WAKE_ROUNDS = 10
WAKE_SECONDS = 2.0
SENDER = ("--workers", "1", "--max-cron-threads", "1", "--limit-time-real-cron", "120")
OPEN_LOOPBACK = """
INSERT INTO ir_config_parameter (key, value)
VALUES ('webhook.private_networks', '127.0.0.0/8') ON CONFLICT DO NOTHING
"""


class Mail:
    """A receiver, an endpoint for it, and what was put there."""

    def __init__(self, rig: Rig, path: str = "/ok", **vals) -> None:
        self.rig = rig
        self.receiver = Receiver().start()
        self.url = self.receiver.url(path)
        self.endpoint_id = _call(rig, "faults_endpoint", url=self.url, **vals)

    def put(self, count: int, first: int = 1) -> None:
        """Store events of so many records, one each, in one transaction."""
        facts = {"endpoint_id": self.endpoint_id, "url": self.url}
        _call(self.rig, "faults_deliver", first=first, count=count, **facts)

    def count(self, state: str) -> int:
        query = (
            "SELECT count(*) FROM webhook_outbound_delivery"
            " WHERE endpoint_id = %s AND state = %s"
        )
        return self.rig.select(query, self.endpoint_id, state)[0][0]

    def wait_for(self, count: int, seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until so many are delivered; return how long it took."""
        begun = time.monotonic()
        _wait(lambda: self.count("delivered") >= count, seconds, self.describe)
        return time.monotonic() - begun

    def describe(self) -> str:
        query = (
            "SELECT state, count(*), max(last_error) FROM webhook_outbound_delivery"
            " WHERE endpoint_id = %s GROUP BY state"
        )
        return str(self.rig.select(query, self.endpoint_id))

    def end_leases(self) -> None:
        """Let the time pass that a lease lasts, and have the senders look."""
        self.rig.select(
            "UPDATE webhook_outbound_delivery SET lease_until ="
            " now() AT TIME ZONE 'utc' WHERE endpoint_id = %s AND state = 'sending'",
            self.endpoint_id,
        )
        _call(self.rig, "faults_wake")

    def count_hits(self) -> Counter:
        """Return how often each message came; one id always had the same bytes."""
        bodies: dict[str, bytes] = {}
        hits: Counter[str] = Counter()
        for request in list(self.receiver.received):
            message_id = request.headers["webhook-id"]
            assert bodies.setdefault(message_id, request.body) == request.body
            hits[message_id] += 1
        return hits


def _call(rig: Rig, method: str, **parameter):
    payload = {"method": method, "parameter": parameter}
    answer = rig.call("call_function", "res.partner", {"payload": payload})
    assert answer["result"]["is_success"], answer
    return answer["result"]["result"]


def _wait(is_over: Callable[[], bool], seconds: float, describe: Callable) -> None:
    deadline = time.monotonic() + seconds
    while not is_over():
        assert time.monotonic() < deadline, describe()
        time.sleep(0.05)


def _start_senders(rig: Rig) -> None:
    """Have two servers that send, one worker for scheduled actions each."""
    rig.select(OPEN_LOOPBACK)
    while len(rig.senders) < 2:
        rig.senders.append(rig.start_server(*SENDER))
        rig.urls.pop()  # nobody else sends them anything


def _count_workers(rig: Rig) -> int:
    query = "SELECT count(DISTINCT worker) FROM api_log WHERE log_type = 'send'"
    return rig.select(query)[0][0]


def test_two_servers_send_each_delivery_once(rig: Rig) -> None:
    _start_senders(rig)
    mails = [Mail(rig) for _each in range(3)]
    sent = 0
    # A server that has just started may be busy with other scheduled actions.
    while not sent or (_count_workers(rig) < 2 and sent < 20 * MANY):
        for mail in mails:
            mail.put(MANY)
        sent += MANY
        for mail in mails:
            mail.wait_for(sent)
    assert _count_workers(rig) == 2
    for mail in mails:
        hits = mail.count_hits()
        assert len(hits) == sent and set(hits.values()) == {1}, mail.describe()
        attempts = (
            "SELECT count(*), min(state), max(state) FROM api_log WHERE delivery_id IN"
            " (SELECT id FROM webhook_outbound_delivery WHERE endpoint_id = %s)"
        )
        rows = rig.select(attempts, mail.endpoint_id)
        assert rows == [(sent, "done", "done")], rows


def test_one_endpoint_has_both_servers(rig: Rig) -> None:
    _start_senders(rig)
    mail = Mail(rig, max_parallel=8)
    mail.put(1)
    mail.wait_for(1)
    mail.put(3 * MANY)
    mail.wait_for(3 * MANY + 1)
    moments = sorted(request.moment for request in mail.receiver.received[1:])
    rate = len(moments) / (moments[-1] - moments[0])
    assert set(mail.count_hits().values()) == {1}
    assert rate > LEAST_RATE, rate
    print(f"      {rate:.0f} a second to one endpoint")


def test_hanging_endpoint_delays_nobody(rig: Rig) -> None:
    _start_senders(rig)
    hanging = [
        Mail(rig, path, timeout_seconds=10)
        for path in ("/silence", "/drip-headers", "/drip-body", "/huge")
    ]
    healthy = Mail(rig)
    healthy.put(1)
    healthy.wait_for(1)
    for mail in hanging:
        mail.put(100)
    time.sleep(1)
    for number in range(20):
        healthy.put(MANY // 20, first=1 + number * MANY // 20)
        time.sleep(0.5)
    healthy.wait_for(MANY + 1, 60)
    query = (
        "SELECT percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY latency)"
        " FROM webhook_outbound_delivery WHERE endpoint_id = %s"
    )
    median, p99 = rig.select(query, healthy.endpoint_id)[0][0]
    assert p99 < MOST_P99, (median, p99)
    print(f"      beside four that hang: median {median:.2f} s, p99 {p99:.2f} s")


def _strike(rig: Rig, mail: Mail, place: str) -> None:
    """Kill a sender at a place of its run, while it has deliveries in its hands."""
    rig.order(place, "kill")
    mail.put(20)
    _wait(lambda: not rig.has_order(place), PATIENCE_SECONDS, mail.describe)


def test_worker_killed_after_its_claim(rig: Rig) -> None:
    _start_senders(rig)
    mail = Mail(rig)
    _strike(rig, mail, "after_claim")
    assert mail.count("sending"), mail.describe()
    mail.end_leases()
    mail.wait_for(20)
    # It was killed before it sent anything: each came once, the claimed ones later.
    hits = mail.count_hits()
    assert len(hits) == 20 and set(hits.values()) == {1}, hits
    _assert_lost_attempts_are_on_the_log(rig, mail)


def test_worker_killed_after_the_receiver_said_yes(rig: Rig) -> None:
    _start_senders(rig)
    mail = Mail(rig)
    _strike(rig, mail, "before_result")
    known = len(mail.count_hits())
    assert known, "nothing was sent"
    mail.end_leases()
    mail.wait_for(20)
    # At least once: what nobody could write down came again, as it was.
    hits = mail.count_hits()
    assert len(hits) == 20, hits
    assert 1 <= sum(count > 1 for count in hits.values()) <= known, hits
    _assert_lost_attempts_are_on_the_log(rig, mail)


def _assert_lost_attempts_are_on_the_log(rig: Rig, mail: Mail) -> None:
    query = (
        "SELECT d.attempt_count, count(l.id),"
        " count(l.id) FILTER (WHERE l.state = 'interrupted')"
        " FROM webhook_outbound_delivery d LEFT JOIN api_log l ON l.delivery_id = d.id"
        " WHERE d.endpoint_id = %s GROUP BY d.id"
    )
    rows = rig.select(query, mail.endpoint_id)
    assert all(attempts == logs for attempts, logs, _lost in rows), rows
    assert sum(lost for _attempts, _logs, lost in rows) >= 1, rows


def test_ordered_endpoint_keeps_the_order_of_each_record(rig: Rig) -> None:
    _start_senders(rig)
    mail = Mail(rig, "/told/ordered", is_ordered=True)
    for number in range(15):
        mail.put(3)  # records 1, 2 and 3 change once more
        # Some of them fail for a while, and must not be overtaken meanwhile.
        mail.receiver.statuses["/told/ordered"] = [500 if number == 5 else 200]
    mail.receiver.statuses.clear()
    mail.wait_for(45)
    last: dict[int, int] = {}
    for request in mail.receiver.received:
        body = json.loads(request.body)
        record, sequence = body["record"]["id"], body["sequence"]
        assert sequence >= last.get(record, 0), "overtaken"
        last[record] = sequence
    assert len(mail.count_hits()) == 45


def test_postgresql_goes_away_and_comes_back(rig: Rig) -> None:
    _start_senders(rig)
    mail = Mail(rig)
    mail.put(MANY)
    _wait(lambda: mail.count("delivered") > 0, PATIENCE_SECONDS, mail.describe)
    with rig.connection("postgres") as connection, connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{rig.name}" ALLOW_CONNECTIONS false')
        try:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s OR query = 'LISTEN cron_trigger'",
                [rig.name],
            )
            time.sleep(2)
        finally:
            cursor.execute(f'ALTER DATABASE "{rig.name}" ALLOW_CONNECTIONS true')
    mail.end_leases()
    seconds = mail.wait_for(MANY)
    assert len(mail.count_hits()) == MANY
    crons = "SELECT count(*) FROM ir_cron WHERE active AND cron_name LIKE 'Webhooks:%%'"
    assert rig.select(crons) == [(2,)]
    print(f"      all delivered {seconds:.0f} s after it was back")


def test_commit_wakes_the_sender(rig: Rig) -> None:
    _start_senders(rig)
    mail = Mail(rig)
    for number in range(WAKE_ROUNDS):
        mail.put(1, first=number)
        mail.wait_for(number + 1)
        time.sleep(0.3)
    query = "SELECT latency FROM webhook_outbound_delivery WHERE endpoint_id = %s"
    latencies = sorted(row[0] for row in rig.select(query, mail.endpoint_id))
    median = statistics.median(latencies)
    assert median < WAKE_SECONDS, latencies
    print(
        f"      median {median:.2f} s, longest {latencies[-1]:.2f} s after the change"
    )
