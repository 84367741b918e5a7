# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The list of keys: what it says of each, who sees it and who may end one."""

from __future__ import annotations

from ast import literal_eval
from datetime import datetime, timedelta

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, new_test_user, tagged
from odoo.tools import SQL

from .common import make_narrow_key, make_profile
from .test_api_key import READ_PARTNERS, KeyCase


class ListCase(KeyCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.system = new_test_user(cls.env, "api_system", groups="base.group_system")
        cls.manager = new_test_user(
            cls.env, "api_manager", groups="usability_webhooks.group_api_manager"
        )
        cls.narrow_key = make_narrow_key(cls.user, cls.profile, "narrow", days=90)

    def row(self, key: str):
        """Return the row of a key as a system administrator sees it."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["api.key"].with_user(self.system)
        return rows.browse(self.keys._find_key(key).key_id)

    def use(self, key: str, at: datetime) -> None:
        self.env["api.key.use"].create(
            {
                "key_id": self.keys._find_key(key).key_id,
                "last_used_at": at,
                "last_used_from": "203.0.113.7",
            }
        )


@tagged("post_install", "-at_install")
class TestList(ListCase):
    def test_it_says_whose_a_key_is_and_what_it_may(self) -> None:
        narrow, plain = self.row(self.narrow_key), self.row(self.key)
        self.assertEqual(narrow.name, "narrow")
        self.assertEqual(narrow.user_id, self.user)
        self.assertEqual(
            (narrow.profile_id, plain.profile_id.id), (self.profile, False)
        )
        self.assertEqual(narrow.reach, self.profile.name)
        self.assertEqual(plain.reach, "Whole user")
        self.assertFalse(plain.issued_by_id)

    def test_it_says_when_it_was_used_and_from_where(self) -> None:
        self.assertFalse(self.row(self.key).last_used_at)
        at = datetime(2026, 1, 2, 3, 4, 5)
        self.use(self.key, at)
        row = self.row(self.key)
        self.assertEqual((row.last_used_at, row.last_used_from), (at, "203.0.113.7"))

    def test_it_counts_the_last_day(self) -> None:
        self.search_with(self.narrow_key)
        self.post("search_data", b"{", self.bearer(self.narrow_key))
        row = self.row(self.narrow_key)
        self.assertEqual((row.request_count, row.failure_count), (2, 1))
        self.env.cr.execute(
            "UPDATE api_log SET create_date = create_date - interval '25 hours'"
            " WHERE state = 'rejected'"
        )
        row = self.row(self.narrow_key)
        self.assertEqual((row.request_count, row.failure_count), (1, 0))

    def test_state_in_plain_words(self) -> None:
        row = self.row(self.narrow_key)
        self.assertEqual(row.state, "unused")
        self.use(self.narrow_key, datetime.now())
        self.assertEqual(self.row(self.narrow_key).state, "valid")
        self.set_end(self.narrow_key, datetime.now() + timedelta(days=13))
        self.assertEqual(self.row(self.narrow_key).state, "soon")
        self.set_end(self.narrow_key, datetime.now() - timedelta(days=1))
        row.invalidate_recordset()
        self.assertEqual(row.state, "expired")

    def test_whatever_is_refused_says_so(self) -> None:
        row, plain = self.row(self.narrow_key), self.row(self.key)
        self.profile.active = False
        self.env.invalidate_all()
        self.assertEqual((row.state, plain.state), ("refused", "soon"))
        self.profile.active = True
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.allow_plain_keys", "False")
        self.env.invalidate_all()
        self.assertEqual((row.state, plain.state), ("unused", "refused"))
        self.user.active = False
        self.env.invalidate_all()
        self.assertEqual(row.state, "refused")

    def test_keys_of_other_purposes_are_not_on_it(self) -> None:
        row = self.row(self.key)
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET scope = 'mail plugin' WHERE id = %s", [row.id]
        )
        self.assertFalse(row.search([("id", "=", row.id)]))

    def test_filters_find_what_they_are_called(self) -> None:
        arch = self.env["api.key"].get_view(
            self.env.ref("usability_webhooks.api_key_view_search").id, "search"
        )["arch"]
        domains = {
            node.get("name"): literal_eval(node.get("domain"))
            for node in etree.fromstring(arch).iter("filter")
            if node.get("domain")
        }
        self.use(self.narrow_key, datetime.now() - timedelta(days=91))
        plain, narrow = self.row(self.key), self.row(self.narrow_key)
        both = plain | narrow
        for name, expected in (
            ("soon", plain),
            ("never_used", plain),
            ("unused", narrow),
            ("whole_user", plain),
            ("persistent", plain.browse()),
            ("refused", plain.browse()),
        ):
            with self.subTest(name):
                found = plain.search([("id", "in", both.ids), *domains[name]])
                self.assertEqual(found, expected)

    def test_counting_has_its_index(self) -> None:
        query = SQL(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'api_log_api_key_index'"
        )
        self.assertIn("(api_key_id, create_date)", str(self.env.execute_query(query)))


@tagged("post_install", "-at_install")
class TestWhoMay(ListCase):
    @mute_logger("odoo.addons.base.models.ir_model")
    def test_managers_read_it_and_others_do_not(self) -> None:
        row = self.row(self.narrow_key)
        portal = new_test_user(self.env, "api_portal", groups="base.group_portal")
        self.assertEqual(row.with_user(self.manager).name, "narrow")
        for user in (self.user, portal, self.env.ref("base.public_user")):
            for method in ("action_revoke", "action_rotate"):
                with self.assertRaises(AccessError):
                    getattr(row.with_user(user), method)()
            with self.assertRaises(AccessError):
                row.with_user(user).read(["name"])

    def test_managers_see_the_users_of_their_companies(self) -> None:
        row = self.row(self.narrow_key)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write({"company_ids": company.ids, "company_id": company.id})
        self.env.flush_all()
        domain = [("id", "=", row.id)]
        self.assertFalse(row.with_user(self.manager).search(domain))
        self.assertTrue(row.with_user(self.system).search(domain))

    def test_nobody_writes_it(self) -> None:
        row = self.row(self.narrow_key)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(row.has_access(operation))

    def test_the_key_itself_is_nowhere(self) -> None:
        values = self.row(self.narrow_key).read()[0]
        self.assertNotIn(self.narrow_key[:8], str(values))

    def test_administrator_revokes_at_once(self) -> None:
        row = self.row(self.narrow_key)
        self.assertEqual(self.search_with(self.narrow_key).status_code, 200)
        self.assertTrue(row.is_changeable)
        self.assertEqual(row.action_revoke()["res_model"], "api.key")
        self.env.flush_all()
        self.assertRefused(self.search_with(self.narrow_key))

    def test_manager_revokes_own_keys_only(self) -> None:
        row = self.row(self.narrow_key).with_user(self.manager)
        self.assertFalse(row.is_changeable)
        with self.assertRaises(AccessError):
            row.action_revoke()
        own = make_narrow_key(self.manager, self.profile)
        row = self.row(own).with_user(self.manager)
        self.assertTrue(row.is_changeable)
        row.action_revoke()
        self.assertIsNone(self.keys._find_key(own))

    def test_nothing_is_left_of_a_key_that_is_gone(self) -> None:
        self.use(self.narrow_key, datetime.now())
        key_id = self.keys._find_key(self.narrow_key).key_id
        self.env["api.key.warning"]._note(key_id, 14)
        self.env.flush_all()
        self.set_end(self.narrow_key, datetime.now() - timedelta(days=1))
        self.keys._gc_user_apikeys()
        self.env.invalidate_all()
        for name in ("api.access.key", "api.key.use", "api.key.warning"):
            self.assertFalse(self.env[name].search([("key_id", "=", key_id)]), name)
        self.profile.unlink()

    def test_menu_opens_it(self) -> None:
        menu = self.env.ref("usability_webhooks.menu_api_keys")
        self.assertEqual(menu.action.res_model, "api.key")
        other = make_profile(self.env, "unused", models=READ_PARTNERS)
        self.assertFalse(self.row(self.key).search([("profile_id", "=", other.id)]))

    def test_logs_of_a_key(self) -> None:
        self.search_with(self.narrow_key)
        self.search_with(self.key)
        action = self.row(self.narrow_key).action_open_logs()
        logs = self.env["api.log"].search(action["domain"])
        self.assertEqual(logs.mapped("api_key_name"), ["narrow"])
