# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A client of the integration gateway for Odoo: five routes, nothing done twice.

One file that needs ``requests``: copy it.

What writes is sent with an ``Idempotency-Key``, the same at every attempt. So it is
sent again until an answer arrives, and its work is done once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import random
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

Json = dict[str, Any]
#: Seconds to connect; between two pieces of an answer. Odoo's own limit is 120.
TIMEOUT = (10, 130)
#: Seconds of the longest pause, where the server does not ask for a longer one.
LONGEST_PAUSE = 30.0
#: Seconds a webhook may be old, or its sender's clock be ahead.
WEBHOOK_TOLERANCE = 300
#: HTTP statuses that say "later", the gateway's or those of a proxy before it.
LATER = frozenset({429, 502, 503, 504})
#: What a connection that breaks looks like.
BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
)


class GatewayError(Exception):
    """A request that brought nothing. Its text is for people; programs go by ``code``.

    :param answer: ``result`` of the answer: ``errors`` has all mistakes, each with
        ``code`` and ``message``, and where they are known ``path``, ``value``,
        ``hint``, ``candidates``; ``request_id`` leads to the row of Odoo's log.
    :param retryable: the same request may succeed later. It was sent often enough.
    :param retry_after: seconds the server asked to wait.
    """

    def __init__(
        self, text: str, answer: Json, retryable: bool, retry_after: int = 0
    ) -> None:
        super().__init__(text)
        self.answer = answer
        self.retryable = retryable
        self.retry_after = retry_after
        self.errors: list[Json] = answer.get("errors", [])
        first = self.errors[0] if self.errors else {}
        self.code: str = first.get("code", "unreachable")
        self.path: str | None = first.get("path")


class Failed(GatewayError):
    """Undone, or not begun, because of ``errors``."""


class Refused(GatewayError):
    """Refused before any work, by an HTTP status: a bad key, a limit, a reused key."""


class Unreachable(GatewayError):
    """No answer: nobody knows what was done. Send it again, under the same key."""


class BadSignature(ValueError):
    """A webhook that is not from whom it should be: answer 400, do nothing."""


@dataclass(frozen=True)
class Verdict:
    """What became of one record of a batch; ``answer`` has the fields asked for."""

    ref: str | int | None
    is_success: bool
    ids: list[int]
    errors: list[Json]
    answer: Json


class _Key(requests.auth.AuthBase):
    """Puts the key into each request; set any other way, a ``.netrc`` would win."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Gateway:
    """One user of one Odoo; not to be shared between threads.

    The methods take further keys of ``vals`` by name (``result_field``,
    ``auto_create``, ``dry_run``, ...), and ``once``, an idempotency key of your own:
    under one that belongs to the piece of work, as "order-1001", not even a restarted
    program does it twice. All raise ``Failed``, ``Refused`` or ``Unreachable``.

    :param key: an API key; without one, log in on ``session``.
    :param attempts: how often a request is sent before its error is raised.
    """

    def __init__(self, url: str, key: str = "", attempts: int = 6) -> None:
        self.url = url.rstrip("/")
        self.attempts = attempts
        self.session = requests.Session()
        self.session.headers["Content-Type"] = "application/json"
        self.session.auth = _Key(key) if key else None

    def create(self, model: str, payload: Json | list[Json], **vals: Any) -> Any:
        """Create a record, or all of a list."""
        return self._send_vals("create_data", model, {"payload": payload, **vals})

    def update(self, model: str, search_key: Json, payload: Json, **vals: Any) -> Any:
        """Update what the search key names."""
        vals |= {"search_key": search_key, "payload": payload}
        return self._send_vals("update_data", model, vals)

    def upsert(self, model: str, search_key: Json, payload: Json, **vals: Any) -> Any:
        """Update what the search key names; create it where there is none."""
        vals |= {"search_key": search_key, "payload": payload}
        return self._send_vals("create_update_data", model, vals)

    def batch(
        self, route: str, model: str, records: Sequence[Json], **vals: Any
    ) -> list[Verdict]:
        """Send many records to a writing route; return a verdict for each, in order.

        With ``on_error="continue"`` the good ones are written, also where others fail.

        :raises Failed: none was written, because of these errors.
        """
        try:
            items = self._send_vals(route, model, {"records": [*records], **vals})
        except Failed as failed:
            items = failed.answer.get("result")
            if not isinstance(items, list):
                raise
        return [_read_verdict(item) for item in items]

    def search(
        self, model: str, fields: Sequence[str], domain: Sequence[Any] = (), **more: Any
    ) -> list[Json]:
        """Return the records that match; None stands for what is empty.

        :param more: ``limit``, ``offset``, ``order``, ``include_archived``, ...
        """
        asked: Json = {"search_field": [*fields], "search_domain": [*domain]}
        payload = asked | {"format": "plain"} | more
        found: list[Json] = self._send_vals("search_data", model, {"payload": payload})
        return found

    def pages(
        self, model: str, fields: Sequence[str], domain: Sequence[Any], size: int = 500
    ) -> Iterator[list[Json]]:
        """Yield all records that match, ``size`` at a time, by rising id.

        A page begins behind the last id, not at an offset: whatever comes and goes
        meanwhile, no record is left out or met twice.
        """
        last = 0
        page = [{"id": 0}]
        while page:
            page = self.search(
                model, fields, [["id", ">", last], *domain], limit=size, order="id"
            )
            if page:
                yield page
                last = page[-1]["id"]

    def call(self, model: str, payload: Json, search_key: Json, **vals: Any) -> Any:
        """Call ``{"method": name, "parameter": {...}}`` on what the search key names.

        ``{"report": name}`` prints it; see ``pdf``.
        """
        vals |= {"search_key": search_key, "payload": payload}
        return self._send_vals("call_function", model, vals)

    def pdf(self, model: str, report: str, search_key: Json) -> bytes:
        """Return the PDF of a report for what the search key names."""
        return base64.b64decode(
            self.call(model, {"report": report}, search_key)["datas"]
        )

    def _send_vals(self, route: str, model: str, vals: Json) -> Any:
        once = vals.pop("once", None)
        headers = {"Idempotency-Key": once} if once else {}
        return self.send(route, model, vals, headers)["result"]

    def send(
        self, route: str, model: str, vals: Json, headers: Mapping[str, str]
    ) -> Json:
        """Send a request until an answer says what became of it; return ``result``.

        :param headers: your own ``Idempotency-Key`` or ``X-Request-Id``, if any.
        """
        body = json.dumps({"params": {"model": model, "vals": vals}}, allow_nan=False)
        new = {"X-Request-Id": str(uuid.uuid4())}
        if route != "search_data":
            new["Idempotency-Key"] = str(uuid.uuid4())
        headers = new | {**headers}
        for attempt in itertools.count(1):
            try:
                return self._send_once(f"{self.url}/api/{route}", body, headers)
            except GatewayError as error:
                if not error.retryable or attempt >= self.attempts:
                    raise
                # At random: clients that failed together do not come back together.
                pause = random.uniform(0, min(LONGEST_PAUSE, 0.5 * 2**attempt))
                time.sleep(error.retry_after + pause)
        raise AssertionError("count() has no end")

    def _send_once(self, url: str, body: str, headers: Mapping[str, str]) -> Json:
        try:
            # Followed, a redirect would turn the POST into a GET.
            response = self.session.post(
                url,
                body.encode(),
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except BROKEN as exc:
            raise Unreachable(f"{url}: {exc}", {}, retryable=True) from exc
        status, after = response.status_code, response.headers.get("Retry-After", "")
        retry_after = int(after) if after.isdigit() else 0
        try:
            answer = response.json()
            if "error" in answer:
                raise _read_refusal(status, answer["error"], retry_after)
            result: Json = answer["result"]
            if not result["is_success"]:
                raise Failed(result["messages"], result, result["retryable"])
            return result
        except (ValueError, KeyError, TypeError):
            # Half an answer, or a page of a proxy before Odoo.
            text = f"{url}: HTTP {status}, and no answer of the gateway"
            is_passing = status == 200 or status in LATER
            raise Unreachable(text, {}, is_passing, retry_after) from None


def _read_refusal(status: int, error: Json, retry_after: int) -> Refused:
    """Return a refusal in the shape of a failure."""
    code, request_id = error["data"]["code"], error["data"]["request_id"]
    mistakes = [{"code": code, "message": error["message"]}]
    answer = {"errors": mistakes, "request_id": request_id}
    retryable = status in LATER or code == "idempotency_in_progress"
    return Refused(error["message"], answer, retryable, retry_after)


def _read_verdict(item: Json) -> Verdict:
    ids, errors = item.get("ids", []), item.get("errors", [])
    return Verdict(item.get("ref"), item["is_success"], ids, errors, item)


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> Any:
    """Check a webhook, as Standard Webhooks has it, and return its content.

    The same ``webhook-id`` comes again when our answer got lost: do its work once.

    :param body: the bytes as they arrived, not parsed and written anew.
    :param secrets: ``whsec_...``; two while one replaces the other.
    :raises BadSignature: it is signed with none of them, or too old.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp = given.get("webhook-timestamp", "")
    signed = f"{given.get('webhook-id')}.{timestamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    digests = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    wanted = [b"v1," + base64.b64encode(digest) for digest in digests]
    signatures = given.get("webhook-signature", "").encode().split()
    pairs = itertools.product(wanted, signatures)
    if not any(hmac.compare_digest(*pair) for pair in pairs):
        raise BadSignature("signed with no secret of ours")
    if abs(time.time() - int(timestamp)) > WEBHOOK_TOLERANCE:
        raise BadSignature("too old, or a clock is wrong")
    return json.loads(body)
