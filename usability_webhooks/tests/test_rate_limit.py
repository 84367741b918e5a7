# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Limits over real HTTP: who is refused, with what, and who is not."""

from __future__ import annotations

from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..models.api_rate_limit import REFUSAL_ROWS
from .common import (
    TEST_LOGIN,
    ApiCase,
    ApiHttpCase,
    make_key,
    make_narrow_key,
    make_profile,
)

THROTTLE = "odoo.addons.usability_webhooks.controllers.api_throttle"
FIELDS = ("Limit", "Remaining", "Reset", "Policy")
SEARCH = {
    "params": {
        "model": "res.partner",
        "vals": {"payload": {"search_field": ["name"], "limit": 3}},
    }
}
CREATE = {"params": {"model": "res.partner", "vals": {"payload": {"name": "Counted"}}}}
DRY = {
    "params": {
        "model": "res.partner",
        "vals": CREATE["params"]["vals"] | {"dry_run": True},
    }
}
MODELS = {"res.partner": {"may_read": True, "may_create": True}}


class RateCase(ApiHttpCase):
    def narrow(self, **limits: int) -> dict:
        """Return the header of a new key whose profile has ``limits``."""
        count = self.env["api.access.profile"].search_count([])
        profile = make_profile(self.env, f"limited {count}", MODELS, **limits)
        return self.bearer(make_narrow_key(self.user, profile))

    def send(
        self, headers: dict, times: int = 1, body: dict | None = None
    ) -> list[int]:
        """Send one request several times; return the statuses."""
        body = body or SEARCH
        return [
            self.post("search_data", body, headers).status_code for _ in range(times)
        ]

    def get_use(self, headers: dict):
        """Return the row of the key in ``headers``."""
        key = headers["Authorization"].rpartition(" ")[2]
        self.env.invalidate_all()
        found = self.env["res.users.apikeys"].sudo()._find_key(key)  # just made it
        return self.env["api.key.use"].sudo().browse(found.key_id)  # nobody may

    def let_pass(self, headers: dict, seconds: float) -> None:
        """Have the key's row believe that time has passed."""
        self.env.cr.execute(
            SQL(
                "UPDATE api_key_use SET request_tat = request_tat - %(by)s::interval,"
                " row_tat = row_tat - %(by)s::interval,"
                " refusal_tat = refusal_tat - %(by)s::interval WHERE id = %(id)s",
                by=f"{seconds} seconds",
                id=self.get_use(headers).id,
            )
        )

    def assertLimited(self, response, least: int, most: int) -> None:
        """Check the whole refusal, and that the wait lies between two numbers."""
        self.assertEqual(response.status_code, 429, response.text)
        error = response.json()["error"]
        self.assertEqual(error["code"], -32029)
        self.assertEqual(error["data"]["code"], "rate_limited")
        wait = int(response.headers["Retry-After"])
        self.assertTrue(least <= wait <= most, wait)


@tagged("post_install", "-at_install")
class TestRequestLimit(RateCase):
    def test_a_burst_then_429_then_one_for_each_interval(self) -> None:
        headers = self.narrow(requests_per_minute=4)
        self.assertEqual(self.send(headers, 6), [200] * 4 + [429] * 2)
        # One in 15 seconds.
        self.let_pass(headers, 15)
        self.assertEqual(self.send(headers, 2), [200, 429])
        self.let_pass(headers, 3600)
        self.assertEqual(self.send(headers, 5), [200] * 4 + [429])

    def test_every_answer_says_where_the_key_stands(self) -> None:
        headers = self.narrow(requests_per_minute=2)
        seen = []
        for body in (SEARCH, {"params": "nonsense"}, SEARCH):
            response = self.post("search_data", body, headers)
            got = [response.headers[f"RateLimit-{name}"] for name in FIELDS]
            seen.append((response.status_code, *got[:2], got[3]))
            self.assertTrue(0 < int(got[2]) <= 60, got)
        policy = '"requests";q=2;w=60'
        expected = [(200, "2", "1"), (400, "2", "0"), (429, "2", "0")]
        self.assertEqual(seen, [(*one, policy) for one in expected])

    def test_the_refusal_says_when_to_come_again(self) -> None:
        headers = self.narrow(requests_per_minute=1)
        self.send(headers)
        self.assertLimited(self.post("search_data", SEARCH, headers), 50, 60)
        self.let_pass(headers, 45)
        self.assertLimited(self.post("search_data", SEARCH, headers), 5, 15)

    def test_a_refused_request_does_nothing_and_costs_nothing(self) -> None:
        headers = self.narrow(requests_per_minute=1)
        partners = self.env["res.partner"].search_count([])
        self.send(headers)
        before = self.get_use(headers).request_tat
        response = self.post("create_data", CREATE, headers)
        self.assertLimited(response, 1, 60)
        self.assertEqual(self.get_use(headers).request_tat, before)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_others_are_not_touched(self) -> None:
        headers = self.narrow(requests_per_minute=1)
        self.assertEqual(self.send(headers, 2), [200, 429])
        self.assertEqual(self.send(self.narrow(requests_per_minute=1)), [200])
        response = self.post("search_data", SEARCH)  # a plain key of the same user
        self.assertEqual(response.status_code, 200)
        self.assertFalse(
            [name for name in response.headers if "ratelimit" in name.lower()]
        )
        self.authenticate(TEST_LOGIN, TEST_LOGIN)
        self.env["ir.config_parameter"].set_param("webhook.requests_per_minute", "1")
        self.assertEqual(self.send({}, 3), [200] * 3)

    def test_plain_keys_have_the_limit_of_the_system_parameter(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.requests_per_minute", "2")
        self.assertEqual(self.send(self.bearer(), 3), [200, 200, 429])
        # The limit of a profile counts instead, none as well.
        self.assertEqual(self.send(self.narrow(), 3), [200] * 3)

    def test_a_raised_limit_holds_after_one_interval_of_it(self) -> None:
        headers = self.narrow(requests_per_minute=1)
        self.assertEqual(self.send(headers, 2), [200, 429])
        profile = self.env["api.access.profile"].search([], order="id desc", limit=1)
        profile.requests_per_minute = 100  # one in 0.6 seconds
        self.env.flush_all()
        self.let_pass(headers, 0.6)
        self.assertEqual(self.send(headers), [200])

    def test_refusals_are_on_the_log_within_a_cap_and_without_body(self) -> None:
        headers = self.narrow(requests_per_minute=1)
        self.send(headers)
        before = self.env["api.log"].search_count([])
        extra = 3
        self.send(headers, REFUSAL_ROWS.limit + extra)
        domain = [("error_code", "=", "rate_limited")]
        self.env.invalidate_all()
        rows = self.env["api.log"].search(domain)
        self.assertEqual(self.env["api.log"].search_count([]), before + len(rows))
        self.assertTrue(REFUSAL_ROWS.limit <= len(rows) < REFUSAL_ROWS.limit + extra)
        self.assertEqual(set(rows.mapped("state")), {"rejected"})
        self.assertEqual(set(rows.mapped("http_status")), {429})
        self.assertFalse(any(rows.mapped("data_preview")))

    def test_last_use_is_kept_for_keys_without_limits_too(self) -> None:
        self.assertFalse(self.get_use(self.bearer()).exists())
        self.send(self.bearer())
        use = self.get_use(self.bearer())
        self.assertTrue(use.last_used_at)
        self.assertEqual(use.last_used_from, "127.0.0.1")
        use.key_id.sudo().unlink()  # as its owner may
        self.assertFalse(use.exists())

    def test_counting_takes_one_statement(self) -> None:
        headers = self.narrow(requests_per_minute=100, rows_per_minute=10_000)
        self.send(headers)
        limits = self.env["api.rate.limit"]
        sent = []
        fetch = type(limits)._fetch
        spy = patch.object(
            type(limits), "_fetch", lambda *args: sent.append(args[1]) or fetch(*args)
        )
        with spy:
            self.send(headers)
        self.assertEqual(len(sent), 2, sent)  # the request; the records it got

    def test_database_lost_while_counting_is_503(self) -> None:
        limits = type(self.env["api.rate.limit"])
        gone = patch.object(limits, "_fetch", side_effect=OperationalError("gone"))
        with gone, mute_logger(THROTTLE):
            response = self.post("search_data", SEARCH)
        self.assertEqual(response.status_code, 503, response.text)
        self.assertEqual(response.headers["Retry-After"], "5")


@tagged("post_install", "-at_install")
class TestRowLimit(RateCase):
    def test_records_are_charged_after_the_work(self) -> None:
        headers = self.narrow(rows_per_minute=4)
        response = self.post("search_data", SEARCH, headers)  # 3 records
        self.assertEqual(response.headers["RateLimit-Remaining"], "1")
        # One is left, so that three more are done; then they have to be waited for.
        self.assertEqual(self.send(headers, 2), [200, 429])
        # 6 of 4 a minute are used: 15 seconds each, 3 too many for one more.
        self.assertLimited(self.post("search_data", SEARCH, headers), 35, 45)
        self.let_pass(headers, 45)
        self.assertEqual(self.send(headers, 2), [200, 429])

    def test_batches_are_charged_by_record_and_so_are_dry_runs(self) -> None:
        headers = self.narrow(rows_per_minute=100)
        records = [CREATE["params"]["vals"]] * 5
        batch = {"params": {"model": "res.partner", "vals": {"records": records}}}
        for body, left in ((batch, "95"), (DRY, "94"), (CREATE, "93")):
            response = self.post("create_data", body, headers)
            self.assertTrue(response.json()["result"]["is_success"], response.text)
            self.assertEqual(response.headers["RateLimit-Remaining"], left)

    def test_what_failed_is_not_charged_by_record(self) -> None:
        headers = self.narrow(rows_per_minute=10)
        vals = {"payload": {"no_such_field": 1}}
        body = {"params": {"model": "res.partner", "vals": vals}}
        response = self.post("create_data", body, headers)
        self.assertFailure(response.json()["result"], "unknown_field")
        self.assertEqual(response.headers["RateLimit-Remaining"], "10")

    def test_both_limits_are_told(self) -> None:
        headers = self.narrow(rows_per_minute=10, requests_per_minute=2)
        response = self.post("search_data", SEARCH, headers)
        self.assertIn('"requests";r=1;', response.headers["RateLimit"])
        self.assertIn('"rows";r=7;', response.headers["RateLimit"])
        self.assertEqual(response.headers["RateLimit-Limit"], "2")

    def test_a_done_request_stays_done_when_it_cannot_be_charged(self) -> None:
        headers = self.narrow(rows_per_minute=10)
        limits = type(self.env["api.rate.limit"])
        gone = patch.object(
            limits, "_charge_rows", side_effect=OperationalError("gone")
        )
        with gone, mute_logger(THROTTLE):
            response = self.post("create_data", CREATE, headers)
        self.assertSuccess(response.json()["result"])


@tagged("post_install", "-at_install")
class TestFailureLimit(RateCase):
    LIMIT = 5

    def setUp(self) -> None:
        super().setUp()
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.auth_failures_per_minute", str(self.LIMIT))

    def test_too_many_bad_keys_are_429_and_a_good_one_gets_in(self) -> None:
        bad = self.bearer("0" * 40)
        self.assertEqual(self.send(bad, 40), [401] * self.LIMIT + [429] * 35)
        self.assertLimited(self.post("search_data", SEARCH, bad), 1, 60)
        self.assertEqual(self.send(self.bearer(), 2), [200, 200])

    def test_all_kinds_of_bad_keys_are_counted_and_answered_alike(self) -> None:
        archived = new_test_user(self.env, "api_gone", groups="base.group_user")
        of_archived = make_key(archived)
        archived.active = False
        kinds = [
            self.bearer("0" * 40),
            self.bearer("short"),
            self.bearer(make_key(self.user, "expired", days=-1)),
            self.bearer(of_archived),
            {"Authorization": "Basic YWRtaW46YWRtaW4="},
        ]
        self.assertEqual([self.send(kind)[0] for kind in kinds], [401] * self.LIMIT)
        answers = set()
        for kind in kinds:
            response = self.post("search_data", SEARCH, kind | {"X-Request-Id": "same"})
            self.assertLimited(response, 1, 60)
            answers.add(response.content)
        self.assertEqual(len(answers), 1, answers)

    def test_nothing_to_go_by_is_no_failure(self) -> None:
        self.assertEqual(self.send({}, self.LIMIT + 1), [401] * (self.LIMIT + 1))
        self.assertEqual(self.send(self.bearer("0" * 40)), [401])

    def test_addresses_share_a_bucket_by_network(self) -> None:
        bucket = self.env["api.address.use"]._get_bucket
        self.assertEqual(bucket("2001:db8::1"), bucket("2001:db8::ffff:2"))
        self.assertNotEqual(bucket("2001:db8::1"), bucket("2001:db8:0:1::1"))
        self.assertNotEqual(bucket("192.0.2.1"), bucket("192.0.2.2"))
        self.assertEqual(bucket("192.0.2.1"), bucket("::ffff:192.0.2.1"))
        self.assertEqual(bucket("fe80::1%eth0"), bucket("fe80::2"))
        for text in ("", "unknown", "é\udcff"):
            self.assertGreater(bucket(text), 0)

    def test_rows_of_failures_have_a_cap_of_their_own(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.auth_failure_rows_per_hour", "3")
        # As a request has it: on a cursor that may end what is open before it counts.
        with self.registry.cursor() as cr:
            may_log = self.env(cr=cr)["api.rate.limit"]._may_log_failure
            self.assertEqual(
                [may_log("192.0.2.1") for _ in range(5)], [True] * 3 + [False] * 2
            )
            self.assertTrue(may_log("192.0.2.2"))
        self.assertEqual(self.send(self.bearer("0" * 40)), [401])

    def test_the_table_is_kept_out_of_the_write_ahead_log(self) -> None:
        query = SQL(
            "SELECT relpersistence FROM pg_class WHERE relname = 'api_address_use'"
        )
        self.assertEqual(self.env.execute_query(query), [("u",)])


@tagged("post_install", "-at_install")
class TestRateSettings(ApiCase):
    def test_no_limit_can_be_set_and_less_than_none_cannot(self) -> None:
        params = self.env["ir.config_parameter"]
        for value in (60, 0):
            self.env["res.config.settings"].create(
                {"api_requests_per_minute": value}
            ).execute()
            self.assertEqual(
                self.env["api.settings"]._get("webhook.requests_per_minute"), value
            )
        self.assertEqual(params.get_param("webhook.requests_per_minute"), "0")
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"api_requests_per_minute": -1})

    def test_the_throttle_of_failures_cannot_be_switched_off(self) -> None:
        name = "webhook.auth_failures_per_minute"
        self.env["ir.config_parameter"].set_param(name, "0")
        with mute_logger("odoo.addons.usability_webhooks.models.api_settings"):
            self.assertEqual(self.env["api.settings"]._get(name), 30)
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"api_auth_failures_per_minute": 0})
