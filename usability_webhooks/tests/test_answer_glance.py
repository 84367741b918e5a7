# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The glance at an answer against the walks through it."""

from __future__ import annotations

import base64
import random
from collections import OrderedDict

from odoo.tests import BaseCase

from ..tools.answer_glance import is_harmless
from ..tools.envelope import to_json
from .test_field_masks import FACTS, make_masks

NAMES = """name note margin scan partner_id line_ids email iban parent_id cost
product_id code price id display_name count total password apiKey token_hash value key
image_128 datas
search_key session_id partner_id.iban unknown records errors error""".split()
VALUES = (
    *(None, True, 5, 1.5, "", "plain", "a: b", "x=1", "https://shop.example.com/a"),
    *("https://u:p@shop.example.com", "https://a.example.com/?token=abc", "it's"),
    *("{'password': 'x'}", '{"password": "x"}', "Bearer abcdef123456", " basic stuff"),
    *("password", "=", "in", "not like", "jane@example.com", "Zo\u00eb \u0e01"),
    base64.b64encode(bytes(range(256)) * 4).decode(),
    "long and harmless " * 70,
)


class TestAnswerGlance(BaseCase):
    def make_value(self, chance: random.Random, depth: int) -> object:
        kind = chance.random()
        if depth and kind < 0.35:
            names = chance.sample(NAMES, chance.randint(1, 5))
            return {name: self.make_value(chance, depth - 1) for name in names}
        if depth and kind < 0.6:
            size = chance.randint(0, 3)
            return [self.make_value(chance, depth - 1) for _each in range(size)]
        return chance.choice(VALUES)

    def make_plain_row(self, chance: random.Random) -> dict:
        """Return a row as most answers have: of it half must be seen at a glance."""
        row = {"id": chance.randint(1, 99), "name": "Desk", "note": "a note"}
        row[chance.choice(NAMES)] = chance.choice(VALUES)
        return row | {"line_ids": [{"id": 1, "name": chance.choice(VALUES[:9])}]}

    def test_what_is_harmless_at_a_glance_is_never_masked(self) -> None:
        chance = random.Random(20261127)
        harmless = 0
        for number in range(6_000):
            rows = [self.make_value(chance, 3), self.make_plain_row(chance)]
            result = rows[1:] if number % 2 else rows
            answer = {"is_success": True, "result": result, "messages": "Done"}
            text = to_json(answer)
            kept = make_masks({}).mask_answer(answer)
            self.assertEqual(make_masks({}).mask_answer(answer, text), kept)
            if is_harmless(answer, text, "order", FACTS.get):
                harmless += 1
                self.assertIs(kept, answer, text)
        self.assertGreater(harmless, 600)

    def test_listed_paths_and_repeated_secrets_are_never_skipped(self) -> None:
        answer = {"is_success": True, "result": [{"id": 1, "note": "BE-4711"}]}
        text = to_json(answer)
        self.assertTrue(is_harmless(answer, text, "order", FACTS.get))
        kept = make_masks({}, "payload.note").mask_answer(answer, text)
        self.assertEqual(kept["result"], [{"id": 1, "note": "***"}])
        kept = make_masks({"payload": {"margin": "BE-4711"}}).mask_answer(answer, text)
        self.assertEqual(kept["result"], [{"id": 1, "note": "***"}])

    def test_each_reason_to_look_closer(self) -> None:
        reasons = (
            *({"password": "x"}, {"api_key": 1}, {"image_128": "iVBO"}, {"margin": 1}),
            *({"partner_id": {"iban": "BE1"}}, {"partner_id.iban": "BE1"}),
            *({"key": "a.secret", "value": "x"}, {"errors": []}, {"scan": "abc"}),
            *({"name": text} for text in ("it's", '"a"', "Bearer abc", " BASIC x")),
            *({"name": text} for text in ("http://a:b@c", "/?token=x", "x" * 1_024)),
            {"x": ["password", "=", "y"]},
            OrderedDict(password="x"),  # core's own dictionaries are not all plain
        )
        for row in reasons:
            with self.subTest(row=row):
                answer = {"is_success": True, "result": [row]}
                text = to_json(answer)
                self.assertFalse(is_harmless(answer, text, "order", FACTS.get))

    def test_at_the_edge_of_pieces_too(self) -> None:
        signs = ("Bearer abc", "it's", "http://a:b@c", "/?token=x", "x" * 1_024)
        for sign in signs:
            for before in range(32_768 - 1_100, 32_768 + 60, 13):
                rows = [{"note": "a" * 37}] * (before // 49)
                shift = {"note": "a" * (before % 49)}
                answer = {"result": [*rows, shift, {"note": sign}]}
                text = to_json(answer)
                self.assertFalse(is_harmless(answer, text, "order", FACTS.get))
        self.assertTrue(is_harmless(rows, to_json(rows), "order", FACTS.get))
