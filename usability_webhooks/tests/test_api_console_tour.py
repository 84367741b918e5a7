# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The console in a real browser."""

from __future__ import annotations

from odoo.tests import HttpCase, mute_logger, new_test_user, tagged

from .common import ApiHttpCase, requires

#: As hoot names the tests of a file below static/tests.
SUITE = "@usability_webhooks/console_rows"
GROUPS = "usability_webhooks.group_api_manager,sales_team.group_sale_salesman"


@tagged("post_install", "-at_install")
@requires("sale.order")
class TestConsoleInBrowser(ApiHttpCase):
    @mute_logger("odoo.sql_db")  # the first try, without a customer
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


@tagged("post_install", "-at_install")
class TestConsoleScripts(HttpCase):
    def test_unit_tests_of_the_scripts_pass(self) -> None:
        url = "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
        self.browser_js(
            f"{url}&id={self.get_hash(SUITE)}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )

    def get_hash(self, name: str) -> str:
        """Return what hoot calls a suite in an address."""
        number = 0
        for character in name:
            number = ((number << 5) - number + ord(character)) & 0xFFFFFFFF
        return f"{number:08x}"
