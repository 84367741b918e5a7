# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Idempotency keys over HTTP; two servers at once: ``scripts/system_tests``."""

from __future__ import annotations

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tests.test_cursor import TestCursor
from odoo.tools import mute_logger

from .common import TEST_GROUPS, ApiHttpCase, make_key

REPLAYED = "Idempotency-Replayed"


@tagged("post_install", "-at_install")
class TestApiIdempotencyKey(ApiHttpCase):
    def send(self, key: str, route: str = "create_data", body=None, api_key=None):
        """Send a request under an idempotency key; return the response."""
        if body is None:
            payload = {"name": "Once", "ref": "IDEM"}
            body = {"params": {"model": "res.partner", "vals": {"payload": payload}}}
        headers = self.bearer(api_key) | {"Idempotency-Key": key}
        return self.post(route, body, headers)

    def count(self) -> int:
        return self.env["res.partner"].search_count([("ref", "=", "IDEM")])

    def assertRefused(self, response, status: int, code: str) -> None:
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.json()["error"]["data"]["code"], code)

    def test_same_request_gets_the_same_answer_and_is_done_once(self):
        first = self.send("k-1")
        self.assertNotIn(REPLAYED, first.headers)
        again = self.send("k-1")
        self.assertEqual(again.headers[REPLAYED], "true")
        self.assertEqual(again.content, first.content)
        self.assertEqual(self.count(), 1)

    def test_each_arrival_is_on_the_log_and_linked_to_the_work(self):
        first = self.send("k-2")
        again = self.send("k-2")
        done = self.get_log(first.headers["X-Request-Id"])
        replayed = self.get_log(again.headers["X-Request-Id"])
        self.assertEqual((done.state, replayed.state), ("done", "replayed"))
        self.assertEqual(replayed.replay_of_id, done)
        self.assertEqual(replayed.idempotency_key, "k-2")
        self.assertFalse(replayed.res_ids)

    def test_row_given_up_meanwhile_is_no_success(self):
        self.send("k-given-up")
        writer = type(self.env["api.log.writer"])
        lock = writer._lock

        def give_up(model, log_id: int) -> None:
            """As when the worker was stopped before it locked, and then went on."""
            model.env["api.log.housekeeping"]._mark_interrupted(log_id)
            lock(model, log_id)

        with patch.object(writer, "_lock", give_up):
            again = self.send("k-given-up")
        answer = again.json()["result"]
        self.assertFalse(answer["is_success"])
        self.assertEqual(answer["errors"][0]["code"], "conflict")
        # Marked in the same transaction here, so the mark is undone with it.
        log = self.get_log(again.headers["X-Request-Id"])
        self.assertEqual(log.state, "failed")
        self.assertEqual(self.count(), 1)

    def test_white_space_key_order_and_quotes_make_no_other_request(self):
        body = (
            b'{"params": {"model": "res.partner",'
            b' "vals": {"payload": {"name": "Once", "ref": "IDEM"}}}}'
        )
        other = (
            b'{"id": 7, "params": {"vals": {"payload":'
            b'   {"ref": "IDEM", "name": "Once"}},  "model": "res.partner"}}'
        )
        self.send("k-3", body=body)
        again = self.send('"k-3"', body=other)
        self.assertEqual(again.headers[REPLAYED], "true")
        self.assertEqual(again.json()["id"], 7)
        self.assertEqual(self.count(), 1)

    def test_other_request_under_the_key_is_refused_and_does_nothing(self):
        self.send("k-4")
        payload = {"name": "Twice", "ref": "IDEM"}
        vals = {"payload": payload}
        body = {"params": {"model": "res.partner", "vals": vals}}
        response = self.send("k-4", body=body)
        self.assertRefused(response, 422, "idempotency_mismatch")
        self.assertEqual(self.count(), 1)
        log = self.get_log(response.headers["X-Request-Id"])
        self.assertEqual(log.state, "rejected")
        self.assertEqual(log.http_status, 422)
        self.assertEqual(log.error_code, "idempotency_mismatch")

    def test_failure_is_not_stored(self):
        payload = {"name": "Once", "ref": "IDEM", "category_id": [{"name": "Idem Tag"}]}
        vals = {"payload": payload}
        body = {"params": {"model": "res.partner", "vals": vals}}
        first = self.send("k-5", body=body)
        self.assertFailure(first.json()["result"], "not_found")
        self.env["res.partner.category"].create({"name": "Idem Tag"})
        again = self.send("k-5", body=body)
        self.assertNotIn(REPLAYED, again.headers)
        self.assertSuccess(again.json()["result"])
        self.assertEqual(self.count(), 1)

    def test_key_belongs_to_one_user_and_one_route(self):
        self.send("k-6")
        other = new_test_user(self.env, "api_other", groups=TEST_GROUPS)
        response = self.send("k-6", api_key=make_key(other))
        self.assertNotIn(REPLAYED, response.headers)
        self.assertEqual(self.count(), 2)
        vals = {"search_key": {"ref": "IDEM-NEW"}, "payload": {"name": "Once"}}
        body = {"params": {"model": "res.partner", "vals": vals}}
        response = self.send("k-6", route="create_update_data", body=body)
        self.assertSuccess(response.json()["result"])

    def test_key_of_another_shape_is_refused(self):
        for key in ("a b", "x" * 256, "k\u00e9".encode().decode("latin-1"), '""'):
            with self.subTest(key=key):
                response = self.send(key)
                self.assertRefused(response, 400, "invalid_request")
        self.assertEqual(self.count(), 0)

    def test_search_takes_no_notice_of_a_key(self):
        vals = {"payload": {"search_field": ["name"], "limit": 1}}
        body = {"params": {"model": "res.partner", "vals": vals}}
        for _time in range(2):
            response = self.send("k-7", route="search_data", body=body)
            self.assertNotIn(REPLAYED, response.headers)
        self.assertFalse(self.get_log(response.headers["X-Request-Id"]).idempotency_key)

    def test_works_on_a_route_that_is_not_logged(self):
        self.env["ir.config_parameter"].set_param("webhook.create_data_log", "False")
        first = self.send("k-8")
        again = self.send("k-8")
        self.assertEqual(again.headers[REPLAYED], "true")
        self.assertEqual(json.loads(again.text), json.loads(first.text))
        self.assertEqual(self.count(), 1)

    def test_answer_outlives_the_log_row(self):
        first = self.send("k-9")
        log = self.get_log(first.headers["X-Request-Id"])
        self.env.cr.execute("DELETE FROM api_log WHERE id = %s", [log.id])
        again = self.send("k-9")
        self.assertEqual(again.content, first.content)
        replayed = self.get_log(again.headers["X-Request-Id"])
        self.assertEqual(replayed.state, "replayed")
        self.assertFalse(replayed.replay_of_id)

    def test_expired_keys_are_deleted(self):
        self.send("k-10")
        self.send("k-11")
        old = fields.Datetime.now() - timedelta(hours=73)
        self.env.cr.execute(
            "UPDATE api_idempotency_key SET create_date = %s WHERE key = 'k-10'", [old]
        )
        self.env["api.idempotency.key"]._gc_keys()
        self.env.cr.execute("SELECT key FROM api_idempotency_key WHERE key LIKE 'k-1%'")
        self.assertEqual(self.env.cr.fetchall(), [("k-11",)])
        self.assertNotIn(REPLAYED, self.send("k-10").headers)
        self.assertEqual(self.send("k-11").headers[REPLAYED], "true")

    def test_nobody_reads_keys_or_answers(self):
        self.send("k-12")
        keys = self.env["api.idempotency.key"].with_user(
            self.env.ref("base.user_admin")
        )
        self.assertFalse(keys.has_access("read"))

    def test_replay_by_hand_cannot_double_what_the_client_sends_again(self):
        payload = {"name": "Once", "ref": "IDEM", "category_id": [{"name": "By Hand"}]}
        vals = {"payload": payload}
        body = {"params": {"model": "res.partner", "vals": vals}}
        failed = self.get_log(self.send("k-13", body=body).headers["X-Request-Id"])
        self.assertEqual(failed.state, "failed")
        self.env["res.partner.category"].create({"name": "By Hand"})
        log_id = self.env["api.replay"]._replay(failed, failed._get_text("data"))
        replay = self.env["api.log"].browse(log_id)
        self.assertEqual((replay.state, replay.idempotency_key), ("done", "k-13"))
        again = self.send("k-13", body=body)
        self.assertEqual(again.headers[REPLAYED], "true")
        self.assertEqual(self.count(), 1)

    def test_stored_answer_survives_a_hook_that_fails_after_the_commit(self):
        first = self.send("k-14")
        commit = TestCursor.commit
        calls: list = []

        def commit_then_fail(cr) -> None:
            calls.append(cr)
            if len(calls) == 2:  # the first is the received row's
                cr.postcommit.run()  # a test's cursor forgets its hooks instead
            commit(cr)
            if len(calls) == 2:
                raise RuntimeError("a hook of somebody's")

        self.patch(TestCursor, "commit", commit_then_fail)
        with mute_logger("odoo.addons.usability_webhooks.models.api_transaction"):
            again = self.send("k-14")
        self.assertEqual(again.content, first.content)
        self.assertEqual(again.headers[REPLAYED], "true")

    def test_any_number_of_hours_is_a_date(self):
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.idempotency_hours", str(2**31 - 1))
        self.send("k-15")
        self.assertEqual(self.env["api.idempotency.key"]._gc_keys(), (0, False))
