# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a log row says of a request, and what the form shows of it."""

from __future__ import annotations

import json
import os

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, new_test_user, tagged

from ..models.api_log_form import FORMATTED_LIMIT
from ..models.api_log_row import COPIED_CHARACTERS
from ..models.api_log_writer import MAX_RECORD_IDS
from ..tools.api_outcome import ApiOutcome, ApiReply
from ..tools.api_request import ApiRequest
from ..tools.api_run import Run
from .common import ApiHttpCase

ENGINE = "odoo.addons.usability_webhooks.models.api_transaction"
PREVIEW_LIMIT = 100


class LogCase(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        params = cls.env["ir.config_parameter"]
        params.set_param("webhook.preview_limit", str(PREVIEW_LIMIT))

    def log_of(self, route: str, model: str, vals: dict):
        """Send one request; return its envelope and its one row."""
        _status, answer = self.call(route, model, vals)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(len(log), 1)
        return answer["result"], log

    def create_partners(self, count: int, **values: str):
        payload = [{"name": f"Partner {n}", **values} for n in range(count)]
        return self.log_of("create_data", "res.partner", {"payload": payload})


@tagged("post_install", "-at_install")
class TestRow(LogCase):
    def test_row_tells_who_asked(self) -> None:
        _answer, log = self.create_partners(1)
        self.assertEqual(log.user_id, self.user)
        self.assertEqual(log.create_uid, self.user)
        self.assertEqual(log.company_id, self.user.company_id)
        self.assertEqual(log.api_key_name, "test key")
        keys = self.env["res.users.apikeys"]
        self.assertEqual(
            log.api_key_id, keys.search([("user_id", "=", self.user.id)]).id
        )
        self.assertEqual(log.remote_addr, "127.0.0.1")
        self.assertIn("python-requests", log.user_agent)
        self.assertEqual(log.worker, f"{os.uname().nodename}:{os.getpid()}")

    def test_session_has_no_key_on_its_row(self) -> None:
        self.authenticate(self.user.login, self.user.login)
        vals = {"payload": {"name": "By session"}}
        _status, answer = self.call("create_data", "res.partner", vals, headers={})
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(log.user_id, self.user)
        self.assertFalse(log.api_key_id)
        self.assertFalse(log.api_key_name)

    def test_row_tells_what_was_asked(self) -> None:
        answer, log = self.create_partners(3)
        ids = [record["id"] for record in answer["result"]]
        self.assertRecordValues(
            log,
            [
                {
                    "log_type": "receive",
                    "state": "done",
                    "route": "/api/create_data",
                    "model": "res.partner",
                    "method": False,
                    "res_model": "res.partner",
                    "res_id": ids[0],
                    "record_count": 3,
                    "error_code": False,
                    "http_status": 200,
                    "attempts": 1,
                    "is_masked": False,
                }
            ],
        )
        self.assertEqual(log.res_ids, ids)

    def test_row_tells_what_it_cost(self) -> None:
        _answer, log = self.create_partners(1)
        self.assertGreater(log.duration, 0)
        self.assertLess(log.duration, 60_000)
        self.assertGreater(log.query_count, 0)

    def test_row_tells_the_method_called(self) -> None:
        _answer, partner_log = self.create_partners(1, ref="called")
        vals = {"search_key": {"ref": "called"}, "payload": {"method": "name_get_x"}}
        _answer, log = self.log_of("call_function", "res.partner", vals)
        self.assertEqual((log.method, log.state), ("name_get_x", "failed"))
        vals["payload"]["method"] = "action_archive"
        _answer, log = self.log_of("call_function", "res.partner", vals)
        self.assertEqual((log.method, log.state), ("action_archive", "done"))
        self.assertEqual(log.res_ids, partner_log.res_ids)

    def test_row_tells_what_was_wrong(self) -> None:
        payload = {"name": "New", "country_id": {"code": "??"}, "no_such": 1}
        vals = {"payload": payload}
        answer, log = self.log_of("create_data", "res.partner", vals)
        self.assertEqual(log.state, "failed")
        self.assertEqual(log.error_code, answer["errors"][0]["code"])
        self.assertEqual(log.error_path, answer["errors"][0]["path"])
        self.assertEqual(log.error_message, answer["messages"])
        self.assertFalse(log.record_count)

    def test_own_request_id_finds_the_row(self) -> None:
        body = {"params": {"model": "res.partner", "vals": {"payload": {"name": "A"}}}}
        headers = self.bearer() | {"X-Request-Id": "order-4711/2"}
        self.post("create_data", body, headers)
        self.assertEqual(self.get_log("order-4711/2").state, "done")

    def test_callback_url_is_kept(self) -> None:
        url = "https://partner.example/hook?order=7"
        vals = {"payload": {"name": "New"}, "callback_url": url}
        _answer, log = self.log_of("create_data", "res.partner", vals)
        self.assertEqual(log.callback_url, url)

    def test_list_of_ids_is_bounded_and_the_count_is_not(self) -> None:
        outcome = ApiOutcome(None, "", range(1, MAX_RECORD_IDS + 11))
        writer = self.env["api.log.writer"]
        vals = {"state": "received", "request_id": "many"}
        log_id = writer._insert(vals, "{}")
        request = ApiRequest("create_data", "res.partner", {}, "many")
        run = Run(request, self.env["api.log.content"]._get_masks(request))
        reply = ApiReply("{}", "{}")
        self.assertTrue(writer._flip_done(log_id, run, outcome, reply))
        log = self.get_log("many")
        self.assertEqual(log.record_count, MAX_RECORD_IDS + 10)
        self.assertEqual(len(log.res_ids), MAX_RECORD_IDS)

    def test_refused_after_authentication_leaves_a_row(self) -> None:
        refused = self.post("create_data", b'{"params": {"model": "res.partner"')
        self.assertEqual(refused.status_code, 400)
        log = self.get_log(refused.headers["X-Request-Id"])
        self.assertRecordValues(
            log,
            [
                {
                    "state": "rejected",
                    "route": "/api/create_data",
                    "http_status": 400,
                    "error_code": "parse_error",
                    "user_id": self.user.id,
                    "data_preview": '{"params": {"model": "res.partner"',
                }
            ],
        )
        self.assertTrue(log.error_message)


@tagged("post_install", "-at_install")
class TestPayload(LogCase):
    def test_short_request_is_stored_as_it_was_sent(self) -> None:
        body = '{"params":{"model":"x","vals":{"payload":{"a":1.50}}}}'
        answer = self.post("create_data", body).json()["result"]
        log = self.get_log(answer["request_id"])
        self.assertEqual(log.data_preview, body)
        self.assertEqual(log.data_size, len(body))
        self.assertEqual(log._get_text("data"), body)

    def test_long_request_is_stored_whole_beside_its_preview(self) -> None:
        answer, log = self.create_partners(5, comment="long enough")
        self.assertEqual(len(log.data_preview), PREVIEW_LIMIT + len(" ..."))
        stored = json.loads(log._get_text("data"))
        self.assertEqual(len(stored["params"]["vals"]["payload"]), 5)
        self.assertEqual(log.data_size, len(log.payload_ids.data))
        self.assertTrue(log.payload_ids.data.startswith(log.data_preview[:-4]))
        self.assertEqual(json.loads(log._get_text("result")), answer)
        self.assertEqual(log.result_size, len(log.payload_ids.result))

    def test_long_answer_to_a_short_request_is_stored_whole(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.preview_limit", "250")
        payload = {"search_field": ["name", "email"], "limit": 20}
        answer, log = self.log_of("search_data", "res.partner", {"payload": payload})
        while len(json.dumps(answer)) <= 250:
            self.create_partners(5)
            answer, log = self.log_of(
                "search_data", "res.partner", {"payload": payload}
            )
        self.assertFalse(log.payload_ids.data)
        self.assertEqual(json.loads(log.payload_ids.result), answer)

    def test_very_long_texts_are_stored_to_the_letter(self) -> None:
        """From ``COPIED_CHARACTERS`` on they go another way, by COPY."""
        text = 'Zo\u00eb \\ "\\." , \x01\n\t\u0e01 ' * (COPIED_CHARACTERS // 16)
        payload = {"name": text, "no_such_field": 1}
        envelope = {"params": {"model": "res.partner", "vals": {"payload": payload}}}
        for ensure_ascii in (True, False):
            body = json.dumps(envelope, ensure_ascii=ensure_ascii, indent="\r\n")
            with self.subTest(ensure_ascii=ensure_ascii):
                answer = self.post("create_data", body).json()["result"]
                log = self.get_log(answer["request_id"])
                self.assertGreater(log.data_size, COPIED_CHARACTERS)
                self.assertEqual(log._get_text("data"), body)
                self.assertEqual(json.loads(log._get_text("result")), answer)

    def test_very_long_answers_are_stored_to_the_letter(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.preview_limit", "2000")
        text = 'Zo\u00eb "\\" ' * (COPIED_CHARACTERS // 8)
        partner = self.env["res.partner"].create({"name": "x", "comment": text})
        domain = [["id", "=", partner.id]]
        payload = {"search_field": ["comment"], "search_domain": domain}
        for size in (0, COPIED_CHARACTERS):  # of the request, in blanks
            with self.subTest(size=size):
                answer, log = self.log_of(
                    *("search_data", "res.partner"),
                    {"payload": payload, "context": {"note": " " * size}},
                )
                self.assertGreater(log.result_size, COPIED_CHARACTERS)
                self.assertEqual(json.loads(log._get_text("result")), answer)
                self.assertEqual(len(log.payload_ids), 1)
                self.assertEqual(bool(log.payload_ids.data), bool(size))

    def test_form_shows_json_indented(self) -> None:
        answer, log = self.create_partners(5)
        self.assertEqual(json.loads(log.result_formatted), answer)
        self.assertIn('\n  "is_success": true', log.result_formatted)
        self.assertIn('\n  "params": {', log.data_formatted)

    def test_form_shows_text_that_is_no_json_as_it_is(self) -> None:
        refused = self.post("create_data", b"no json")
        log = self.get_log(refused.headers["X-Request-Id"])
        self.assertEqual(log.data_formatted, "no json")

    def test_form_of_a_huge_payload_is_cut(self) -> None:
        format_json = self.env["api.log"]._format_json
        value = ["x" * FORMATTED_LIMIT]
        indented = json.dumps(value, indent=2)
        shown = format_json(json.dumps(value))
        self.assertEqual(shown, f"{indented[:FORMATTED_LIMIT]} ...")
        # Far beyond, it is not even parsed: opening a row must not take seconds.
        text = json.dumps(value * 11)
        self.assertEqual(format_json(text), f"{text[:FORMATTED_LIMIT]} ...")


@tagged("post_install", "-at_install")
class TestInternalError(LogCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        group = "usability_webhooks.group_api_"
        cls.reader = new_test_user(cls.env, "log_reader", groups=f"{group}reader")
        cls.manager = new_test_user(cls.env, "log_manager", groups=f"{group}manager")

    def fail_inside(self):
        def fail(this, request):
            raise ZeroDivisionError("a bug on line 7")

        self.patch(self.registry["api.service"], "_perform", fail)
        with mute_logger(ENGINE):
            return self.create_partners(1)

    def test_answer_says_only_the_request_id(self) -> None:
        answer, log = self.fail_inside()
        self.assertFailure(answer, "internal_error")
        self.assertIn(answer["request_id"], answer["messages"])
        self.assertNotIn("line 7", json.dumps(answer))
        self.assertNotIn("ZeroDivision", json.dumps(answer))

    def test_traceback_is_on_the_row_for_managers(self) -> None:
        _answer, log = self.fail_inside()
        self.assertIn("a bug on line 7", log.with_user(self.manager).traceback)
        with self.assertRaises(AccessError):
            log.with_user(self.reader).read(["traceback"])
        self.assertEqual(log.with_user(self.reader).error_code, "internal_error")

    def test_traceback_is_in_the_server_log_once(self) -> None:
        def fail(this, request):
            raise ZeroDivisionError("a bug on line 7")

        self.patch(self.registry["api.service"], "_perform", fail)
        with self.assertLogs(ENGINE, "ERROR") as logs:
            answer, _log = self.create_partners(1)
        self.assertEqual(len(logs.output), 1)
        self.assertIn(answer["request_id"], logs.output[0])
        self.assertIn("a bug on line 7", logs.output[0])

    def test_expected_failures_have_no_traceback(self) -> None:
        vals = {"payload": {"no_such_field": 1}}
        _answer, log = self.log_of("create_data", "res.partner", vals)
        self.assertFalse(log.traceback)


@tagged("post_install", "-at_install")
class TestButtons(LogCase):
    def test_records_open_as_one_form_or_as_a_list(self) -> None:
        _answer, one = self.create_partners(1)
        action = one.action_open_records()
        self.assertEqual(action["res_id"], one.res_id)
        self.assertEqual(action["res_model"], "res.partner")
        _answer, three = self.create_partners(3)
        action = three.action_open_records()
        self.assertNotIn("res_id", action)
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sorted(found.ids), sorted(three.res_ids))

    def test_payload_opens_the_whole_text(self) -> None:
        _answer, log = self.create_partners(5)
        action = log.action_open_payload()
        payload = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(payload.log_id, log)

    def test_display_name_says_route_model_and_number(self) -> None:
        _answer, log = self.create_partners(1)
        expected = f"/api/create_data res.partner #{log.id}"
        self.assertEqual(log.display_name, expected)

    def test_slow_is_two_seconds_or_more(self) -> None:
        writer = self.env["api.log.writer"]
        rows = [
            writer._insert({"state": "done", "duration": duration}, "{}")
            for duration in (1999.9, 2000)
        ]
        logs = self.env["api.log"].browse(rows)
        self.assertEqual(logs.mapped("is_slow"), [False, True])
