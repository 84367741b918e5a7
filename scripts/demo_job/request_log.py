# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The last step: the log rows of a run."""

from __future__ import annotations

from collections.abc import Sequence

from . import console
from .environment import Server
from .failure import expect
from .gateway import Gateway

LOGIN = PASSWORD = "admin"  # Odoo's own, in every database with demo data
HEAD = ("request id", "route", "model", "state", "ms", "queries", "error")


def log_in(server: Server, run: str) -> Gateway:
    """Return a client that is the administrator's.

    :param run: begins its request ids.
    :raises DemoFailure: the administrator has another password by now.
    """
    admin = Gateway(server.url, run)
    admin.log_in(server.database, LOGIN, PASSWORD)
    console.found("the administrator's session works like a key")
    return admin


def show(admin: Gateway, request_ids: Sequence[str]) -> None:
    """Print the log rows of the requests, read by the administrator.

    :raises DemoFailure: a request has no row, or more than one, or a row does not
        say what became of it.
    """
    fields = ["request_id", "route", "model", "state", "duration", "query_count"]
    fields += ["error_code", "error_path", "api_key_name", "user_id{login}"]
    payload = {
        "search_field": fields,
        "search_domain": [["request_id", "in", list(request_ids)]],
        "order": "id",
        "format": "plain",
    }
    rows = admin.succeed("search_data", "api.log", {"payload": payload}, show=False)[
        "result"
    ]
    expect(
        [row["request_id"] for row in rows] == list(request_ids),
        "one row for each request, in their order",
        [row["request_id"] for row in rows],
    )
    callers = {row["user_id"]["login"] for row in rows}
    expect(callers == {"web-shop"}, "the service user on every row", callers)
    states = [row["state"] for row in rows]
    expect(states.count("failed") == 1, "one failed request", states)
    expect(states.count("done") == len(rows) - 1, "all others done", states)
    console.table(HEAD, [_get_cells(row) for row in rows])
    console.found(
        f"{len(rows)} requests, {len(rows)} rows: nothing is done off the record"
    )


def _get_cells(row: dict) -> tuple:
    error = row["error_code"] and f"{row['error_code']} at {row['error_path']}"
    return (
        row["request_id"],
        row["route"],
        row["model"],
        row["state"],
        row["duration"],
        row["query_count"],
        error,
    )
