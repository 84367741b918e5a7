# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Two servers, one database, at the same time."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests

from .rig import REQUEST_SECONDS, Rig

INCREMENTS = 50  # by each server
UPSERT_ROUNDS = 20
KEY_ROUNDS = 100


def _create(rig: Rig, **values: object) -> int:
    answer = rig.call("create_data", "res.partner", {"payload": values})
    return answer["result"]["result"]["id"]


def test_no_update_is_lost_between_two_servers(rig: Rig) -> None:
    """Each increment is done, or says that it is not."""
    ref = f"counter-{uuid.uuid4()}"
    partner_id = _create(rig, name="Counter", ref=ref)
    vals = {"search_key": {"ref": ref}, "payload": {"method": "faults_increment"}}

    def increment(server: int) -> dict:
        return rig.call("call_function", "res.partner", vals, server)["result"]

    with ThreadPoolExecutor(2 * len(rig.urls)) as pool:
        answers = list(pool.map(increment, [0, 1] * INCREMENTS))
    done = [answer for answer in answers if answer["is_success"]]
    for answer in answers:
        if answer not in done:
            assert answer["errors"][0]["code"] == "conflict", answer
            assert answer["retryable"], answer
    query = "SELECT color FROM res_partner WHERE id = %s"
    assert rig.select(query, partner_id) == [(len(done),)], len(done)
    # Each saw a value nobody else saw.
    values = sorted(answer["result"] for answer in done)
    assert values == list(range(1, len(done) + 1)), values
    states = rig.select(
        "SELECT state, count(*) FROM api_log WHERE method = 'faults_increment'"
        " GROUP BY state ORDER BY state"
    )
    failed = len(answers) - len(done)
    expected = {"done": len(done)} | ({"failed": failed} if failed else {})
    assert dict(states) == expected, states
    query = "SELECT max(attempts) FROM api_log WHERE method = 'faults_increment'"
    (most,) = rig.select(query)[0]
    assert most > 1, "they never met: nothing was proved"
    print(f"      {len(done)} done, {failed} conflicts, up to {most} attempts")


def test_two_callers_at_once_never_make_two_records(rig: Rig) -> None:
    """Both servers are sent the same new key at the same moment."""

    def upsert(case: tuple[str, int]) -> dict:
        ref, server = case
        vals = {"search_key": {"ref": ref}, "payload": {"name": "Raced"}}
        return rig.call("create_update_data", "res.partner", vals, server)["result"]

    refs = [f"raced-{uuid.uuid4()}" for _round in range(UPSERT_ROUNDS)]
    with ThreadPoolExecutor(len(rig.urls)) as pool:
        cases = [(ref, server) for ref in refs for server in range(len(rig.urls))]
        answers = list(pool.map(upsert, cases))
    for answer in answers:
        assert answer["is_success"] or answer["retryable"], answer
    query = "SELECT count(*) FROM res_partner WHERE ref = %s"
    doubled = [ref for ref in refs if rig.select(query, ref) != [(1,)]]
    assert not doubled, f"{len(doubled)} of {len(refs)} keys made no one record"


def test_two_callers_of_one_idempotency_key_have_one_effect(rig: Rig) -> None:
    """One does it; the other is told to wait, or gets the same answer."""

    def create(case: tuple[str, int]) -> requests.Response:
        key, server = case
        payload = {"name": "Keyed", "ref": key}
        return requests.post(
            f"{rig.urls[server]}/api/create_data",
            json={"params": {"model": "res.partner", "vals": {"payload": payload}}},
            headers={"Authorization": f"Bearer {rig.key}", "Idempotency-Key": key},
            timeout=REQUEST_SECONDS,
        )

    keys = [f"keyed-{uuid.uuid4()}" for _round in range(KEY_ROUNDS)]
    cases = [(key, server) for key in keys for server in range(len(rig.urls))]
    with ThreadPoolExecutor(len(rig.urls)) as pool:
        answers = list(pool.map(create, cases))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 409}, statuses
    for case, answer in zip(cases, answers, strict=True):
        if answer.status_code == 409:
            assert answer.headers["Retry-After"] == "1", answer.headers
            answer = create(case)
        assert answer.json()["result"]["is_success"], answer.text
    rows = rig.select(
        "SELECT ref, count(*) FROM res_partner WHERE ref LIKE 'keyed-%%' GROUP BY ref"
    )
    assert sorted(rows) == sorted((key, 1) for key in keys)
    replayed = sum("Idempotency-Replayed" in answer.headers for answer in answers)
    assert statuses[409] or replayed, "they never met: nothing was proved"
    print(f"      {len(keys)} pairs, {statuses[409]} told to wait, {replayed} replayed")


def test_a_request_is_done_exactly_if_its_data_is_there(rig: Rig) -> None:
    """Over all that the tests of kills did to the servers, and one good request."""
    ref = f"struck-{uuid.uuid4()}"
    payload = {"payload": {"name": "Not struck", "ref": ref}}
    body = {"params": {"model": "res.partner", "vals": payload}}
    rig.send("create_data", body, request_id=ref)
    rows = rig.select(
        "SELECT request_id, count(*) FILTER (WHERE state = 'done'),"
        " (SELECT count(*) FROM res_partner WHERE ref = request_id)"
        " FROM api_log WHERE request_id LIKE 'struck-%%' GROUP BY request_id"
    )
    assert rows, "no request was logged"
    for request_id, done, records in rows:
        assert done == records, (request_id, done, records)
    print(f"      {len(rows)} requests")
