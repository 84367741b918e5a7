# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Events become deliveries: their bytes, their order, what coalesces."""

from __future__ import annotations

import json

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .webhook_case import URL, WebhookCase


@tagged("post_install", "-at_install")
class TestOutbox(WebhookCase):
    def test_standard_body_is_an_envelope(self) -> None:
        delivery = self.put(self.make_event())
        body = json.loads(delivery.body)
        self.assertRegex(body.pop("timestamp"), r"^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$")
        self.assertEqual(
            body,
            {
                "type": "res.partner.updated",
                "sequence": delivery.id,
                "record": {"model": "res.partner", "id": 7},
                "data": {"name": "Ünï"},
            },
        )

    def test_delivery_says_what_is_sent_where(self) -> None:
        delivery = self.put(self.make_event())
        self.assertRecordValues(
            delivery,
            [
                {
                    "rule_id": self.rule.id,
                    "endpoint_id": self.endpoint.id,
                    "url": URL,
                    "target": "https://shop.example.com",
                    "event_type": "res.partner.updated",
                    "kind": "updated",
                    "res_model": "res.partner",
                    "res_id": 7,
                    "company_id": self.env.company.id,
                    "state": "pending",
                    "attempt_count": 0,
                    "body_size": len(delivery.body.encode()),
                    "last_error": False,
                }
            ],
        )
        self.assertRegex(delivery.message_id, r"^msg_[0-9A-Za-z]{24}$")
        self.assertEqual(delivery.next_attempt_at, delivery.occurred_at)

    def test_data_alone_is_sent_as_18_0_sent_it(self) -> None:
        data = {"name": "Ünï \u2028", "date": "2026-01-02", "lines": [1, None]}
        delivery = self.put(self.make_event(data=data, body_format="data"))
        self.assertEqual(delivery.body, json.dumps(data, ensure_ascii=False))

    def test_latest_state_of_a_transaction_is_kept(self) -> None:
        self.put(self.make_event(data=1), self.make_event(data=2))
        delivery = self.put(self.make_event(data=3))
        body = json.loads(delivery.body)
        self.assertEqual((body["data"], body["sequence"]), (3, delivery.id))

    def test_record_that_was_created_and_updated_was_created(self) -> None:
        created = self.make_event(kind="created", data=1)
        self.put(created, self.make_event(data=2))
        delivery = self.put(self.make_event(data=3))
        self.assertEqual(delivery.kind, "created")
        self.assertEqual(delivery.event_type, "res.partner.created")
        self.assertEqual(json.loads(delivery.body)["type"], "res.partner.created")
        self.assertEqual(json.loads(delivery.body)["data"], 3)

    def test_events_without_a_rule_do_not_follow_each_other(self) -> None:
        found = self.put(
            self.make_event(rule_id=None, kind="created"),
            self.make_event(rule_id=None, res_id=8),
        )
        self.assertEqual(found.mapped("kind"), ["created", "updated"])

    def test_other_kinds_replace_each_other(self) -> None:
        delivery = self.put(self.make_event(), self.make_event(kind="deleted"))
        self.assertEqual(delivery.kind, "deleted")

    def test_nothing_coalesces_that_differs(self) -> None:
        other = self.endpoint.copy()
        found = self.put(
            self.make_event(),
            self.make_event(rule_id=self.make_rule().id),
            self.make_event(endpoint_id=other.id),
            self.make_event(url=f"{URL}/other"),
            self.make_event(res_model="res.users"),
            self.make_event(res_id=8),
            self.make_event(rule_id=None),
            self.make_event(rule_id=None),
        )
        self.assertEqual(len(found), 8)

    def test_sequence_rises_in_the_order_of_events(self) -> None:
        events = [self.make_event(res_id=res_id) for res_id in (3, 1, 2, 1)]
        self.assertEqual(self.put(*events).mapped("res_id"), [3, 2, 1])

    def test_rolled_back_savepoint_takes_its_events_along(self) -> None:
        self.put(self.make_event(data=1))
        savepoint = self.env.cr.savepoint(flush=False)
        self.put(self.make_event(data=2), self.make_event(res_id=8))
        savepoint.close(rollback=True)
        delivery = self.put()
        self.assertEqual(json.loads(delivery.body)["data"], 1)

    def test_sender_is_woken_once_in_a_transaction(self) -> None:
        self.put(self.make_event(), self.make_event(res_id=8))
        self.put(self.make_event(res_id=9))
        self.assertEqual(self.wake.call_count, 1)

    def test_sender_is_woken_although_a_savepoint_undid_the_first_call(self) -> None:
        savepoint = self.env.cr.savepoint(flush=False)
        self.put(self.make_event())
        savepoint.close(rollback=True)
        self.put(self.make_event())
        self.assertEqual(self.wake.call_count, 2)

    def test_sender_is_woken_after_one_that_cannot_be_sent(self) -> None:
        circle: list = []
        circle.append(circle)
        self.put(self.make_event(data=circle))
        self.wake.assert_not_called()
        self.put(self.make_event(res_id=8))
        self.wake.assert_called_once()

    def test_any_number_of_events_costs_two_queries(self) -> None:
        self.put(self.make_event())  # warm
        for count in (1, 100):
            events = [self.make_event(res_id=count + i) for i in range(count)]
            with self.assertQueryCount(2):
                self.outbox._put(events)

    def test_nothing_costs_nothing(self) -> None:
        with self.assertQueryCount(0):
            self.outbox._put([])

    def test_url_may_be_longer_than_an_index_entry(self) -> None:
        url = f"{URL}?{'x' * 9000}"
        self.assertEqual(self.put(self.make_event(url=url)).url, url)

    def test_whoever_changes_a_record_may_cause_a_delivery(self) -> None:
        portal = new_test_user(self.env, "wh_portal", groups="base.group_portal")
        self.outbox.with_user(portal)._put([self.make_event()])
        self.assertEqual(len(self.put()), 1)


@tagged("post_install", "-at_install")
class TestNothingSpoilsTheChange(WebhookCase):
    """What is wrong with an event must not be the user's trouble."""

    def test_body_too_large_is_dead_at_once_and_never_cut(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_outbound_body", "1000")
        fits, delivery = self.put(
            self.make_event(data="é" * 400), self.make_event(res_id=8, data="é" * 600)
        )
        self.assertEqual((fits.state, delivery.state), ("pending", "dead"))
        self.assertEqual(delivery.body, "")
        self.assertGreater(delivery.body_size, 1200)
        self.assertIn("1000", delivery.last_error)

    def test_data_that_is_no_json_is_dead_at_once(self) -> None:
        circle: list = []
        circle.append(circle)
        for data in (circle, {(1, 2): 3}, {"n": float("nan")}):
            delivery = self.put_one(data=data)
            self.assertEqual(delivery.state, "dead")
            self.assertIn("JSON", delivery.last_error)
        self.wake.assert_not_called()

    def test_half_a_surrogate_pair_is_escaped(self) -> None:
        delivery = self.put_one(data={"name": "\ud83d", "nul": "\x00"})
        data = json.loads(delivery.body)["data"]
        self.assertEqual(data, {"name": "\ud83d", "nul": "\x00"})

    def test_disabled_endpoint_gets_dead_deliveries(self) -> None:
        self.endpoint.action_disable()
        delivery = self.put(self.make_event())
        self.assertEqual(delivery.state, "dead")
        self.assertEqual(delivery.last_error, "The endpoint was disabled.")
        self.assertTrue(delivery.body)
        self.wake.assert_not_called()

    def test_throttled_endpoint_gets_pending_deliveries(self) -> None:
        self.endpoint.state = "throttled"
        self.assertEqual(self.put(self.make_event()).state, "pending")

    def test_archived_endpoint_gets_none(self) -> None:
        self.endpoint.active = False
        self.assertFalse(self.put(self.make_event()))

    def test_endpoint_or_rule_that_is_gone_is_no_error(self) -> None:
        gone = self.make_event(rule_id=self.rule.id + 1000)
        with mute_logger("odoo.sql_db"):
            found = self.put(gone, self.make_event(endpoint_id=2**31 - 1))
        self.assertEqual(len(found), 1)
        self.assertFalse(found.rule_id)

    def test_copy_of_the_database_stores_nothing(self) -> None:
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.assertFalse(self.put(self.make_event()))
        self.endpoint.action_send_from_here()
        self.assertTrue(self.put(self.make_event()))

    def test_neutralized_database_stores_nothing(self) -> None:
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "True")
        self.assertFalse(self.put(self.make_event()))


@tagged("post_install", "-at_install")
class TestLongTransaction(WebhookCase):
    """What a flush reads of the table does not grow with what is stored by then."""

    def count_rows(self, act) -> int:
        """Return how many rows of deliveries are read, as PostgreSQL counts them."""
        query = (
            "SELECT pg_stat_get_xact_tuples_returned(c.oid)"
            " + pg_stat_get_xact_tuples_fetched(c.oid) + coalesce(sum("
            " pg_stat_get_xact_tuples_returned(i.indexrelid)"
            " + pg_stat_get_xact_tuples_fetched(i.indexrelid)), 0)"
            " FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid"
            " WHERE c.relname = 'webhook_outbound_delivery' GROUP BY c.oid"
        )
        before = self.env.execute_query(SQL(query))[0][0]
        act()
        return self.env.execute_query(SQL(query))[0][0] - before

    def test_flush_reads_what_it_has_to_store_only(self) -> None:
        # A table so small would be read from its beginning to its end.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        counts = []
        for first, count in ((0, 3), (1000, 400)):
            for res_id in range(first, first + count):
                self.outbox._put([self.make_event(res_id=res_id)])
            again = [self.make_event(res_id=first + n, data=2) for n in range(2)]
            counts.append(self.count_rows(lambda e=again: self.outbox._put(e)))
        self.assertLess(counts[1], counts[0] + 20, counts)

    def test_what_changes_again_is_looked_up_by_its_record(self) -> None:
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        capture = self.env["webhook.outbound.capture"]
        counts = []
        for first, count in ((0, 3), (1000, 400)):
            for res_id in range(first, first + count):
                self.outbox._put([self.make_event(res_id=res_id)])
            found: list = []
            counts.append(
                self.count_rows(
                    lambda f=found, n=first: f.extend(
                        capture._withdraw("res.partner", [n, n + 1])
                    )
                )
            )
            self.assertEqual(len(found), 2)
        self.assertLess(counts[1], counts[0] + 20, counts)
