# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Masking by field, at any depth, without a model or a request at hand."""

from __future__ import annotations

import base64

from odoo.tests import BaseCase

from ..tools.field_masks import FieldFacts, make_tree, split_path
from ..tools.request_masks import RequestMasks

MASK = "***"
FACTS = {
    "order": FieldFacts(
        names=frozenset({"name", "note", "margin", "scan", "partner_id", "line_ids"}),
        hidden=frozenset({"margin"}),
        files=frozenset({"scan"}),
        relations={"partner_id": "partner", "line_ids": "line"},
    ),
    "partner": FieldFacts(
        names=frozenset({"name", "email", "iban", "parent_id"}),
        hidden=frozenset({"iban"}),
        files=frozenset(),
        relations={"parent_id": "partner"},
    ),
    "line": FieldFacts(
        names=frozenset({"name", "cost", "product_id"}),
        hidden=frozenset({"cost"}),
        files=frozenset(),
        relations={"product_id": "product"},
    ),
    "product": FieldFacts(
        names=frozenset({"name", "code", "price"}),
        hidden=frozenset({"price"}),
        files=frozenset(),
        relations={},
    ),
}


def make_masks(vals: dict, *paths: str, model: str = "order") -> RequestMasks:
    return RequestMasks(vals, model, FACTS.get, paths)


class TestPaths(BaseCase):
    def test_places_in_lists_do_not_matter(self) -> None:
        for path in ("a.b", "a[].b", "a[2].b", "a.b[0]"):
            self.assertEqual(split_path(path), ["a", "b"])

    def test_path_includes_what_lies_below(self) -> None:
        tree = make_tree([["a", "b"], ["a"], ["c", "d"], ["c", "e"]])
        self.assertEqual(tree, {"a": None, "c": {"d": None, "e": None}})


class TestRequest(BaseCase):
    def assertKept(self, vals: dict, expected: dict, *paths: str) -> None:
        with self.subTest(vals=vals, paths=paths):
            masks = make_masks(vals, *paths)
            self.assertEqual(masks.vals, expected)
            self.assertEqual(masks.is_masked, vals != expected)

    def test_hidden_field_is_masked_where_it_belongs(self) -> None:
        line = {"name": "a", "cost": 3}
        kept = {"name": "a", "cost": MASK}
        cases = [
            ({"payload": {"margin": 5, "name": "a"}}, {"margin": MASK, "name": "a"}),
            ({"payload": {"line_ids": [line]}}, {"line_ids": [kept]}),
            (
                {"payload": {"line_ids": {"mode": "merge", "records": [line]}}},
                {"line_ids": {"mode": "merge", "records": [kept]}},
            ),
            (
                {"payload": {"partner_id": {"parent_id": {"iban": "BE1"}}}},
                {"partner_id": {"parent_id": {"iban": MASK}}},
            ),
            ({"payload": {"partner_id.iban": "BE1"}}, {"partner_id.iban": MASK}),
            # Of another model it is another field.
            ({"payload": {"cost": 5}}, {"cost": 5}),
            ({"payload": {"partner_id": {"cost": 5}}}, {"partner_id": {"cost": 5}}),
        ]
        for vals, expected in cases:
            self.assertKept(vals, {"payload": expected})

    def test_hidden_field_is_masked_under_every_root(self) -> None:
        record = {"search_key": {"margin": 5}, "payload": [{"margin": 6}]}
        kept = {"search_key": {"margin": MASK}, "payload": [{"margin": MASK}]}
        self.assertKept(record, kept)
        self.assertKept({"records": [record, {}]}, {"records": [kept, {}]})
        self.assertKept(
            {"auto_create": {"partner_id": [{"iban": "BE1"}]}},
            {"auto_create": {"partner_id": [{"iban": MASK}]}},
        )
        self.assertKept(
            {"payload": {"method": "set", "parameter": {"vals": {"margin": 5}}}},
            {"payload": {"method": "set", "parameter": {"vals": {"margin": MASK}}}},
        )
        self.assertKept(
            {"context": {"default_margin": 5, "lang": "en_US"}},
            {"context": {"default_margin": MASK, "lang": "en_US"}},
        )

    def test_auto_create_may_name_a_field_of_any_level(self) -> None:
        made = {"product_id": {"code": "X", "price": 9}}
        lines = {"line_ids": [{"product_id": {"code": "X"}}]}
        kept = {"product_id": {"code": "X", "price": MASK}}
        # Whichever of the two stands first.
        for vals in (
            {"payload": lines, "auto_create": made},
            {"auto_create": made, "payload": lines},
        ):
            self.assertKept(vals, {"payload": lines, "auto_create": kept})

    def test_file_of_a_binary_field_is_kept_as_size_and_digest(self) -> None:
        scan = base64.b64encode(b"tiny").decode()
        kept = make_masks({"payload": {"scan": scan}}).vals["payload"]["scan"]
        self.assertEqual(kept["$file"]["bytes"], 4)

    def test_domains_are_masked(self) -> None:
        for domain, expected in (
            ([["margin", ">", 5]], [["margin", ">", MASK]]),
            (["|", ["margin", ">", 5], ["name", "=", "a"]], None),
            ([["partner_id.iban", "=", "BE1"]], [["partner_id.iban", "=", MASK]]),
            (
                [["line_ids", "any", [["cost", "=", 7]]]],
                [["line_ids", "any", [["cost", "=", MASK]]]],
            ),
            ("[('margin', '>', 5)]", "[['margin', '>', '***']]"),
            ("[('name', '=', 'a')]", "[('name', '=', 'a')]"),
        ):
            if expected is None:
                expected = ["|", ["margin", ">", MASK], ["name", "=", "a"]]
            self.assertKept(
                {"payload": {"search_domain": domain}},
                {"payload": {"search_domain": expected}},
            )

    def test_listed_path_is_masked_through_lists(self) -> None:
        for path in ("payload.line_ids.name", "line_ids[].name", "line_ids.name"):
            self.assertKept(
                {"payload": {"name": "o", "line_ids": [{"name": "a"}, {"name": "b"}]}},
                {
                    "payload": {
                        "name": "o",
                        "line_ids": [{"name": MASK}, {"name": MASK}],
                    }
                },
                path,
            )

    def test_listed_path_counts_under_every_root(self) -> None:
        for vals, expected in (
            ({"search_key": {"note": "x"}}, {"search_key": {"note": MASK}}),
            (
                {"records": [{"payload": {"note": "x"}}]},
                {"records": [{"payload": {"note": MASK}}]},
            ),
            (
                {"payload": {"search_domain": [["note", "ilike", "x"]]}},
                {"payload": {"search_domain": [["note", "ilike", MASK]]}},
            ),
            ({"payload": {"partner_id": {"note": "x"}}},) * 2,
            ({"context": {"note": "x"}},) * 2,
        ):
            self.assertKept(vals, expected, "payload.note")
        self.assertKept(
            {"context": {"tz": "UTC"}}, {"context": {"tz": MASK}}, "context.tz"
        )
        self.assertKept({"payload": {"name": "x"}}, {"payload": MASK}, "payload")

    def test_listed_path_below_a_relation_masks_what_it_is_searched_by(self) -> None:
        domain = [["partner_id", "ilike", "Jane"], ["partner_id", "=", 7]]
        kept = [["partner_id", "ilike", MASK], ["partner_id", "=", 7]]
        self.assertKept(
            {"payload": {"search_domain": domain}},
            {"payload": {"search_domain": kept}},
            "payload.partner_id.name",
        )

    def test_unreadable_domain_with_listed_paths_is_masked_whole(self) -> None:
        vals = {"payload": {"search_domain": "[('note', '=', x"}}
        self.assertKept(vals, {"payload": {"search_domain": MASK}}, "payload.note")

    def test_nothing_is_copied_where_nothing_is_masked(self) -> None:
        vals = {"payload": {"name": "a", "line_ids": [{"name": "b"}], "margin": None}}
        masks = make_masks(vals, "payload.note")
        self.assertIs(masks.vals, vals)
        answer = {"is_success": True, "result": [{"id": 1, "name": "a"}]}
        self.assertIs(masks.mask_answer(answer), answer)

    def test_unknown_model_is_masked_by_path_only(self) -> None:
        vals = {"payload": {"margin": 5, "note": "x"}}
        masks = make_masks(vals, "payload.note", model="none")
        self.assertEqual(masks.vals, {"payload": {"margin": 5, "note": MASK}})

    def test_masking_again_changes_nothing(self) -> None:
        vals = {"payload": {"margin": 5, "note": "secret", "password": "x"}}
        kept = make_masks(vals, "payload.note").vals
        self.assertIs(make_masks(kept, "payload.note").vals, kept)


class TestAnswer(BaseCase):
    def test_fields_of_the_result_are_masked(self) -> None:
        rows = [{"id": 1, "margin": 5, "line_ids": [{"id": 2, "cost": 3}]}]
        kept = make_masks({}).mask_answer({"result": rows})["result"]
        expected = {"id": 1, "margin": MASK, "line_ids": [{"id": 2, "cost": MASK}]}
        self.assertEqual(kept, [expected])

    def test_listed_path_is_masked_in_the_result_and_names_with_it(self) -> None:
        rows = [
            {"name": "Janet", "display_name": "Janet, Ltd", "partner_id": [7, "J."]}
        ]
        masks = make_masks({}, "payload.name", "payload.partner_id.email")
        kept = masks.mask_answer({"result": rows})["result"]
        expected = {"name": MASK, "display_name": "***, Ltd", "partner_id": [7, MASK]}
        self.assertEqual(kept, [expected])

    def test_repeated_value_of_the_request_is_masked_anywhere(self) -> None:
        masks = make_masks({"payload": {"margin": "BE-4711", "password": "tom"}})
        answer = {
            "is_success": False,
            "messages": "BE-4711 is no margin (tom), tomorrow",
            "errors": [{"code": "invalid_value", "message": "x BE-4711 y"}],
            "result": [{"id": 4711, "text": 'quoted "BE-4711"'}],
        }
        kept = masks.mask_answer(answer)
        self.assertEqual(kept["messages"], "*** is no margin (***), tomorrow")
        self.assertEqual(kept["errors"][0]["message"], "x *** y")
        self.assertEqual(kept["result"], [{"id": 4711, "text": 'quoted "***"'}])
        self.assertEqual(masks.mask_text("ValueError: BE-4711"), "ValueError: ***")

    def test_error_at_a_masked_place_keeps_code_and_path_only(self) -> None:
        for path in (
            "payload.line_ids[2].cost",
            "records[3].payload.line_ids[2].cost",
            "payload.note",
            "search_key.note",
        ):
            with self.subTest(path=path):
                error = {
                    "code": "invalid_value",
                    "path": path,
                    "message": "'1,5' is no number",
                    "value": "1,5",
                    "candidates": [{"id": 1, "display_name": "One"}],
                }
                envelope = {
                    "is_success": False,
                    "messages": f"{path}: '1,5' is no number",
                    "errors": [error],
                }
                kept = make_masks({}, "payload.note").mask_answer(envelope)
                self.assertEqual(kept["errors"][0]["code"], "invalid_value")
                self.assertEqual(kept["errors"][0]["path"], path)
                self.assertNotIn("1,5", str(kept))
                self.assertNotIn("One", str(kept))

    def test_error_of_a_lookup_is_masked_in_its_value(self) -> None:
        error = {"path": "payload.partner_id", "value": {"iban": "BE1", "name": "a"}}
        kept = make_masks({}).mask_answer({"errors": [error]})["errors"][0]
        self.assertEqual(kept["value"], {"iban": MASK, "name": "a"})

    def test_errors_of_verdicts_are_masked(self) -> None:
        error = {"path": "records[0].payload.margin", "message": "no: 17", "value": 17}
        verdict = {"ref": 1, "is_success": False, "errors": [error]}
        kept = make_masks({}).mask_answer({"result": [verdict]})["result"][0]
        self.assertEqual(kept["errors"][0]["message"], MASK)
        self.assertEqual(kept["errors"][0]["value"], MASK)
