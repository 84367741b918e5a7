# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Uninstalling asks about deliveries; the rest is in system_tests/upgrade.py."""

from __future__ import annotations

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestIrModuleModule(WebhookCase):
    def test_waiting_deliveries_are_not_uninstalled(self) -> None:
        modules = self.env["ir.module.module"]
        module = modules.search([("name", "=", "usability_webhooks")])
        needed = modules.search([("name", "=", "base_automation")])
        delivery = self.put_one()
        for asked in (module, needed):
            for state in ("pending", "sending"):
                self.settle(delivery, state)
                with self.subTest(module=asked.name, state=state):
                    with self.assertRaisesRegex(UserError, "1 webhook deliveries"):
                        asked.button_uninstall()
                    self.assertEqual(module.state, "installed")
        self.settle(delivery, "cancelled")
        module.button_uninstall()
        self.assertEqual(module.state, "to remove")

    def test_other_modules_are_not_asked_about(self) -> None:
        self.put_one()
        other = self.env["ir.module.module"].search([("name", "=", "base_import")])
        other.button_uninstall()
        self.assertEqual(other.state, "to remove")

    def test_others_than_administrators_learn_nothing(self) -> None:
        self.put_one()
        user = new_test_user(self.env, "no_admin", groups="base.group_user")
        module = self.env["ir.module.module"].search(
            [("name", "=", "usability_webhooks")]
        )
        with self.assertRaises(AccessError):
            module.with_user(user).button_uninstall()
