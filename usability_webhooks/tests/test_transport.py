# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Wire contract, section 1: what is refused before any operation ran, and how."""

from __future__ import annotations

import gzip
import json
import uuid
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ApiHttpCase

DISPATCHER = "odoo.addons.usability_webhooks.controllers.api_dispatcher"
TRANSACTION = "odoo.addons.usability_webhooks.models.api_transaction"
SEARCH = {
    "params": {
        "model": "res.partner",
        "vals": {"payload": {"search_field": ["name"], "limit": 1}},
    }
}


def with_model(**changes: object) -> dict:
    """Return a good envelope but for ``changes``; a value ``None`` drops its key."""
    envelope = {"jsonrpc": "2.0", "method": "call", "id": 1, **SEARCH, **changes}
    return {key: value for key, value in envelope.items() if value is not None}


class TransportCase(ApiHttpCase):
    def assertRefused(self, response, status: int, code: str, number: int) -> dict:
        """Check everything the contract says of a refusal; return its error."""
        self.assertEqual(response.status_code, status, response.text[:300])
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertTrue(response.headers["X-Request-Id"])
        self.assertNotIn("session_id", response.headers.get("Set-Cookie", ""))
        self.assertNotIn("Traceback", response.text)
        self.assertNotRegex(response.text, r"(?i)<(!doctype|html|head|body|h1|p)\b")
        answer = response.json()
        self.assertEqual(answer.keys(), {"jsonrpc", "id", "error"})
        self.assertEqual(answer["jsonrpc"], "2.0")
        error = answer["error"]
        self.assertEqual(error.keys(), {"code", "message", "data"})
        self.assertEqual(error["code"], number)
        self.assertTrue(error["message"].strip())
        request_id = response.headers["X-Request-Id"]
        self.assertEqual(error["data"], {"code": code, "request_id": request_id})
        return error

    def assertRuns(self, response, jsonrpc_id: object = None) -> None:
        """Check that the request reached its operation and that it succeeded."""
        self.assertEqual(response.status_code, 200, response.text[:300])
        answer = response.json()
        self.assertEqual(answer.keys(), {"jsonrpc", "id", "result"})
        self.assertEqual(answer["jsonrpc"], "2.0")
        self.assertEqual(answer["id"], jsonrpc_id)
        self.assertSuccess(answer["result"])


@tagged("post_install", "-at_install")
class TestMethodAndMediaType(TransportCase):
    def test_every_method_but_post_is_405_and_names_post(self):
        for route in ("create_data", "search_data", "call_function"):
            for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
                with self.subTest(route=route, method=method):
                    response = self.post(route, SEARCH, method=method)
                    self.assertRefused(response, 405, "method_not_allowed", -32005)
                    self.assertEqual(response.headers["Allow"], "POST")

    def test_head_is_405_without_a_body(self):
        response = self.post("search_data", b"", method="HEAD")
        self.assertEqual(response.status_code, 405)
        self.assertEqual(response.headers["Allow"], "POST")
        self.assertEqual(response.content, b"")

    def test_only_json_media_types_are_read(self):
        for media in (
            "text/plain",
            "text/html",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "application/jsonx",
            "nonsense",
            "",
        ):
            with self.subTest(media=media):
                headers = self.bearer() | {"Content-Type": media}
                response = self.post("search_data", SEARCH, headers)
                self.assertRefused(response, 415, "media_type", -32015)

    def test_missing_media_type_is_415(self):
        headers = self.bearer() | {"Content-Type": None}
        response = self.post("search_data", SEARCH, headers)
        self.assertRefused(response, 415, "media_type", -32015)

    def test_json_media_types_are_read_with_and_without_charset(self):
        for media in (
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "Application/JSON",
            "application/json-rpc",
        ):
            with self.subTest(media=media):
                headers = self.bearer() | {"Content-Type": media}
                self.assertRuns(self.post("search_data", SEARCH, headers))

    def test_compressed_body_is_415_and_says_so(self):
        body = gzip.compress(json.dumps(SEARCH).encode())
        for encoding in ("gzip", "GZIP", "deflate", "br", "identity, gzip"):
            with self.subTest(encoding=encoding):
                headers = self.bearer() | {"Content-Encoding": encoding}
                response = self.post("search_data", body, headers)
                error = self.assertRefused(response, 415, "media_type", -32015)
                self.assertIn("Content-Encoding", error["message"])

    def test_identity_encoding_is_no_compression(self):
        headers = self.bearer() | {"Content-Encoding": "identity"}
        self.assertRuns(self.post("search_data", SEARCH, headers))

    def test_unknown_route_is_not_ours(self):
        response = self.post("drop_data", SEARCH)
        self.assertEqual(response.status_code, 404)


@tagged("post_install", "-at_install")
class TestBody(TransportCase):
    def test_byte_order_mark_is_tolerated(self):
        body = b"\xef\xbb\xbf" + json.dumps(SEARCH).encode()
        self.assertRuns(self.post("search_data", body))

    def test_chunked_body_is_read(self):
        text = json.dumps(with_model(id=9)).encode()
        chunks = (text[i : i + 7] for i in range(0, len(text), 7))
        response = self.url_open(
            "/api/search_data",
            data=chunks,
            headers=self.bearer() | {"Content-Type": "application/json"},
        )
        self.assertEqual(response.request.headers["Transfer-Encoding"], "chunked")
        self.assertRuns(response, 9)

    def test_unreadable_json_is_400_parse_error(self):
        for body in (b"", b" \n", b"{", b"{'a': 1}", b"[1,]", b"nul", b"\xff\xfe{}"):
            with self.subTest(body=body):
                response = self.post("search_data", body)
                self.assertRefused(response, 400, "parse_error", -32700)

    def test_other_charset_than_utf8_is_400_parse_error(self):
        media = {"Content-Type": "application/json; charset=utf-16"}
        body = json.dumps(SEARCH).encode("utf-16")
        response = self.post("search_data", body, self.bearer() | media)
        self.assertRefused(response, 400, "parse_error", -32700)

    def test_body_over_the_limit_is_413_and_names_it(self):
        self.env["ir.config_parameter"].set_param("webhook.max_body_size", "2000")
        big = json.dumps(with_model(padding="x" * 2000)).encode()
        response = self.post("search_data", big)
        error = self.assertRefused(response, 413, "body_too_large", -32013)
        self.assertIn("2000", error["message"])

    def test_chunked_body_over_the_limit_is_413(self):
        self.env["ir.config_parameter"].set_param("webhook.max_body_size", "2000")
        response = self.url_open(
            "/api/search_data",
            data=iter([b" " * 1500, b" " * 1500]),
            headers=self.bearer() | {"Content-Type": "application/json"},
        )
        self.assertRefused(response, 413, "body_too_large", -32013)

    def test_body_of_exactly_the_limit_is_read(self):
        body = json.dumps(SEARCH).encode()
        limit = len(body)
        self.env["ir.config_parameter"].set_param("webhook.max_body_size", str(limit))
        self.assertRuns(self.post("search_data", body))
        response = self.post("search_data", body + b" ")
        self.assertRefused(response, 413, "body_too_large", -32013)


@tagged("post_install", "-at_install")
class TestEnvelopeOfTheRequest(TransportCase):
    def test_jsonrpc_method_and_id_may_be_left_out(self):
        self.assertRuns(self.post("search_data", SEARCH))

    def test_id_is_echoed_as_it_was_sent(self):
        for sent in ("abc", "", "ไทย", 7, 0, -1, 2**53, 1.5, None):
            with self.subTest(id=sent):
                response = self.post("search_data", {**SEARCH, "id": sent})
                self.assertRuns(response, sent)
                answer = response.json()
                self.assertIs(type(answer["id"]), type(sent))

    def test_id_is_echoed_on_a_refusal_too(self):
        response = self.post("search_data", {"id": "r-1", "params": []})
        self.assertRefused(response, 400, "invalid_params", -32602)
        self.assertEqual(response.json()["id"], "r-1")

    def test_what_is_no_request_is_invalid_request(self):
        for body in (
            [],
            [with_model()],
            b'"text"',
            b"5",
            b"null",
            b"true",
            with_model(jsonrpc="1.0"),
            with_model(jsonrpc=2.0),
            with_model(jsonrpc=""),
            with_model(id={"a": 1}),
            with_model(id=[1]),
            with_model(id=True),
        ):
            with self.subTest(body=body):
                response = self.post("search_data", body)
                self.assertRefused(response, 400, "invalid_request", -32600)

    def test_id_that_cannot_be_echoed_is_answered_with_null(self):
        response = self.post("search_data", with_model(id={"a": 1}))
        self.assertRefused(response, 400, "invalid_request", -32600)
        self.assertIsNone(response.json()["id"])

    def test_bad_params_are_invalid_params(self):
        vals = {"payload": {}}
        for params in (
            None,
            [],
            ["res.partner", vals],
            "res.partner",
            {},
            {"vals": vals},
            {"model": None, "vals": vals},
            {"model": "", "vals": vals},
            {"model": 5, "vals": vals},
            {"model": ["res.partner"], "vals": vals},
            {"model": "res.partner"},
            {"model": "res.partner", "vals": None},
            {"model": "res.partner", "vals": []},
            {"model": "res.partner", "vals": "{}"},
        ):
            with self.subTest(params=params):
                response = self.post("search_data", {"id": 1, "params": params})
                self.assertRefused(response, 400, "invalid_params", -32602)


@tagged("post_install", "-at_install")
class TestRequestId(TransportCase):
    def test_sane_request_id_is_echoed_and_findable_on_the_log(self):
        for sent in ("order-17", "a", "x" * 128, "~!#$%&'()*+,-./:;=?@[]^_`{|}"):
            with self.subTest(request_id=sent):
                headers = self.bearer() | {"X-Request-Id": sent}
                response = self.post("search_data", SEARCH, headers)
                self.assertRuns(response)
                self.assertEqual(response.headers["X-Request-Id"], sent)
                self.assertEqual(response.json()["result"]["request_id"], sent)
                self.assertEqual(len(self.get_log(sent)), 1)

    def test_insane_request_id_is_replaced_by_ours(self):
        for sent in ("", "two words", "x" * 129, "tab\there", b"\xe4\xf6", "\x7f"):
            with self.subTest(request_id=sent):
                headers = self.bearer() | {"X-Request-Id": sent}
                response = self.post("search_data", SEARCH, headers)
                self.assertRuns(response)
                ours = response.headers["X-Request-Id"]
                self.assertEqual(str(uuid.UUID(ours)), ours)
                self.assertEqual(response.json()["result"]["request_id"], ours)
                self.assertEqual(len(self.get_log(ours)), 1)

    def test_every_answer_has_its_own_request_id(self):
        ids = {
            self.post("search_data", SEARCH).headers["X-Request-Id"] for _i in range(3)
        }
        self.assertEqual(len(ids), 3)

    def test_refusals_echo_the_request_id(self):
        headers = {"X-Request-Id": "refused-1"}
        response = self.post("search_data", SEARCH, headers)
        self.assertRefused(response, 401, "auth_required", -32001)
        self.assertEqual(response.headers["X-Request-Id"], "refused-1")

    def test_refusal_after_authentication_is_on_the_log(self):
        headers = self.bearer() | {"X-Request-Id": "refused-2"}
        response = self.post("search_data", b"{", headers)
        self.assertRefused(response, 400, "parse_error", -32700)
        log = self.get_log("refused-2")
        self.assertRecordValues(
            log,
            [
                {
                    "state": "rejected",
                    "route": "/api/search_data",
                    "http_status": 400,
                    "error_code": "parse_error",
                    "user_id": self.user.id,
                    "api_key_name": "test key",
                }
            ],
        )

    def test_refusal_before_authentication_leaves_a_row_without_content(self):
        headers = {"X-Request-Id": "stranger-1"}
        self.assertRefused(
            self.post("search_data", SEARCH, headers), 401, "auth_required", -32001
        )
        log = self.get_log("stranger-1")
        self.assertEqual((log.state, log.error_code), ("rejected", "auth_required"))
        self.assertFalse(log.user_id or log.data_preview or log.data_size)

    def test_answers_are_not_to_be_cached(self):
        response = self.post("search_data", SEARCH)
        self.assertIn("no-store", response.headers["Cache-Control"])


@tagged("post_install", "-at_install")
class TestUnavailable(TransportCase):
    def test_log_that_cannot_be_written_is_503_and_nothing_is_done(self):
        writer = type(self.env["api.log.writer"])
        before = self.env["res.partner"].search_count([])
        body = {
            "params": {"model": "res.partner", "vals": {"payload": {"name": "Nobody"}}}
        }
        broken = patch.object(
            writer, "_insert_received", side_effect=OperationalError("gone")
        )
        with broken, mute_logger(TRANSACTION):
            response = self.post("create_data", body)
        self.assertRefused(response, 503, "unavailable", -32053)
        self.assertGreater(int(response.headers["Retry-After"]), 0)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_database_lost_during_authentication_is_503_and_no_bad_key(self):
        keys = type(self.env["res.users.apikeys"])
        broken = patch.object(keys, "_find_key", side_effect=OperationalError("gone"))
        with broken, mute_logger("odoo.addons.base.models.ir_http"):
            response = self.post("search_data", SEARCH)
        self.assertRefused(response, 503, "unavailable", -32053)
        self.assertGreater(int(response.headers["Retry-After"]), 0)

    def test_bug_outside_the_operation_is_a_coded_500(self):
        transaction = type(self.env["api.transaction"])
        broken = patch.object(transaction, "_run", side_effect=KeyError("secret-text"))
        with broken, mute_logger(DISPATCHER, "odoo.http"):
            response = self.post("search_data", SEARCH)
        error = self.assertRefused(response, 500, "internal_error", -32603)
        self.assertIn(response.headers["X-Request-Id"], error["message"])
        self.assertNotIn("secret-text", response.text)
