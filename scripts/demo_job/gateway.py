# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calls of the gateway by the client of examples/python, shown and checked."""

from __future__ import annotations

import odoo_gateway
import requests

from . import console
from .failure import DemoFailure, expect

SECONDS = 60


class Gateway:
    """A client of one server.

    :param key: an API key; without one the client must ``log_in``.
    :param run: begins every request id, so that the log rows can be found.
    """

    def __init__(self, url: str, run: str, key: str = "") -> None:
        self._client = odoo_gateway.Gateway(url, key)
        self._run = run
        self.request_ids: list[str] = []

    def log_in(self, database: str, login: str, password: str) -> None:
        """Open a session, as a browser does.

        :raises DemoFailure: the password is not (any more) the right one.
        """
        params = {"db": database, "login": login, "password": password}
        url = f"{self._client.url}/web/session/authenticate"
        try:
            response = self._client.session.post(
                url, json={"params": params}, timeout=SECONDS
            )
            is_in = response.json().get("result", {}).get("uid")
        except requests.RequestException as exc:
            raise DemoFailure(f"{url}: {exc}") from exc
        if not is_in:
            raise DemoFailure(
                f"'{login}' cannot log in with the demo's password, so the log cannot"
                " be read; FRESH=1 make demo begins with a new database"
            )

    def call(self, route: str, model: str, vals: dict, *, show: bool = True) -> dict:
        """Send one request, print it and its answer, and return the envelope.

        :raises DemoFailure: refused, not answered, or answered without the id
            that was sent.
        """
        request_id = f"{self._run}-{len(self.request_ids) + 1}"
        self.request_ids.append(request_id)
        if show:
            body = {"params": {"model": model, "vals": vals}}
            console.request("POST", f"/api/{route}", body)
        try:
            result = self._client.send(route, model, vals, {"X-Request-Id": request_id})
        except odoo_gateway.Failed as failed:
            result = failed.answer
        except odoo_gateway.GatewayError as error:
            raise DemoFailure(f"/api/{route}: {error}") from error
        if show:
            console.answer(requests.codes.ok, result)
        expect(result.get("request_id") == request_id, "our request id", result)
        return result

    def succeed(self, route: str, model: str, vals: dict, *, show: bool = True) -> dict:
        """Send a request that must be carried out.

        :raises DemoFailure: it was not.
        """
        answer = self.call(route, model, vals, show=show)
        expect(answer["is_success"], f"success of {route}", answer)
        return answer
