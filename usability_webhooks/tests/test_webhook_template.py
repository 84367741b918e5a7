# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The text of a template to a tree, and what is refused on the way."""

from __future__ import annotations

import json

from odoo.tests import BaseCase

from ..tools.webhook_template import (
    ID_ALONE,
    MAX_STEPS,
    MAX_TEXT,
    Entries,
    FieldList,
    FieldValue,
    Items,
    Literal,
    MethodCall,
    Nearly,
    TemplateError,
    parse_template,
)
from ..tools.webhook_values import convert, to_plain


def parse_one(value: object) -> object:
    """Return the node of ``{"a": value}``."""
    root = parse_template(json.dumps({"a": value}))
    assert isinstance(root, Entries)
    return root.entries[0][1]


class TestWebhookTemplate(BaseCase):
    def test_texts_of_a_template(self) -> None:
        for text, node in (
            ("{name}", FieldValue(("name",), "", "a")),
            (" {a.b.c} ", FieldValue(("a", "b", "c"), "", "a")),
            ("{state:label}", FieldValue(("state",), "label", "a")),
            ("{@_webhook_x}", MethodCall("_webhook_x", (), "a")),
            ("{@_webhook_x()}", MethodCall("_webhook_x", (), "a")),
            ("{@_webhook_x(a, b c)}", MethodCall("_webhook_x", ("a", "b c"), "a")),
            ("{@_webhook_x(a,)}", MethodCall("_webhook_x", ("a", ""), "a")),
            ("static", Literal("static")),
            ("  kept inside, not outside ", Literal("kept inside, not outside")),
            ("Dear {name}", Literal("Dear {name}")),
            ("{}", Literal("{}")),
            ('{"a": 1}', Literal('{"a": 1}')),
            ("{ name }", Nearly("{ name }", "a")),
            ("{name:}", Nearly("{name:}", "a")),
            ("{@unlink}", Nearly("{@unlink}", "a")),
            ("{@_webhook_x(}", Nearly("{@_webhook_x(}", "a")),
        ):
            with self.subTest(text=text):
                self.assertEqual(parse_one(text), node)

    def test_other_values_are_literal(self) -> None:
        for value in (1, 1.5, True, False, None):
            self.assertEqual(parse_one(value), Literal(value))

    def test_places_are_named_through_objects_and_arrays(self) -> None:
        node = parse_one([1, {"b": ["{x}"]}])
        self.assertEqual(
            node,
            Items(
                (
                    Literal(1),
                    Entries((("b", Items((FieldValue(("x",), "", "a[1].b[0]"),))),)),
                )
            ),
        )

    def test_empty_is_the_id_alone(self) -> None:
        for text in ("", "  \n"):
            self.assertEqual(parse_template(text), ID_ALONE)
        self.assertEqual(parse_template("{}"), Entries(()))

    def test_list_form(self) -> None:
        items = ("name", "line_ids{product_id{name}, qty}")
        self.assertEqual(parse_template(json.dumps(items)), FieldList(items))

    def test_what_is_refused_says_why_and_where(self) -> None:
        for text, *words in (
            ('{"a": 1,}', "This is not valid JSON", "line 1"),
            ('{"a": "{x}", "a": 2}', "'a'", "twice"),
            ('{"a": "NaN",\n "b": NaN}', "NaN", "Line 2, column 7"),
            ('{"a": -Infinity}', "-Infinity", "Line 1, column 7"),
            ('{"a": 1e999}', "1e999"),
            ('{"a": "\\ud800"}', "surrogate"),
            ("[" * 40 + "]" * 40, "16 levels"),
            (f'{{"a": [{"1," * 2500}1]}}', "2000 values"),
            (f'{{"a": "{"x" * MAX_TEXT}"}}', str(MAX_TEXT)),
            (json.dumps({"a": f"{{{'x.' * MAX_STEPS}x}}"}), "a: ", "steps"),
            ('"{name}"', "object or a list"),
            ("3", "object or a list"),
            ('["name", {"a": 1}]', "[1]: "),
            ('["name", "partner_id{name"]', "[1]: ", "never closed"),
            ('["partner_id.name"]', "[0]: ", "dot"),
        ):
            with self.subTest(text=text[:60]):
                with self.assertRaises(TemplateError) as caught:
                    parse_template(text)
                for word in words:
                    self.assertIn(word, str(caught.exception))


class TestWebhookValues(BaseCase):
    def test_one_value_keeps_its_type_and_several_become_text(self) -> None:
        labels = {"a": "Alpha", "b": "Beta"}
        for form, values, result in (
            ("label", ["a"], "Alpha"),
            ("label", ["a", "b", False], "Alpha, Beta"),
            ("label", ["gone"], "gone"),
            ("label", [False], False),
            ("join", ["x"], "x"),
            ("join", [1, 2.5, 0, 0.0], "1, 2.5, 0, 0.0"),
            ("join", ["x", False, "z"], "x, z"),
            ("join", [False], ""),
            ("join", [], ""),
            ("date", ["2026-07-31 12:00:00"], "2026-07-31"),
            ("date", [False], False),
            ("date", [], ""),
            ("text", ["<p>Hello <b>world</b></p>"], "Hello *world*"),
            ("text", [False], ""),
        ):
            with self.subTest(form=form, values=values):
                found = convert(form, values, labels)
                self.assertEqual(found, result)
                self.assertIs(type(found), type(result))

    def test_what_json_cannot_say_is_refused(self) -> None:
        loop: list = []
        loop.append(loop)
        for value in (object(), b"x", {1, 2}, float("nan"), "\ud800", loop):
            with self.subTest(value=repr(value)[:30]):
                with self.assertRaises((TypeError, ValueError)):
                    to_plain(value)
