# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Base classes of the tests: one for the engine alone, one for real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from unittest import SkipTest

from psycopg2 import DataError, IntegrityError

from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user
from odoo.tools import SQL

from ..exceptions import ApiErrors
from ..tools import envelope
from ..tools.api_request import ROUTES, ApiCaller, ApiRequest

#: Request and answer pairs of the wire, one file each.
GOLDEN = Path(__file__).parent / "data"
#: What a golden answer writes where every run says something else.
PLACEHOLDERS: dict[str, Callable[[object], bool]] = {
    "<id>": lambda value: type(value) is int and value > 0,
    "<text>": lambda value: isinstance(value, str) and bool(value.strip()),
}
#: The caller of a test that does not name one.
TEST_LOGIN = "api_tester"
TEST_GROUPS = "base.group_user,base.group_partner_manager"


def requires(*model_names: str) -> Callable[[type], type]:
    """Decorate a test class that needs models of modules we do not depend on.

    It is skipped, with the missing names, on a database without them. Our own
    runs install them all, and count the skipped.
    """

    def decorate(cls: type) -> type:
        cls.required_models = (*getattr(cls, "required_models", ()), *model_names)
        return cls

    return decorate


def skip_without_models(cls: type) -> None:
    """Skip ``cls`` where a model it was decorated with is absent.

    :raises SkipTest: naming the absent models.
    """
    absent = [name for name in cls.required_models if name not in cls.env]
    if absent:
        raise SkipTest(f"{cls.__name__} needs {', '.join(absent)}")


def make_key(user, name: str = "test key", scope: str = "rpc", days: float = 1) -> str:
    """Return a new API key of ``user``, valid for ``days`` (negative: expired)."""
    keys = user.env["res.users.apikeys"].with_user(user).sudo()  # skips the quota
    key = keys._generate(scope, name, datetime.now() + timedelta(days=abs(days)))
    if days < 0:
        # No ORM way: the table has no _log_access and core allows no past date.
        user.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = %s"
            " WHERE id = (SELECT max(id) FROM res_users_apikeys)",
            [datetime.now() + timedelta(days=days)],
        )
    return key


def make_profile(env, name: str = "test profile", models: dict | None = None, **vals):
    """Return a new access profile, all routes allowed unless ``vals`` says so.

    :param models: ``{"res.partner": {"may_create": True, "readable": ["name"],
        "not_writable": [...], "writable": [...]}}``; values of ``api.access.rule``,
        fields by name.
    """
    rules = []
    for model, given in (models or {}).items():
        rule = {"model_id": env["ir.model"]._get_id(model)} | given
        for kind in ("read", "write"):
            for key, mode in ((f"{kind}able", "only"), (f"not_{kind}able", "except")):
                key = key.replace("writeable", "writable")
                if key in rule:
                    get = env["ir.model.fields"]._get
                    ids = [get(model, field).id for field in rule.pop(key)]
                    rule |= {f"{kind}_mode": mode}
                    rule |= {f"{kind}_field_ids": [Command.set(ids)]}
        rules.append(Command.create(rule))
    routes = {f"allow_{route}": True for route in ROUTES}
    return env["api.access.profile"].create(
        {"name": name, "rule_ids": rules} | routes | vals
    )


def make_narrow_key(user, profile, name: str = "test key", days: int = 1) -> str:
    """Return a new API key of ``user`` bound to ``profile``."""
    keys = user.env["res.users.apikeys"].with_user(user).sudo()  # skips the quota
    return keys._generate_narrow(profile, name, datetime.now() + timedelta(days=days))


def make_dashboard_row(env, **vals) -> None:
    """Insert a log row of a request as the dashboard counts them.

    :param vals: what is different; ``create_date`` says when it came.
    """
    usual = {
        "log_type": "receive",
        "state": "done",
        "route": "/api/search_data",
        "model": "res.partner",
        "duration": 20,
        "company_id": env.company.id,
    }
    env["api.log.writer"]._insert(usual | vals, None)


def put_placeholders(answer: object, golden: object) -> object:
    """Return ``answer`` with placeholders where ``golden`` has one that fits."""
    fits = PLACEHOLDERS.get(golden) if isinstance(golden, str) else None
    if fits and fits(answer):
        return golden
    if isinstance(answer, dict) and isinstance(golden, dict):
        return {
            key: put_placeholders(value, golden.get(key))
            for key, value in answer.items()
        }
    if isinstance(answer, list) and isinstance(golden, list):
        longer = [*golden, *[None] * len(answer)]
        return [
            put_placeholders(value, expected)
            for value, expected in zip(answer, longer, strict=False)
        ]
    return answer


class EnvelopeAssertions:
    """What tests say about an envelope, whichever storey it came from."""

    required_models: tuple[str, ...] = ()

    def assertSuccess(self, answer: dict) -> object:
        """Check that ``answer`` is a success; return its ``result``."""
        self.assertTrue(answer["is_success"], answer)
        self.assertNotIn("errors", answer)
        return answer["result"]

    def assertFailure(self, answer: dict, code: str, path: str | None = None) -> dict:
        """Check the first error's code, and its path where given; return it."""
        self.assertFalse(answer["is_success"], answer)
        self.assertNotIn("result", answer)
        error = answer["errors"][0]
        self.assertEqual(error["code"], code, answer)
        if path is not None:
            self.assertEqual(error.get("path"), path, answer)
        return error


class ApiCase(EnvelopeAssertions, TransactionCase):
    """Calls the engine directly: no HTTP, no log row, no commit."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        skip_without_models(cls)

    # pylint: disable-next=too-many-arguments
    def perform(
        self,
        route: str,
        model: str,
        vals: dict,
        user=None,
        request_id: str = "test",
        profile=None,
    ) -> dict:
        """Carry out one request; return its envelope as a client would read it.

        As with the real thing, a failure leaves nothing behind.

        :param user: a ``res.users`` record; the test's own user when left out.
        :param profile: an ``api.access.profile`` that narrows it.
        """
        env = self.env(user=user) if user else self.env
        caller = ApiCaller(grant=profile._get_grant() if profile else None)
        request = ApiRequest(
            route=route, model=model, vals=vals, request_id=request_id, caller=caller
        )
        try:
            with self.env.cr.savepoint():
                outcome = env["api.service"]._perform(request)
                env.flush_all()
            answer = envelope.success(outcome, request_id, self.env.lang)
        except Exception as exc:  # pylint: disable=broad-exception-caught
            self.env.invalidate_all()
            answer = envelope.failure(
                self._translate(exc, request), request_id, self.env.lang
            )
        return json.loads(envelope.to_json(answer))

    def _translate(self, exc: Exception, request: ApiRequest) -> Exception | ApiErrors:
        """Word a database error as the transaction protocol does."""
        if isinstance(exc, (IntegrityError, DataError)):
            payload = request.vals.get("payload") or {}
            translator = self.env["api.database.error"]
            return translator._translate(exc, request.model, payload)
        return exc


class ApiHttpCase(EnvelopeAssertions, HttpCase):
    """Speaks real HTTP, as ``cls.user`` with ``cls.key`` unless told otherwise."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        skip_without_models(cls)
        cls.user = new_test_user(cls.env, TEST_LOGIN, groups=TEST_GROUPS)
        cls.key = make_key(cls.user)

    def bearer(self, key: str | None = None) -> dict:
        """Return the header that authenticates with ``key``, ours by default."""
        return {"Authorization": f"Bearer {key or self.key}"}

    def post(
        self,
        route: str,
        body: bytes | str | dict | list,
        headers: dict | None = None,
        method: str = "POST",
    ):
        """Send a body as it is and return the ``requests`` response.

        :param body: bytes and text go out untouched, anything else as JSON.
        :param headers: a header of value ``None`` is not sent at all; left out
            altogether, the request carries our key.
        """
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        sent = {"Content-Type": "application/json"}
        sent |= self.bearer() if headers is None else headers
        return self.url_open(
            f"/api/{route}",
            data=body,
            headers=sent,
            method=method,
            allow_redirects=False,
        )

    def call(
        self, route: str, model: str, vals: dict, headers: dict | None = None
    ) -> tuple[int, dict]:
        """Send one well-formed request.

        :returns: the HTTP status and the parsed body: under ``result`` what the
            operation answered, under ``error`` why it was refused.
        """
        params = {"model": model, "vals": vals}
        message = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        response = self.post(route, message, headers)
        return response.status_code, response.json()

    def call_ok(self, route: str, model: str, vals: dict, **kwargs) -> object:
        """Send one request that must succeed; return the envelope's ``result``."""
        status, answer = self.call(route, model, vals, **kwargs)
        self.assertEqual(status, 200, answer)
        return self.assertSuccess(answer["result"])

    def assertGolden(self, route: str, name: str) -> dict:
        """Send a golden request; check the answer key by key, value by value.

        :param name: of the file below ``tests/data``, without its ending.
        :returns: the envelope, ids and all.
        """
        golden = json.loads((GOLDEN / f"{name}.json").read_text())
        response = self.post(route, golden["request"])
        self.assertEqual(response.status_code, 200, response.text)
        self.maxDiff = None
        answer = response.json()
        found = put_placeholders(answer, golden["answer"])
        self.assertEqual(found, golden["answer"])
        return answer["result"]

    def get_log(self, request_id: str):
        """Return the ``api.log`` rows of a request, as the log's owner sees them."""
        self.env.invalidate_all()
        return self.env["api.log"].search([("request_id", "=", request_id)])


class HostileCase(ApiHttpCase):
    """Sends what nobody should, and checks that it changed nothing at all."""

    #: Tables a hostile request would most like to reach.
    WATCHED = (
        "res_partner",
        "res_partner_category",
        "res_users",
        "res_company",
        "ir_attachment",
        "ir_config_parameter",
    )
    GOOD = {
        "params": {
            "model": "res.partner",
            "vals": {"payload": {"search_field": ["name"], "limit": 1}},
        }
    }

    #: As the last request left things; saves looking twice.
    known_fingerprint: list[tuple] | None = None

    def take_fingerprint(self) -> list[tuple]:
        """Return a digest of every row, hence of every count and write date."""
        digests = []
        self.env.flush_all()
        for table in self.WATCHED:
            self.env.cr.execute(
                SQL(
                    "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id))"
                    " FROM %s t",
                    SQL.identifier(table),
                )
            )
            digests.append((table, *self.env.cr.fetchone()))
        return digests

    def assertRepelled(
        self,
        route: str,
        body: bytes | dict,
        codes: str | tuple[str, ...],
        headers: dict | None = None,
    ) -> None:
        """Check that a request is refused by code, writes nothing but its log row,
        and leaves the server fit for the next one.

        :param body: raw bytes, or the ``params`` of an envelope.
        :param codes: the code it must be refused with, or those it may be.
        """
        codes = (codes,) if isinstance(codes, str) else codes
        before = self.known_fingerprint or self.take_fingerprint()
        sent = body if isinstance(body, bytes) else {"params": body}
        response = self.post(route, sent, headers)
        answer = response.json()
        if "error" in answer:
            code, state = answer["error"]["data"]["code"], "rejected"
            self.assertGreaterEqual(response.status_code, 400)
        else:
            self.assertEqual(response.status_code, 200)
            self.assertFalse(answer["result"]["is_success"], answer)
            code, state = answer["result"]["errors"][0]["code"], "failed"
        self.assertIn(code, codes, response.text[:500])
        self.assertNotIn("Traceback", response.text)
        after = self.known_fingerprint = self.take_fingerprint()
        self.assertEqual(after, before)
        log = self.get_log(response.headers["X-Request-Id"])
        self.assertEqual(log.mapped("error_code"), [code])
        self.assertEqual(log.state, state)
        self.assertTrue(self.post("search_data", self.GOOD).json()["result"]["result"])
