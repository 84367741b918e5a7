# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Two databases on one server, and a lock that somebody else holds."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator

import requests

from .rig import LIMIT_TIME_REAL, REQUEST_SECONDS, Rig

MAX_SEARCH = "webhook.max_search"
WAITED = {"conflict"}


@contextlib.contextmanager
def _neighbour(rig: Rig) -> Iterator[Rig]:
    """Yield a second database, on whose server ``rig``'s is served too."""
    other = Rig("neighbour")
    try:
        other.create()
        # All workers know both, whichever they served first.
        other.start_server("--database", f"{rig.name},{other.name}")
        yield other
    finally:
        other.stop_servers()
        other.drop()


def _post(url: str, database: str, key: str, route: str, vals: dict, **headers: str):
    """Send one request to one database of a server; return answer and request id."""
    request_id = str(uuid.uuid4())
    headers |= {"Authorization": f"Bearer {key}", "X-Request-Id": request_id}
    if database:
        headers["X-Odoo-Database"] = database
    body = {"params": {"model": "res.partner", "vals": vals}}
    answer = requests.post(
        f"{url}/api/{route}", json=body, headers=headers, timeout=REQUEST_SECONDS
    )
    return answer, request_id


def _get_states(rig: Rig, request_id: str) -> list[tuple]:
    query = "SELECT state, data_size, api_key_id FROM api_log WHERE request_id = %s"
    return rig.select(query, request_id)


def test_a_key_opens_its_own_database_alone(rig: Rig) -> None:
    """T44: neither keys, nor records, nor logs, nor settings cross over."""
    with _neighbour(rig) as other:
        url = other.urls[0]
        for home, foreign in ((rig, other), (other, rig)):
            name = f"Tenant {uuid.uuid4()}"
            args = (home.key, "create_data", {"payload": {"name": name}})
            same = {"Idempotency-Key": "one-key-in-both"}
            query = "SELECT count(*) FROM res_partner WHERE name = %s"
            for _round in range(4):  # by other workers, too
                answer, request_id = _post(url, foreign.name, *args)
                assert answer.status_code == 401, answer.text
                assert answer.json()["error"]["data"]["code"] == "auth_invalid"
                assert not _get_states(home, request_id)
                rows = _get_states(foreign, request_id)
                assert [(row[0], row[2]) for row in rows] == [("rejected", None)], rows
            answer, request_id = _post(url, home.name, *args, **same)
            assert answer.status_code == 200, answer.text
            assert answer.json()["result"]["is_success"], answer.text
            assert "Idempotency-Replayed" not in answer.headers
            assert [row[0] for row in _get_states(home, request_id)] == ["done"]
            assert not _get_states(foreign, request_id)
            assert home.select(query, name) == [(1,)]
            assert foreign.select(query, name) == [(0,)]
        _check_nameless(rig, other, url)
        _check_settings(rig, other, url)


def _check_nameless(rig: Rig, other: Rig, url: str) -> None:
    """A request that names no database reaches none; it says so as in an outage."""
    answer, request_id = _post(url, "", rig.key, "search_data", {})
    assert answer.status_code == 503, (answer.status_code, answer.text[:300])
    assert answer.json()["error"]["data"]["code"] == "unavailable"
    assert not _get_states(rig, request_id) + _get_states(other, request_id)


def _check_settings(rig: Rig, other: Rig, url: str) -> None:
    """What every worker remembers of one database is not said of the other."""
    rig.select(
        "INSERT INTO ir_config_parameter (key, value) VALUES (%s, '1')", MAX_SEARCH
    )
    rig.select("INSERT INTO orm_signaling_stable DEFAULT VALUES")
    vals = {"payload": {"search_field": ["name"]}}
    try:
        for _round in range(6):
            answer, _id = _post(url, rig.name, rig.key, "search_data", vals)
            [error] = answer.json()["result"]["errors"]
            assert error["code"] == "limit_exceeded", error
            answer, _id = _post(url, other.name, other.key, "search_data", vals)
            assert answer.status_code == 200, answer.text
            assert answer.json()["result"]["is_success"], answer.text
    finally:
        rig.select("DELETE FROM ir_config_parameter WHERE key = %s", MAX_SEARCH)
        rig.select("INSERT INTO orm_signaling_stable DEFAULT VALUES")


def test_a_lock_others_hold_is_a_conflict_before_the_worker_is_ended(rig: Rig) -> None:
    """T61: it says so, in time, and the same request works once they let go."""
    vals = {"payload": {"name": "Locked", "ref": "LOCKED"}}
    assert rig.call("create_data", "res.partner", vals)["result"]["is_success"]
    for dry_run in (False, True):
        comment = f"changed {uuid.uuid4()}"
        vals = {"search_key": {"ref": "LOCKED"}, "payload": {"comment": comment}}
        vals["dry_run"] = dry_run
        with rig.connection() as connection, connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM res_partner WHERE ref = 'LOCKED' FOR UPDATE")
            started, request_id = time.monotonic(), str(uuid.uuid4())
            body = {"params": {"model": "res.partner", "vals": vals}}
            answer = rig.send("update_data", body, request_id=request_id)["result"]
            seconds = time.monotonic() - started
        assert {error["code"] for error in answer["errors"]} == WAITED, answer
        assert answer["retryable"] is True, answer
        assert seconds < LIMIT_TIME_REAL / 2, seconds
        query = "SELECT state, attempts FROM api_log WHERE request_id = %s"
        assert rig.select(query, request_id) == [("failed", 1)]
        answer = rig.send("update_data", body)["result"]
        assert answer["is_success"], answer
