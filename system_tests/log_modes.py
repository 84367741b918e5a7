# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A route whose successes leave no row tells the truth about its failures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .commits import set_log_switch
from .kills import Struck, wait_until_free
from .rig import Rig

COLUMNS = "state, content_gone, data_preview IS NOT NULL"


@contextlib.contextmanager
def _errors_only(rig: Rig) -> Iterator[None]:
    set_log_switch(rig, "errors")
    try:
        yield
    finally:
        set_log_switch(rig, "True")


def _read_rows(rig: Rig, struck: Struck) -> list[tuple]:
    query = f"SELECT {COLUMNS} FROM api_log WHERE request_id = %s"
    return rig.select(query, struck.request_id)


def test_killed_request_of_an_errors_only_route_is_seen(rig: Rig) -> None:
    for checkpoint in ("received", "worked", "flipped"):
        with _errors_only(rig):
            struck = Struck(rig, checkpoint, "kill")
            assert struck.answer is None, struck.answer
            wait_until_free(rig, struck.request_id)
            assert _read_rows(rig, struck) == [("received", "skipped", False)]
            rig.reap(struck.request_id)
        assert _read_rows(rig, struck) == [("interrupted", "skipped", False)]
        assert struck.count_effects() == 0


def test_killed_after_commit_an_errors_only_route_has_no_row(rig: Rig) -> None:
    with _errors_only(rig):
        struck = Struck(rig, "committed", "kill")
        assert struck.answer is None, struck.answer
    assert _read_rows(rig, struck) == []
    assert struck.count_effects() == 1


def test_lost_connection_of_an_errors_only_route_is_a_failure_on_the_log(
    rig: Rig,
) -> None:
    """The row was deleted in what was rolled back; it is there, with its content."""
    for checkpoint in ("worked", "flipped"):
        with _errors_only(rig):
            struck = Struck(rig, checkpoint, "disconnect")
        answer = struck.answer["result"]
        assert not answer["is_success"] and answer["retryable"], answer
        assert _read_rows(rig, struck) == [("failed", None, True)]
        assert struck.count_effects() == 0


def test_success_of_an_errors_only_route_leaves_nothing(rig: Rig) -> None:
    with _errors_only(rig):
        struck = Struck(rig, "worked", "serialization")
    assert struck.answer["result"]["is_success"], struck.answer
    assert _read_rows(rig, struck) == []
    assert struck.count_effects() == 1
