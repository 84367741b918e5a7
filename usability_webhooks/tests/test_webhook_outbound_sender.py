# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import time
from unittest.mock import patch

from standardwebhooks import Webhook

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import webhook_transport
from ..tools.webhook_courier import Outcome
from ..tools.webhook_schedule import Verdict
from ..tools.webhook_signature import new_secret
from .webhook_sender_case import WebhookSenderCase

SENDER = "odoo.addons.usability_webhooks.models.webhook_outbound_sender"
COURIER = "odoo.addons.usability_webhooks.tools.webhook_courier"


@tagged("post_install", "-at_install")
class TestWebhookOutboundSender(WebhookSenderCase):
    """One run of the sender, as far as a test's cursor shows it."""

    def _add_secret(self, endpoint, secret):
        self.env.cr.execute(
            "INSERT INTO webhook_endpoint_secret (endpoint_id, kind, secret)"
            " VALUES (%s, 'shared', %s)",
            [endpoint.id, secret],
        )

    def test_what_was_stored_is_sent_byte_for_byte(self):
        delivery = self.put(self.make_endpoint())
        self.send()
        (request,) = self.receiver.received
        self.assertEqual(request.body, delivery.body.encode())
        self.assertEqual(delivery.state, "delivered")
        self.assertEqual((delivery.attempt_count, delivery.last_status), (1, 200))
        self.assertEqual(delivery.last_response, "ok")
        self.assertFalse(delivery.lease_token or delivery.lease_until)
        self.assertTrue(0 < delivery.latency < 60, delivery.latency)

    def test_headers_are_those_of_standard_webhooks(self):
        endpoint = self.make_endpoint(is_signed=True)
        secrets = [new_secret(), new_secret()]
        for secret in secrets:
            self._add_secret(endpoint, secret)
        delivery = self.put(endpoint)
        self.send()
        (request,) = self.receiver.received
        self.assertEqual(request.headers["webhook-id"], delivery.message_id)
        self.assertEqual(request.headers["idempotency-key"], delivery.message_id)
        self.assertEqual(request.headers["webhook-attempt"], "1")
        self.assertEqual(request.headers["content-type"], "application/json")
        for secret in secrets:
            found = Webhook(secret).verify(request.body, request.headers)
            self.assertEqual(found["data"], {"name": "é\u2028😀"})

    def test_unsigned_endpoint_gets_no_signature(self):
        self.put(self.make_endpoint(is_signed=False))
        self.send()
        self.assertNotIn("webhook-signature", self.receiver.received[0].headers)

    def test_endpoints_own_headers_go_along_and_replace_none_of_ours(self):
        endpoint = self.make_endpoint()
        endpoint.header_ids.create(
            [
                {"endpoint_id": endpoint.id, "name": "Authorization", "value": "Zq 1"},
                {"endpoint_id": endpoint.id, "name": "User-Agent", "value": "theirs"},
            ]
        )
        self.put(endpoint)
        self.send()
        headers = self.receiver.received[0].headers
        self.assertEqual(headers["authorization"], "Zq 1")
        self.assertEqual(headers["user-agent"], "usability_webhooks/19.0")

    def test_failure_is_tried_again_with_the_same_id_and_bytes(self):
        endpoint = self.make_endpoint("/told/a")
        delivery = self.put(endpoint)
        self.receiver.statuses["/told/a"] = [500]
        self.send()
        self.assertEqual((delivery.state, delivery.attempt_count), ("pending", 1))
        self.assertEqual(delivery.last_status, 500)
        self.assertTrue(delivery.last_error)
        delay = (delivery.next_attempt_at - delivery.last_attempt_at).total_seconds()
        self.assertTrue(3 <= delay <= 7, delay)
        self.send()
        self.assertEqual(len(self.receiver.received), 1, "too early")
        self.receiver.statuses["/told/a"] = [204]
        self.make_due(delivery)
        self.send()
        first, second = self.receiver.received
        self.assertEqual(second.body, first.body)
        self.assertEqual(second.headers["webhook-id"], first.headers["webhook-id"])
        self.assertEqual(second.headers["webhook-attempt"], "2")
        self.assertEqual((delivery.state, delivery.attempt_count), ("delivered", 2))

    def test_sender_waits_for_a_retry_within_seconds_if_told_to(self):
        endpoint = self.make_endpoint("/told/a")
        delivery = self.put(endpoint)
        self.receiver.statuses["/told/a"] = [500, 200]
        begun = time.monotonic()
        self.send(wait=True)
        self.assertEqual((delivery.state, delivery.attempt_count), ("delivered", 2))
        self.assertTrue(3 < time.monotonic() - begun < 10)

    def test_last_attempt_leaves_a_dead_delivery_and_tells_the_owner(self):
        endpoint = self.make_endpoint("/status/500")
        delivery = self.put(endpoint)
        for _each in range(10):
            self.make_due(delivery)
            self.send()
        self.assertEqual((delivery.state, delivery.attempt_count), ("dead", 10))
        self.assertTrue(endpoint.activity_ids)
        self.make_due(delivery)
        self.send()
        self.assertEqual(len(self.receiver.received), 10)

    def test_410_disables_the_endpoint(self):
        endpoint = self.make_endpoint("/status/410")
        first, second = self.put(endpoint), self.put(endpoint)
        self.send()
        self.assertEqual(endpoint.state, "disabled")
        self.assertTrue(endpoint.state_reason)
        self.assertEqual({first.state, second.state}, {"dead", "pending"})
        self.assertEqual(len(self.receiver.received), 1)

    def test_429_pauses_the_endpoint_for_as_long_as_it_asks(self):
        endpoint = self.make_endpoint("/wait")
        deliveries = self.put(endpoint) + self.put(endpoint)
        self.send()
        self.assertEqual(len(self.receiver.received), 1)
        self.assertEqual(endpoint.state, "throttled")
        seconds = (endpoint.throttled_until - fields.Datetime.now()).total_seconds()
        self.assertTrue(110 < seconds <= 121, seconds)
        self.assertEqual(sorted(deliveries.mapped("attempt_count")), [0, 1])

    def test_five_failures_in_a_row_open_the_circuit(self):
        endpoint = self.make_endpoint("/status/500")
        for _each in range(8):
            self.put(endpoint)
        self.send()
        self.assertEqual(len(self.receiver.received), 5)
        self.assertEqual((endpoint.state, endpoint.failure_count), ("throttled", 5))
        # Half open: one is tried, and the pause doubles.
        self.make_due(self.env["webhook.outbound.delivery"].search([]))
        self.send()
        self.assertEqual(len(self.receiver.received), 6)
        seconds = (endpoint.throttled_until - fields.Datetime.now()).total_seconds()
        self.assertTrue(110 < seconds <= 121, seconds)

    def test_failures_at_once_open_the_circuit_and_lengthen_no_pause(self):
        endpoint = self.make_endpoint()
        counts = []
        for _each in range(4):
            self.env["webhook.outbound.result"]._note_failures(
                endpoint.id, [Verdict("pending")] * 4
            )
            self.env.invalidate_all()
            counts.append(endpoint.failure_count)
            if len(counts) == 3:  # the pause is over
                self.make_due(self.env["webhook.outbound.delivery"])
        self.assertEqual(counts, [4, 5, 5, 6])

    def test_first_success_closes_the_circuit(self):
        endpoint = self.make_endpoint("/told/a")
        for _each in range(8):
            self.put(endpoint)
        self.receiver.statuses["/told/a"] = [500]
        self.send()
        self.receiver.statuses.clear()
        self.make_due(self.env["webhook.outbound.delivery"].search([]))
        self.send()
        self.assertEqual((endpoint.state, endpoint.failure_count), ("enabled", 0))
        deliveries = self.env["webhook.outbound.delivery"].search([])
        self.assertEqual(set(deliveries.mapped("state")), {"delivered"})

    def test_redirect_is_a_failure_and_not_followed(self):
        delivery = self.put(self.make_endpoint("/redirect"))
        self.send()
        self.assertEqual((delivery.state, delivery.last_status), ("pending", 301))
        self.assertEqual(len(self.receiver.received), 1)

    def test_private_address_is_refused(self):
        delivery = self.put(self.make_endpoint())
        self.env["ir.config_parameter"].set_param("webhook.private_networks", "")
        self.send()
        self.assertEqual((delivery.state, delivery.attempt_count), ("pending", 1))
        self.assertIn("public internet", delivery.last_error)
        self.assertFalse(self.receiver.connections)

    @mute_logger("odoo.addons.usability_webhooks.models.api_settings")
    def test_garbled_networks_open_nothing(self):
        self.put(self.make_endpoint())
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.private_networks", "127.0.0.0/8, everywhere")
        self.send()
        self.assertFalse(self.receiver.connections)

    def test_many_deliveries_share_connections(self):
        endpoint = self.make_endpoint()
        for _each in range(60):
            self.put(endpoint)
        self.send()
        self.assertEqual(len(self.receiver.received), 60)
        self.assertLess(self.receiver.connections, 20)
        ids = {one.headers["webhook-id"] for one in self.receiver.received}
        self.assertEqual(len(ids), 60)

    def test_what_waits_behind_a_failure_goes_back_untried(self):
        endpoint = self.make_endpoint("/told/a", max_parallel=1)
        self.receiver.statuses["/told/a"] = [200, 500, 200]
        for _each in range(6):
            self.put(endpoint)
        self.send()
        self.assertEqual(len(self.receiver.received), 6)
        deliveries = self.env["webhook.outbound.delivery"].search([], order="id")
        states = ["delivered", "pending", *["delivered"] * 4]
        self.assertEqual(deliveries.mapped("state"), states)
        self.assertEqual(set(deliveries.mapped("attempt_count")), {1})
        domain = [("delivery_id", "in", deliveries.ids)]
        self.assertEqual(self.env["api.log"].search_count(domain), 6)

    def test_hanging_endpoint_holds_one_lane_and_nobody_else(self):
        hanging = self.make_endpoint("/silence", timeout_seconds=1)
        healthy = self.make_endpoint("/ok")
        stuck = self.env["webhook.outbound.delivery"]
        for _each in range(10):
            stuck += self.put(hanging)
            self.put(healthy)
        begun = time.time()
        self.send()
        moments = {"/ok": [], "/silence": []}
        for request in self.receiver.received:
            moments[request.path].append(request.moment - begun)
        self.assertEqual(len(moments["/ok"]), 10)
        self.assertLess(max(moments["/ok"]), 0.9)
        self.assertEqual(sum(stuck.mapped("attempt_count")), len(moments["/silence"]))

    def test_ordered_endpoint_is_sent_one_record_at_a_time(self):
        endpoint = self.make_endpoint("/told/a", is_ordered=True)
        first = self.put(endpoint, {"n": 1})
        others = [self.put(endpoint, {"n": number}) for number in range(2, 6)]
        stranger = self.put(endpoint, {"n": 9}, res_id=self.partner.id + 1)
        self.receiver.statuses["/told/a"] = [400]
        self.send()
        # Nothing overtakes the first of its record, not even while it waits.
        tried = {first, stranger}
        self.assertEqual({one for one in tried if one.attempt_count}, tried)
        self.assertFalse([one for one in others if one.attempt_count])
        self.receiver.statuses.clear()
        self.receiver.received.clear()
        self.make_due(first + stranger)
        self.send()
        numbers = [json.loads(one.body)["data"]["n"] for one in self.receiver.received]
        numbers.remove(9)
        self.assertEqual(numbers, [1, 2, 3, 4, 5])

    def test_expired_lease_is_sent_again_and_on_the_log(self):
        delivery = self.put(self.make_endpoint())
        claim = self.env["webhook.outbound.claim"]
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            claim.with_env(self.env(cr=cr))._claim(5, {})
        self.env.invalidate_all()
        self.assertEqual((delivery.state, delivery.attempt_count), ("sending", 1))
        self.send()
        self.assertFalse(self.receiver.received, "somebody else is at it")
        self.env.cr.execute(
            "UPDATE webhook_outbound_delivery SET lease_until = now() - interval '1 s'"
        )
        self.send()
        (request,) = self.receiver.received
        self.assertEqual(request.headers["webhook-attempt"], "2")
        self.assertEqual((delivery.state, delivery.attempt_count), ("delivered", 2))
        logs = self.env["api.log"].search([("delivery_id", "=", delivery.id)])
        self.assertEqual(set(logs.mapped("state")), {"interrupted", "done"})

    def test_lost_attempt_is_logged_as_it_is_given_back(self):
        """Not later: by then another worker may have counted on, or this one died."""
        delivery = self.put(self.make_endpoint())
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            claim = self.env["webhook.outbound.claim"].with_env(self.env(cr=cr))
            claim._claim(5, {})
            cr.execute(
                "UPDATE webhook_outbound_delivery SET lease_until = '2026-01-01'"
            )
            self.assertEqual([row[0] for row in claim._release_expired()], delivery.ids)
            claim._claim(5, {})
        self.env.invalidate_all()
        self.assertEqual((delivery.state, delivery.attempt_count), ("sending", 2))
        log = self.env["api.log"].search([("delivery_id", "=", delivery.id)])
        self.assertRecordValues(log, [{"state": "interrupted", "attempts": 1}])

    def test_late_result_does_not_overwrite_its_successors(self):
        delivery = self.put(self.make_endpoint("/told/a"))
        self.receiver.statuses["/told/a"] = [500]

        def steal():
            self.env.cr.execute(
                "UPDATE webhook_outbound_delivery SET lease_token = 'another'"
            )

        with patch.object(self.receiver, "received", _Listening(steal)):
            self.send()
        self.assertEqual((delivery.state, delivery.lease_token), ("sending", "another"))

    def test_copies_do_not_send(self):
        endpoint = self.make_endpoint()
        delivery = self.put(endpoint)
        params = self.env["ir.config_parameter"]
        params.set_param("database.is_neutralized", "True")
        self.send()
        self.assertEqual(endpoint.state, "enabled")
        params.set_param("database.is_neutralized", False)
        params.set_param("database.uuid", "another")
        with self.assertLogs(SENDER, "WARNING"):
            self.send()
        self.assertFalse(self.receiver.connections)
        self.assertEqual((endpoint.state, delivery.state), ("disabled", "pending"))
        self.assertTrue(endpoint.state_reason)

    def test_our_own_mistake_is_an_attempt_as_well(self):
        endpoint = self.make_endpoint(is_signed=True)
        self._add_secret(endpoint, "no secret at all")
        delivery = self.put(endpoint)
        with self.assertLogs(COURIER, "ERROR"):
            self.send()
        self.assertEqual((delivery.state, delivery.attempt_count), ("pending", 1))
        self.assertNotIn("no secret", delivery.last_error)

    def test_answer_the_database_cannot_hold_is_stored_without_it(self):
        attempt = webhook_transport.Attempt(status=200, answer="a\x00b\ud800")
        delivery = self.put(self.make_endpoint())
        with patch.object(webhook_transport, "post", return_value=attempt):
            self.send()
        self.assertEqual(delivery.state, "delivered")
        self.assertEqual(delivery.last_response, "a\ufffdb?")

    def test_one_outcome_that_cannot_be_stored_takes_no_other_along(self):
        endpoint = self.make_endpoint()
        deliveries = self.put(endpoint) + self.put(endpoint)
        outcomes = [
            Outcome(parcel, webhook_transport.Attempt(status=200), time.monotonic())
            for parcel in self.claim(deliveries)
        ]
        writer = type(self.env["api.log.sent.writer"])
        original = writer._prepare_log_vals

        def fail(self, outcome):
            if outcome.parcel.delivery_id == deliveries[0].id:
                raise ZeroDivisionError
            return original(self, outcome)

        with (
            patch.object(writer, "_prepare_log_vals", fail),
            self.assertLogs("odoo.addons.usability_webhooks", "ERROR"),
        ):
            self.store(*outcomes)
        # The other one's lease ends, and it is sent again.
        self.assertEqual(deliveries.mapped("state"), ["sending", "delivered"])

    def test_next_run_is_scheduled_for_what_is_due_next(self):
        self.env["ir.cron.trigger"].search([]).unlink()
        delivery = self.put(self.make_endpoint("/status/500"))
        self.env["ir.cron.trigger"].search([]).unlink()
        self.send()
        triggers = self.env["ir.cron.trigger"].search([])
        self.assertEqual(len(triggers), 2)
        for trigger in triggers:
            late = (trigger.call_at - delivery.next_attempt_at).total_seconds()
            self.assertTrue(0 <= late <= 2, late)
        self.send()
        self.assertEqual(self.env["ir.cron.trigger"].search([]), triggers)


class _Listening(list):
    """A list that does something once, before it has its first element."""

    def __init__(self, then):
        super().__init__()
        self._then = then

    def append(self, one):
        if not self:
            self._then()
        return super().append(one)
