# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import time
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..tools import webhook_transport
from ..tools.webhook_courier import Outcome
from ..tools.webhook_transport import Attempt
from .webhook_sender_case import WebhookSenderCase


@tagged("post_install", "-at_install")
class TestApiLogSentWriter(WebhookSenderCase):
    """What the log says of what was sent."""

    def _get_logs(self, delivery):
        domain = [("delivery_id", "=", delivery.id)]
        return self.env["api.log"].search(domain, order="id")

    def _get_facts(self, delivery):
        """Return what each row of a delivery says."""
        return {
            "log_type": "send",
            "request_id": delivery.message_id,
            "route": f"http://127.0.0.1:{self.receiver.port}",
            "model": "res.partner",
            "res_model": "res.partner",
            "res_id": self.partner.id,
            "record_count": 1,
            "company_id": self.env.company.id,
            "remote_addr": "127.0.0.1",
            "data_preview": False,
            "result_preview": False,
            "data_size": len(delivery.body),
            "answer": "told",
        }

    def test_each_attempt_is_a_row(self):
        endpoint = self.make_endpoint("/told/secret-path")
        delivery = self.put(endpoint, {"name": "Azure"}, company_id=self.env.company.id)
        self.receiver.statuses["/told/secret-path"] = [503]
        self.send()
        self.receiver.statuses.clear()
        self.make_due(delivery)
        self.send()
        logs = self._get_logs(delivery)
        self.assertRecordValues(
            logs,
            [
                self._get_facts(delivery)
                | {
                    "state": "failed",
                    "attempts": 1,
                    "http_status": 503,
                    "error_code": "http_503",
                },
                self._get_facts(delivery)
                | {
                    "state": "done",
                    "attempts": 2,
                    "http_status": 200,
                    "error_code": False,
                },
            ],
        )
        self.assertTrue(all(log.duration > 0 for log in logs))
        self.assertEqual(
            logs[0].action_open_records()["res_id"], self.partner.id, "a link"
        )

    def test_attempt_that_was_not_made_is_none_and_the_one_beside_it_is_one(self):
        endpoint = self.make_endpoint()
        made, unmade = self.put(endpoint), self.put(endpoint)
        parcels = self.claim(made + unmade)
        self.store(
            Outcome(parcels[0], Attempt(status=200), time.monotonic()),
            Outcome(parcels[1], None, time.monotonic()),
        )
        self.assertRecordValues(
            made + unmade,
            [
                {"state": "delivered", "attempt_count": 1},
                {"state": "pending", "attempt_count": 0},
            ],
        )
        self.assertEqual(self._get_logs(made).mapped("state"), ["done"])
        self.assertFalse(self._get_logs(unmade))

    def test_what_was_sent_is_not_on_the_log(self):
        delivery = self.put(self.make_endpoint(), {"name": "zQ9-tell-nobody"})
        self.send()
        self.assertIn(b"zQ9-tell-nobody", self.receiver.received[0].body)
        self.assertNotIn("zQ9-tell-nobody", str(self._get_logs(delivery).read()))

    def test_secrets_of_an_answer_are_masked_on_the_log(self):
        for answer in (
            '{"password": "zQ9-tell-nobody", "name": "Azure"}',
            "password=zQ9-tell-nobody&name=Azure",
        ):
            attempt = Attempt(status=200, answer=answer)
            delivery = self.put(self.make_endpoint())
            with (
                self.subTest(answer),
                patch.object(webhook_transport, "post", return_value=attempt),
            ):
                self.send()
                log = self._get_logs(delivery)
                self.assertNotIn("zQ9-tell-nobody", log.answer)
                self.assertIn("Azure", log.answer)

    def test_answers_are_for_administrators(self):
        delivery = self.put(self.make_endpoint("/told/a"))
        self.send()
        log = self._get_logs(delivery)
        reader = new_test_user(
            self.env, "log_reader", "usability_webhooks.group_api_reader"
        )
        self.assertNotIn("told", str(log.with_user(reader).read()))
        with self.assertRaises(AccessError):
            log.with_user(reader).read(["answer"])
        with self.assertRaises(AccessError):
            log.with_user(reader).search([("answer", "like", "told")])
        reader.group_ids += self.env.ref("usability_webhooks.group_api_manager")
        self.assertEqual(log.with_user(reader).answer, "told")

    def test_path_of_a_url_is_not_on_the_log(self):
        delivery = self.put(self.make_endpoint("/told/zQ9-tell-nobody"))
        self.send()
        self.assertNotIn("zQ9-tell-nobody", str(self._get_logs(delivery).read()))

    def test_no_answer_is_told_by_its_code(self):
        delivery = self.put(self.make_endpoint("/reset"))
        self.send()
        log = self._get_logs(delivery)
        self.assertEqual((log.state, log.error_code), ("failed", "connection_lost"))
        self.assertEqual((log.http_status, log.answer), (0, False))
        self.assertTrue(log.error_message)

    def test_what_was_sent_cannot_be_replayed_from_the_log(self):
        delivery = self.put(self.make_endpoint())
        self.send()
        log = self._get_logs(delivery)
        wizard = self.env["api.log.replay"].create({"log_id": log.id})
        self.assertTrue(wizard.refusal)
        action = log.action_open_delivery()
        self.assertEqual(action["res_id"], delivery.id)
        self.assertTrue(Form(log))

    def test_delivery_that_is_purged_leaves_its_rows(self):
        delivery = self.put(self.make_endpoint())
        self.send()
        log = self._get_logs(delivery)
        self.env.cr.execute(
            "DELETE FROM webhook_outbound_delivery WHERE id = %s", [delivery.id]
        )
        log.invalidate_recordset()
        self.assertFalse(log.delivery_id)
        self.assertEqual(log.state, "done")
