# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One caller with an API key: our routes and JSON-2."""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

REQUEST_SECONDS = 600


class Refused(Exception):
    """The server did not do what was asked; the text is its answer."""


class Client:
    """A connection of its own to one server, and the key on every request.

    ``http.client``, because on a small machine the caller's own work is part of
    what is measured, on both sides, and blurs the ratio. The connection would be
    kept, but Odoo's workers close it after every answer.

    :param database: named on each request, for a server that has several.
    """

    def __init__(
        self, url: str, key: str, agent: str = "bench", database: str = ""
    ) -> None:
        self._connection = http.client.HTTPConnection(
            urlsplit(url).netloc, timeout=REQUEST_SECONDS
        )
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "User-Agent": agent,
        }
        if database:
            self._headers["X-Odoo-Database"] = database

    def api(self, route: str, model: str, /, **vals: object) -> object:
        """Call one of our routes; return its ``result``.

        :raises Refused: it answered anything but success.
        """
        body = self.post(f"/api/{route}", {"params": {"model": model, "vals": vals}})
        envelope = body.get("result", {})
        if not envelope.get("is_success"):
            raise Refused(json.dumps(body)[:400])
        return envelope["result"]

    def json2(self, model: str, method: str, /, **arguments: object) -> object:
        """Call a method through Odoo's JSON-2; return what it returned.

        :raises Refused: another status than 200.
        """
        return self.post(f"/json/2/{model}/{method}", arguments)

    def post(self, path: str, body: dict) -> object:
        """Send a body, read the answer.

        :raises Refused: another status than 200.
        """
        self._connection.request("POST", path, json.dumps(body).encode(), self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise Refused(f"{response.status} {text[:400].decode(errors='replace')}")
        return json.loads(text)


class Timed:
    """A side's own measurement, where the wall clock around it would be wrong."""

    def __init__(self, seconds: float, effect: object) -> None:
        self.seconds = seconds
        self.effect = effect


def measure(work, *args: object) -> Timed:
    """Return what ``work`` returned and how long it took; its own word counts."""
    started = time.perf_counter()
    effect = work(*args)
    seconds = time.perf_counter() - started
    return effect if isinstance(effect, Timed) else Timed(seconds, effect)
