# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Limits hold on two servers together, and too much at once is shed."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import requests

from .rig import REQUEST_SECONDS, WORKERS, Rig

LIMIT = 10  # a minute
SENT = 40
CROWD = 16
CROWD_ROUNDS = 10
COLD_ROUNDS = 25
CLIENTS = 60
#: Connections the crowd of clients has to share.
CONNECTIONS = 4
RECOVERY_SECONDS = 5
SEARCH = {
    "params": {
        "model": "res.partner",
        "vals": {"payload": {"search_field": ["name"], "limit": 1}},
    }
}

MAKE_NARROW_KEY = """
rule = {{"model_id": env["ir.model"]._get_id("res.partner"),
         "may_read": True, "may_create": True}}
profile = env["api.access.profile"].create({{
    "name": "{name}", "requests_per_minute": {limit},
    "allow_search_data": True, "allow_create_data": True,
    "rule_ids": [(0, 0, rule)],
}})
user = env.ref("base.user_admin")
keys = env["res.users.apikeys"].with_user(user).sudo()
key = keys._generate_narrow(profile, "{name}", None)
env.cr.commit()
print("KEY", key)
"""


def make_key(rig: Rig, limit: int) -> str:
    """Return a new key that may do ``limit`` requests a minute; 0 for any number."""
    script = MAKE_NARROW_KEY.format(name=f"limits {uuid.uuid4()}", limit=limit)
    output = rig._odoo("shell", "--no-http", "--workers", "0", stdin=script)
    return output.rpartition("KEY ")[2].split()[0]


def _post(url: str, key: str, body: dict, route: str = "search_data"):
    headers = {"Authorization": f"Bearer {key}"}
    return requests.post(
        f"{url}/api/{route}", json=body, headers=headers, timeout=REQUEST_SECONDS
    )


def test_limit_is_exact_over_two_servers(rig: Rig) -> None:
    key = make_key(rig, LIMIT)
    started = time.monotonic()
    with ThreadPoolExecutor(SENT) as pool:
        urls = [rig.urls[number % 2] for number in range(SENT)]
        answers = list(pool.map(lambda url: _post(url, key, SEARCH), urls))
    seconds = time.monotonic() - started
    statuses = Counter(answer.status_code for answer in answers)
    # One more each six seconds.
    most = LIMIT + int(seconds * LIMIT / 60)
    assert set(statuses) == {200, 429}, statuses
    assert LIMIT <= statuses[200] <= most, (statuses, seconds)
    left = [int(one.headers["RateLimit-Remaining"]) for one in answers if one.ok]
    assert sorted(left)[:LIMIT] == list(range(LIMIT)) or most > LIMIT, left
    for answer in answers:
        if not answer.ok:
            assert 1 <= int(answer.headers["Retry-After"]) <= 6, answer.headers
            assert answer.json()["error"]["data"]["code"] == "rate_limited"
    print(f"      {statuses[200]} of {SENT} in {seconds:.1f} s")


def test_many_threads_on_one_key_all_succeed_and_are_all_counted(rig: Rig) -> None:
    """None of them ever hears that somebody else was counted at the same time."""
    limit = 1_000
    key = make_key(rig, limit)
    sent = CROWD * CROWD_ROUNDS
    started = time.monotonic()
    with ThreadPoolExecutor(CROWD) as pool:
        urls = [rig.urls[number % 2] for number in range(sent)]
        answers = list(pool.map(lambda url: _post(url, key, SEARCH), urls))
    back = (time.monotonic() - started) * limit / 60
    assert {answer.status_code for answer in answers} == {200}, Counter(
        answer.text[:200] for answer in answers if not answer.ok
    )
    assert all(answer.json()["result"]["is_success"] for answer in answers)
    last = min(int(answer.headers["RateLimit-Remaining"]) for answer in answers)
    assert limit - sent <= last <= limit - sent + back + 1, (last, back)
    assert "could not serialize" not in rig.server_log()


def test_counting_with_cold_caches_meets_nobody(rig: Rig) -> None:
    """The settings are read first, and that is no part of the count."""
    sent = len(rig.urls) * WORKERS
    for _round in range(COLD_ROUNDS):
        rig.select("INSERT INTO orm_signaling_stable DEFAULT VALUES")
        with ThreadPoolExecutor(sent) as pool:
            urls = [rig.urls[number % 2] for number in range(sent)]
            answers = list(pool.map(lambda url: _post(url, rig.key, SEARCH), urls))
        assert {answer.status_code for answer in answers} == {200}, Counter(
            answer.text[:200] for answer in answers if not answer.ok
        )


def test_what_was_counted_survives_a_rollback(rig: Rig) -> None:
    key = make_key(rig, LIMIT)
    payload = {"name": "Rolled back", "country_id": 2**31 - 1}
    body = {"params": {"model": "res.partner", "vals": {"payload": payload}}}
    for left in (LIMIT - 1, LIMIT - 2):
        answer = _post(rig.urls[0], key, body, "create_data")
        assert not answer.json()["result"]["is_success"], answer.text
        assert answer.headers["RateLimit-Remaining"] == str(left), answer.headers


def test_the_work_itself_is_repeatable_read(rig: Rig) -> None:
    """Counting borrows the connection, and gives it back as it was."""
    for server in range(2):
        for _each_worker in range(6):
            vals = {"payload": {"method": "faults_isolation"}}
            answer = rig.call("call_function", "res.partner", vals, server)
            assert answer["result"]["result"] == "repeatable read", answer


def _flood(url: str, key: str) -> Counter:
    """Send many requests at once, check what may come of them; return how many."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda _n: _post(url, key, SEARCH), range(2 * CLIENTS)))
    for answer in answers:
        if answer.status_code != 200:
            assert answer.status_code == 503, (answer.status_code, answer.text[:300])
            assert answer.headers["Retry-After"] == "5", answer.headers
            assert answer.json()["error"]["data"]["code"] == "unavailable"
    return Counter(answer.status_code for answer in answers)


def _assert_recovers(url: str, key: str) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while not (answer := _post(url, key, SEARCH)).ok:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.1)


@contextlib.contextmanager
def _threaded_server(rig: Rig, *options: str) -> Iterator[str]:
    """Yield the address of a server whose requests share one pool."""
    server = rig.start_server("--workers", "0", *options)
    try:
        yield server.url
    finally:
        server.end()
        rig.urls.remove(server.url)


def test_too_many_requests_for_the_pool_are_shed(rig: Rig) -> None:
    with _threaded_server(rig, "--db_maxconn", str(CONNECTIONS)) as url:
        assert _post(url, rig.key, SEARCH).ok
        statuses = _flood(url, rig.key)
        _assert_recovers(url, rig.key)
    assert statuses[200] and statuses[503], f"nothing was proved: {statuses}"
    print(f"      {statuses[200]} done, {statuses[503]} told to come again")


def test_too_many_connections_for_postgresql_are_shed(rig: Rig) -> None:
    limit = f'ALTER DATABASE "{rig.name}" CONNECTION LIMIT '
    with _threaded_server(rig) as url:
        assert _post(url, rig.key, SEARCH).ok
        used = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        rig._maintain(f"{limit}{rig.select(used)[0][0] + CONNECTIONS}")
        try:
            statuses = _flood(url, rig.key)
            _assert_recovers(url, rig.key)
        finally:
            rig._maintain(f"{limit}-1")
    assert statuses[200] and statuses[503], f"nothing was proved: {statuses}"
    print(f"      {statuses[200]} done, {statuses[503]} told to come again")
