# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import random

from odoo.tests import BaseCase

from ..exceptions import InvalidValue
from ..tools.field_spec import MAX_FIELDS, FieldSpecError, parse_field_spec


def write_spec(spec):
    """Return a specification in the notation that parse_field_spec reads."""
    return ",".join(
        name if inner is None else f"{name}{{{write_spec(inner)}}}"
        for name, inner in spec.items()
    )


class TestFieldSpec(BaseCase):
    def assertParses(self, items, expected):
        with self.subTest(items=items):
            self.assertEqual(parse_field_spec(items), expected)

    def assertFails(self, items, offset, item_index=0, pattern="", **options):
        with self.subTest(items=str(items)[:80]):
            with self.assertRaisesRegex(FieldSpecError, pattern) as caught:
                parse_field_spec(items, **options)
            error = caught.exception
            self.assertEqual((error.offset, error.item_index), (offset, item_index))
            self.assertIsInstance(error, InvalidValue)
            self.assertLess(len(str(error)), 250)
        return error

    def test_names_nest_to_any_depth(self):
        self.assertParses([], {})
        self.assertParses(["name"], {"name": None})
        self.assertParses(
            ["name", "partner_id{name, country_id{code}}", "order_line{qty}"],
            {
                "name": None,
                "partner_id": {"name": None, "country_id": {"code": None}},
                "order_line": {"qty": None},
            },
        )
        self.assertParses(["a{b{c{d{e}}}}"], {"a": {"b": {"c": {"d": {"e": None}}}}})

    def test_one_item_may_hold_several_fields(self):
        expected = {"a": None, "b": {"c": None, "d": None}, "e": None}
        self.assertParses(["a,b{c,d},e"], expected)
        self.assertParses(["a", "b{c,d}", "e"], expected)
        self.assertParses(("a,b{c}", "b{d},e"), expected)

    def test_whitespace_is_free_between_tokens(self):
        expected = {"a": None, "b": {"c": None}, "d": {}}
        self.assertParses([" a , b { c }\n,\td{ } "], expected)

    def test_empty_braces_ask_for_ids_alone(self):
        self.assertParses(["a{}"], {"a": {}})
        self.assertParses(["a{b{}}"], {"a": {"b": {}}})

    def test_a_field_named_twice_unites_its_expansions(self):
        for items, expected in (
            (["a", "a"], {"a": None}),
            (["a", "a{}"], {"a": {}}),
            (["a{b}", "a"], {"a": {"b": None}}),
            (["a{b}", "a{c}"], {"a": {"b": None, "c": None}}),
            (["a{b,b{c}}", "a{b{d}}"], {"a": {"b": {"c": None, "d": None}}}),
        ):
            self.assertParses(items, expected)

    def test_an_unbalanced_brace_is_pointed_at(self):
        for text, offset in (
            *(("a{b", 1), ("a{b{c}", 1), ("a{b{c", 3), ("a{ b, c ", 1)),
            *(("a}", 1), ("a{b}}", 4), ("a{}}", 3), ("a, b}", 4)),
        ):
            pattern = f"never (closed|opened): character {offset + 1}, near "
            self.assertFails([text], offset, pattern=pattern)

    def test_a_missing_name_is_pointed_at(self):
        for text, offset in (
            *(("", 0), ("  ", 2), (",a", 0), ("a,", 2), ("a,,b", 2), ("{a}", 0)),
            *(("a{,b}", 2), ("a{b,}", 4), ("a{", 2), ("a{{b}}", 2), ("}", 0)),
        ):
            self.assertFails([text], offset, pattern="name is missing")

    def test_any_other_character_is_pointed_at(self):
        for text, offset in (
            *(("1a", 0), ("a-b", 1), ("a b", 2), ("a{b}c", 4), ("a{}{b}", 3)),
            *(("ก", 0), ("aก", 1), ("a;b", 1), ("'a'", 0), ("a{b:1}", 3), ("a\0", 1)),
            *(("__class__()", 9), ("*", 0), ("a/b", 1), ("a,\u0661", 2)),
        ):
            self.assertFails([text], offset)

    def test_the_item_is_named_too(self):
        self.assertFails(["a", "b{c}", "d{"], 2, item_index=2)
        for item in (5, None, ["a"], {"a": 1}, True, b"a"):
            self.assertFails(["a", item], 0, item_index=1, pattern="field name")

    def test_anything_but_a_list_is_refused(self):
        for items in ("name", {"name": None}, 5, None, {"name"}):
            self.assertFails(items, 0, pattern="list of field names")

    def test_a_dotted_name_is_refused_with_the_braces_to_write(self):
        error = self.assertFails(["x, partner_id.country_id.code"], 13)
        self.assertEqual(
            error.as_entry(None)["hint"], "write partner_id{country_id{code}}"
        )
        self.assertNotIn("hint", self.assertFails(["a."], 1).details)

    def test_depth_is_bounded(self):
        def nest(levels):
            return "a{" * levels + "a" + "}" * levels

        self.assertEqual(len(parse_field_spec([nest(32)])), 1)
        self.assertFails([nest(33)], 65, pattern="More than 32 levels")
        self.assertFails([nest(3)], 5, pattern="More than 2 levels", max_depth=2)
        self.assertFails(["a{" * 1_000_000], 65)

    def test_the_number_of_fields_is_bounded_over_all_items(self):
        names = ["a"] * MAX_FIELDS
        self.assertEqual(parse_field_spec(names), {"a": None})
        self.assertFails([*names, "b"], 0, MAX_FIELDS, pattern="More than 10000")
        self.assertFails(["a," * MAX_FIELDS + "a"], 2 * MAX_FIELDS)

    def test_what_is_written_is_read_back(self):
        pick = random.Random(19)

        def invent(levels):
            names = {f"f{pick.randint(0, 30)}_" for _index in range(pick.randint(0, 5))}
            return {
                name: invent(levels - 1) if levels and pick.random() < 0.5 else None
                for name in names
            }

        for _round in range(200):
            spec = {"id": None, **invent(5)}
            self.assertParses([write_spec(spec)], spec)
            self.assertParses([write_spec({name: spec[name]}) for name in spec], spec)

    def test_no_text_fails_in_any_other_way(self):
        pick = random.Random(19)
        read = 0
        for _round in range(5_000):
            text = "".join(pick.choices("ab{},. _1", k=pick.randint(1, 12)))
            try:
                parse_field_spec([text])
                read += 1
            except FieldSpecError as error:
                self.assertLessEqual(0, error.offset)
                self.assertLessEqual(error.offset, len(text))
        self.assertGreater(read, 50)
