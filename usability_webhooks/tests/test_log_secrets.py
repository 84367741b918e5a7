# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A secret planted in twelve places is in no table, no log line, no answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from odoo.tests import tagged
from odoo.tools import SQL

from .common import make_key, new_test_user
from .test_api_log_redaction import RedactionCase

ENGINE = "odoo.addons.usability_webhooks.models.api_transaction"


@tagged("post_install", "-at_install")
class TestPlantedSecrets(RedactionCase):
    """Each test plants one; what business code says of it is written for the test."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "api_admin", groups="base.group_system")
        cls.admin_key = make_key(cls.admin)

    def read_tables(self) -> str:
        """Return all rows of all tables of the gateway, as a dump would show them."""
        self.env.flush_all()
        tables = {
            model._table
            for name, model in self.env.items()
            if name.startswith("api.") and not model._abstract and model._auto
        }
        texts = []
        for table in sorted(tables):
            query = SQL("SELECT t::text FROM %s AS t", SQL.identifier(table))
            texts += [text for (text,) in self.env.execute_query(query)]
        return "\n".join(texts)

    def plant(
        self,
        vals: dict,
        route: str = "create_data",
        model: str = "res.partner",
        **headers: str,
    ) -> str:
        """Send a request that holds the secret, and find it nowhere.

        :returns: the answer's text.
        """
        sent = self.bearer(self.admin_key) | headers
        body = {"params": {"model": model, "vals": vals}}
        answer = self.post(route, body, sent)
        self.assertNowhere(self.secret)
        self.assertNotIn(self.secret, answer.text)
        self.assertTrue(self.handler.texts, "the server's log is not listened to")
        self.assertTrue(self.get_log(answer.headers["X-Request-Id"]))
        return answer.text

    def break_create(self, fail: Callable, model: str = "res.partner") -> None:
        """Have ``create`` do something with the values it got."""
        original = self.registry[model].create

        def create(this, vals_list):
            fail(this, vals_list)
            return original(this, vals_list)

        self.patch(self.registry[model], "create", create)

    def test_01_in_a_header(self) -> None:
        vals = {"payload": {"name": "New"}}
        for name in ("User-Agent", "Referer", "Proxy-Authorization", "X-Other"):
            self.plant(vals, **{name: f"session_id={self.secret}"})

    def test_02_in_a_password_field(self) -> None:
        self.plant({"payload": {"name": "New", "password": self.secret}})

    def test_03_nested(self) -> None:
        line = {"name": "x", "user_ids": [{"login": "y", "new_password": self.secret}]}
        self.plant({"payload": {"name": "New", "child_ids": [line]}})

    def test_04_in_a_file(self) -> None:
        content = base64.b64encode(self.secret.encode() * 9).decode()
        files = [{"name": "a.txt", "datas": content}]
        self.plant({"payload": {"name": "New", "attachment_ids": files}})
        self.assertNowhere(content[:40])

    def test_05_in_the_userinfo_of_a_url(self) -> None:
        url = f"https://user:{self.secret}@partner.example/hook"
        self.plant({"payload": {"name": "New", "website": url}, "callback_url": url})

    def test_06_in_the_value_of_an_error(self) -> None:
        """A lookup by a secret misses: path, message and value are about it."""
        params = self.env["ir.config_parameter"]
        self.assertFalse(params.search([("value", "=", self.secret)]))
        payload = {"name": "New", "user_id": {"password": self.secret}}
        text = self.plant_quoted({"payload": payload})
        self.assertIn("payload.user_id", text)

    def plant_quoted(self, vals: dict) -> str:
        """As ``plant``, where the answer may tell the caller his own words."""
        body = {"params": {"model": "res.partner", "vals": vals}}
        answer = self.post("create_data", body, self.bearer(self.admin_key))
        self.assertNowhere(self.secret)
        return answer.text

    def test_07_in_a_statement_that_fails(self) -> None:
        """Core would log it with its parameters."""

        def fail(this, vals_list) -> None:
            # As the ORM sends it: the default is to log what fails.
            this.env.cr.execute(
                "INSERT INTO res_partner (id, name) VALUES (1, %s)", [self.secret]
            )

        self.break_create(fail)
        text = self.plant({"payload": {"name": "New"}})
        self.assertIn('"is_success": false', text)

    def test_08_in_a_type_error_of_postgresql(self) -> None:
        """Its message quotes the line of the statement."""

        def fail(this, vals_list) -> None:
            this.env.cr.execute(
                "SELECT no_such_column, %s FROM res_partner", [self.secret]
            )

        self.break_create(fail)
        with self.assertLogs(ENGINE, "ERROR"):
            self.plant({"payload": {"name": "New"}})

    def test_09_in_a_traceback(self) -> None:
        def fail(this, vals_list) -> None:
            raise ValueError(f"login failed with {vals_list[0]['password']}")

        self.break_create(fail, "res.users")
        payload = {"name": "New", "login": "new", "password": self.secret}
        with self.assertLogs(ENGINE, "ERROR") as logs:
            self.plant({"payload": payload}, model="res.users")
        self.assertIn("login failed with", "".join(logs.output))
        self.assertNotIn(self.secret, "".join(logs.output))

    def test_09b_in_a_traceback_of_a_known_field(self) -> None:
        def fail(this, vals_list) -> None:
            raise ValueError(f"login failed with {vals_list[0]['comment']}")

        self.break_create(fail)
        field = self.registry["res.partner"]._fields["comment"]
        self.patch(field, "groups", "base.group_system")
        self.registry.clear_all_caches()
        self.addCleanup(self.registry.clear_all_caches)
        with self.assertLogs(ENGINE, "ERROR") as logs:
            self.plant({"payload": {"name": "New", "comment": self.secret}})
        self.assertIn("login failed with", "".join(logs.output))
        self.assertNotIn(self.secret, "".join(logs.output))

    def test_10_in_a_domain(self) -> None:
        domain = [["user_ids.password", "=", self.secret]]
        payload = {"search_domain": domain, "search_field": ["name"]}
        self.plant({"payload": payload}, "search_data")

    def test_11_in_a_body_that_is_no_json(self) -> None:
        body = f'{{"params": {{"vals": {{"password": "{self.secret}"'
        answer = self.post("create_data", body, self.bearer(self.admin_key))
        self.assertEqual(answer.status_code, 400)
        self.assertNowhere(self.secret)
        self.assertNotIn(self.secret, answer.text)

    def test_12_as_the_key_itself(self) -> None:
        for headers in (
            self.bearer(self.secret),
            {"x-api-key": self.secret},
            {"Authorization": f"Basic {self.secret}"},
            self.bearer(self.admin_key) | {"x-api-key": self.secret},
        ):
            answer = self.post("create_data", {"params": {}}, headers)
            self.assertIn(answer.status_code, (401, 403))
            self.assertNowhere(self.secret)
            self.assertNotIn(self.secret, answer.text)
        self.assertNowhere(self.admin_key)

    def test_constraint_of_postgresql_is_told_without_its_values(self) -> None:
        def fail(this, vals_list) -> None:
            this.env.cr.execute(
                "INSERT INTO res_users (login, password, company_id, partner_id,"
                " notification_type) VALUES ('admin', %s, 1, 1, 'email')",
                [self.secret],
            )

        self.break_create(fail)
        text = self.plant({"payload": {"name": "New"}})
        self.assertEqual(json.loads(text)["result"]["is_success"], False)
