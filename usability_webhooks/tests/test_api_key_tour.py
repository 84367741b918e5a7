# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Keys in a real browser: made, issued, replaced, revoked."""

from __future__ import annotations

from odoo.tests import new_test_user, tagged

from .common import make_narrow_key, make_profile
from .test_api_key import KeyCase


@tagged("post_install", "-at_install")
class TestKeysInBrowser(KeyCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM res_users_apikeys")
        countries = {"res.country": {"may_read": True}}
        cls.tour_profile = make_profile(cls.env, "Tour Profile", models=countries)
        cls.system = new_test_user(cls.env, "api_system", groups="base.group_system")
        cls.service = new_test_user(cls.env, "api_service", groups="base.group_user")

    def get_bindings(self):
        self.env.invalidate_all()
        return self.env["api.access.key"].search([], order="id")

    def test_user_makes_one_in_the_preferences(self) -> None:
        tour = "usability_webhooks_api_key_own"
        self.start_tour("/odoo?debug=1", tour, login=self.user.login)
        made = self.get_bindings()
        self.assertEqual(made.profile_id, self.tour_profile)
        self.assertEqual(made.key_id.name, "tour key")
        self.assertEqual(made.key_id.user_id, self.user)

    def test_administrator_issues_one_for_a_service_user(self) -> None:
        tour = "usability_webhooks_api_key_issue"
        url = f"/odoo/users/{self.service.id}?debug=1"
        self.start_tour(url, tour, login=self.system.login)
        made = self.get_bindings()
        self.assertEqual(made.profile_id, self.tour_profile)
        self.assertEqual(made.key_id.user_id, self.service)
        self.assertEqual(made.issued_by_id, self.system)

    def test_administrator_replaces_one_from_the_list(self) -> None:
        old = make_narrow_key(self.service, self.tour_profile, "shop key", days=90)
        old_id = self.get_bindings().key_id.id
        tour = "usability_webhooks_api_key_list"
        self.start_tour("/odoo/api-keys", tour, login=self.system.login)
        new = self.get_bindings()
        self.assertNotEqual(new.key_id.id, old_id)
        self.assertEqual(new.key_id.name, "shop key")
        self.assertIsNone(self.keys._find_key(old))
