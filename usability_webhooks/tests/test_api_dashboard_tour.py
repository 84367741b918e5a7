# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The dashboard in a real browser."""

from __future__ import annotations

from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged

from .common import make_dashboard_row

#: The menu: what it opens with is part of the promise.
MENU = "usability_webhooks.menu_api_root"


@tagged("post_install", "-at_install")
class TestDashboardInBrowser(HttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM api_log")
        cls.env.cr.execute("DELETE FROM webhook_outbound_delivery")
        group = "usability_webhooks.group_api_manager"
        cls.manager = new_test_user(cls.env, "api_manager", groups=group)

    def make_rows(self, number: int, *, days: float = 0, **vals) -> None:
        # Well in the past: the rows of this very second are not counted yet.
        date = datetime.now() - timedelta(days=days, seconds=2)
        for _row in range(number):
            make_dashboard_row(self.env, create_date=date, **vals)

    def start(self, tour: str) -> None:
        menu = self.env.ref(MENU)
        menus = self.env["ir.ui.menu"].with_user(self.manager).load_web_menus(False)
        path = menus[menu.id]["actionPath"]
        self.start_tour(f"/odoo/{path}", tour, login=self.manager.login)

    def test_figures_are_seen_and_lead_to_their_rows(self) -> None:
        slow = {"route": "/api/create_data", "duration": 2_500}
        self.make_rows(2, **slow)
        self.make_rows(1, **slow, state="failed", error_code="not_found")
        self.make_rows(1, state="rejected", error_code="rate_limited")
        self.make_rows(3)
        self.make_rows(1, days=3)
        endpoint = self.env["webhook.endpoint"].create(
            {"name": "Tour Shop", "url": "https://shop.example.com/hook"}
        )
        endpoint.action_disable()
        self.start("usability_webhooks_api_dashboard")

    def test_newcomer_is_told_what_to_do_first(self) -> None:
        self.start("usability_webhooks_api_dashboard_new")
