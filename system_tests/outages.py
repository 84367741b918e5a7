# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The database goes away and comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import requests

from .rig import REQUEST_SECONDS, Rig


@contextlib.contextmanager
def _database_away(rig: Rig) -> Iterator[None]:
    """Let nobody connect, as while PostgreSQL restarts; ours alone is away."""
    with rig.connection("postgres") as connection, connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{rig.name}" ALLOW_CONNECTIONS false')
        try:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s",
                [rig.name],
            )
            yield
        finally:
            cursor.execute(f'ALTER DATABASE "{rig.name}" ALLOW_CONNECTIONS true')


def test_outage_is_a_503_that_says_when_to_come_again(rig: Rig) -> None:
    payload = {"search_field": ["name"], "limit": 1}
    body = {"params": {"model": "res.partner", "vals": {"payload": payload}}}
    headers = {"Authorization": f"Bearer {rig.key}"}
    with _database_away(rig):
        for route in ("search_data", "create_data"):
            response = requests.post(
                f"{rig.urls[0]}/api/{route}",
                json=body,
                headers=headers,
                timeout=REQUEST_SECONDS,
            )
            assert response.status_code == 503, response.text
            assert response.headers["Retry-After"] == "5", response.headers
            assert response.json()["error"]["data"]["code"] == "unavailable"
    # Each worker finds its dead connections by itself.
    for server in (0, 1, 0, 1):
        answer = rig.call("search_data", "res.partner", {"payload": payload}, server)
        assert answer["result"]["is_success"], answer
