# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Purchase orders as integrations send them."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiCase, requires


@tagged("post_install", "-at_install")
@requires("purchase.order", "account.chart.template")
class TestBusinessPurchase(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.env.company
        )
        cls.vendor = cls.env["res.partner"].create({"name": "Vendor", "ref": "VENDOR"})
        cls.product = cls.env["product.product"].create(
            {"name": "Bought", "default_code": "BUY"}
        )
        cls.env["account.tax"].create(
            {"name": "API in 7%", "amount": 7, "type_tax_use": "purchase"}
        )

    def payload(self, **changes) -> dict:
        line = {
            "product_id": {"default_code": "BUY"},
            "product_qty": 4,
            "price_unit": 25,
            "date_planned": "2026-05-01T09:00:00+02:00",
            "tax_ids": [{"name": "API in 7%", "type_tax_use": "purchase"}],
        }
        return {
            "partner_id": {"ref": "VENDOR"},
            "partner_ref": "API-PO",
            "order_line": [line],
            **changes,
        }

    def create_order(self, **changes):
        vals = {"payload": self.payload(**changes)}
        answer = self.perform("create_data", "purchase.order", vals)
        return self.env["purchase.order"].browse(self.assertSuccess(answer)["id"])

    def test_an_order_is_made_and_confirmed(self) -> None:
        order = self.create_order()
        self.assertEqual((order.partner_id, order.amount_total), (self.vendor, 107.0))
        planned = order.order_line.date_planned
        self.assertEqual(str(planned), "2026-05-01 07:00:00")
        vals = {
            "search_key": {"partner_ref": "API-PO"},
            "payload": {"method": "button_confirm"},
        }
        self.assertSuccess(self.perform("call_function", "purchase.order", vals))
        self.assertEqual(order.state, "purchase")

    def test_an_update_replaces_the_lines_of_a_draft(self) -> None:
        order = self.create_order()
        line = self.payload()["order_line"][0] | {"product_qty": 9}
        vals = {
            "search_key": {"partner_ref": "API-PO"},
            "payload": {"order_line": [line, line]},
        }
        self.assertSuccess(self.perform("update_data", "purchase.order", vals))
        self.assertEqual(order.order_line.mapped("product_qty"), [9, 9])

    def test_a_search_reads_order_lines_and_products(self) -> None:
        order = self.create_order()
        spec = "order_line{product_id{default_code}, product_qty, tax_ids{name}}"
        payload = {
            "search_field": ["partner_id", spec],
            "search_domain": [["partner_ref", "=", "API-PO"]],
        }
        answer = self.perform("search_data", "purchase.order", {"payload": payload})
        line = order.order_line
        self.assertEqual(
            self.assertSuccess(answer),
            [
                {
                    "id": order.id,
                    "partner_id": [self.vendor.id, self.vendor.display_name],
                    "order_line": [
                        {
                            "id": line.id,
                            "product_id": [
                                {"id": self.product.id, "default_code": "BUY"}
                            ],
                            "product_qty": 4.0,
                            "tax_ids": [{"id": line.tax_ids.id, "name": "API in 7%"}],
                        }
                    ],
                }
            ],
        )
