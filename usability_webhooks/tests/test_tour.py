# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The log in a real browser."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestLogInBrowser(ApiHttpCase):
    def test_failed_request_is_found_read_and_replayed(self) -> None:
        group = "usability_webhooks.group_api_manager"
        manager = new_test_user(self.env, "api_manager", groups=group)
        self.env.cr.execute("DELETE FROM api_log")
        self.call_ok("search_data", "res.partner", {"payload": {"limit": 1}})
        category = {"mode": "add", "records": [{"name": "Tour Gold"}]}
        payload = {"name": "New", "ref": "tour", "category_id": category}
        _status, answer = self.call("create_data", "res.partner", {"payload": payload})
        self.assertFailure(answer["result"], "not_found")
        self.env["res.partner.category"].create({"name": "Tour Gold"})
        self.start_tour(
            "/odoo/api-logs", "usability_webhooks_api_log_replay", login=manager.login
        )
        failed = self.get_log(answer["result"]["request_id"])
        self.assertEqual(failed.state, "failed")
        self.assertEqual(failed.replay_ids.state, "done")
        self.assertEqual(failed.replay_ids.create_uid, manager)
        partner = self.env["res.partner"].search([("ref", "=", "tour")])
        self.assertEqual(partner.category_id.name, "Tour Gold")
