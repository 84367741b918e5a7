# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stored request is sent again: as its own user, once somebody said so."""

from __future__ import annotations

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import mute_logger, new_test_user, tagged

from .common import ApiHttpCase


class ReplayCase(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        group = "usability_webhooks.group_api_"
        cls.reader = new_test_user(cls.env, "log_reader", groups=f"{group}reader")
        cls.manager = new_test_user(cls.env, "log_manager", groups=f"{group}manager")
        cls.admin = new_test_user(cls.env, "sys_admin", groups="base.group_system")

    def send(self, payload: dict, route: str = "create_data", headers=None):
        """Send one request; return its row."""
        vals = {"payload": payload}
        _status, answer = self.call(route, "res.partner", vals, headers=headers)
        return self.get_log(answer["result"]["request_id"])

    def send_missing_category(self):
        """Return the row of a request that fails until the category is there."""
        category = {"mode": "add", "records": [{"name": "Replayed"}]}
        log = self.send({"name": "New", "ref": "replay", "category_id": category})
        self.assertEqual(log.state, "failed")
        return log

    def open_wizard(self, log, user=None, *, edit: bool = False):
        log = log.with_user(user or self.manager)
        action = log.action_edit_and_replay() if edit else log.action_replay()
        return log.env[action["res_model"]].browse(action["res_id"])

    def replay(self, wizard):
        """Press the button; return the new row."""
        self.env.flush_all()
        action = wizard.action_replay()
        self.env.invalidate_all()
        return self.env[action["res_model"]].browse(action["res_id"])

    def count_partners(self, ref: str = "replay") -> int:
        return self.env["res.partner"].search_count([("ref", "=", ref)])


@tagged("post_install", "-at_install")
class TestReplay(ReplayCase):
    def test_corrected_failure_is_done_when_replayed(self) -> None:
        log = self.send_missing_category()
        self.env["res.partner.category"].create({"name": "Replayed"})
        new = self.replay(self.open_wizard(log))
        self.assertRecordValues(
            new,
            [
                {
                    "state": "done",
                    "replay_of_id": log.id,
                    "user_id": self.user.id,
                    "create_uid": self.manager.id,
                    "route": log.route,
                    "model": log.model,
                    "api_key_id": log.api_key_id,
                    "data_preview": log.data_preview,
                }
            ],
        )
        self.assertEqual(log.state, "failed")
        self.assertEqual(log.replay_count, 1)
        partner = self.env["res.partner"].search([("ref", "=", "replay")])
        self.assertEqual(partner.create_uid, self.user)

    def test_replay_that_fails_again_leaves_its_row(self) -> None:
        log = self.send_missing_category()
        new = self.replay(self.open_wizard(log))
        self.assertEqual((new.state, new.error_code), ("failed", log.error_code))
        self.assertEqual(new.replay_of_id, log)
        self.assertEqual(self.count_partners(), 0)

    def test_replay_has_the_rights_of_its_user_not_the_managers(self) -> None:
        partner = self.env["res.partner"].create({"name": "Old", "ref": "replay"})
        vals = {"search_key": {"ref": "replay"}, "payload": {"name": "New"}}
        self.user.group_ids -= self.env.ref("base.group_partner_manager")
        _status, answer = self.call("update_data", "res.partner", vals)
        self.assertFailure(answer["result"], "access_denied")
        log = self.get_log(answer["result"]["request_id"])
        new = self.replay(self.open_wizard(log, self.admin))
        self.assertEqual((new.state, new.error_code), ("failed", "access_denied"))
        self.assertEqual(partner.name, "Old")

    def test_done_request_asks_before_it_is_done_twice(self) -> None:
        wizard = self.open_wizard(self.send({"name": "New", "ref": "replay"}))
        self.assertTrue(wizard.done_date)
        with self.assertRaises(UserError):
            self.replay(wizard)
        self.assertEqual(self.count_partners(), 1)
        wizard.is_confirmed = True
        self.assertEqual(self.replay(wizard).state, "done")
        self.assertEqual(self.count_partners(), 2)

    def test_failure_done_by_a_replay_asks_too(self) -> None:
        log = self.send_missing_category()
        self.env["res.partner.category"].create({"name": "Replayed"})
        self.replay(self.open_wizard(log))
        with self.assertRaises(UserError):
            self.replay(self.open_wizard(log))
        self.assertEqual(self.count_partners(), 1)

    def test_search_is_done_twice_without_asking(self) -> None:
        log = self.send({"search_field": ["name"], "limit": 1}, "search_data")
        self.assertEqual(self.replay(self.open_wizard(log)).state, "done")

    def test_edited_request_is_sent_as_edited(self) -> None:
        log = self.send({"name": "New", "ref": "replay", "no_such_field": 1})
        self.assertEqual(log.state, "failed")
        wizard = self.open_wizard(log, self.admin, edit=True)
        body = json.loads(wizard.body)
        del body["params"]["vals"]["payload"]["no_such_field"]
        wizard.body = json.dumps(body)
        new = self.replay(wizard)
        self.assertEqual(new.state, "done", new.error_message)
        self.assertEqual(new._get_text("data"), wizard.body)
        self.assertIn("no_such_field", log._get_text("data"))

    def test_body_of_a_plain_replay_cannot_be_changed(self) -> None:
        log = self.send_missing_category()
        wizard = self.open_wizard(log)
        wizard.body = log.data_preview.replace("replay", "smuggled")
        new = self.replay(wizard)
        self.assertEqual(new._get_text("data"), log._get_text("data"))

    def test_long_request_is_replayed_whole(self) -> None:
        log = self.send({"name": "New", "ref": "replay", "comment": "x" * 5000})
        wizard = self.open_wizard(log)
        wizard.is_confirmed = True
        self.replay(wizard)
        partners = self.env["res.partner"].search([("ref", "=", "replay")])
        self.assertEqual([len(p.comment) >= 5000 for p in partners], [True, True])

    def test_edited_body_that_is_no_request_is_refused(self) -> None:
        log = self.send_missing_category()
        for body in ("", "{", "[]", '{"params": {"model": "res.partner"}}'):
            with self.subTest(body=body):
                wizard = self.open_wizard(log, self.admin, edit=True)
                wizard.body = body
                with self.assertRaises(UserError):
                    self.replay(wizard)

    def test_replay_is_logged_where_the_route_is_not(self) -> None:
        log = self.send_missing_category()
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.create_data_log", "False")
        new = self.replay(self.open_wizard(log))
        self.assertEqual(new.replay_of_id, log)

    def test_rejected_request_is_sent_once_it_is_corrected(self) -> None:
        sent = '{"params": {"model": "res.partner", "vals": {"payload": {"name": "A"}}'
        refused = self.post("create_data", sent)
        log = self.get_log(refused.headers["X-Request-Id"])
        self.assertEqual(log.state, "rejected")
        wizard = self.open_wizard(log, self.admin, edit=True)
        self.assertEqual(wizard.body, sent)
        wizard.body += "}}"
        self.assertEqual(self.replay(wizard).state, "done")


@tagged("post_install", "-at_install")
class TestRefusal(ReplayCase):
    def assertRefused(self, log, words: str, user=None, *, edit: bool = False) -> None:
        """Check that the wizard says why, and that pressing does nothing."""
        count = self.env["api.log"].search_count([])
        wizard = self.open_wizard(log, user, edit=edit)
        self.assertIn(words, wizard.refusal)
        wizard.is_confirmed = True
        with self.assertRaisesRegex(UserError, words):
            self.replay(wizard)
        self.assertEqual(self.env["api.log"].search_count([]), count)

    def test_masked_request(self) -> None:
        log = self.send({"name": "New", "password": "hush hush"})
        self.assertRefused(log, "secrets or files")

    def test_archived_user(self) -> None:
        log = self.send_missing_category()
        self.user.active = False
        self.assertRefused(log, "archived")

    def test_revoked_key(self) -> None:
        log = self.send_missing_category()
        keys = self.env["res.users.apikeys"]
        keys.browse(log.api_key_id)._remove()
        self.assertRefused(log, "revoked")

    def test_expired_key(self) -> None:
        log = self.send_missing_category()
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = '2020-01-01' WHERE id = %s",
            [log.api_key_id],
        )
        self.assertRefused(log, "expired")

    def test_request_in_progress(self) -> None:
        log = self.send_missing_category()
        query = "UPDATE api_log SET state = 'received' WHERE id = %s"
        self.env.cr.execute(query, [log.id])
        self.env.invalidate_all()
        self.assertRefused(log, "in progress")

    def test_sent_delivery(self) -> None:
        log = self.send_missing_category()
        query = "UPDATE api_log SET log_type = 'send' WHERE id = %s"
        self.env.cr.execute(query, [log.id])
        self.env.invalidate_all()
        self.assertRefused(log, "received can be replayed")

    def test_edit_of_another_users_request_by_an_api_administrator(self) -> None:
        log = self.send_missing_category()
        self.assertRefused(log, "system administrator", edit=True)

    def test_reader_cannot_replay(self) -> None:
        log = self.send_missing_category()
        for action in ("action_replay", "action_edit_and_replay"):
            with self.assertRaises(AccessError):
                getattr(log.with_user(self.reader), action)()

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_reader_cannot_press_the_managers_button(self) -> None:
        wizard = self.open_wizard(self.send_missing_category())
        with self.assertRaises(AccessError):
            wizard.with_user(self.reader).action_replay()
