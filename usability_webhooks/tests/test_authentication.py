# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Wire contract, section 1: who is let in, and that bad keys all look alike."""

from __future__ import annotations

import json

from odoo.tests import new_test_user, tagged

from .common import TEST_LOGIN, ApiHttpCase, make_key

SEARCH = {
    "params": {
        "model": "res.users",
        "vals": {"payload": {"search_field": ["login"], "search_domain": []}},
    }
}
CREATE = {
    "params": {
        "model": "res.partner",
        "vals": {"payload": {"name": "Made by a key or a session"}},
    }
}
WHO_AM_I = {
    "params": {
        "model": "res.users",
        "vals": {"payload": {"method": "context_get"}},
    }
}


class AuthenticationCase(ApiHttpCase):
    def assertNoCookie(self, response) -> None:
        self.assertNotIn("session_id", response.headers.get("Set-Cookie", ""))

    def assertRefusedAs(self, response, status: int, code: str) -> None:
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.json()["error"]["data"]["code"], code)
        self.assertNoCookie(response)

    def assertIsUser(self, response, user, key_name: str | bool) -> None:
        """Check whom the request ran as: the log row says it."""
        self.assertEqual(response.status_code, 200, response.text)
        self.assertTrue(response.json()["result"]["is_success"], response.text)
        log = self.get_log(response.headers["X-Request-Id"])
        self.assertEqual(log.user_id, user)
        self.assertEqual(log.api_key_name, key_name)

    def count_made(self) -> int:
        self.env.invalidate_all()
        name = CREATE["params"]["vals"]["payload"]["name"]
        return self.env["res.partner"].search_count([("name", "=", name)])


@tagged("post_install", "-at_install")
class TestApiKey(AuthenticationCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = new_test_user(cls.env, "api_other", groups="base.group_user")

    def test_bearer_key_authenticates_in_any_case(self):
        for scheme in ("Bearer ", "bearer ", "BEARER ", "Bearer   "):
            with self.subTest(scheme=scheme):
                headers = {"Authorization": f"{scheme}{self.key}"}
                response = self.post("call_function", WHO_AM_I, headers)
                self.assertIsUser(response, self.user, "test key")
                self.assertNoCookie(response)

    def test_x_api_key_authenticates(self):
        response = self.post("call_function", WHO_AM_I, {"x-api-key": self.key})
        self.assertIsUser(response, self.user, "test key")
        self.assertNoCookie(response)

    def test_plain_key_without_scope_authenticates(self):
        key = make_key(self.user, "from the preferences", scope=None)
        response = self.post("call_function", WHO_AM_I, self.bearer(key))
        self.assertIsUser(response, self.user, "from the preferences")

    def test_both_headers_with_the_same_key_authenticate(self):
        headers = self.bearer() | {"x-api-key": self.key}
        response = self.post("call_function", WHO_AM_I, headers)
        self.assertIsUser(response, self.user, "test key")

    def test_both_headers_with_keys_of_different_users_are_refused(self):
        headers = self.bearer() | {"x-api-key": make_key(self.other)}
        response = self.post("create_data", CREATE, headers)
        self.assertRefusedAs(response, 403, "auth_mismatch")
        self.assertEqual(self.count_made(), 0)

    def test_nothing_to_go_by_is_401_and_asks_for_bearer(self):
        for headers in ({}, {"x-api-key": ""}, {"Authorization": ""}):
            with self.subTest(headers=headers):
                response = self.post("create_data", CREATE, headers)
                self.assertRefusedAs(response, 401, "auth_required")
                self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(self.count_made(), 0)

    def test_every_kind_of_bad_key_gets_the_same_answer(self):
        gone = make_key(self.user, "revoked")
        keys_sudo = self.env["res.users.apikeys"].sudo()  # another user's key
        keys_sudo.search([("name", "=", "revoked")]).unlink()
        archived = new_test_user(self.env, "api_gone", groups="base.group_user")
        of_archived = make_key(archived)
        archived.active = False
        bad_keys = {
            "unknown": "0" * 40,
            "right beginning": self.key[:8] + "0" * 32,
            "too short": "short",
            "too long": self.key + "0",
            "not ASCII": "é" * 40,
            "upper case": self.key.upper() + "X",
            "another scope": make_key(self.user, "other scope", scope="odoo.plugin"),
            "expired": make_key(self.user, "expired", days=-1),
            "revoked": gone,
            "archived user": of_archived,
        }
        answers = set()
        for kind, key in bad_keys.items():
            for headers in (
                {"Authorization": f"Bearer {key}".encode()},
                {"x-api-key": key.encode()},
            ):
                with self.subTest(kind=kind, header=list(headers)):
                    headers["X-Request-Id"] = "same"
                    response = self.post("create_data", CREATE, headers)
                    self.assertRefusedAs(response, 401, "auth_invalid")
                    self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")
                    kept = {
                        name: value
                        for name, value in response.headers.items()
                        if name != "Date"
                    }
                    answers.add((response.content, json.dumps(kept, sort_keys=True)))
        self.assertEqual(len(answers), 1, answers)
        self.assertEqual(self.count_made(), 0)

    def test_other_authorization_schemes_are_refused(self):
        for value in ("Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer a b", "Digest x=1"):
            with self.subTest(value=value):
                response = self.post("create_data", CREATE, {"Authorization": value})
                self.assertRefusedAs(response, 401, "auth_invalid")
        self.assertEqual(self.count_made(), 0)

    def test_key_runs_with_the_rights_of_its_user_only(self):
        model = "ir.config_parameter"
        body = {"params": {"model": model, "vals": {"payload": {}}}}
        response = self.post("search_data", body)
        self.assertFailure(response.json()["result"], "unknown_model")

    def test_key_is_never_on_the_log(self):
        response = self.post("create_data", CREATE)
        log = self.get_log(response.headers["X-Request-Id"])
        stored = json.dumps(log.read(), default=str)
        self.assertIn("Made by a key", stored)
        self.assertNotIn(self.key, stored)


@tagged("post_install", "-at_install")
class TestSession(AuthenticationCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = new_test_user(cls.env, "api_other", groups="base.group_user")
        cls.portal = new_test_user(cls.env, "api_portal", groups="base.group_portal")

    def setUp(self) -> None:
        super().setUp()
        self.authenticate(TEST_LOGIN, TEST_LOGIN)

    def test_session_authenticates_without_a_key(self):
        response = self.post("call_function", WHO_AM_I, {})
        self.assertIsUser(response, self.user, False)

    def test_answer_to_a_session_sets_no_cookie(self):
        self.assertNoCookie(self.post("call_function", WHO_AM_I, {}))

    def test_key_and_session_of_one_user_agree(self):
        response = self.post("call_function", WHO_AM_I)
        self.assertIsUser(response, self.user, "test key")

    def test_key_and_session_of_different_users_are_refused(self):
        response = self.post("create_data", CREATE, self.bearer(make_key(self.other)))
        self.assertRefusedAs(response, 403, "auth_mismatch")
        self.assertEqual(self.count_made(), 0)

    def test_bad_key_is_not_saved_by_a_good_session(self):
        response = self.post("create_data", CREATE, self.bearer("0" * 40))
        self.assertRefusedAs(response, 401, "auth_invalid")
        self.assertEqual(self.count_made(), 0)

    def test_portal_session_has_portal_rights(self):
        self.authenticate("api_portal", "api_portal")
        response = self.post("call_function", WHO_AM_I, {})
        self.assertIsUser(response, self.portal, False)
        response = self.post("create_data", CREATE, {})
        self.assertFailure(response.json()["result"], "access_denied")
        self.assertEqual(self.count_made(), 0)

    def test_session_that_was_logged_out_is_401(self):
        self.logout()
        response = self.post("create_data", CREATE, {})
        self.assertRefusedAs(response, 401, "auth_required")

    def test_session_with_a_stale_token_is_401(self):
        # Computed from the password among others: whoever changes it logs all out.
        self.user.password = "another-passphrase"
        response = self.post("create_data", CREATE, {})
        self.assertRefusedAs(response, 401, "auth_required")
        self.assertEqual(self.count_made(), 0)

    def test_session_of_an_archived_user_is_401(self):
        self.user.active = False
        response = self.post("create_data", CREATE, {})
        self.assertRefusedAs(response, 401, "auth_required")
        self.assertEqual(self.count_made(), 0)


@tagged("post_install", "-at_install")
class TestCrossSite(AuthenticationCase):
    #: What a browser adds when another site's page sends the request.
    FOREIGN = (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    )

    def test_session_used_from_another_site_writes_nothing(self):
        self.authenticate(TEST_LOGIN, TEST_LOGIN)
        for headers in self.FOREIGN:
            with self.subTest(headers=headers):
                response = self.post("create_data", CREATE, headers)
                self.assertRefusedAs(response, 403, "csrf")
        self.assertEqual(self.count_made(), 0)

    def test_port_and_scheme_of_the_origin_count(self):
        self.authenticate(TEST_LOGIN, TEST_LOGIN)
        own = self.base_url()
        for origin in (f"{own}0", own.rpartition(":")[0], f"{own}.evil.example"):
            with self.subTest(origin=origin):
                response = self.post("create_data", CREATE, {"Origin": origin})
                self.assertRefusedAs(response, 403, "csrf")
        self.assertEqual(self.count_made(), 0)

    def test_session_used_from_our_own_pages_works(self):
        self.authenticate(TEST_LOGIN, TEST_LOGIN)
        for headers in (
            {"Origin": self.base_url()},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ):
            with self.subTest(headers=headers):
                response = self.post("call_function", WHO_AM_I, headers)
                self.assertIsUser(response, self.user, False)

    def test_key_alone_works_from_any_site(self):
        for headers in self.FOREIGN:
            with self.subTest(headers=headers):
                response = self.post("call_function", WHO_AM_I, self.bearer() | headers)
                self.assertIsUser(response, self.user, "test key")
