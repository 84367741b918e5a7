# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The console in a real browser."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from .common import ApiHttpCase, requires

GROUPS = "usability_webhooks.group_api_manager,sales_team.group_sale_salesman"


@tagged("post_install", "-at_install")
@requires("sale.order")
class TestConsoleInBrowser(ApiHttpCase):
    def test_newcomer_sends_an_order_with_a_line(self) -> None:
        seller = new_test_user(self.env, "api_seller", groups=GROUPS)
        customer = self.env["res.partner"].create(
            {"name": "Console Customer", "ref": "CONSOLE-C"}
        )
        product = self.env["product.product"].create(
            {"name": "Console Product", "default_code": "CONSOLE-P"}
        )
        tour = "usability_webhooks_api_console"
        self.start_tour("/api/docs", tour, login=seller.login)
        order = self.env["sale.order"].search([("partner_id", "=", customer.id)])
        self.assertEqual(order.create_uid, seller)
        self.assertEqual(order.order_line.product_id, product)
        self.assertEqual(order.order_line.product_uom_qty, 3)
        states = self.env["api.log"].search([("model", "=", "sale.order")])
        self.assertEqual(states.mapped("state"), ["done", "tried", "failed"])
