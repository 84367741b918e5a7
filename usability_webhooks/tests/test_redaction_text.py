# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import random
import time

from odoo.tests import BaseCase

from ..tools.redaction import redact_text
from ..tools.redaction_text import mask_literals
from ..tools.sensitive_names import DEFAULT


class TestLiterals(BaseCase):
    def assertMasks(self, text, expected):
        with self.subTest(text=text):
            self.assertEqual(mask_literals(text, DEFAULT), expected)
            self.assertEqual(mask_literals(expected, DEFAULT), expected)

    def test_values_of_secret_names_are_masked(self):
        for text, expected in (
            ("[('password','=','x')]", "[('password','=','***')]"),
            ("[['a.token', 'not in', ['x', 'y']]]", "[['a.token', 'not in', '***']]"),
            ('[("pin","=",1234)]', '[("pin","=","***")]'),
            ("{'password': 'x', 'name': 'y'}", "{'password': '***', 'name': 'y'}"),
            ('{"api_key": "x"}', '{"api_key": "***"}'),
            ('{"otp":123456,"a":1}', '{"otp":"***","a":1}'),
            ('{"credentials": {"a": "}", "b": [1]}, "c": 2}', None),
            (
                r'"{\"password\": \"x\", \"a\": 1}"',
                r'"{\"password\": \"***\", \"a\": 1}"',
            ),
        ):
            if expected is None:
                expected = '{"credentials": "***", "c": 2}'
            self.assertMasks(text, expected)

    def test_a_quote_inside_a_secret_does_not_end_it(self):
        for secret in ('a"b', "a\\", 'a\\"b', "a'b", '"', "\\\\", "\n", "]", "é\"\\'"):
            once = json.dumps({"password": secret, "a": 1})
            self.assertMasks(once, '{"password": "***", "a": 1}')
            twice, thrice = json.dumps(once), json.dumps(json.dumps(once))
            self.assertMasks(twice, json.dumps('{"password": "***", "a": 1}'))
            self.assertMasks(
                thrice, json.dumps(json.dumps('{"password": "***", "a": 1}'))
            )
        self.assertMasks(r"('password','=','it\'s')", "('password','=','***')")

    def test_a_cut_text_is_masked_to_its_end(self):
        for text, expected in (
            ('{"a": 1, "password": "hunt', '{"a": 1, "password": "***"'),
            ('{"password": "hunt\\', '{"password": "***"'),
            ('{"credentials": [{"a": "hunt', '{"credentials": "***"'),
        ):
            self.assertMasks(text, expected)

    def test_url_credentials_and_parameters_are_masked(self):
        for text, expected in (
            ("https://u:p@host/x", "https://***@host/x"),
            ("postgres://odoo:p%40x@db:5432/x", "postgres://***@db:5432/x"),
            ("/my/5?access_token=x&a=1#b", "/my/5?access_token=***&a=1#b"),
            ("grant=x&client_secret=y", "grant=x&client_secret=***"),
            ('<a href="/my?a=1&amp;token=x">', '<a href="/my?a=1&amp;token=***">'),
        ):
            self.assertMasks(text, expected)

    def test_other_text_is_the_same_object(self):
        for text in (
            *(
                "",
                "password=x",
                "The password: x",
                "'password'",
                "'a', 'password', 'b'",
            ),
            *("('password', '=', False)", '{"token": null, "pin": ""}', "key='x'"),
            *("{'name': 'password', 'x': 'token'}", "https://host/@user?page=1"),
            *("write to a@b.com, see https://host/", "a?tokens_used=5", '"key": "x"'),
        ):
            with self.subTest(text=text):
                self.assertIs(mask_literals(text, DEFAULT), text)


class TestRedactText(BaseCase):
    def assertMasks(self, text, expected):
        with self.subTest(text=text):
            self.assertEqual(redact_text(text), expected)
            self.assertEqual(redact_text(expected), expected)

    def test_secrets_of_prose_are_masked(self):
        for text, expected in (
            ("login=a password=x next=b", "login=a password=*** next=b"),
            ("API key: x, retry", "API key: ***, retry"),
            ("client_secret = 'a b', c", "client_secret = '***', c"),
            ("?token=x&a=1", "?token=***&a=1"),
            ("https://h/?api_key=x", "https://h/?api_key=***"),
            ("https://u:p@h/: refused", "https://***@h/: refused"),
            ("Authorization: Bearer x y", "Authorization: ***"),
            ("Cookie: a=1; b=2\nHost: h", "Cookie: ***\nHost: h"),
            ("-H 'X-Api-Key: x' -d", "-H 'X-Api-Key: ***' -d"),
            ("sent Bearer abc123def now", "sent Bearer *** now"),
            ("sent Basic YWRtaW46aHVudGVy now", "sent Basic *** now"),
        ):
            self.assertMasks(text, expected)

    def test_a_malformed_body_is_masked(self):
        self.assertMasks(
            '{"params": {"password": "x", "qty": 1,, "auth": {"token": "y',
            '{"params": {"password": "***", "qty": 1,, "auth": {"token": "***"',
        )

    def test_a_database_error_is_masked(self):
        self.assertMasks(
            "DETAIL:  Key (login, access_token)=(admin, a b (c)) already exists.",
            "DETAIL:  Key (login, access_token)=(***) already exists.",
        )
        self.assertMasks(
            "Key (lower(password::text))=(x) exists",
            "Key (lower(password::text))=(***) exists",
        )
        self.assertMasks(
            "DETAIL:  Failing row contains (1, admin, $pbkdf2, a\nb).\nCONTEXT: x",
            "DETAIL:  Failing row contains (***)\nCONTEXT: x",
        )

    def test_ordinary_messages_are_kept(self):
        for text in (
            *("", "Invalid field 'keyword' on model 'res.partner'", "name: value"),
            *("Basic training, basic plan: 5", "token count: 5", "a\n\tb", "กรุงเทพ"),
            *(
                "Key (default_code)=(P 1) already exists.",
                "f(a)=(b)",
                "no token was sent",
            ),
            *("see https://host/x?page=2", "bearer of news", "idempotency_key=abc"),
        ):
            with self.subTest(text=text):
                self.assertEqual(redact_text(text), text)

    def test_control_characters_are_dropped_before_they_hide_a_name(self):
        self.assertMasks("pass\x00word=x", "password=***")
        self.assertMasks("a\r\n\x1b[31mb\x7f\x85\ud800\t", "a\n[31mb\t")

    def test_no_text_takes_more_than_linear_time(self):
        # 256 KiB of each; quadratic behaviour would take minutes.
        pieces = ["'", '"', "\\", '\\"', "(", "(a)=(", "://", "?token=", "a", " ", "a "]
        pieces += ["'password':\"", "'password':\"\\", "password=[", "'a','in',", "a."]
        pieces += [
            "Failing row contains (",
            "Bearer ",
            "Basic QUJD",
            "://a@",
            "token: ",
        ]
        for piece in pieces:
            text = piece * (2**18 // len(piece))
            with self.subTest(piece=piece):
                started = time.process_time()
                redact_text(text)
                self.assertLess(time.process_time() - started, 2)

    def test_line_of_a_failed_statement_is_masked(self):
        for word in ("LINE 1: ", "ZEILE 12: ", "LIGNE 3 : "):
            text = f"no such column\n{word}SELECT 'hush', x\n                ^\nHINT: y"
            masked = redact_text(text)
            self.assertNotIn("hush", masked)
            self.assertIn(f"{word}***", masked)
            self.assertIn("HINT: y", masked)
            self.assertEqual(redact_text(masked), masked)
        self.assertEqual(redact_text("Order 12: two hats"), "Order 12: two hats")

    def test_no_text_makes_it_fail(self):
        pick = random.Random(19)
        alphabet = [
            "password",
            "token",
            "'",
            '"',
            "\\",
            ":",
            "=",
            ",",
            "(",
            ")",
            "[",
            "]",
        ]
        alphabet += ["{", "}", " ", "\n", "x", "?", "&", "://", "@", "in", "***"]
        for _round in range(5_000):
            text = "".join(pick.choices(alphabet, k=pick.randint(0, 25)))
            self.assertIsInstance(redact_text(text), str)
            self.assertIsInstance(mask_literals(text, DEFAULT), str)
