# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""PostgreSQL says no at COMMIT itself, which a test cursor never lets it."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator

from .rig import Rig

CONSTRAINT = "system_tests_ref_unique"
LOG_SWITCH = "webhook.create_data_log"


@contextlib.contextmanager
def _constraint_checked_at_commit(rig: Rig) -> Iterator[None]:
    rig.select(
        f"ALTER TABLE res_partner ADD CONSTRAINT {CONSTRAINT} UNIQUE (ref)"
        " DEFERRABLE INITIALLY DEFERRED"
    )
    try:
        yield
    finally:
        rig.select(f"ALTER TABLE res_partner DROP CONSTRAINT {CONSTRAINT}")


def _create_twice(rig: Rig, ref: str) -> dict:
    """Return the answer to the second of two partners of the same ref."""
    vals = {"payload": {"name": "Twin", "ref": ref}}
    first = rig.call("create_data", "res.partner", vals)["result"]
    assert first["is_success"], first
    return rig.call("create_data", "res.partner", vals)["result"]


def _count(rig: Rig, ref: str) -> int:
    return rig.select("SELECT count(*) FROM res_partner WHERE ref = %s", ref)[0][0]


def test_constraint_broken_at_commit_is_a_failure(rig: Rig) -> None:
    """The row was flipped to done in what was rolled back; it ends as failed."""
    ref = f"twin-{uuid.uuid4()}"
    with _constraint_checked_at_commit(rig):
        answer = _create_twice(rig, ref)
    assert not answer["is_success"], answer
    assert answer["errors"][0]["code"] == "validation_error", answer
    assert _count(rig, ref) == 1
    rows = rig.select(
        "SELECT state, result_preview FROM api_log WHERE request_id = %s",
        answer["request_id"],
    )
    assert [state for state, _text in rows] == ["failed"], rows
    assert json.loads(rows[0][1]) == answer, rows


def test_constraint_broken_at_commit_is_a_failure_without_a_log(rig: Rig) -> None:
    """No row can tell what became of the COMMIT; PostgreSQL's word counts."""
    ref = f"twin-{uuid.uuid4()}"
    set_log_switch(rig, "False")
    try:
        with _constraint_checked_at_commit(rig):
            answer = _create_twice(rig, ref)
    finally:
        set_log_switch(rig, "True")
    assert not answer["is_success"], answer
    assert _count(rig, ref) == 1
    query = "SELECT count(*) FROM api_log WHERE request_id = %s"
    assert rig.select(query, answer["request_id"]) == [(0,)]


def test_hook_that_fails_after_the_commit_is_no_failure(rig: Rig) -> None:
    """The data is there, so the answer says so; and it is there once."""
    for is_logged in (True, False):
        set_log_switch(rig, str(is_logged))
        ref = f"hook-{uuid.uuid4()}"
        rig.order("flipped", "hook")
        try:
            vals = {"payload": {"name": "Hooked", "ref": ref}}
            answer = rig.call("create_data", "res.partner", vals)["result"]
        finally:
            set_log_switch(rig, "True")
        assert answer["is_success"], answer
        assert _count(rig, ref) == 1
        query = "SELECT state FROM api_log WHERE request_id = %s"
        rows = rig.select(query, answer["request_id"])
        assert rows == ([("done",)] if is_logged else []), rows
    assert "a hook of another addon" in rig.server_log()


def set_log_switch(rig: Rig, text: str) -> None:
    """Through Odoo, so that every worker drops the old value from its cache."""
    answer = rig.call(
        "call_function",
        "ir.config_parameter",
        {
            "payload": {
                "method": "set_param",
                "parameter": {"key": LOG_SWITCH, "value": text},
            }
        },
    )
    assert answer["result"]["is_success"], answer
