# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Malformed, oversized and hostile bodies, types, texts and headers."""

from __future__ import annotations

import json
import socket

from odoo.tests import tagged
from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME

from .common import HostileCase

NUL = "a\x00b"


def body_with(text: str) -> bytes:
    """Return a good request with ``text`` as the JSON of its payload."""
    start = '{"params": {"model": "res.partner", "vals": {"payload": '
    return f"{start}{text}}}}}}}".encode("utf-8", "surrogatepass")


#: Values of the wrong JSON type, or of none the field takes.
WRONG_TYPES = (
    {"name": 5},
    {"name": ["a"]},
    {"name": {"en_US": "a"}},
    {"is_company": "true"},
    {"is_company": 1},
    {"color": "1"},
    {"color": 2**40},
    {"color": -(2**63)},
    {"color": 1.5},
    {"color": [1]},
    {"type": "nonsense"},
    {"type": ["contact"]},
    {"partner_latitude": "1.5"},
    {"country_id": "TH"},
    {"country_id": [1]},
    {"country_id": True},
    {"country_id": 1.5},
    {"country_id": {}},
    {"country_id": {"code": ["TH"]}},
    {"country_id": {"code": 5}},
    {"country_id": {"id": "1"}},
    {"country_id": {"id": [1]}},
    {"country_id": {"id": True}},
    {"category_id": "Tag"},
    {"category_id": 5},
    {"category_id": {"mode": "clear", "records": []}},
    {"category_id": {"mode": ["add"], "records": []}},
    {"category_id": {"mode": None, "records": []}},
    {"category_id": {"mode": "add", "records": "Tag"}},
    {"category_id": ["Tag"]},
    {"child_ids": "x"},
    {"child_ids": [5]},
    {"child_ids": [None]},
    {"child_ids": {"mode": "delete", "records": []}},
    {"attachment_ids": [5]},
    {"attachment_ids": [{"name": "a"}]},
    {"attachment_ids": [{"datas": "aGk="}]},
    {"attachment_ids": [{"name": "", "datas": "aGk="}]},
    {"attachment_ids": [{"name": "a", "datas": "not base64!"}]},
    {"attachment_ids": [{"name": "a", "datas": 5}]},
    {"attachment_ids": [{"name": ["a"], "datas": "aGk="}]},
)


@tagged("post_install", "-at_install")
class TestHostileBody(HostileCase):
    def test_unreadable_bodies(self):
        good = body_with('{"name": "Hostile"}')
        for body in (
            b"\xff" + good,
            good.replace(b"Hostile", b"Host\xc3ile"),
            good.replace(b"Hostile", b"\xed\xa0\x80"),
            good.replace(b"Hostile", b"Ho\x00stile"),
            good.replace(b"Hostile", b"Ho\nstile"),
            good[:-1],
            good[: len(good) // 2],
            good + b"}",
            good + good,
            b"\x00" * 50,
            good.decode().encode("utf-16"),
            body_with('{"name": NaN}'),
            body_with('{"name": Infinity}'),
            body_with('{"name": -Infinity}'),
            body_with('{"name": "a", "name": "b"}'),
            good.replace(b'"model"', b'"model": "res.users", "model"'),
            body_with('{"name": "\\ud800"}'),
            body_with('{"name": "\\udc00\\ud800"}'),
            body_with('{"name": "\\x"}'),
            body_with('{"color": 9223372036854775808}'),
            body_with('{"color": %s}' % ("9" * 100_000)),
            body_with('{"color": 1e999}'),
            body_with('{"color": 01}'),
            body_with("{'name': 'a'}"),
        ):
            with self.subTest(body=body[:120]):
                self.assertRepelled("create_data", body, "parse_error")

    def test_bombs_are_refused_before_they_are_built(self):
        for body in (
            b"[" * 10_000,
            b"[" * 100_000 + b"]" * 100_000,
            body_with("[" * 10_000 + "]" * 10_000),
            body_with('{"a":' * 100_000 + "1" + "}" * 100_000),
            body_with("[" + "1," * 300_000 + "1]"),
            body_with("{" + ",".join(f'"k{i}":1' for i in range(5_000)) + "}"),
            body_with("{" + ",".join(f'"k{i}":1' for i in range(300_000)) + "}"),
        ):
            with self.subTest(body=body[:80], size=len(body)):
                self.assertRepelled("create_data", body, "invalid_request")

    def test_oversized_body(self):
        self.env["ir.config_parameter"].set_param("webhook.max_body_size", "50000")
        body = body_with(json.dumps({"name": "x" * 60_000}))
        self.assertRepelled("create_data", body, "body_too_large")

    def test_client_that_hangs_up_in_the_middle_of_its_body(self):
        before = self.take_fingerprint()
        body = body_with('{"name": "Half"}')
        with (
            self.allow_requests(),
            socket.create_connection((HOST, self.http_port()), timeout=12) as sock,
        ):
            head = (
                "POST /api/create_data HTTP/1.1",
                f"Host: {HOST}",
                "Content-Type: application/json",
                f"Content-Length: {len(body) + 10}",
                f"Authorization: Bearer {self.key}",
                f"Cookie: {TEST_CURSOR_COOKIE_NAME}={self.http_request_key}",
                "X-Request-Id: hung-up",
                "Connection: close",
            )
            sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            sock.shutdown(socket.SHUT_WR)
            answer = sock.makefile("rb").read()
        self.assertIn(b" 400 ", answer.partition(b"\r\n")[0])
        self.assertIn(b'"parse_error"', answer)
        self.assertEqual(self.get_log("hung-up").mapped("state"), ["rejected"])
        self.assertEqual(self.take_fingerprint(), before)

    def test_deepest_body_allowed_is_read(self):
        # The payload stands three levels deep; 32 are allowed.
        for depth, code in ((29, "invalid_value"), (30, "invalid_request")):
            with self.subTest(depth=depth):
                body = body_with("[" * depth + "1" + "]" * depth)
                self.assertRepelled("create_data", body, code)


@tagged("post_install", "-at_install")
class TestHostileTypes(HostileCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.victim = cls.env["res.partner"].create(
            {"name": "Victim", "ref": "V-1", "child_ids": [(0, 0, {"name": "Line"})]}
        )
        cls.category = cls.env["res.partner.category"].create({"name": "Tag"})
        cls.victim.category_id = cls.category

    def assertPayloadRepelled(self, payload: object, codes, *routes: str) -> None:
        """Try a payload on some routes, create_data unless told otherwise."""
        for route in routes or ("create_data",):
            with self.subTest(route=route, payload=str(payload)[:200]):
                vals = {"payload": payload}
                if route != "create_data":
                    vals["search_key"] = {"ref": "V-1"}
                params = {"model": "res.partner", "vals": vals}
                self.assertRepelled(route, params, codes)

    def test_payload_that_is_no_object(self):
        for payload in ("text", "", 5, 1.5, True, False, [], [1, 2], [{}], [[]]):
            routes = ("create_data", "update_data", "create_update_data")
            if payload == [{}]:  # fine for a create, which takes lists
                routes = routes[1:]
            self.assertPayloadRepelled(payload, "invalid_value", *routes)
        for payload in (None, [None], ["name"], [{"name": "a"}, 5]):
            self.assertPayloadRepelled(payload, "invalid_value")

    def test_other_keys_of_the_wrong_type(self):
        good = {"search_key": {"ref": "V-1"}, "payload": {"function": "Owned"}}
        for key, values in {
            "search_key": (["ref"], [["ref", "=", "V-1"]], "ref", 5, True),
            "auto_create": ("country_id", 5, [{}], True),
            "context": ([1], "lang", 5, True),
            "result_field": ("name", {"name": 1}, 5, [1], [None], [["name"]], [{}]),
            "multi": ("yes", 1, [True], {"a": 1}),
            "callback_url": (5, [1], {"a": 1}, True),
            "company": ("1", [1], True, {"name": None, "zzz": 1}),
        }.items():
            for value in values:
                with self.subTest(key=key, value=value):
                    vals = good | {key: value}
                    params = {"model": "res.partner", "vals": vals}
                    codes = ("invalid_value", "unknown_field", "not_found")
                    self.assertRepelled("update_data", params, codes)

    def test_values_of_the_wrong_type(self):
        for values in WRONG_TYPES:
            self.assertPayloadRepelled({"name": "Owned", **values}, "invalid_value")

    def test_raw_commands_reach_no_record(self):
        line, tag = self.victim.child_ids.id, self.category.id
        commands = (
            [[0, 0, {"name": "Owned"}]],
            [[1, line, {"name": "Owned"}]],
            [[2, line]],
            [[2, line, 0]],
            [[3, line, 0]],
            [[4, line, 0]],
            [[5]],
            [[6, 0, [line]]],
            [[6, 0, []]],
        )
        for value in commands:
            self.assertPayloadRepelled(
                {"child_ids": value}, "invalid_value", "create_data", "update_data"
            )
        for value in (*commands, [[6, 0, [tag]]], [[3, tag]], [[2, tag]]):
            wrapped = {"mode": "replace", "records": value}
            for sent in (value, wrapped):
                self.assertPayloadRepelled(
                    {"category_id": sent}, "invalid_value", "update_data"
                )

    def test_ids_nobody_has(self):
        too_wide = (2**31, 2**62, -(2**63))
        for value, code in (
            *((value, "not_found") for value in (-1, 0, 2**31 - 1)),
            *((value, "invalid_value") for value in too_wide),
        ):
            for parent in (value, {"id": value}):
                self.assertPayloadRepelled({"name": "Owned", "parent_id": parent}, code)
            with self.subTest(search_key=value):
                vals = {"search_key": {"id": value}, "payload": {"name": "Owned"}}
                params = {"model": "res.partner", "vals": vals}
                self.assertRepelled("update_data", params, code)
                self.assertRepelled("create_update_data", params, code)

    def test_nul_in_texts(self):
        for payload in (
            {"name": NUL},
            {"name": "Owned", "comment": NUL},
            {"name": "Owned", "country_id": {"code": NUL}},
            {"name": "Owned", "child_ids": [{"name": NUL}]},
            {"name": "Owned", "attachment_ids": [{"name": NUL, "datas": "aGk="}]},
        ):
            self.assertPayloadRepelled(payload, "invalid_value")
        vals = {"search_key": {"ref": NUL}, "payload": {"name": "Owned"}}
        params = {"model": "res.partner", "vals": vals}
        self.assertRepelled("update_data", params, "invalid_value")
        self.assertRepelled("create_update_data", params, "invalid_value")

    def test_nul_in_names(self):
        good = {"search_key": {"ref": "V-1"}, "payload": {"function": "Owned"}}
        for model, vals, code in (
            (NUL, good, "unknown_model"),
            ("res.partner", good | {"payload": {NUL: 1}}, "unknown_field"),
            ("res.partner", good | {"search_key": {NUL: 1}}, "unknown_field"),
            ("res.partner", good | {NUL: 1}, "unknown_key"),
            ("res.partner", good | {"result_field": [NUL]}, "invalid_value"),
            ("res.partner", good | {"context": {"lang": NUL}}, "invalid_value"),
            ("res.partner", good | {"auto_create": {NUL: []}}, "invalid_value"),
        ):
            with self.subTest(model=model, vals=vals):
                self.assertRepelled("update_data", {"model": model, "vals": vals}, code)


@tagged("post_install", "-at_install")
class TestHostileHeaders(HostileCase):
    def test_strange_user_agents_neither_stop_a_request_nor_spoil_its_log(self):
        for agent in (b"\x01\x1b[31mred", b"nul\x00here", b"\xff\xfe", b"x" * 20_000):
            with self.subTest(agent=agent[:20]):
                headers = self.bearer() | {"User-Agent": agent}
                response = self.post("search_data", self.GOOD, headers)
                self.assertSuccess(response.json()["result"])
                log = self.get_log(response.headers["X-Request-Id"])
                self.assertEqual(log.state, "done")
                self.assertLessEqual(len(log.user_agent), 300)

    def test_control_characters_in_the_request_id_go_nowhere(self):
        for sent in (b"a\x00b", b"\x1b[31m", b"a\tb", b"\xc3\xa9", b"a b"):
            with self.subTest(sent=sent):
                headers = self.bearer() | {"X-Request-Id": sent}
                response = self.post("search_data", self.GOOD, headers)
                self.assertSuccess(response.json()["result"])
                self.assertRegex(response.headers["X-Request-Id"], r"^[0-9a-f-]{36}$")

    def test_rejected_request_with_strange_headers_is_on_the_log(self):
        headers = self.bearer() | {"User-Agent": b"nul\x00here"}
        self.assertRepelled("create_data", b"\x00{", "parse_error", headers)
