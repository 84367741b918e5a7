# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Making and replacing keys, through the web client's own calls."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from odoo.tests import mute_logger, new_test_user, tagged
from odoo.tests.common import JsonRpcException

from .common import make_key, make_narrow_key, make_profile
from .test_api_key import READ_PARTNERS, KeyCase
from .test_res_users import read_curl


class LifeCase(KeyCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.system = new_test_user(cls.env, "api_system", groups="base.group_system")
        cls.service = new_test_user(cls.env, "api_service", groups="base.group_user")
        cls.env.flush_all()  # authentication reads profiles in SQL

    def rpc(self, model: str, method: str, *args: object, **kwargs: object):
        """Call a method as the web client does, in the session's rights."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.make_jsonrpc_request("/web/dataset/call_kw", params)

    def log_in(self, user) -> None:
        self.authenticate(user.login, user.login)

    def press(self, model: str, record_id: int, method: str = "make_key") -> dict:
        """Press a button; answer the password dialog where one comes first."""
        action = self.rpc(model, method, [record_id])
        if action["res_model"] != "res.users.identitycheck":
            return action
        context = {"password": self.session_password()}
        return self.rpc(
            action["res_model"], "run_check", [action["res_id"]], context=context
        )

    def session_password(self) -> str:
        return self.env["res.users"].browse(self.session.uid).login

    def make(self, model: str, **vals: object) -> dict:
        """Fill a dialog in, press its button and return what is shown then."""
        return self.press(model, self.rpc(model, "create", vals))

    def find(self, shown: dict):
        """Return the row of the key an action shows."""
        self.assertEqual(shown["res_model"], "res.users.apikeys.show", shown)
        self.env.invalidate_all()
        found = self.keys._find_key(shown["context"]["default_key"])
        self.assertTrue(found)
        return found

    def assertDenied(self, error: str, function, /, *args, **kwargs) -> None:
        with (
            mute_logger("odoo.http", "odoo.addons.base.models.ir_model"),
            self.assertRaises(JsonRpcException) as caught,
        ):
            function(*args, **kwargs)
        self.assertIn(error, str(caught.exception))


@tagged("post_install", "-at_install")
class TestOwnKey(LifeCase):
    MODEL = "res.users.apikeys.description"

    def test_key_with_a_profile(self) -> None:
        self.log_in(self.user)
        shown = self.make(
            self.MODEL, name="mine", duration="1", api_profile_id=self.profile.id
        )
        found = self.find(shown)
        self.assertEqual((found.user_id, found.name), (self.user.id, "mine"))
        self.assertEqual(found.grant.profile_id, self.profile.id)
        access = self.env["api.access.key"].search([("key_id", "=", found.key_id)])
        self.assertEqual(access.issued_by_id, self.user)
        self.assertEqual(
            shown["context"]["default_api_profile_name"], self.profile.name
        )

    def test_key_without_one_is_core_s_own(self) -> None:
        self.log_in(self.user)
        found = self.find(self.make(self.MODEL, name="plain", duration="1"))
        self.assertIsNone(found.grant)

    def test_the_password_is_asked_first(self) -> None:
        self.log_in(self.user)
        before = self.keys.search_count([])
        vals = {"name": "x", "duration": "1", "api_profile_id": self.profile.id}
        action = self.rpc(
            self.MODEL, "make_key", [self.rpc(self.MODEL, "create", vals)]
        )
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        self.assertEqual(self.keys.search_count([]), before)

    def test_the_quota_of_the_user_holds(self) -> None:
        self.log_in(self.user)
        end = (datetime.now() + timedelta(days=3000)).strftime("%Y-%m-%d %H:%M:%S")
        vals = {"name": "x", "duration": "-1", "expiration_date": end}
        vals |= {"api_profile_id": self.profile.id}
        self.assertDenied("ValidationError", self.make, self.MODEL, **vals)

    def test_archived_profile(self) -> None:
        self.profile.active = False
        self.env.flush_all()
        self.log_in(self.user)
        vals = {"name": "x", "duration": "1", "api_profile_id": self.profile.id}
        self.assertDenied("UserError", self.make, self.MODEL, **vals)

    def test_profile_is_needed_where_plain_keys_are_refused(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.allow_plain_keys", "False")
        self.log_in(self.user)
        vals = {"name": "x", "duration": "1"}
        self.assertDenied("UserError", self.make, self.MODEL, **vals)
        shown = self.make(self.MODEL, **vals, api_profile_id=self.profile.id)
        self.assertTrue(self.find(shown).grant)

    def test_example_is_one_the_profile_allows(self) -> None:
        self.log_in(self.user)
        country = {"res.country": {"may_read": True, "readable": ["code"]}}
        profile = make_profile(self.env, "countries", models=country)
        self.env.flush_all()
        shown = self.make(
            self.MODEL, name="mine", duration="1", api_profile_id=profile.id
        )
        command = shown["context"]["default_api_example_call"]
        url, headers, body = read_curl(command)
        path = url.removeprefix(self.user.get_base_url()).removeprefix("/api/")
        answer = self.post(path, body, headers).json()["result"]
        self.assertTrue(self.assertSuccess(answer))
        self.assertIn('"res.country"', body)
        self.assertIn('["id"]', body)

    def test_no_example_where_nothing_can_be_searched(self) -> None:
        self.log_in(self.user)
        hidden = {"ir.config_parameter": {"may_read": True}}
        for name, models, vals in (
            ("no search", READ_PARTNERS, {"allow_search_data": False}),
            ("nothing readable", {"res.partner": {"may_read": False}}, {}),
            ("not for this user", hidden, {}),
        ):
            with self.subTest(name):
                profile = make_profile(self.env, name, models=models, **vals)
                self.env.flush_all()
                shown = self.make(
                    self.MODEL, name="mine", duration="1", api_profile_id=profile.id
                )
                self.assertFalse(shown["context"]["default_api_example_call"])


@tagged("post_install", "-at_install")
class TestIssuedKey(LifeCase):
    def issue(self, **vals: object) -> dict:
        values = {"name": "shop", "duration": "365", "user_id": self.service.id}
        values |= {"api_profile_id": self.profile.id}
        return self.make("api.key.issue", **values | vals)

    def test_administrator_issues_one_for_a_service_user(self) -> None:
        self.log_in(self.system)
        opened = self.press("res.users", self.service.id, "action_api_issue_key")
        self.assertEqual(opened["res_model"], "api.key.issue")
        self.assertEqual(opened["context"], {"default_user_id": self.service.id})
        # By number: Odoo gives the name INFO to a level of its own.
        with self.assertLogs("odoo.addons", logging.INFO) as logs:
            shown = self.issue()
        found = self.find(shown)
        self.assertEqual((found.user_id, found.name), (self.service.id, "shop"))
        self.assertEqual(found.grant.profile_id, self.profile.id)
        access = self.env["api.access.key"].search([("key_id", "=", found.key_id)])
        self.assertEqual(access.issued_by_id, self.system)
        key = shown["context"]["default_key"]
        logged = str(logs.output)
        self.assertIn("api_system", logged)
        self.assertNotIn(key[:8], logged)
        self.opener.cookies.clear()
        self.assertEqual(self.search_with(key).status_code, 200)

    def test_it_may_last_longer_than_the_user_s_own(self) -> None:
        self.log_in(self.system)
        self.assertIsNone(self.find(self.issue(duration="0")).expires)

    def test_the_password_is_asked_first(self) -> None:
        self.log_in(self.system)
        action = self.rpc("res.users", "action_api_issue_key", [self.service.id])
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        vals = {"name": "x", "duration": "1", "user_id": self.service.id}
        vals["api_profile_id"] = self.profile.id
        wizard_id = self.rpc("api.key.issue", "create", vals)
        action = self.rpc("api.key.issue", "make_key", [wizard_id])
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        self.assertFalse(self.keys.search([("user_id", "=", self.service.id)]))

    def test_others_may_not(self) -> None:
        groups = "usability_webhooks.group_api_manager,base.group_erp_manager"
        manager = new_test_user(self.env, "api_manager", groups=groups)
        for user in (self.user, manager):
            self.log_in(user)
            self.assertDenied("AccessError", self.issue)
            button = ("res.users", self.service.id, "action_api_issue_key")
            self.assertDenied("AccessError", self.press, *button)
        self.assertFalse(self.keys.search([("user_id", "=", self.service.id)]))

    def test_not_without_a_profile_and_not_for_the_archived(self) -> None:
        self.log_in(self.system)
        self.assertDenied("UserError", self.issue, api_profile_id=False)
        self.service.active = False
        self.env.flush_all()
        self.assertDenied("UserError", self.issue)
        button = ("res.users", self.service.id, "action_api_issue_key")
        self.assertDenied("UserError", self.press, *button)


@tagged("post_install", "-at_install")
class TestRotation(LifeCase):
    def setUp(self) -> None:
        super().setUp()
        self.old = make_narrow_key(self.service, self.profile, "shop", days=90)
        self.old_id = self.keys._find_key(self.old).key_id

    def rotate(self, key_id: int | None = None, **vals: object) -> dict:
        return self.make("api.key.rotate", key_id=key_id or self.old_id, **vals)

    def assertDays(self, end: datetime, days: float) -> None:
        delta = timedelta(minutes=5)
        self.assertAlmostEqual(end, datetime.now() + timedelta(days=days), delta=delta)

    def test_both_work_during_the_overlap(self) -> None:
        self.log_in(self.system)
        shown = self.rotate()
        new = self.find(shown)
        self.assertNotEqual(new.key_id, self.old_id)
        self.assertEqual((new.user_id, new.name), (self.service.id, "shop"))
        self.assertEqual(new.grant.profile_id, self.profile.id)
        self.assertDays(new.expires, 90)
        self.assertDays(self.keys._find_key(self.old).expires, 1)
        access = self.env["api.access.key"].search([("key_id", "=", new.key_id)])
        self.assertEqual(access.issued_by_id, self.system)
        self.opener.cookies.clear()
        for key in (self.old, shown["context"]["default_key"]):
            self.assertEqual(self.search_with(key).status_code, 200)
        self.env["api.key.warning"]._cron_warn()
        noted = self.env["api.key.warning"].search([("key_id", "=", self.old_id)])
        self.assertEqual(noted.days, 0)

    def test_without_overlap_the_old_one_ends_at_once(self) -> None:
        self.log_in(self.system)
        self.find(self.rotate(overlap_hours=0))
        self.opener.cookies.clear()
        self.assertRefused(self.search_with(self.old))

    def test_an_overlap_never_prolongs(self) -> None:
        end = datetime.now() + timedelta(hours=2)
        self.set_end(self.old, end)
        self.log_in(self.system)
        self.rotate(overlap_hours=48)
        self.env.invalidate_all()
        self.assertEqual(self.keys._find_key(self.old).expires, end)

    def test_overlap_has_its_bounds(self) -> None:
        self.log_in(self.system)
        for hours in (-1, 721):
            self.assertDenied("ValidationError", self.rotate, overlap_hours=hours)

    def test_a_key_s_own_user_may_and_others_may_not(self) -> None:
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET create_date = expiration_date"
            " - interval '12 hours' WHERE id = %s",
            [self.old_id],
        )
        manager_group = "usability_webhooks.group_api_manager"
        manager = new_test_user(self.env, "api_manager", groups=manager_group)
        for user in (self.user, manager):
            self.log_in(user)
            self.assertDenied("AccessError", self.rotate)
            shown = self.rpc(
                "api.key.rotate",
                "onchange",
                [],
                {"key_id": self.old_id},
                ["key_id"],
                {"key_id": {}, "key_name": {}},
            )
            self.assertFalse(shown["value"].get("key_name"))
        self.log_in(self.service)
        self.assertDays(self.find(self.rotate()).expires, 0.5)

    def test_a_user_s_quota_holds_for_the_new_key(self) -> None:
        self.log_in(self.service)
        self.service.all_group_ids.api_key_duration = 1
        self.env.flush_all()
        self.assertDenied("ValidationError", self.rotate)

    def test_plain_key(self) -> None:
        plain = make_key(self.service, "plain", days=30)
        plain_id = self.keys._find_key(plain).key_id
        self.log_in(self.system)
        new = self.find(self.rotate(plain_id))
        self.assertEqual((new.name, new.grant), ("plain", None))
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.allow_plain_keys", "False")
        self.assertDenied("UserError", self.rotate, plain_id)

    def test_neither_a_gone_key_nor_one_of_another_purpose(self) -> None:
        self.log_in(self.system)
        other = make_key(self.service, scope="mail plugin")
        other_id = self.keys.search([("scope", "=", "mail plugin")]).id
        self.assertTrue(other)
        for key_id in (other_id, self.old_id + 10**6):
            self.assertDenied("UserError", self.rotate, key_id)

    def test_the_password_is_asked_first(self) -> None:
        self.log_in(self.system)
        wizard_id = self.rpc("api.key.rotate", "create", {"key_id": self.old_id})
        action = self.rpc("api.key.rotate", "make_key", [wizard_id])
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        self.assertDays(self.keys._find_key(self.old).expires, 90)
