# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which key is let in where: alike ones, narrow ones, plain ones, ending ones."""

from __future__ import annotations

import xmlrpc.client
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import TransactionCase, get_db_name, mute_logger, tagged
from odoo.tests.common import JsonRpcException

from ..tools.key_expiry import get_header, get_threshold
from .common import ApiHttpCase, make_key, make_narrow_key, make_profile

READ_PARTNERS = {"res.partner": {"may_read": True}}
SEARCH = {"payload": {"search_field": ["name"], "limit": 1}}
NOW = datetime(2026, 5, 1, 12)


class KeyCase(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.profile = make_profile(cls.env, models=READ_PARTNERS)
        cls.keys = cls.env["res.users.apikeys"]

    def search_with(self, key: str):
        """Search with a key over HTTP; return the response."""
        body = {"params": {"model": "res.partner", "vals": SEARCH}}
        return self.post("search_data", body, self.bearer(key))

    def assertRefused(self, response) -> None:
        self.assertEqual(response.status_code, 401, response.text)
        self.assertEqual(response.json()["error"]["data"]["code"], "auth_invalid")

    def set_end(self, key: str, end: datetime) -> None:
        """Set the end of a key as time would have it: core knows no such call."""
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = %s WHERE id = %s",
            [end, self.keys._find_key(key).key_id],
        )


@tagged("post_install", "-at_install")
class TestAlikeKeys(KeyCase):
    """Two keys of one user whose first characters, all that is indexed, agree."""

    def make_alike(self, *makers) -> list[str]:
        """Return keys that begin alike, made one by one by ``makers``."""
        numbers = iter(range(1, 9))
        name = "odoo.addons.base.models.res_users.os.urandom"
        with patch(name, lambda size: bytes(4) + bytes([next(numbers)]) * (size - 4)):
            return [maker() for maker in makers]

    def plain(self) -> str:
        return make_key(self.user, "plain", scope=None)

    def narrow(self) -> str:
        return make_narrow_key(self.user, self.profile, "narrow")

    def test_each_is_taken_for_itself(self) -> None:
        for makers in ((self.plain, self.narrow), (self.narrow, self.plain)):
            self.env.cr.execute("DELETE FROM res_users_apikeys")
            for key, maker in zip(self.make_alike(*makers), makers, strict=True):
                for attempt in ("hashed", "remembered"):
                    with self.subTest(made=maker.__name__, attempt=attempt):
                        found = self.keys._find_key(key)
                        self.assertEqual(found.name, maker.__name__)
                        self.assertEqual(bool(found.grant), found.name == "narrow")

    def test_each_has_its_own_profile(self) -> None:
        other = make_profile(self.env, "other")
        keys = self.make_alike(
            self.narrow, lambda: make_narrow_key(self.user, other, "other")
        )
        self.env.flush_all()
        grants = [self.keys._find_key(key).grant.profile_id for key in keys]
        self.assertEqual(grants, [self.profile.id, other.id])

    def test_each_binding_is_of_the_key_it_was_made_for(self) -> None:
        self.make_alike(self.narrow, self.plain, self.narrow)
        bound = self.env["api.access.key"].search([]).key_id
        self.assertEqual(set(bound.mapped("name")), {"narrow"})
        self.assertEqual(len(bound), 2)

    def test_a_third_that_begins_alike_is_none_of_them(self) -> None:
        keys = self.make_alike(self.plain, self.narrow)
        self.assertIsNone(self.keys._find_key(keys[0][:-1] + "f"))


@tagged("post_install", "-at_install")
class TestOtherDoors(KeyCase):
    """A key with a profile, and for comparison a plain one, at Odoo's own RPC."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.narrow_key = make_narrow_key(cls.user, cls.profile)

    def ask_json_2(self, key: str) -> int:
        headers = self.bearer(key) | {"Content-Type": "application/json"}
        path = "/json/2/res.partner/search_read"
        response = self.url_open(path, data=b'{"fields": ["name"]}', headers=headers)
        return response.status_code

    def test_gateway_takes_it(self) -> None:
        self.assertEqual(self.search_with(self.narrow_key).status_code, 200)

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_json_2_refuses_it(self) -> None:
        self.assertEqual(self.ask_json_2(self.key), 200)
        self.assertEqual(self.ask_json_2(self.narrow_key), 401)

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc")
    def test_xmlrpc_refuses_it(self) -> None:
        database, uid = get_db_name(), self.user.id
        ask = ("res.partner", "search_read", [[]], {"fields": ["name"]})
        call = self.xmlrpc_object.execute_kw
        self.assertTrue(call(database, uid, self.key, *ask))
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            call(database, uid, self.narrow_key, *ask)
        self.assertIn("Access Denied", str(caught.exception))
        login = self.xmlrpc_common.login
        self.assertEqual(login(database, self.user.login, self.key), uid)
        self.assertFalse(login(database, self.user.login, self.narrow_key))

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.jsonrpc")
    def test_jsonrpc_refuses_it(self) -> None:
        def ask(key: str) -> object:
            args = [get_db_name(), self.user.id, key, "res.partner", "search_count"]
            params = {"service": "object", "method": "execute", "args": [*args, []]}
            return self.make_jsonrpc_request("/jsonrpc", params)

        self.assertTrue(ask(self.key))
        with self.assertRaises(JsonRpcException):
            ask(self.narrow_key)


@tagged("post_install", "-at_install")
class TestPlainKeySetting(KeyCase):
    def forbid(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.allow_plain_keys", "False")

    def test_plain_keys_work_unless_forbidden(self) -> None:
        self.assertEqual(self.search_with(self.key).status_code, 200)
        self.forbid()
        self.assertRefused(self.search_with(self.key))
        errors = [self.search_with(key).json()["error"] for key in (self.key, "0" * 40)]
        for error in errors:
            del error["data"]["request_id"]
        self.assertEqual(*errors)

    def test_narrow_keys_and_sessions_are_not_concerned(self) -> None:
        self.forbid()
        key = make_narrow_key(self.user, self.profile)
        self.assertEqual(self.search_with(key).status_code, 200)
        self.authenticate(self.user.login, self.user.login)
        body = {"params": {"model": "res.partner", "vals": SEARCH}}
        self.assertEqual(self.post("search_data", body, {}).status_code, 200)

    def test_settings_page_has_it(self) -> None:
        settings = self.env["res.config.settings"]
        self.assertFalse(settings.create({}).api_refuse_plain_keys)
        settings.create({"api_refuse_plain_keys": True}).execute()
        self.assertIs(self.env["api.settings"]._get("webhook.allow_plain_keys"), False)
        self.assertTrue(settings.create({}).api_refuse_plain_keys)


@tagged("post_install", "-at_install")
class TestExpiryHeader(KeyCase):
    def get_header(self, response) -> str | None:
        return response.headers.get("X-Api-Key-Expires")

    def test_every_answer_of_the_last_days_has_it(self) -> None:
        end = (datetime.now() + timedelta(days=13)).replace(microsecond=0)
        self.set_end(self.key, end)
        expected = f"{end.isoformat()}Z"
        failed = {"params": {"model": "no.such.model", "vals": {}}}
        for name, body, status in (
            ("success", {"params": {"model": "res.partner", "vals": SEARCH}}, 200),
            ("failure", failed, 200),
            ("refusal", b"{", 400),
        ):
            with self.subTest(name):
                response = self.post("search_data", body)
                self.assertEqual(response.status_code, status, response.text)
                self.assertEqual(self.get_header(response), expected)

    def test_none_before_that_and_none_for_strangers(self) -> None:
        self.set_end(self.key, datetime.now() + timedelta(days=15))
        self.assertIsNone(self.get_header(self.search_with(self.key)))
        self.assertIsNone(self.get_header(self.search_with("0" * 40)))
        self.set_end(self.key, None)
        self.assertIsNone(self.get_header(self.search_with(self.key)))


@tagged("post_install", "-at_install")
class TestThresholds(TransactionCase):
    def test_header_is_utc_in_iso_8601(self) -> None:
        for days, expected in (
            (14, {"X-Api-Key-Expires": "2026-05-15T12:00:00Z"}),
            (14.01, {}),
        ):
            self.assertEqual(get_header(NOW + timedelta(days=days), NOW), expected)
        self.assertEqual(get_header(None, NOW), {})

    def test_threshold_is_the_last_one_passed(self) -> None:
        long_ago = NOW - timedelta(days=90)
        for days, expected in (
            *((14.1, None), (14, 14), (7.5, 14), (7, 7), (1.5, 7), (1, 1), (0.1, 1)),
        ):
            with self.subTest(days=days):
                end = NOW + timedelta(days=days)
                self.assertEqual(get_threshold(long_ago, end, NOW), expected)

    def test_short_keys_are_not_announced_when_they_are_made(self) -> None:
        for life, left, expected in ((1, 0.9, None), (7, 6.9, None), (7, 0.9, 1)):
            with self.subTest(life=life, left=left):
                end = NOW + timedelta(days=left)
                created = end - timedelta(days=life)
                self.assertEqual(get_threshold(created, end, NOW), expected)
