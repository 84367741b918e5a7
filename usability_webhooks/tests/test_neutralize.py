# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A neutralized copy of a database takes no key of production and sends nothing."""

from __future__ import annotations

from odoo.modules import neutralize
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from .common import ApiHttpCase, make_key, make_narrow_key, make_profile
from .webhook_case import WebhookCase

MODULE = "usability_webhooks"
#: Tables the file names: on a database that is yet to be upgraded some are missing.
TABLES = (
    *("api_access_key", "webhook_endpoint", "webhook_endpoint_secret"),
    *("webhook_endpoint_header", "webhook_outbound_delivery"),
)


class NeutralizeCase:
    """What both storeys below need; ``env`` is theirs."""

    def neutralize(self) -> None:
        """Run core's own function, as ``odoo-bin neutralize`` and a restore do."""
        self.env.flush_all()
        neutralize.neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()  # core's caller opens a new registry


@tagged("post_install", "-at_install")
class TestKeysOfACopy(NeutralizeCase, ApiHttpCase):
    SEARCH = {"payload": {"search_field": ["id"], "limit": 1}}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.profile = make_profile(cls.env, "copied", {"res.partner": {}})
        cls.narrow_key = make_narrow_key(cls.user, cls.profile, "production")

    def try_key(self, key: str) -> tuple[int, str]:
        """Return the status and the code a key is answered with."""
        headers = self.bearer(key)
        status, answer = self.call("search_data", "res.partner", self.SEARCH, headers)
        code = answer["error"]["data"]["code"] if "error" in answer else ""
        return status, code

    def test_no_key_of_production_works(self) -> None:
        for key in (self.narrow_key, self.key):
            self.assertEqual(self.try_key(key), (200, ""))
        self.neutralize()
        for key in (self.narrow_key, self.key):
            self.assertEqual(self.try_key(key), (401, "auth_invalid"))
        self.assertFalse(self.env["api.access.key"].search([]))

    def test_keys_of_core_s_own_are_left_to_core(self) -> None:
        other = make_key(self.user, "of another purpose", scope="other")
        self.neutralize()
        keys = self.env["res.users.apikeys"].search([("user_id", "=", self.user.id)])
        self.assertEqual(
            {*keys.mapped("name")}, {"test key", "of another purpose"}, other
        )

    def test_profiles_stay_and_new_keys_of_them_work(self) -> None:
        self.neutralize()
        self.assertTrue(self.profile.exists())
        key = make_narrow_key(self.user, self.profile, "of the copy")
        self.assertEqual(self.try_key(key), (200, ""))

    def test_no_job_of_ours_runs(self) -> None:
        jobs = self.env["ir.cron"].browse(
            self.env["ir.model.data"]
            .search([("module", "=", MODULE), ("model", "=", "ir.cron")])
            .mapped("res_id")
        )
        self.assertTrue(jobs.filtered("active"))
        self.neutralize()
        self.assertFalse(jobs.filtered("active"))


@tagged("post_install", "-at_install")
class TestWebhooksOfACopy(NeutralizeCase, WebhookCase):
    def test_nothing_is_left_to_send_or_to_sign_with(self) -> None:
        self.endpoint.action_new_secret()
        header = {"endpoint_id": self.endpoint.id, "name": "X-Key", "value": "1"}
        self.env["webhook.endpoint.header"].create(header)
        waiting, under_way, done, dead = (self.put_one() for _each in range(4))
        self.settle(under_way, "sending", lease_token="x")
        self.settle(done, "delivered")
        self.settle(dead, "dead")
        self.neutralize()
        self.assertEqual(self.endpoint.state, "disabled")
        self.assertEqual(self.endpoint._get_secrets(), [])
        self.assertEqual(self.endpoint._get_headers(), {})
        self.assertEqual(waiting.state, "cancelled")
        self.assertEqual((under_way.state, under_way.lease_token), ("cancelled", False))
        self.assertEqual((done.state, dead.state), ("delivered", "dead"))


@tagged("post_install", "-at_install")
class TestTablesOfACopy(TransactionCase):
    def run_file(self) -> None:
        """Run our part alone."""
        for query in neutralize.get_neutralization_queries([MODULE]):
            self.env.cr.execute(query)

    def test_core_finds_the_file(self) -> None:
        self.assertTrue([*neutralize.get_neutralization_queries([MODULE])])
        self.assertIn(MODULE, neutralize.get_installed_modules(self.env.cr))

    def test_whichever_tables_there_are(self) -> None:
        for names in (*((name,) for name in TABLES), TABLES):
            with self.subTest(missing=names), self.env.cr.savepoint() as savepoint:
                for name in names:
                    table = SQL.identifier(name)
                    self.env.cr.execute(SQL("DROP TABLE %s CASCADE", table))
                self.run_file()
                savepoint.rollback()
