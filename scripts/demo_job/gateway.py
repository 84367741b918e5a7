# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calls of the gateway over HTTP, as any client would make them."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.error
import urllib.request

from . import console
from .failure import DemoFailure, expect

SECONDS = 60


class Gateway:
    """A client of one server.

    :param key: an API key; without one the client must ``log_in``.
    :param run: begins every request id, so that the log rows can be found.
    """

    def __init__(self, url: str, run: str, key: str | None = None) -> None:
        self._url = url
        self._run = run
        self._key = key
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.request_ids: list[str] = []

    def log_in(self, database: str, login: str, password: str) -> None:
        """Open a session, as a browser does.

        :raises DemoFailure: the password is not (any more) the right one.
        """
        params = {"db": database, "login": login, "password": password}
        _status, body = self._post("/web/session/authenticate", {"params": params}, {})
        if not body.get("result", {}).get("uid"):
            raise DemoFailure(
                f"'{login}' cannot log in with the demo's password, so the log cannot"
                " be read; FRESH=1 make demo begins with a new database"
            )

    def call(self, route: str, model: str, vals: dict, *, show: bool = True) -> dict:
        """Send one request, print it and its answer, and return the envelope.

        :raises DemoFailure: refused, not answered, or answered without the id
            that was sent.
        """
        headers = {"X-Request-Id": f"{self._run}-{len(self.request_ids) + 1}"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self.request_ids.append(headers["X-Request-Id"])
        body = {"params": {"model": model, "vals": vals}}
        if show:
            console.request("POST", f"/api/{route}", body)
        status, answer = self._post(f"/api/{route}", body, headers)
        if "error" in answer:
            raise DemoFailure(f"/api/{route} was refused: HTTP {status} {answer}")
        result = answer["result"]
        if show:
            console.answer(status, result)
        expect(
            result.get("request_id") == self.request_ids[-1], "our request id", result
        )
        return result

    def succeed(self, route: str, model: str, vals: dict, *, show: bool = True) -> dict:
        """Send a request that must be carried out.

        :raises DemoFailure: it was not.
        """
        answer = self.call(route, model, vals, show=show)
        expect(answer["is_success"], f"success of {route}", answer)
        return answer

    def _post(self, path: str, body: dict, headers: dict) -> tuple[int, dict]:
        request = urllib.request.Request(
            self._url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **headers},
        )
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refused:
            try:
                return refused.code, json.load(refused)
            except ValueError:
                raise DemoFailure(f"{path}: HTTP {refused.code}, no JSON") from None
        except (OSError, ValueError) as exc:
            raise DemoFailure(f"{self._url}{path} does not answer: {exc}") from exc
