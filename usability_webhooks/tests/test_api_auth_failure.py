# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests that nobody authenticated: some on the log, all of them counted."""

from __future__ import annotations

import json

from odoo.tests import tagged

from .common import ApiHttpCase, make_key

BODY = {"params": {"model": "res.partner", "vals": {"payload": {"name": "hush-body"}}}}
BAD_KEY = "f00d" * 10


@tagged("post_install", "-at_install")
class TestAuthFailure(ApiHttpCase):
    CAP = 3

    def setUp(self) -> None:
        super().setUp()
        self.env.cr.execute("DELETE FROM api_address_use")
        self.set_param("webhook.auth_failure_rows_per_hour", str(self.CAP))
        self.set_param("webhook.auth_failures_per_minute", "1000")

    def set_param(self, name: str, value: str) -> None:
        self.env["ir.config_parameter"].set_param(name, value)

    def fail(self, headers: dict | None = None, route: str = "create_data"):
        """Send a request with a bad key; return its row, if it has one."""
        sent = self.bearer(BAD_KEY) if headers is None else headers
        refused = self.post(route, BODY, sent)
        self.assertIn(refused.status_code, (401, 403, 429))
        return self.get_log(refused.headers["X-Request-Id"])

    def let_an_hour_pass(self) -> None:
        self.env.cr.execute(
            "UPDATE api_address_use SET log_tat = log_tat - interval '1 hour'"
        )

    def test_row_tells_when_whence_and_why(self) -> None:
        log = self.fail()
        self.assertRecordValues(
            log,
            [
                {
                    "log_type": "receive",
                    "state": "rejected",
                    "route": "/api/create_data",
                    "http_status": 401,
                    "error_code": "auth_invalid",
                    "remote_addr": "127.0.0.1",
                    "content_gone": "skipped",
                    "user_id": False,
                    "company_id": False,
                    "create_uid": False,
                    "api_key_id": False,
                    "api_key_name": False,
                }
            ],
        )
        self.assertTrue(log.create_date and log.error_message)
        self.assertIn("python-requests", log.user_agent)

    def test_every_kind_of_failure_has_a_row(self) -> None:
        self.set_param("webhook.auth_failure_rows_per_hour", "20")
        other = make_key(self.user, "other")
        self.authenticate(self.user.login, self.user.login)
        csrf = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        self.assertEqual(self.fail(csrf).error_code, "csrf")
        both = self.bearer() | {"x-api-key": other}
        self.assertEqual(self.fail(both).error_code, "auth_mismatch")
        self.logout(keep_db=True)
        self.assertEqual(self.fail({}).error_code, "auth_required")

    def test_neither_the_key_nor_the_body_is_kept(self) -> None:
        self.fail()
        self.fail({"x-api-key": BAD_KEY})
        self.fail({"Authorization": f"Basic {BAD_KEY}"})
        dump = []
        for table in ("api_log", "api_log_payload", "api_address_use"):
            self.env.cr.execute(f"SELECT {table}::text FROM {table}")
            dump += [row[0] for row in self.env.cr.fetchall()]
        for part in (BAD_KEY, BAD_KEY[:8], "hush-body"):
            self.assertNotIn(part, json.dumps(dump))

    def test_beyond_the_cap_they_are_counted_on_the_last_row(self) -> None:
        rows = [self.fail() for _ in range(self.CAP + 4)]
        logged = [row for row in rows if row]
        self.assertEqual(len(logged), self.CAP)
        self.assertEqual([row.more_count for row in logged], [0, 0, 4])

    def test_count_stays_on_its_row_when_another_is_logged(self) -> None:
        last = [self.fail() for _ in range(self.CAP + 2)][self.CAP - 1]
        self.let_an_hour_pass()
        fresh = self.fail()
        self.assertTrue(fresh)
        self.assertEqual((last.more_count, fresh.more_count), (2, 0))
        for _more in range(self.CAP):
            self.fail()
        self.env.invalidate_all()
        self.assertEqual(last.more_count, 2)

    def test_throttled_ones_are_within_the_cap_too(self) -> None:
        self.set_param("webhook.auth_failures_per_minute", "1")
        codes = [self.fail().mapped("error_code") for _ in range(self.CAP + 1)]
        self.assertEqual(
            codes, [["auth_invalid"], ["rate_limited"], ["rate_limited"], []]
        )

    def test_route_that_is_not_logged_has_no_rows(self) -> None:
        self.set_param("webhook.create_data_log", "False")
        self.assertFalse(self.fail())
        self.assertTrue(self.fail(route="search_data"))

    def test_good_key_is_no_failure(self) -> None:
        for _failure in range(self.CAP + 2):
            self.fail()
        self.call_ok("create_data", "res.partner", {"payload": {"name": "x"}})
        self.env.cr.execute("SELECT sum(unlogged) FROM api_address_use")
        self.assertEqual(self.env.cr.fetchone()[0], 2)
