# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A worker dies, or its connection does, at each point of the protocol."""

from __future__ import annotations

import json
import time
import uuid

import requests

from .rig import Rig

ROUNDS = 5
#: The row's column reads so, if nothing longer than the preview was sent.
LOG_COLUMNS = "state, data_preview, result_preview, error_code"


class Struck:
    """One request that met with a fault, and what became of it."""

    def __init__(self, rig: Rig, checkpoint: str, action: str) -> None:
        self.rig = rig
        self.request_id = f"struck-{uuid.uuid4()}"
        self.body = {
            "params": {
                "model": "res.partner",
                "vals": {"payload": {"name": "Struck", "ref": self.request_id}},
            }
        }
        rig.order(checkpoint, action)
        self.answer = self._send()
        assert not rig.has_order(checkpoint), f"nobody came to {checkpoint}"

    def _send(self) -> dict | None:
        """Return the answer, None when the connection broke before it came."""
        try:
            return self.rig.send("create_data", self.body, request_id=self.request_id)
        except requests.ConnectionError:
            return None

    def count_effects(self) -> int:
        query = "SELECT count(*) FROM res_partner WHERE ref = %s"
        return self.rig.select(query, self.request_id)[0][0]

    def read_row(self) -> dict:
        """Return the one log row of the request."""
        rows = self.rig.select(
            f"SELECT {LOG_COLUMNS} FROM api_log WHERE request_id = %s", self.request_id
        )
        assert len(rows) == 1, f"{len(rows)} log rows"
        row = dict(zip(LOG_COLUMNS.split(", "), rows[0], strict=True))
        # As sent: the preview is the body, byte for byte.
        assert row["data_preview"] == json.dumps(self.body), row
        return row

    def assert_state(self, state: str, effects: int) -> dict:
        row, found = self.read_row(), self.count_effects()
        assert (row["state"], found) == (state, effects), f"{row}, {found} records"
        return row


def wait_until_free(rig: Rig, request_id: str) -> None:
    """Wait until PostgreSQL has noticed that the connection is gone."""
    query = (
        "SELECT count(*) FROM pg_locks JOIN api_log ON objid = api_log.id"
        " WHERE locktype = 'advisory' AND request_id = %s"
    )
    deadline = time.monotonic() + 10
    while rig.select(query, request_id)[0][0]:
        assert time.monotonic() < deadline, "the dead worker's lock is still held"
        time.sleep(0.05)


def _assert_server_works(rig: Rig) -> None:
    payload = {"search_field": ["name"], "limit": 1}
    answer = rig.call("search_data", "res.partner", {"payload": payload})
    assert answer["result"]["is_success"], answer


def _kill_before_commit(rig: Rig, checkpoint: str, action: str = "kill") -> None:
    """Nothing is written; the row says so as soon as the reaper has been round."""
    struck = Struck(rig, checkpoint, action)
    assert struck.answer is None, struck.answer
    struck.assert_state("received", effects=0)
    _assert_server_works(rig)
    wait_until_free(rig, struck.request_id)
    rig.reap(struck.request_id)
    row = struck.assert_state("interrupted", effects=0)
    assert row["error_code"] == "interrupted", row
    again = struck._send()
    assert again["result"]["is_success"], again


def test_killed_once_the_row_is_there(rig: Rig) -> None:
    for _round in range(ROUNDS):
        _kill_before_commit(rig, "received")


def test_killed_when_the_work_is_done(rig: Rig) -> None:
    for _round in range(ROUNDS):
        _kill_before_commit(rig, "worked")


def test_killed_when_the_row_is_flipped(rig: Rig) -> None:
    for _round in range(ROUNDS):
        _kill_before_commit(rig, "flipped")


def test_killed_between_commit_and_answer(rig: Rig) -> None:
    for _round in range(ROUNDS):
        struck = Struck(rig, "committed", "kill")
        assert struck.answer is None, struck.answer
        row = struck.assert_state("done", effects=1)
        assert json.loads(row["result_preview"])["is_success"], row
        wait_until_free(rig, struck.request_id)
        rig.reap(struck.request_id)
        struck.assert_state("done", effects=1)
        _assert_server_works(rig)


def test_killed_by_the_time_limit(rig: Rig) -> None:
    """The master kills a worker that takes too long, without a last word."""
    _kill_before_commit(rig, "worked", action="hang")
    assert "timeout after" in rig.server_log(), "nobody was killed"


def test_a_living_request_is_never_marked(rig: Rig) -> None:
    """Its row may be as old as it likes: its lock tells that it lives."""
    with rig.connection() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_log (state, request_id, create_date)"
            " VALUES ('received', 'alive', now() at time zone 'UTC') RETURNING id"
        )
        (log_id,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_lock(1430736215, %s)", [log_id])
        rig.reap("alive")
        query = "SELECT state FROM api_log WHERE id = %s"
        assert rig.select(query, log_id) == [("received",)]
        cursor.execute("SELECT pg_advisory_unlock(1430736215, %s)", [log_id])
        rig.reap("alive")
        assert rig.select(query, log_id) == [("interrupted",)]


def test_connection_lost_before_the_flip(rig: Rig) -> None:
    """The row says failed, by another connection; nothing is written."""
    for _round in range(ROUNDS):
        struck = Struck(rig, "worked", "disconnect")
        assert not struck.answer["result"]["is_success"], struck.answer
        struck.assert_state("failed", effects=0)
    _assert_server_works(rig)


def test_connection_lost_before_the_commit(rig: Rig) -> None:
    """Whether the COMMIT got through is asked of the row, never guessed."""
    for _round in range(ROUNDS):
        struck = Struck(rig, "flipped", "disconnect")
        assert not struck.answer["result"]["is_success"], struck.answer
        struck.assert_state("failed", effects=0)
    _assert_server_works(rig)
