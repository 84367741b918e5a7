# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A neutralized copy of the database sends nothing and signs nothing."""

from __future__ import annotations

from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestNeutralize(WebhookCase):
    def test_copy_is_disarmed(self) -> None:
        self.endpoint.action_new_secret()
        header = {"endpoint_id": self.endpoint.id, "name": "X-Key", "value": "1"}
        self.env["webhook.endpoint.header"].create(header)
        waiting, under_way, done = (self.put_one() for _each in range(3))
        self.settle(under_way, "sending", lease_token="x")
        self.settle(done, "delivered")
        self.env.flush_all()
        for query in get_neutralization_queries(["usability_webhooks"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertEqual(self.endpoint.state, "disabled")
        self.assertEqual(self.endpoint._get_secrets(), [])
        self.assertEqual(self.endpoint._get_headers(), {})
        self.assertEqual(waiting.state, "cancelled")
        self.assertEqual((under_way.state, under_way.lease_token), ("cancelled", False))
        self.assertEqual(done.state, "delivered")
