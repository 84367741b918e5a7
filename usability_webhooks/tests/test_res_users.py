# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Users make keys in their preferences, and find there how to use one."""

from __future__ import annotations

import json
import shlex
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, new_test_user, tagged

from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT

from ..models.res_users import KEY_PLACEHOLDER
from ..tools.key_memory import KeyMemory
from .common import ApiHttpCase, make_key


def read_curl(command: str) -> tuple[str, dict, str]:
    """Return URL, headers and body of a curl command, as a shell reads it."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "curl", command
    headers = dict(
        words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H"
    )
    return words[1], headers, words[words.index("-d") + 1]


@tagged("post_install", "-at_install")
class TestExampleCall(ApiHttpCase):
    def test_example_works_as_it_is_shown(self) -> None:
        command = (
            self.env["res.users"].with_user(self.user)._get_api_example_call(self.key)
        )
        url, headers, body = read_curl(command)
        path = url.removeprefix(self.user.get_base_url())
        response = self.post(path.removeprefix("/api/"), body, headers)
        answer = response.json()["result"]
        self.assertLessEqual(len(self.assertSuccess(answer)), 3)

    def test_preferences_show_it_without_a_key(self) -> None:
        shown = self.user.with_user(self.user).read(["api_example_call"])[0]
        url, headers, body = read_curl(shown["api_example_call"])
        self.assertEqual(url, f"{self.user.get_base_url()}/api/search_data")
        self.assertEqual(headers["Authorization"], f"Bearer {KEY_PLACEHOLDER}")
        self.assertEqual(json.loads(body)["params"]["model"], "res.partner")

    def test_it_is_the_same_for_many_users(self) -> None:
        """A search of all users reads it with every other field."""
        users = self.env.ref("base.user_admin") | self.user
        rows = users.with_user(self.env.ref("base.user_admin")).read(
            ["api_example_call"]
        )
        examples = {row["api_example_call"] for row in rows}
        self.assertEqual(len(rows), 2)
        self.assertEqual(len(examples), 1, examples)

    def test_dialog_of_a_new_key_shows_it_with_the_key(self) -> None:
        show = self.env["res.users.apikeys.show"].with_user(self.user)
        # As the web client opens it: with the key in the context.
        spec = {"key": {}, "api_example_call": {}}
        shown = show.with_context(default_key=self.key).onchange({}, [], spec)
        _url, headers, _body = read_curl(shown["value"]["api_example_call"])
        self.assertEqual(headers["Authorization"], f"Bearer {self.key}")

    def test_quotes_in_a_key_stay_in_their_argument(self) -> None:
        command = self.env["res.users"]._get_api_example_call("a'b $(c) `d`")
        _url, headers, _body = read_curl(command)
        self.assertEqual(headers["Authorization"], "Bearer a'b $(c) `d`")

    def test_views_carry_it(self) -> None:
        for model, xml_id in (
            ("res.users", "base.view_users_form_simple_modif"),
            ("res.users.apikeys.show", "base.form_res_users_key_show"),
        ):
            view = self.env[model].get_view(self.env.ref(xml_id).id, "form")
            self.assertIn('name="api_example_call"', view["arch"])

    def test_portal_user_reads_its_own(self) -> None:
        portal = new_test_user(self.env, "api_portal", groups="base.group_portal")
        shown = portal.with_user(portal).read(["api_example_call"])[0]
        self.assertIn(KEY_PLACEHOLDER, shown["api_example_call"])
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.user.with_user(portal).read(["api_example_call"])


@tagged("post_install", "-at_install")
class TestFindKey(ApiHttpCase):
    def find(self, key: str):
        return self.env["res.users.apikeys"]._find_key(key)

    def test_key_tells_its_user_and_its_name(self) -> None:
        found = self.find(make_key(self.user, "warehouse"))
        self.assertEqual((found.user_id, found.name), (self.user.id, "warehouse"))
        key = self.env["res.users.apikeys"].browse(found.key_id)
        self.assertEqual(key.user_id, self.user)

    def test_each_key_of_a_user_has_its_own_name(self) -> None:
        keys = {name: make_key(self.user, name) for name in ("one", "two")}
        for name, key in keys.items():
            self.assertEqual(self.find(key).name, name)

    def test_key_without_a_scope_works(self) -> None:
        self.assertTrue(self.find(make_key(self.user, scope=None)))

    def test_bad_keys_are_all_alike(self) -> None:
        expired = make_key(self.user, days=-1)
        scoped = make_key(self.user, scope="something else")
        archived_user = new_test_user(self.env, "gone")
        archived = make_key(archived_user)
        archived_user.active = False
        revoked = make_key(self.user)
        found = self.find(revoked)
        self.env["res.users.apikeys"].browse(found.key_id)._remove()
        shapes = ["", "x", "0" * 40, "0" * 39, "0" * 4000, "é" * 40, self.key.upper()]
        for key in (expired, scoped, archived, revoked, *shapes):
            if key != self.key:
                with self.subTest(key=key[:8]):
                    self.assertIsNone(self.find(key))


@tagged("post_install", "-at_install")
class TestKeyMemory(ApiHttpCase):
    def find(self, key: str):
        return self.env["res.users.apikeys"]._find_key(key)

    def count_hashes(self, key: str) -> int:
        """Return how often core's slow hash is asked when ``key`` is looked for."""
        name = "odoo.addons.base.models.res_users.KEY_CRYPT_CONTEXT"
        with patch(name, wraps=KEY_CRYPT_CONTEXT) as spy:
            self.find(key)
        return spy.verify.call_count

    def test_the_slow_hash_is_paid_once(self) -> None:
        key = make_key(self.user)
        self.assertEqual([self.count_hashes(key) for _try in range(3)], [1, 0, 0])

    def test_a_wrong_key_is_hashed_every_time(self) -> None:
        key = make_key(self.user)
        self.find(key)
        wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
        self.assertEqual([self.count_hashes(wrong) for _try in range(2)], [1, 1])
        self.assertIsNone(self.find(wrong))

    def test_a_known_key_stops_working_at_once(self) -> None:
        ends = {
            "revoked": "DELETE FROM res_users_apikeys WHERE id = %s",
            "expired": "UPDATE res_users_apikeys SET expiration_date = now()"
            " - interval '1 day' WHERE id = %s",
            "another scope": "UPDATE res_users_apikeys SET scope = 'x' WHERE id = %s",
            "another hash": "UPDATE res_users_apikeys k SET key ="
            " (SELECT max(key) FROM res_users_apikeys WHERE id < k.id) WHERE id = %s",
        }
        for name, query in ends.items():
            with self.subTest(name):
                key = make_key(self.user)
                key_id = self.find(key).key_id
                self.assertEqual(self.find(key).key_id, key_id)
                self.env.cr.execute(query, [key_id])
                self.assertIsNone(self.find(key))

    def test_a_known_key_of_an_archived_user(self) -> None:
        user = new_test_user(self.env, "api_leaver")
        key = make_key(user)
        self.assertTrue(self.find(key))
        user.active = False
        user.flush_recordset()
        self.assertIsNone(self.find(key))

    def test_an_addon_with_a_say_has_it_every_time(self) -> None:
        key = make_key(self.user)
        self.find(key)
        refuse = lambda keys, *, scope, key: None  # noqa: E731 - stands for a method
        self.patch(self.registry["res.users.apikeys"], "_check_credentials", refuse)
        self.assertIsNone(self.find(key))

    def test_the_memory_is_bounded_and_holds_no_key(self) -> None:
        memory = KeyMemory(capacity=2)
        for key in ("a", "b", "c"):
            memory.remember(key, "stored")
        known = [key for key in ("a", "b", "c") if memory.knows(key, "stored")]
        self.assertEqual(known, ["b", "c"])
        self.assertFalse(memory.knows("c", "another"))
        self.assertTrue(all(len(digest) == 32 for digest in memory._known))
