# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sales orders as integrations send them."""

from __future__ import annotations

import base64

from odoo.tests import new_test_user, tagged

from .common import ApiCase, requires


@tagged("post_install", "-at_install")
@requires("sale.order", "account.chart.template")
class TestBusinessSale(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.company = cls.env.company
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company
        )
        # One name, two uses: only both keys together name one tax.
        cls.sale_tax, cls.purchase_tax = cls.env["account.tax"].create(
            [
                {"name": "API 10%", "amount": 10, "type_tax_use": use}
                for use in ("sale", "purchase")
            ]
        )
        cls.customer = cls.env["res.partner"].create({"name": "Buyer", "ref": "BUYER"})
        cls.products = cls.env["product.product"].create(
            [{"name": code, "default_code": code} for code in ("SO-A", "SO-B", "SO-C")]
        )
        cls.user = new_test_user(
            cls.env, "api_seller", "sales_team.group_sale_salesman_all_leads"
        )

    def line(self, code: str, quantity: float = 1, **vals) -> dict:
        return {
            "product_id": {"default_code": code},
            "product_uom_qty": quantity,
            "price_unit": 10,
            "tax_ids": [{"name": "API 10%", "type_tax_use": "sale"}],
            **vals,
        }

    def create_order(self, *lines: dict, **payload) -> dict:
        payload = {
            "partner_id": {"ref": "BUYER"},
            "client_order_ref": "API-SO",
            "order_line": list(lines),
            **payload,
        }
        return self.perform(
            "create_data", "sale.order", {"payload": payload}, self.user
        )

    def get_order(self, answer: dict):
        return self.env["sale.order"].browse(self.assertSuccess(answer)["id"])

    def update(self, order, **payload) -> dict:
        vals = {"search_key": {"name": order.name}, "payload": payload}
        return self.perform("update_data", "sale.order", vals, self.user)

    def test_an_order_is_made_by_codes_and_names(self) -> None:
        order = self.get_order(
            self.create_order(self.line("SO-A", 2), self.line("SO-B", 3))
        )
        self.assertEqual(order.partner_id, self.customer)
        self.assertRecordValues(
            order.order_line,
            [
                {"product_id": product.id, "product_uom_qty": quantity, "tax_ids": tax}
                for product, quantity, tax in (
                    (self.products[0], 2, self.sale_tax.ids),
                    (self.products[1], 3, self.sale_tax.ids),
                )
            ],
        )
        self.assertEqual((order.amount_untaxed, order.amount_total), (50.0, 55.0))

    def test_a_tax_named_by_half_its_key_is_ambiguous(self) -> None:
        answer = self.create_order(self.line("SO-A", tax_ids=[{"name": "API 10%"}]))
        path = "payload.order_line[0].tax_ids[0]"
        error = self.assertFailure(answer, "ambiguous", path)
        ids = {row["id"] for row in error["candidates"]}
        self.assertEqual(ids, {self.sale_tax.id, self.purchase_tax.id})

    def test_every_bad_line_is_reported_and_nothing_is_made(self) -> None:
        answer = self.create_order(
            self.line("SO-?"),
            self.line("SO-A", product_uom_qty="2"),
            self.line("SO-B", tax_ids=[{"name": "API 99%", "type_tax_use": "sale"}]),
            partner_id={"ref": "?"},
        )
        self.assertFalse(answer["is_success"])
        self.assertEqual(
            {(error["path"], error["code"]) for error in answer["errors"]},
            {
                ("payload.partner_id", "not_found"),
                ("payload.order_line[0].product_id", "not_found"),
                ("payload.order_line[1].product_uom_qty", "invalid_value"),
                ("payload.order_line[2].tax_ids[0]", "not_found"),
            },
        )
        domain = [("client_order_ref", "=", "API-SO")]
        self.assertFalse(self.env["sale.order"].search(domain))

    def test_an_order_is_confirmed_by_its_method(self) -> None:
        order = self.get_order(self.create_order(self.line("SO-A")))
        vals = {
            "search_key": {"name": order.name},
            "payload": {"method": "action_confirm"},
        }
        answer = self.perform("call_function", "sale.order", vals, self.user)
        self.assertIs(self.assertSuccess(answer), True)
        self.assertEqual(order.state, "sale")

    def test_a_plain_list_replaces_the_lines(self) -> None:
        order = self.get_order(self.create_order(self.line("SO-A"), self.line("SO-B")))
        old = order.order_line
        self.assertSuccess(self.update(order, order_line=[self.line("SO-C", 7)]))
        self.assertEqual(order.order_line.product_id, self.products[2])
        self.assertFalse(old.exists())
        self.assertEqual(order.amount_untaxed, 70.0)

    def test_the_mode_add_keeps_the_lines(self) -> None:
        order = self.get_order(self.create_order(self.line("SO-A"), self.line("SO-B")))
        old = order.order_line
        value = {"mode": "add", "records": [self.line("SO-C")]}
        self.assertSuccess(self.update(order, order_line=value))
        self.assertEqual(old.exists(), old)
        self.assertEqual(order.order_line.product_id, self.products)

    def test_lines_of_a_confirmed_order_stay_when_odoo_refuses(self) -> None:
        order = self.get_order(self.create_order(self.line("SO-A")))
        order.action_confirm()
        old = order.order_line
        answer = self.update(order, order_line=[self.line("SO-B")])
        self.assertFailure(answer, "user_error")
        self.assertEqual(order.order_line, old)

    def test_a_link_mode_works_on_a_line_of_its_own(self) -> None:
        order = self.get_order(self.create_order(self.line("SO-A")))
        vals = {
            "search_key": {
                "order_id": {"name": order.name},
                "product_id": {"default_code": "SO-A"},
            },
            "payload": {
                "tax_ids": {
                    "mode": "remove",
                    "records": [{"name": "API 10%", "type_tax_use": "sale"}],
                }
            },
        }
        answer = self.perform("update_data", "sale.order.line", vals, self.user)
        self.assertSuccess(answer)
        self.assertFalse(order.order_line.tax_ids)

    def test_files_land_on_the_right_line_whatever_the_order(self) -> None:
        # Lines sort by sequence, the payload has them the other way round.
        lines = [
            self.line(code, sequence=30 - index, attachment_ids=[self.file(code)])
            for index, code in enumerate(("SO-A", "SO-B", "SO-C"))
        ]
        order = self.get_order(
            self.create_order(*lines, attachment_ids=[self.file("order")])
        )
        self.env.invalidate_all()  # the cache still has them as they were made
        self.assertEqual(
            order.order_line.mapped("product_id.default_code"), ["SO-C", "SO-B", "SO-A"]
        )
        for record, name in [
            *((line, line.product_id.default_code) for line in order.order_line),
            (order, "order"),
        ]:
            domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
            files = self.env["ir.attachment"].search(domain)
            self.assertEqual(files.mapped("name"), [name])
            self.assertEqual(files.raw, name.encode())

    def file(self, name: str) -> dict:
        return {"name": name, "datas": base64.b64encode(name.encode()).decode()}

    def test_an_upsert_finds_the_order_by_its_reference(self) -> None:
        vals = {
            "search_key": {"client_order_ref": "EXT-1"},
            "payload": {
                "partner_id": {"ref": "BUYER"},
                "order_line": [self.line("SO-A")],
            },
        }
        for operation in ("created", "updated"):
            answer = self.perform("create_update_data", "sale.order", vals, self.user)
            self.assertEqual(self.assertSuccess(answer)["operation"], operation)
        order = self.env["sale.order"].search([("client_order_ref", "=", "EXT-1")])
        self.assertEqual(len(order), 1)
        self.assertEqual(len(order.order_line), 1)

    def test_a_seller_reads_all_fields_of_what_he_sells(self) -> None:
        order = self.get_order(self.create_order(self.line("SO-A")))
        for record in (order, order.order_line, self.products[0], self.customer):
            with self.subTest(model=record._name):
                payload = {"search_domain": [["id", "=", record.id]]}
                vals = {"payload": payload}
                answer = self.perform("search_data", record._name, vals, self.user)
                row = self.assertSuccess(answer)[0]
                self.assertEqual(row["id"], record.id)
                self.assertEqual(row["display_name"], record.display_name)
                self.assertGreater(len(row), 30)

    def test_missing_products_are_made_once_for_all_lines(self) -> None:
        codes = ["NEW-1", "NEW-2", "NEW-1", "SO-A"]
        vals = {
            "payload": {
                "partner_id": {"ref": "BUYER"},
                "order_line": [self.line(code) for code in codes],
            },
            "auto_create": {
                "order_line.product_id": [
                    {"name": code, "default_code": code, "categ_id": {"name": "API"}}
                    for code in ("NEW-1", "NEW-2")
                ],
                "categ_id": {"name": "API"},
            },
        }
        answer = self.perform("create_data", "sale.order", vals)
        order = self.get_order(answer)
        lines = order.order_line
        self.assertEqual(
            lines.mapped("product_id.default_code"), ["NEW-1", "NEW-2", "SO-A"]
        )
        self.assertEqual([line.product_id.default_code for line in lines], codes)
        new = lines.product_id - self.products
        self.assertEqual(new.categ_id.name, "API")
        models = [made["model"] for made in answer["created"]]
        self.assertEqual(models, ["product.category"] + ["product.product"] * 2)
