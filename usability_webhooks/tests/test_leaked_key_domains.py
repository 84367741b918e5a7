# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key that asks questions: domains and whatever else answers yes or no."""

from __future__ import annotations

import json

from odoo.tests import tagged

from .leaked_key_case import DENIED, NO_ID, LeakedKeyCase, search

BAD = (*DENIED, "invalid_domain")
#: Questions about what lies outside the profile, by model.
DOMAINS = {
    "res.partner": (
        [["comment", "ilike", "SEK"]],
        [["vat", "=like", "XX%"]],
        [["bank_ids", "!=", False]],
        [["bank_ids.acc_number", "=like", "SEK%"]],
        [["bank_ids", "any", [["acc_number", "=like", "SEK%"]]]],
        [["bank_ids", "not any", [["acc_number", "=like", "SEK%"]]]],
        [["parent_id", "=", 1]],
        [["parent_id", "=", False]],
        [["parent_id.name", "=like", "SEK%"]],
        [["parent_id", "ilike", "SEK"]],
        [["parent_id", "child_of", 1]],
        [["id", "child_of", 1]],
        [["id", "parent_of", 1]],
        [["id", "child_of", ["Web"]]],
        [["id", "any", [["comment", "ilike", "SEK"]]]],
        [["id", "not any", [["comment", "ilike", "SEK"]]]],
        [["id", "any", [["bank_ids.acc_number", "=like", "SEK%"]]]],
        [["id.comment", "ilike", "SEK"]],
        [["id", "ilike", "Web"]],
        [["name.comment", "ilike", "SEK"]],
        [["display_name.comment", "ilike", "SEK"]],
        [["child_ids", "any", [["name", "ilike", "a"]]]],
        [["country_id", "any", [["currency_id", "=", 1]]]],
        [["country_id", "any", [["currency_id", "any", [["name", "=", "EUR"]]]]]],
        [["country_id.currency_id.name", "=", "EUR"]],
        [["country_id.state_ids.name", "ilike", "a"]],
        [["country_id", "not any", [["phone_code", ">", 100]]]],
        [["create_uid", "=", 1]],
        [["create_uid.login", "=like", "a%"]],
        [["user_ids.api_key_ids.name", "ilike", "a"]],
        [["write_date", ">", "2020-01-01"]],
        [["write_date.month_number", "=", 1]],
        [["company_id", "=", 1]],
        [["active", "=", False]],
        [["message_ids.body", "ilike", "SEK"]],
        [["activity_ids", "=", False]],
        [["category_id", "ilike", "SEK"]],
        [["category_id", "child_of", 1]],
        [["self.comment", "ilike", "SEK"]],
        [["properties.some", "=", 1]],
        ["!", ["comment", "ilike", "SEK"]],
        ["|", ["comment", "ilike", "SEK"], ["name", "=", "x"]],
        ["|", ["name", "=", "Web Customer"], "!", ["vat", "=like", "XX%"]],
        ["&", ["name", "!=", "x"], ["&", ["comment", "ilike", "S"], ["id", ">", 0]]],
        "[('comment', 'ilike', 'SEK')]",
        "[('bank_ids', 'any', [('acc_number', '=like', 'SEK%')])]",
        "['|', ('name', '=', 'x'), ('parent_id.name', 'ilike', 'SEK')]",
        "[('id', 'child_of', [1])]",
    ),
    "sale.order": (
        [["note", "ilike", "SEK"]],
        [["partner_id.comment", "ilike", "SEK"]],
        [["partner_id", "any", [["comment", "ilike", "SEK"]]]],
        [["partner_id", "any", [["bank_ids.acc_number", "=like", "SEK%"]]]],
        [["partner_id.parent_id.parent_id.name", "ilike", "SEK"]],
        [["partner_id", "child_of", 1]],
        [["partner_id", "parent_of", 1]],
        [["partner_id", "child_of", "Web"]],
        [["order_line.product_id.standard_price", ">", 50000]],
        [["order_line", "any", [["product_id.standard_price", ">", 50000]]]],
        [["order_line.order_id.note", "ilike", "SEK"]],
        [["order_line.tax_ids", "!=", False]],
        [["company_id.name", "ilike", "a"]],
        [["user_id.password", "!=", False]],
        [["access_token", "=like", "a%"]],
        [["invoice_ids", "any", [["amount_total", ">", 0]]]],
    ),
    "product.product": (
        [["standard_price", ">", 50000]],
        [["product_tmpl_id.standard_price", ">", 50000]],
        [["product_tmpl_id", "any", [["name", "ilike", "a"]]]],
        [["seller_ids.price", ">", 0]],
        [["barcode", "=like", "BAR%"]],
        [["id", "child_of", 1]],
    ),
    "sale.order.line": (
        [["order_id.note", "ilike", "SEK"]],
        [["order_id", "!=", False]],
        [["product_id.standard_price", ">", 50000]],
    ),
}


#: Search keys that ask a field outside the profile.
DENIED_KEYS = {
    "res.partner": (
        {"comment": "x"},
        {"vat": "XX-VAT-4711"},
        {"parent_id": 1},
        {"parent_id": {"name": "x"}},
        {"bank_ids.acc_number": "x"},
        {"bank_ids": {"acc_number": "x"}},
        {"country_id": {"currency_id": {"name": "EUR"}}},
        {"country_id.phone_code": 34},
        {"active": False},
        {"company_id": 1},
        {"ref": "WEB-1", "comment": "x"},
        {"ref": ["WEB-1"], "vat": ["XX-VAT-4711"]},
        {"write_date": "2020-01-01 00:00:00"},
    ),
    "sale.order": (
        {"note": "x"},
        {"partner_id": {"vat": "XX-VAT-4711"}},
        {"partner_id.comment": "x"},
        {"user_id": {"login": "admin"}},
        {"company_id": {"name": "x"}},
        {"order_line.product_id.barcode": "BARCODE-4711"},
    ),
}


@tagged("post_install", "-at_install")
class TestLeakedKeyDomains(LeakedKeyCase):
    def test_no_question_is_put_to_a_field_outside_the_profile(self) -> None:
        for model, domains in DOMAINS.items():
            for domain in domains:
                for more in ({}, {"count": True}):
                    with self.subTest(model=model, domain=domain, more=more):
                        vals = search(domain, **more)
                        self.assertDenied("search_data", model, vals, BAD)

    def test_the_words_of_a_refusal_do_not_depend_on_the_data(self) -> None:
        for model, name, right, wrong in (
            ("res.partner", "vat", "XX-VAT-4711", "XX-VAT-4712"),
            ("res.partner", "parent_id", self.parent.id, NO_ID),
            ("product.product", "barcode", "BARCODE-4711", "BARCODE-4712"),
        ):
            with self.subTest(model=model, name=name):
                answer = self.assertBlind(
                    "search_data",
                    model,
                    lambda guess, name=name: search([[name, "=", guess]]),
                    (right, wrong),
                )
                self.assertFalse(answer["is_success"])

    def test_domains_that_core_keeps_for_itself_are_no_domains(self) -> None:
        for operator in ("any!", "not any!", "inselect", "not inselect"):
            for field in ("country_id", "bank_ids", "partner_id", "order_line"):
                model = "res.partner" if field in ("country_id", "bank_ids") else None
                domain = [[field, operator, [["id", ">", 0]]]]
                with self.subTest(operator=operator, field=field):
                    vals = search(domain)
                    self.assertDenied("search_data", model or "sale.order", vals, BAD)

    def test_a_question_within_the_profile_is_answered(self) -> None:
        for model, domain in {
            "sale.order": [
                ["partner_id.ref", "=", "WEB-1"],
                ["order_line.product_id.default_code", "=", "MUG"],
                ["partner_id", "any", [["ref", "=", "WEB-1"]]],
                ["order_line", "any", [["product_id", "!=", False]]],
            ],
            "res.partner": "['|', ('ref', '=', 'WEB-1'),"
            " ('country_id.code', '=', 'Q')]",
        }.items():
            rows = self.call_ok("search_data", model, search(domain))
            self.assertEqual(len(rows), 1, model)

    def test_a_name_is_not_found_by_what_is_not_its_own(self) -> None:
        # Core looks for a display name in tax numbers and barcodes too
        # (_rec_names_search); reading the name is not reading those.
        pairs = (
            ("res.partner", "display_name", ("XX-VAT-4711", "XX-VAT-4712")),
            ("res.partner", "display_name", ("REG-4711", "REG-4712")),
            ("sale.order", "partner_id", ("XX-VAT-4711", "XX-VAT-4712")),
            ("sale.order", "partner_id", ("REG-4711", "REG-4712")),
            ("sale.order", "partner_id.display_name", ("REG-4711", "REG-4712")),
            ("product.product", "display_name", ("BARCODE-4711", "BARCODE-4712")),
            ("sale.order.line", "product_id", ("BARCODE-4711", "BARCODE-4712")),
        )
        for model, name, guesses in pairs:
            for operator in ("=", "ilike", "in", "=like", "not ilike"):
                with self.subTest(model=model, name=name, operator=operator):
                    self.assertBlind(
                        "search_data",
                        model,
                        lambda guess, name=name, operator=operator: search(
                            [[name, operator, [guess] if operator == "in" else guess]]
                        ),
                        guesses,
                    )

    def test_no_search_key_asks_a_field_outside_the_profile(self) -> None:
        for model, each in DENIED_KEYS.items():
            for key in each:
                item = {"search_key": key, "payload": {}}
                batch = {"records": [item], "on_error": "abort"}
                requests = [
                    ("create_update_data", item),
                    ("create_update_data", item | {"multi": True, "dry_run": True}),
                    ("create_update_data", item | {"on_archived": "update"}),
                    ("create_update_data", batch),
                ]
                if model == "sale.order":
                    call = {"search_key": key, "payload": {"method": "action_confirm"}}
                    requests.append(("call_function", call))
                for route, vals in requests:
                    with self.subTest(model=model, key=key, vals=vals):
                        answer = self.attack(route, model, vals)
                        self.assertIn(answer["errors"][0]["code"], DENIED)
                        self.assertNotIn("candidates", json.dumps(answer))

    def test_candidates_and_hints_name_nothing_outside(self) -> None:
        self.env["res.country"].create(
            [{"name": f"Atlantis {code}", "code": code} for code in ("Q1", "Q2")]
        )
        payload = {"name": "x", "country_id": {"name": "Atlantis"}}
        answer = self.attack("create_data", "res.partner", {"payload": payload})
        (error,) = answer["errors"]
        self.assertEqual(error["code"], "not_found")
        # Its display name is not in the profile, its name is.
        for candidate in error.get("candidates", ()):
            self.assertFalse(candidate.get("display_name"))
        for route, model, name in (
            ("create_data", "res.partner", "comments"),
            ("create_data", "res.partner", "vatt"),
            ("create_data", "sale.order", "date_orders"),
        ):
            vals = {"payload": {name: "x"}}
            answer = self.attack(route, model, vals)
            for error in answer["errors"]:
                self.assertHintWithin(error)
        for payload in (
            {"search_field": ["comments", "standard_prices", "bank_id"]},
            {"search_field": ["country_id{currency_ids}"]},
            {"order": "comments"},
            {"search_domain": [["comments", "=", 1]]},
        ):
            answer = self.attack("search_data", "res.partner", {"payload": payload})
            for error in answer["errors"]:
                self.assertHintWithin(error)
                self.assertNotRegex(json.dumps(error), r"\b(comment|bank_ids)\b")
