# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import base64
import copy
import hashlib
import json
import random

from odoo.tests import BaseCase

from ..tools.redaction import redact
from ..tools.sensitive_names import SensitiveNames

SECRET = "hunter2-s3cr3t"


def describe(content):
    return {
        "$file": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    }


class TestRedaction(BaseCase):
    def assertRedacts(self, value, expected):
        with self.subTest(value=str(value)[:80]):
            before = copy.deepcopy(value)
            redacted, masked = redact(value)
            self.assertEqual(redacted, expected)
            self.assertIs(type(redacted), type(expected))
            self.assertTrue(masked)
            self.assertEqual(value, before, "the value itself was changed")
            again, masked_again = redact(redacted)
            self.assertIs(again, redacted)
            self.assertFalse(masked_again)

    def assertKeeps(self, value):
        with self.subTest(value=str(value)[:80]):
            redacted, masked = redact(value)
            self.assertIs(redacted, value)
            self.assertFalse(masked)

    def test_a_secret_is_masked_whatever_its_type(self):
        for secret in (SECRET, 1234, 0, 1.5, True, ["a"], {"a": {"b": 1}}, [], {}):
            self.assertRedacts({"password": secret}, {"password": "***"})

    def test_a_long_base64_text_is_a_file_under_any_key(self):
        content = random.Random(7).randbytes(3_000)
        text = base64.b64encode(content).decode()
        lines = base64.encodebytes(content).decode()
        for key in ("document", "x_scan", "signature"):
            self.assertRedacts({key: text}, {key: describe(content)})
            self.assertRedacts({key: lines}, {key: describe(content)})
        short = base64.b64encode(content[:300]).decode()
        for harmless in (short, "x" * 4_000, "word " * 900, f"{text}!", "12" * 2_000):
            self.assertKeeps({"document": harmless})

    def test_an_empty_secret_stays(self):
        for empty in (None, False, ""):
            self.assertKeeps({"password": empty, "api_key": empty})

    def test_a_secret_is_found_at_any_depth(self):
        value = {"name": "x", "lines": [{"qty": 1}, {"user": {"apiKey": SECRET}}]}
        expected = {"name": "x", "lines": [{"qty": 1}, {"user": {"apiKey": "***"}}]}
        self.assertRedacts(value, expected)
        deep: object = {"token": SECRET}
        for _level in range(64):
            deep = [deep]
        self.assertNotIn(SECRET, str(redact(deep)[0]))

    def test_only_the_changed_branches_are_copied(self):
        value = {"a": {"b": [1]}, "c": [{"d": 1}, {"pin": "1"}], "e": [2]}
        redacted, _masked = redact(value)
        self.assertIs(redacted["a"], value["a"])
        self.assertIs(redacted["c"][0], value["c"][0])
        self.assertIs(redacted["e"], value["e"])
        self.assertEqual(list(redacted), list(value))

    def test_business_data_is_the_same_object(self):
        for value in (
            {"search_key": {"default_code": "P1"}, "payload": {"name": "Turkey"}},
            {"search_domain": "[('name','=','x'),('key','in',['a'])]"},
            {"search_field": ["access_token", "name", "id"]},
            {"session_id": 5, "pos_session_id": {"name": "POS/1"}},
            {"session_id": {"name": "POS/1"}},
            {"product_id": {"name": "Basic Training"}, "note": "Basic plan, 3 seats"},
            {"body": '<p style="color: red">a "token" of thanks: 5</p>'},
            {"website": "https://example.com/shop?page=2&order=name#top"},
            {"name": "Bearer of good news"},
            {"image_url": "https://example.com/image/12345678901234567890123456789"},
            {"raw_material": "aGVsbG8=", "image_1920_name": "a.png", "rawhide": "x"},
            {"plan": "Basic VHJhaW5pbmc=", "code": "Basic AAo6gICA"},
            {"image_alt": "Blue", "image": "small.png", "avatar": None},
            ["token", "name", "id"],
            [["a", "=", "password"], ("key", "=", "x")],
            {"name": "Weight", "value": 5},
            *(None, True, 0, 5, 1.5, "", "text", [], {}, (), [[]]),
        ):
            self.assertKeeps(value)

    def test_a_key_that_was_harmless_so_far_hides_no_secret(self):
        blob = base64.b64encode(random.Random(3).randbytes(2_000)).decode()
        for secret in (
            "Bearer abcdefgh.ijklmnop",
            " basic dXNlcjpwYXNzd29yZA==",
            "{'password': 'x1'}",
            '[["api_key", "=", "x1"]]',
            "https://user:pass@example.com/",
            "https://example.com/?access_token=x1&a=1",
            blob,
            {"password": "x1"},
            [{"note": {"secret": "x1"}}],
        ):
            rows = [{"note": "plain"}, {"note": 5}, {"note": secret}]
            redacted, masked = redact(rows)
            with self.subTest(secret=str(secret)[:40]):
                self.assertTrue(masked)
                self.assertEqual(redacted[:2], rows[:2])
                self.assertEqual(redacted[2], redact({"note": secret})[0])
                self.assertNotIn(str(secret), str(redacted))

    def test_an_http_session_is_masked_a_cashiers_session_is_not(self):
        self.assertRedacts({"session_id": SECRET}, {"session_id": "***"})

    def test_credentials_are_masked_under_any_name(self):
        basic = base64.b64encode(b"admin:hunter2").decode()
        for text in (
            *(f"Bearer {SECRET}", "bearer abc", " Bearer a.b-c_d~e+f/g== "),
            *(f"Basic {basic}", f"BASIC  {basic}", f"Basic {basic.rstrip('=')}"),
        ):
            self.assertRedacts({"x": [text]}, {"x": ["***"]})

    def test_a_domain_on_a_secret_is_masked(self):
        for name in ("password", "user_id.password", "API_KEY"):
            self.assertRedacts([[name, "=", SECRET]], [[name, "=", "***"]])
        self.assertRedacts(
            ["|", ("token", "in", ["a", "b"]), ["name", "ilike", "x"]],
            ["|", ("token", "in", "***"), ["name", "ilike", "x"]],
        )
        self.assertRedacts(
            [["user_ids", "any", [["totp_secret", "not like", "x"]]]],
            [["user_ids", "any", [["totp_secret", "not like", "***"]]]],
        )
        for operator in ("!=", "<>", "=?", "not in", "NOT ILIKE", "=ilike", "child_of"):
            self.assertRedacts([["otp", operator, 1]], [["otp", operator, "***"]])
        self.assertKeeps([["password", "=", False]])

    def test_a_domain_spelt_out_in_a_text_is_masked(self):
        self.assertRedacts(
            {"search_domain": "[('name','=','x'),('password','=','p')]"},
            {"search_domain": "[('name','=','x'),('password','=','***')]"},
        )

    def test_a_value_beside_the_name_of_a_secret_is_masked(self):
        for pair in ("key", "name"):
            self.assertRedacts(
                {pair: "database.secret", "value": SECRET},
                {pair: "database.secret", "value": "***"},
            )

    def test_a_file_becomes_its_size_and_digest(self):
        content = random.Random(19).randbytes(3_000)
        encoded = base64.b64encode(content).decode()
        for name in (
            *("datas", "raw", "db_datas", "pdf_datas", "image_1920", "image_128"),
            *("image_variant_1920", "avatar_512", "image_medium", "image", "DATAS"),
        ):
            for text in (
                encoded,
                base64.encodebytes(content).decode(),
                f"data:image/png;base64,{encoded}",
            ):
                self.assertRedacts(
                    {"files": [{"name": "a.png", name: text}]},
                    {"files": [{"name": "a.png", name: describe(content)}]},
                )

    def test_a_file_that_is_no_base64_is_described_as_text(self):
        for text in ("not base64!", "héllo", "aGVsbG8"):
            self.assertRedacts({"datas": text}, {"datas": describe(text.encode())})

    def test_no_file_is_no_digest(self):
        self.assertKeeps({"datas": "", "raw": False, "image_1920": None})
        self.assertKeeps({"datas": 5, "data": "aGVsbG8=", "image_ids": [1, 2]})

    def test_more_names_may_be_masked(self):
        names = SensitiveNames(extra=frozenset({"iban"}))
        value = {"iban": "TH1", "d": [["iban", "=", "TH1"]], "t": "{'iban': 'TH1'}"}
        self.assertNotIn("TH1", str(redact(value, names)[0]))
        self.assertKeeps(value)

    def test_keys_that_are_no_text_are_left_alone(self):
        self.assertKeeps({1: "a", None: [2], ("password",): "x"})

    def test_no_secret_survives_in_a_random_request(self):
        pick = random.Random(19)
        planted = [
            lambda: {"password": SECRET},
            lambda: {"Api-Key": [SECRET]},
            lambda: [["x.token", "=", SECRET]],
            lambda: f"[('password', '=', '{SECRET}')]",
            lambda: json.dumps({"a": [{"client_secret": SECRET}]}),
            lambda: json.dumps(json.dumps({"pin": SECRET})),
            lambda: f"Bearer {SECRET}",
            lambda: f"https://user:{SECRET}@example.com/",
            lambda: f"/my/orders/5?page=1&access_token={SECRET}",
        ]

        def grow(levels):
            if not levels or pick.random() < 0.2:
                return pick.choice((1, "text", None, *planted, *planted))
            items = [grow(levels - 1) for _index in range(pick.randint(1, 4))]
            if pick.random() < 0.5:
                return items
            return {f"field_{index}": item for index, item in enumerate(items)}

        def plant(value):
            if isinstance(value, list):
                return [plant(item) for item in value]
            if isinstance(value, dict):
                return {key: plant(item) for key, item in value.items()}
            return value() if callable(value) else value

        with_secrets = 0
        for _round in range(300):
            value = plant(grow(5))
            redacted, masked = redact(value)
            self.assertNotIn(SECRET, str(redacted))
            self.assertEqual(masked, SECRET in str(value))
            with_secrets += masked
        self.assertGreater(with_secrets, 150)
