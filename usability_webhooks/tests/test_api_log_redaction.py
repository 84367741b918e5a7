# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""No secret reaches the tables or the server's log, wherever it was sent."""

from __future__ import annotations

import base64
import json
import logging
import uuid

from odoo.tests import tagged

from .common import ApiHttpCase, make_key, new_test_user

ENGINE = "odoo.addons.usability_webhooks.models.api_transaction"
#: Where the secret stands in ``vals`` of a search: (name, vals).
SEARCH_PLACES = {
    "domain text": lambda s: {
        "payload": {"search_domain": f"[('signup_token', '=', '{s}')]"}
    },
    "domain list": lambda s: {"payload": {"search_domain": [["access_token", "=", s]]}},
    "domain in": lambda s: {
        "payload": {"search_domain": [["api_key", "in", ["x", s]]]}
    },
    "context": lambda s: {"payload": {}, "context": {"auth_token": s}},
    "unknown key of vals": lambda s: {"payload": {}, "password": s},
    "callback url user": lambda s: {
        "payload": {},
        "callback_url": f"https://user:{s}@partner.example/hook",
    },
    "callback url query": lambda s: {
        "payload": {},
        "callback_url": f"https://partner.example/hook?token={s}&n=1",
    },
}
#: Where it stands in ``vals`` of a create.
CREATE_PLACES = {
    "payload": lambda s: {"payload": {"name": "New", "password": s}},
    "camel case": lambda s: {"payload": {"name": "New", "clientSecret": s}},
    "other case": lambda s: {"payload": {"name": "New", "API-Key": s}},
    "header text": lambda s: {"payload": {"name": "New", "ref": f"Bearer {s}"}},
    "nested line": lambda s: {
        "payload": {"name": "New", "child_ids": [{"name": "Line", "new_password": s}]}
    },
    "name beside value": lambda s: {
        "payload": {"name": "New", "child_ids": [{"name": "db_password", "value": s}]}
    },
    "lookup": lambda s: {"payload": {"name": "N", "user_id": {"totp_secret": s}}},
    "auto_create": lambda s: {
        "payload": {"name": "New"},
        "auto_create": {"user_id": {"name": "x", "password": s}},
    },
    "under a secret object": lambda s: {
        "payload": {"name": "New", "credentials": {"login": "x", "word": s}}
    },
    "url in a text": lambda s: {
        "payload": {"name": "New", "website": f"https://u:{s}@example.com"}
    },
    "list payload": lambda s: {"payload": [{"name": "New"}, {"passwd": s}]},
}


class _Records(logging.Handler):
    """Keeps what was said, formatted, by whomever."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


class RedactionCase(ApiHttpCase):
    def setUp(self) -> None:
        super().setUp()
        self.secret = f"hush{uuid.uuid4().hex}"
        self.handler = _Records()
        # Odoo's own handlers sit on the root logger; the levels are as they are.
        logging.getLogger().addHandler(self.handler)
        self.addCleanup(logging.getLogger().removeHandler, self.handler)

    def read_tables(self) -> str:
        """Return all rows of both tables, as a dump would show them."""
        texts = []
        for table in ("api_log", "api_log_payload"):
            self.env.cr.execute(f"SELECT {table}::text FROM {table}")
            texts += [row[0] for row in self.env.cr.fetchall()]
        return "\n".join(texts)

    def assertNowhere(self, secret: str) -> None:
        self.assertNotIn(secret, self.read_tables())
        self.assertNotIn(secret, "\n".join(self.handler.texts))

    def send(self, route: str, vals: dict, model: str = "res.partner"):
        """Send vals that hold the secret; return the row."""
        self.assertIn(self.secret, json.dumps(vals), "the test sends no secret")
        _status, answer = self.call(route, model, vals)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(len(log), 1)
        return log


@tagged("post_install", "-at_install")
class TestRedactedRequest(RedactionCase):
    def assertMaskedRow(self, route: str, places: dict) -> None:
        for name, make_vals in places.items():
            with self.subTest(place=name):
                log = self.send(route, make_vals(self.secret))
                self.assertNowhere(self.secret)
                self.assertTrue(log.is_masked)
                self.assertIn("***", log._get_text("data"))

    def test_secret_in_what_is_searched_for(self) -> None:
        self.assertMaskedRow("search_data", SEARCH_PLACES)

    def test_secret_in_what_is_created(self) -> None:
        self.assertMaskedRow("create_data", CREATE_PLACES)

    def test_secret_in_a_search_key(self) -> None:
        for route in ("update_data", "create_update_data"):
            key = {"signup_token": self.secret}
            log = self.send(route, {"search_key": key, "payload": {"name": "New"}})
            self.assertNowhere(self.secret)
            self.assertTrue(log.is_masked)

    def test_secret_in_a_parameter(self) -> None:
        for parameter in ({"password": self.secret}, {"vals": {"key": self.secret}}):
            payload = {"method": "create_x", "parameter": parameter}
            if "vals" in parameter:
                payload["parameter"] = {"vals": {"apikey": self.secret}}
            log = self.send("call_function", {"payload": payload})
            self.assertNowhere(self.secret)
            self.assertTrue(log.is_masked)

    def test_secret_beyond_the_preview(self) -> None:
        payload = {"name": "New", "comment": "x" * 5000, "password": self.secret}
        log = self.send("create_data", {"payload": payload})
        self.assertTrue(log.payload_ids.data)
        self.assertNowhere(self.secret)

    def test_rest_of_a_masked_request_stays_readable(self) -> None:
        payload = {"name": "Readable", "password": self.secret}
        log = self.send("create_data", {"payload": payload})
        stored = json.loads(log._get_text("data"))["params"]["vals"]["payload"]
        self.assertEqual(stored, {"name": "Readable", "password": "***"})

    def test_file_is_kept_as_size_and_digest(self) -> None:
        content = base64.b64encode(self.secret.encode() * 40).decode()
        files = [{"name": "a.txt", "datas": content}]
        vals = {"payload": {"name": "New", "attachment_ids": files}}
        _status, answer = self.call("create_data", "res.partner", vals)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(log.state, "done", log.error_message)
        self.assertTrue(log.is_masked)
        self.assertNowhere(content[:60])
        self.assertNowhere(self.secret)
        stored = json.loads(log._get_text("data"))["params"]["vals"]["payload"]
        file = stored["attachment_ids"][0]["datas"]["$file"]
        self.assertEqual(file["bytes"], len(self.secret) * 40)

    def test_image_field_is_kept_as_size_and_digest(self) -> None:
        # 1 x 1 pixel.
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWj"
            "R9awAAAABJRU5ErkJggg=="
        )
        vals = {"payload": {"name": "New", "image_1920": pixel}}
        _status, answer = self.call("create_data", "res.partner", vals)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual((log.state, log.is_masked), ("done", True))
        self.assertNowhere(pixel)

    def test_body_that_is_no_json(self) -> None:
        bodies = (
            '{"params": {"vals": {"password": "%s", ',
            '{"params": {"vals": {"payload": {"apiKey": "%s"}}',
            "model=res.partner&password=%s",
            "Authorization: Bearer %s",
            "https://user:%s@example.com/",
            '[{"token": "%s"}]',
        )
        for body in bodies:
            with self.subTest(body=body):
                refused = self.post("create_data", body % self.secret)
                self.assertEqual(refused.status_code, 400)
                log = self.get_log(refused.headers["X-Request-Id"])
                self.assertEqual(log.state, "rejected")
                self.assertTrue(log.is_masked)
                self.assertNowhere(self.secret)

    def test_user_agent(self) -> None:
        headers = self.bearer() | {"User-Agent": f"sync?token={self.secret}"}
        vals = {"payload": {"name": "New"}}
        _status, answer = self.call("create_data", "res.partner", vals, headers)
        log = self.get_log(answer["result"]["request_id"])
        self.assertIn("***", log.user_agent)
        self.assertNowhere(self.secret)

    def test_harmless_request_is_not_masked(self) -> None:
        vals = {
            "search_key": {"ref": "a key"},
            "payload": {"name": "New", "zip": "110001"},
        }
        _status, answer = self.call("create_update_data", "res.partner", vals)
        log = self.get_log(answer["result"]["request_id"])
        self.assertFalse(log.is_masked)
        self.assertNotIn("***", log._get_text("data"))


@tagged("post_install", "-at_install")
class TestRedactedAnswer(RedactionCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "api_admin", groups="base.group_system")
        cls.admin_key = make_key(cls.admin)

    def ask(self, route: str, model: str, vals: dict):
        headers = self.bearer(self.admin_key)
        _status, answer = self.call(route, model, vals, headers)
        return answer["result"], self.get_log(answer["result"]["request_id"])

    def test_secret_in_what_was_found(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("partner.api_key", self.secret)
        payload = {
            "search_field": ["key", "value"],
            "search_domain": [["key", "=", "partner.api_key"]],
        }
        answer, log = self.ask("search_data", params._name, {"payload": payload})
        # The caller may read it, so the caller gets it; the log does not.
        self.assertEqual(answer["result"][0]["value"], self.secret)
        self.assertEqual(log.state, "done")
        self.assertNowhere(self.secret)

    def test_secret_in_what_a_method_returned(self) -> None:
        result = {"access_token": self.secret, "expires": 3600}
        self.patch(self.registry["res.partner"], "action_archive", lambda this: result)
        partner = self.env["res.partner"].create({"name": "New", "ref": "token"})
        payload = {"method": "action_archive"}
        vals = {"search_key": {"id": partner.id}, "payload": payload}
        answer, log = self.ask("call_function", "res.partner", vals)
        self.assertEqual(answer["result"], result)
        self.assertEqual(log.state, "done")
        self.assertNowhere(self.secret)

    def test_secret_in_an_error(self) -> None:
        def fail(this, request):
            raise ValueError(f"https://u:{self.secret}@example.com said no")

        self.patch(self.registry["api.service"], "_perform", fail)
        with self.assertLogs(ENGINE, "ERROR") as logs:
            _answer, log = self.ask("search_data", "res.partner", {"payload": {}})
        self.assertNotIn(self.secret, "".join(logs.output))
        self.assertIn("said no", log.traceback)
        self.assertNowhere(self.secret)

    def test_secret_in_a_broken_constraint(self) -> None:
        vals = {"payload": {"name": "Key", "key": "web.base.url", "value": "x"}}
        vals["payload"] |= {"password": self.secret}
        del vals["payload"]["name"]
        _answer, log = self.ask("create_data", "ir.config_parameter", vals)
        self.assertEqual(log.state, "failed")
        self.assertNowhere(self.secret)

    def test_key_used_to_authenticate(self) -> None:
        self.ask("search_data", "res.partner", {"payload": {"limit": 1}})
        self.assertNowhere(self.admin_key)
