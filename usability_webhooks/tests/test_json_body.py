# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import base64
import json
import random

from odoo.tests import BaseCase

from ..exceptions import LimitExceeded, ParseError
from ..tools.json_body import DEFAULT_LIMITS, JsonLimits, decode_body, parse_json


def parse_json_body(body: bytes, limits: JsonLimits = DEFAULT_LIMITS) -> object:
    """Read a body as the dispatcher does."""
    return parse_json(decode_body(body), limits)


class JsonBodyCase(BaseCase):
    def assertReads(self, text, expected):
        body = text if isinstance(text, bytes) else text.encode()
        with self.subTest(body=body[:60]):
            value = parse_json_body(body)
            # repr tells 1 from 1.0 and True, which are equal.
            self.assertEqual(repr(value), repr(expected))

    def assertRefuses(self, text, error=ParseError, pattern="", **limits):
        body = text if isinstance(text, bytes) else text.encode()
        with self.subTest(body=body[:60]):
            with self.assertRaisesRegex(error, pattern) as caught:
                parse_json_body(body, JsonLimits(**limits))
            self.assertLess(len(str(caught.exception)), 250)
        return caught.exception


class TestJsonBody(JsonBodyCase):
    def test_ordinary_json_is_read(self):
        for text, expected in (
            ("{}", {}),
            (' {"a": [1, 2.5, true, false, null, "x"]}\r\n', None),
            ('"\\u00e9 \\ud83d\\ude9a \\"\\\\ \\/ \\n"', 'é 🚚 "\\ / \n'),
            ("-0.5e-3", -0.0005),
            ("9223372036854775807", 2**63 - 1),
            ("-9223372036854775808", -(2**63)),
            ('{"a": {"a": 1}, "A": 2, "": 3}', {"a": {"a": 1}, "A": 2, "": 3}),
        ):
            self.assertReads(text, json.loads(text) if expected is None else expected)

    def test_a_byte_order_mark_is_tolerated_once(self):
        self.assertReads(b'\xef\xbb\xbf{"a": 1}', {"a": 1})
        self.assertRefuses(b"\xef\xbb\xbf\xef\xbb\xbf{}")

    def test_other_encodings_are_refused(self):
        for body in (
            '{"a": 1}'.encode("utf-16"),
            '{"a": "é"}'.encode("latin-1"),
            b'{"a": "\xed\xa0\x80"}',
            b'{"a": "\xc0\xaf"}',
        ):
            self.assertRefuses(body, pattern="not UTF-8: byte 0x.. at position")

    def test_an_empty_body_is_named(self):
        for body in (b"", b"  \n", b"\xef\xbb\xbf"):
            self.assertRefuses(body, pattern="empty")

    def test_a_syntax_error_is_located(self):
        error = self.assertRefuses('{"a": 1,\n "b" 2}')
        self.assertIn("line 2, column 6", str(error))
        for text in (
            *("{'a': 1}", '{"a": 1,}', "[1,]", "{a: 1}", "[1 2]", "{} {}", "tru", "+1"),
            *(
                "01",
                "1.",
                ".5",
                '"a',
                '"\\x"',
                '"a\nb"',
                "/* */ 1",
                '["a\tb"]',
                "]",
                "{",
            ),
            *('{"a"}', "{1: 2}", "'", "\\", '"\\', "[" * 31, "\0"),
        ):
            self.assertRefuses(text, pattern="line 1, column")

    def test_a_key_twice_is_refused_by_name(self):
        self.assertRefuses('{"qty": 1, "x": 2, "qty": 1}', pattern="'qty' stands twice")
        self.assertRefuses('[{"a": {"\\u0062": 1, "b": 2}}]', pattern="'b'")
        key = "k" * 5_000
        self.assertRefuses(json.dumps({key: 1})[:-1] + f', "{key}": 2}}')

    def test_a_number_that_is_none_is_refused(self):
        for name in ("NaN", "Infinity", "-Infinity"):
            self.assertRefuses(f'{{"a": {name}}}', pattern=name)

    def test_a_number_no_type_holds_is_refused(self):
        for literal in ("9223372036854775808", "-9223372036854775809", "9" * 30_000):
            self.assertRefuses(f"[{literal}]", pattern="64 bit")
        for literal in ("1e309", "-1e400", "1" + "0" * 400 + ".0", "0." + "1" * 9_999):
            self.assertRefuses(f"[{literal}]", pattern="double")
        self.assertReads("[1e308]", [1e308])

    def test_half_a_surrogate_pair_is_refused(self):
        for text in (
            *('"\\ud800"', '"a\\uDFFFb"', '["\\ude00\\ud83d"]', '{"\\udabc": 1}'),
            '{"a": [{"b": "\\\\\\ud800"}]}',
        ):
            self.assertRefuses(text, pattern="surrogate")
        self.assertReads('"\\\\ud800"', "\\ud800")

    def test_random_values_are_read_back(self):
        pick = random.Random(19)

        def invent(levels):
            if levels and pick.random() < 0.6:
                items = [invent(levels - 1) for _index in range(pick.randint(0, 4))]
                if pick.random() < 0.5:
                    return items
                return {f"{invent_text()}{i}": item for i, item in enumerate(items)}
            return pick.choice(
                (None, True, False, pick.randint(-(2**63), 2**63 - 1), pick.random())
                + (invent_text(),)
            )

        def invent_text():
            return "".join(pick.choices('ab"\\{}[],:\n\té🚚', k=pick.randint(0, 8)))

        for _round in range(300):
            value = invent(6)
            for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
                self.assertReads(text, value)


class TestJsonLimits(JsonBodyCase):
    def test_depth_is_counted_in_containers(self):
        for levels in (1, 31, 32):
            self.assertIsNotNone(parse_json_body(b"[" * levels + b"]" * levels))
            body = b'{"a":' * levels + b"1" + b"}" * levels
            self.assertIsNotNone(parse_json_body(body))
        for body in (
            *("[" * 33 + "]" * 33, '{"a":' * 33 + "1" + "}" * 33, "[" * 32 + "{}"),
            *("[" * 32 + "[ ]" + "]" * 32, "[" * 1_000_000, '[{"a":' * 500_000),
        ):
            self.assertRefuses(body, LimitExceeded, "more than 32 levels")
        self.assertRefuses("[[[1]]]", LimitExceeded, "2 levels", max_depth=2)

    def test_closed_containers_do_not_add_up(self):
        self.assertReads("[" + "[[]]," * 500 + "[]]", [*([[[]]] * 500), []])

    def test_brackets_in_texts_do_not_count(self):
        for text in ("[" * 100, "\\", '\\"', '"[' * 50, "{,}" * 50, '\\\\"[', "\\[\\"):
            value = {"a": text, "b": [text, "["]}
            self.assertReads(json.dumps(value), value)

    def test_a_recursion_the_interpreter_refuses_is_a_limit_too(self):
        body = b"[" * 500_000 + b"]" * 500_000
        self.assertRefuses(
            body, LimitExceeded, "too deep", max_depth=10**9, max_nodes=10**9
        )

    def test_values_are_counted_exactly(self):
        for text, nodes in (
            *(("1", 1), ("[]", 1), ("[1]", 2), ("[ ]", 1), ("[1,2]", 3)),
            *(('{"a": 1}', 2), ('{"a": [], "b": {}}', 3), ("[[1],[2]]", 5)),
            *(('["a,b,[", ",\\","]', 3), ('{"a": {"b": [1, {"c": 2}]}}', 6)),
        ):
            with self.subTest(text=text):
                parse_json_body(text.encode(), JsonLimits(max_nodes=nodes))
            if nodes > 1:
                self.assertRefuses(
                    text, LimitExceeded, f"than {nodes - 1} values", max_nodes=nodes - 1
                )

    def test_values_are_counted_before_they_are_built(self):
        for text in ("[" + "[]," * 60_000, "[" + "1," * 60_000, '"" ' * 300_000):
            self.assertRefuses(text, LimitExceeded, "50000 values")

    def test_keys_of_one_object_are_bounded(self):
        fits = json.dumps({f"k{index}": 1 for index in range(1_000)})
        self.assertEqual(len(parse_json_body(fits.encode())), 1_000)
        over = json.dumps({"a": {f"k{index}": 1 for index in range(1_001)}})
        self.assertRefuses(over, LimitExceeded, "1001 keys; at most 1000")

    def test_one_large_file_is_no_limit(self):
        datas = base64.b64encode(random.Random(19).randbytes(1_500_000)).decode()
        body = json.dumps({"datas": datas})
        self.assertEqual(parse_json_body(body.encode()), {"datas": datas})
        escaped_as_php_does = body.replace("/", "\\/").encode()
        self.assertEqual(parse_json_body(escaped_as_php_does), {"datas": datas})
