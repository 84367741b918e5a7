# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Endpoints: what may be one, who is told, what a copy keeps."""

from __future__ import annotations

import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .webhook_case import URL, WebhookCase


@tagged("post_install", "-at_install")
class TestTarget(WebhookCase):
    def test_url_is_checked_when_it_is_saved(self) -> None:
        for url in (
            "http://shop.example.com/",
            "https://shop.example.com:22/",
            "https://user:pw@shop.example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://good.example.com\\@127.0.0.1/",
            "https://shop.example.com/\nx",
            "https://shop.example.com/#part",
            "ftp://shop.example.com/",
            "shop.example.com",
            "",
            False,
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self.endpoint.url = url
        for url in ("https://shop.example.com:8443/", "https://bücher.example/x?y=1"):
            self.endpoint.url = url

    def test_plain_http_is_allowed_by_its_switch(self) -> None:
        self.endpoint.write({"url": "http://shop.example.com/", "allow_http": True})
        self.assertEqual(self.endpoint.target, "http://shop.example.com")
        with self.assertRaises(ValidationError):
            self.endpoint.allow_http = False

    def test_listed_private_network_is_allowed(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.private_networks", "127.0.0.0/8")
        self.endpoint.url = "http://127.0.0.1:9999/hook"
        params.set_param("webhook.private_networks", "nonsense")
        with self.assertRaises(ValidationError), self.assertLogs(level="WARNING"):
            self.endpoint.url = "http://127.0.0.1:9998/hook"

    def test_ports_are_those_of_the_setting(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.outbound_ports", "443, 9443")
        self.endpoint.url = "https://shop.example.com:9443/"
        with self.assertRaises(ValidationError):
            self.endpoint.url = "https://shop.example.com:8443/"

    def test_host_of_callers_is_checked_when_it_is_saved(self) -> None:
        callers = self.endpoint.create(
            {"name": "Callers", "kind": "callback", "host": "hooks.example.com"}
        )
        self.assertEqual(callers.target, "hooks.example.com")
        callers.host = "*.example.com"
        for host in (
            "*.com",
            "*",
            "*.*.example.com",
            "a*.example.com",
            "https://hooks.example.com",
            "hooks.example.com/path",
            "hooks.example.com:443",
            "Hooks.example.com",
            "user@hooks.example.com",
            "127.0.0.1",
            "",
        ):
            with self.subTest(host=host), self.assertRaises(ValidationError):
                callers.host = host

    def test_callers_hosts_get_no_headers(self) -> None:
        header = {"endpoint_id": self.endpoint.id, "name": "X-Key", "value": "1"}
        self.env["webhook.endpoint.header"].create(header)
        self.assertEqual(self.endpoint._get_headers(), {"X-Key": "1"})
        with self.assertRaises(ValidationError):
            self.endpoint.write({"kind": "callback", "host": "hooks.example.com"})

    def test_limits_are_bounded(self) -> None:
        for name, values in {
            "max_parallel": (0, -1, 65),
            "timeout_seconds": (0, 61),
        }.items():
            for value in values:
                with self.assertRaises(ValidationError):
                    self.endpoint[name] = value


@tagged("post_install", "-at_install")
class TestLife(WebhookCase):
    def test_enable_again_forgets_the_failures(self) -> None:
        self.endpoint.write(
            {"state": "throttled", "state_reason": "503", "failure_count": 7}
        )
        self.endpoint.action_enable()
        self.assertRecordValues(
            self.endpoint,
            [{"state": "enabled", "state_reason": False, "failure_count": 0}],
        )
        self.wake.assert_called_once()

    def test_test_is_a_delivery(self) -> None:
        with self.assertRaisesRegex(UserError, "no secret"):
            self.endpoint.action_send_test()
        self.endpoint.action_new_secret()
        self.endpoint.action_send_test()
        delivery = self.put()
        self.assertEqual((delivery.kind, delivery.url), ("test", URL))
        self.assertEqual(json.loads(delivery.body)["type"], "webhook.test")

    def test_endpoint_with_deliveries_is_archived_not_deleted(self) -> None:
        self.put(self.make_event())
        with self.assertRaisesRegex(UserError, "archive"):
            self.endpoint.unlink()
        self.endpoint.copy().unlink()

    def test_copy_takes_no_secret_along(self) -> None:
        self.endpoint.action_new_secret()
        self.endpoint.state = "disabled"
        copy = self.endpoint.copy()
        self.assertEqual((copy.name, copy.state), ("Shop (copy)", "enabled"))
        self.assertFalse(copy.secret_ids)
        self.assertFalse(copy.header_ids)

    def test_only_a_copied_database_says_so(self) -> None:
        self.assertFalse(self.endpoint.is_copied or self.endpoint.is_neutralized)
        params = self.env["ir.config_parameter"]
        params.set_param("database.uuid", "another")
        self.env.invalidate_all()
        self.assertTrue(self.endpoint.is_copied)
        self.assertFalse(self.endpoint.create({"name": "New", "url": URL}).is_copied)
        self.endpoint.state = "disabled"  # by the sender
        self.endpoint.action_send_from_here()
        self.assertFalse(self.endpoint.is_copied)
        self.assertEqual(self.endpoint.state, "enabled")

    def test_owner_is_told_once_of_dead_deliveries(self) -> None:
        owner = new_test_user(self.env, "wh_owner", groups="base.group_user")
        self.endpoint.user_id = owner
        employee = new_test_user(self.env, "wh_other", groups="base.group_user")
        endpoint = self.endpoint.with_user(employee)
        endpoint._note_dead("HTTP 500")
        endpoint._note_dead("HTTP 500")
        activity = self.endpoint.activity_ids
        self.assertEqual(activity.user_id, owner)
        self.assertIn("HTTP 500", activity.note)
        activity.action_done()
        endpoint._note_dead("HTTP 502")
        self.assertEqual(len(self.endpoint.activity_ids), 1)

    def test_note_is_text_whatever_the_receiver_answered(self) -> None:
        self.endpoint._note_dead("<img src=x onerror=alert(1)>")
        self.assertNotIn("<img", self.endpoint.activity_ids.note)
        self.assertIn("&lt;img", self.endpoint.activity_ids.note)

    def test_archived_owner_is_not_asked(self) -> None:
        owner = new_test_user(self.env, "wh_gone", groups="base.group_user")
        self.endpoint.user_id = owner
        owner.active = False
        self.endpoint._note_dead("HTTP 500")
        self.assertEqual(self.endpoint.activity_ids.user_id, self.endpoint.create_uid)
