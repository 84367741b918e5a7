# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the console asks the server, and what a row of the log says to do."""

from __future__ import annotations

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..error_help import HELP
from ..exceptions import OPERATION_CODES, REFUSAL_STATUS
from .common import ApiCase, ApiHttpCase


@tagged("post_install", "-at_install")
class TestConsole(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "oc_clerk", groups="base.group_user")
        cls.reader = new_test_user(
            cls.env, "oc_reader", groups="usability_webhooks.group_api_reader"
        )
        cls.portal = new_test_user(cls.env, "oc_portal", groups="base.group_portal")
        cls.partner = cls.env["res.partner"].create({"name": "Cons Ole", "ref": "OC"})

    def console(self, user):
        return self.env["api.console"].with_user(user)

    def make_log(self, body: str, route: str = "/api/create_data", **vals):
        vals = {"state": "failed", "route": route, "log_type": "receive"} | vals
        log_id = self.env["api.log.writer"]._insert(vals, body)
        return self.env["api.log"].browse(log_id)

    def test_starters_are_inputs_of_the_form(self) -> None:
        starters = self.env["api.console"].get_starters("res.partner")
        self.assertIn("name", starters["fields"])
        self.assertNotIn("image_1920", starters["fields"])
        self.assertNotIn("display_name", starters["fields"])
        self.assertLess(
            starters["fields"].index("name"), starters["fields"].index("ref")
        )
        self.assertIn("child_ids", starters["lines"])

    def test_completion_comes_with_a_lookup_that_finds_the_record(self) -> None:
        found = self.console(self.clerk).get_completions("res.partner", "Cons Ole")
        expected = {"id": self.partner.id, "label": "Cons Ole", "lookup": {"ref": "OC"}}
        self.assertEqual(found, [expected])

    def test_completions_stay_within_the_users_rights(self) -> None:
        for model in ("ir.cron", "no.such.model"):
            with self.assertRaises(UserError):
                self.console(self.clerk).get_completions(model, "")

    def test_console_is_for_internal_users(self) -> None:
        log = self.make_log("{}")
        console = self.console(self.portal)
        for ask in (
            lambda: console.get_starters("res.partner"),
            lambda: console.get_completions("res.partner", ""),
            lambda: console.get_request(log.id),
        ):
            with self.assertRaises(AccessError):
                ask()

    def test_request_of_the_log_is_for_its_readers(self) -> None:
        asked = {"model": "res.partner", "vals": {"payload": {"name": "x" * 3000}}}
        log = self.make_log(json.dumps({"params": asked}))
        expected = {"route": "create_data", **asked}
        self.assertEqual(self.console(self.reader).get_request(log.id), expected)
        with self.assertRaises(AccessError):
            self.console(self.clerk).get_request(log.id)

    def test_body_that_is_no_request_is_said_so(self) -> None:
        for body in ("", "{", '{"params": {}}', "[]"):
            with self.subTest(body=body), self.assertRaises(UserError):
                self.console(self.reader).get_request(self.make_log(body).id)

    def test_every_code_has_its_paragraph(self) -> None:
        self.assertEqual(set(HELP), OPERATION_CODES | REFUSAL_STATUS.keys())

    def test_row_says_what_each_of_its_codes_means(self) -> None:
        errors = [{"code": "not_found"}, {"code": "unknown_field"}]
        log = self.make_log("{}", error_code="not_found")
        answer = json.dumps({"is_success": False, "errors": [*errors, errors[0]]})
        self.env.cr.execute(
            "UPDATE api_log SET result_preview = %s, result_size = %s WHERE id = %s",
            [answer, len(answer), log.id],
        )
        log.invalidate_recordset()
        codes = [part.partition(":")[0] for part in log.error_help.split("\n\n")]
        self.assertEqual(codes, ["not_found", "unknown_field"])
        self.assertFalse(self.make_log("{}").error_help)


@tagged("post_install", "-at_install")
class TestConsoleAddress(ApiHttpCase):
    def test_docs_leads_internal_users_to_the_console(self) -> None:
        self.authenticate(self.user.login, self.user.login)
        response = self.url_open("/api/docs", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith("/odoo/api-console"))

    def test_docs_lets_nobody_else_in(self) -> None:
        response = self.url_open("/api/docs", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])
        portal = new_test_user(self.env, "oc_portal", groups="base.group_portal")
        self.authenticate(portal.login, portal.login)
        response = self.url_open("/api/docs", allow_redirects=False)
        self.assertEqual(response.status_code, 403)
