# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key that is stopped, limited, replayed, or borrows another's answers."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import make_narrow_key
from .leaked_key_case import DENIED, LeakedKeyCase, search


@tagged("post_install", "-at_install")
class TestLeakedKeyLife(LeakedKeyCase):
    def send(self, route: str, vals: dict, **headers: str):
        """Send one request about partners with the leaked key; return the response."""
        body = {"params": {"model": "res.partner", "vals": vals}}
        return self.post(route, body, self.bearer() | headers)

    def assertRefusedAs(self, response, status: int, code: str) -> None:
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.json()["error"]["data"]["code"], code)

    def get_stored_key(self):
        """Return the leaked key's row."""
        keys_sudo = self.env["res.users.apikeys"].sudo()  # another user's key
        domain = [("user_id", "=", self.user.id), ("scope", "=", "usability_webhooks")]
        return keys_sudo.search(domain, order="id desc", limit=1)

    def expire(self) -> None:
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = %s WHERE id = %s",
            # The test's transaction, whose beginning is now() to PostgreSQL, is old.
            [
                fields.Datetime.now() - datetime.timedelta(days=1),
                self.get_stored_key().id,
            ],
        )

    def test_the_least_change_would_be_noticed(self) -> None:
        clean = self.take_fingerprint()
        for statement in (
            "UPDATE res_partner SET comment = 'x' WHERE id = %s",
            "DELETE FROM res_partner_res_partner_category_rel WHERE partner_id = %s",
            "INSERT INTO res_partner_category (name, color) VALUES ('{}', %s)",
        ):
            with self.subTest(statement), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(statement, [self.customer.id])
                self.assertNotEqual(self.take_fingerprint(), clean)
                savepoint.rollback()
            self._fingerprint = None  # rolling back is no change to PostgreSQL
            self.assertEqual(self.take_fingerprint(), clean)

    def test_the_key_is_dead_at_once(self) -> None:
        bodies = set()
        causes: dict[str, Callable[[], object]] = {
            "profile archived": lambda: self.profile.write({"active": False}),
            "user archived": lambda: self.user.write({"active": False}),
            "key expired": self.expire,
            "key revoked": lambda: self.get_stored_key().unlink(),
        }
        for cause, happen in causes.items():
            with self.subTest(cause=cause):
                self.assertEqual(self.send("search_data", search()).status_code, 200)
                with self.env.cr.savepoint() as savepoint:
                    happen()
                    self.env.flush_all()
                    response = self.send(
                        "search_data", search(), **{"X-Request-Id": "same"}
                    )
                    savepoint.rollback()
                self.env.invalidate_all()
                self.assertRefusedAs(response, 401, "auth_invalid")
                bodies.add(response.text)
        self.assertEqual(len(bodies), 1, bodies)

    def test_a_changed_profile_holds_from_the_next_request_on(self) -> None:
        vals = search(search_field=["email"])
        self.assertTrue(self.send("search_data", vals).json()["result"]["is_success"])
        rule = self.profile.rule_ids.filtered(lambda rule: rule.model == "res.partner")
        rule.read_field_ids = rule.read_field_ids.filtered(
            lambda field: field.name != "email"
        )
        self.env.flush_all()
        self.assertDenied("search_data", "res.partner", vals)
        self.profile.allow_search_data = False
        self.env.flush_all()
        response = self.send("search_data", vals)
        self.assertRefusedAs(response, 403, "access_denied_route")

    def test_the_wrong_network_is_refused(self) -> None:
        self.profile.networks = "203.0.113.0/24"
        self.env.flush_all()
        for headers in (
            {},
            {"X-Forwarded-For": "203.0.113.5"},
            {"X-Real-Ip": "203.0.113.5", "Forwarded": "for=203.0.113.5"},
        ):
            with self.subTest(headers=headers):
                response = self.send("search_data", search(), **headers)
                self.assertRefusedAs(response, 403, "ip_not_allowed")
        self.profile.networks = "203.0.113.0/24\n127.0.0.0/8\n::1"
        self.env.flush_all()
        self.assertEqual(self.send("search_data", search()).status_code, 200)

    def test_too_many_records_are_refused(self) -> None:
        self.profile.max_records = 2
        self.env.flush_all()
        item = {"payload": {"name": "New"}}
        key = {"search_key": {"ref": "NEW"}}
        for route, vals in (
            ("create_data", {"records": [item] * 3}),
            ("create_data", {"records": [item] * 3, "on_error": "continue"}),
            ("create_data", {"payload": [item["payload"]] * 3}),
            ("create_update_data", {"records": [item | key] * 3}),
        ):
            with self.subTest(route=route, vals=vals):
                self.assertDenied(route, "res.partner", vals, ("limit_exceeded",))
        self.call_ok("create_data", "res.partner", {"records": [item] * 2})

    def test_too_large_a_body_is_refused(self) -> None:
        self.profile.max_body_kib = 1
        self.env.flush_all()
        before = self.take_fingerprint()
        response = self.send("create_data", {"payload": {"name": "x" * 1100}})
        self.assertRefusedAs(response, 413, "body_too_large")
        self.assertEqual(self.take_fingerprint(), before)
        self.assertEqual(self.send("search_data", search()).status_code, 200)

    def test_a_demanded_idempotency_key_is_demanded(self) -> None:
        self.profile.needs_idempotency_key = True
        self.env.flush_all()
        before = self.take_fingerprint()
        vals = {"payload": {"name": "New"}}
        for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "a b"}):
            with self.subTest(headers=headers):
                response = self.send("create_data", vals, **headers)
                self.assertRefusedAs(response, 400, "invalid_request")
        self.assertEqual(self.take_fingerprint(), before)
        response = self.send("create_data", vals, **{"Idempotency-Key": "one"})
        self.assertTrue(response.json()["result"]["is_success"])

    def test_the_answer_to_another_key_is_not_sent_again(self) -> None:
        # One user, two keys, one Idempotency-Key: the answers are not one's own.
        vals = {
            "payload": {"name": "New", "ref": "NEW"},
            "result_field": ["name", "company_id", "write_date"],
        }
        params = {"params": {"model": "res.partner", "vals": vals}}
        headers = {"Idempotency-Key": "shared"}
        full = self.post("create_data", params, self.bearer(self.full_key) | headers)
        self.assertTrue(full.json()["result"]["is_success"], full.text)
        before = self.take_fingerprint()
        response = self.post("create_data", params, self.bearer() | headers)
        self.assertEqual(self.take_fingerprint(), before)
        self.assertNotIn("Idempotency-Replayed", response.headers)
        self.assertRefusedAs(response, 422, "idempotency_mismatch")

    def test_a_replay_from_the_log_is_as_narrow_as_the_request(self) -> None:
        # Whoever presses the button lends nobody the rights of the key's user.
        group = "usability_webhooks.group_api_manager"
        manager = new_test_user(self.env, "log_manager", groups=group)
        vals = {"payload": {"name": "Pwned", "comment": "x"}}
        answer = self.assertDenied("create_data", "res.partner", vals)
        log = self.get_log(answer["request_id"])
        self.assertEqual(log.profile_id, self.profile)
        before = self.take_fingerprint()
        action = log.with_user(manager).action_replay()
        wizard = log.with_user(manager).env[action["res_model"]]
        self.env.flush_all()
        action = wizard.browse(action["res_id"]).action_replay()
        self.env.invalidate_all()
        replayed = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(replayed.state, "failed")
        self.assertIn(replayed.error_code, DENIED)
        self.assertEqual(self.take_fingerprint(), before)

    def test_a_session_beside_the_key_does_not_widen_it(self) -> None:
        self.authenticate(self.user.login, self.user.login)
        vals = search(search_field=["comment"])
        self.assertDenied("search_data", "res.partner", vals)
        self.assertDenied(
            "search_data", "res.partner.bank", search(), ("unknown_model",)
        )

    def test_two_keys_are_not_added_up(self) -> None:
        response = self.post(
            "search_data",
            {"params": {"model": "res.partner", "vals": search()}},
            self.bearer() | {"x-api-key": self.full_key},
        )
        self.assertRefusedAs(response, 403, "auth_mismatch")

    def test_the_key_of_a_weak_user_is_not_widened_by_its_profile(self) -> None:
        # A profile narrows; where the user himself may nothing, it opens nothing.
        weak = new_test_user(self.env, "api_weak", groups="base.group_user")
        headers = self.bearer(make_narrow_key(weak, self.profile))
        payload = {"partner_id": {"ref": "WEB-1"}}
        answer = self.attack("create_data", "sale.order", {"payload": payload}, headers)
        self.assertFalse(answer["is_success"], answer)
        answer = self.attack("search_data", "sale.order", search(), headers)
        self.assertFalse(answer["is_success"] and answer["result"], answer)

    def test_the_key_itself_is_in_no_answer_and_on_no_log(self) -> None:
        response = self.send("search_data", search(search_field=["comment"]))
        self.assertNotIn(self.key, response.text)
        log = self.get_log(response.headers["X-Request-Id"])
        self.assertTrue(log)
        self.assertNotIn(self.key, json.dumps(log.read(), default=str))
