# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A neutralized copy of a database takes no key of production and sends nothing."""

from __future__ import annotations

from odoo.modules import neutralize
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from .common import ApiHttpCase, make_key, make_narrow_key, make_profile

MODULE = "usability_webhooks"
#: Tables of ours the file may name; the database has some of them, or none.
OUTBOUND = {
    "webhook_endpoint": "state varchar, state_reason varchar",
    "webhook_endpoint_secret": "endpoint_id integer, secret varchar",
    "webhook_endpoint_header": "endpoint_id integer, name varchar",
    "webhook_outbound_delivery": (
        "state varchar, next_attempt_at timestamp, lease_until timestamp,"
        " lease_token varchar"
    ),
}


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
class TestWebhooksOfACopy(NeutralizeCase, TransactionCase):
    """Tables alone: the file must do with whatever tables there are."""

    def run_file(self) -> None:
        """Run our part alone."""
        for query in neutralize.get_neutralization_queries([MODULE]):
            self.env.cr.execute(query)

    def put_tables(self, names) -> None:
        """Have empty tables of these names, and none of the others, for a while."""
        for name in OUTBOUND:
            table = SQL.identifier(name)
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s CASCADE", table))
            if name in names:
                columns = SQL(OUTBOUND[name])
                query = SQL("CREATE TABLE %s (id serial, %s)", table, columns)
                self.env.cr.execute(query)

    def fetch(self, query: str) -> list[tuple]:
        return self.env.execute_query(SQL(query))

    def test_core_finds_the_file(self) -> None:
        self.assertTrue([*neutralize.get_neutralization_queries([MODULE])])
        self.assertIn(MODULE, neutralize.get_installed_modules(self.env.cr))

    def test_nothing_is_left_to_send(self) -> None:
        self.put_tables(OUTBOUND)
        for query in (
            "INSERT INTO webhook_endpoint (state) VALUES ('enabled'), ('throttled')",
            "INSERT INTO webhook_endpoint_secret (secret) VALUES ('whsec_1')",
            "INSERT INTO webhook_endpoint_header (name) VALUES ('Authorization')",
            "INSERT INTO webhook_outbound_delivery (state, lease_token) VALUES"
            " ('pending', NULL), ('sending', 'x'), ('delivered', NULL), ('dead', NULL)",
        ):
            self.env.cr.execute(SQL(query))
        self.run_file()
        states = self.fetch("SELECT DISTINCT state FROM webhook_endpoint")
        self.assertEqual(states, [("disabled",)])
        for table in ("webhook_endpoint_secret", "webhook_endpoint_header"):
            self.assertEqual(self.fetch(f"SELECT count(*) FROM {table}"), [(0,)])
        states = self.fetch(
            "SELECT state, count(*) FROM webhook_outbound_delivery"
            " GROUP BY state ORDER BY state"
        )
        self.assertEqual(states, [("cancelled", 2), ("dead", 1), ("delivered", 1)])
        leases = "SELECT count(lease_token) FROM webhook_outbound_delivery"
        self.assertEqual(self.fetch(leases), [(0,)])

    def test_whichever_tables_there_are(self) -> None:
        for names in ([], ["webhook_endpoint"], [*OUTBOUND][1:]):
            with self.subTest(tables=names), self.env.cr.savepoint():
                self.put_tables(names)
                self.run_file()
        self.env.cr.execute("DROP TABLE api_access_key CASCADE")
        self.run_file()
        found = self.fetch("SELECT key FROM res_users_apikeys LIMIT 1")
        self.assertIsInstance(found, list)
