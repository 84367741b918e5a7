# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nobody has sent to himself what a rule reads in the rights of somebody else."""

from __future__ import annotations

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, tagged

from .test_access import AccessCase
from .webhook_case import URL

THEIRS = "https://elsewhere.example.com/hook"


@tagged("post_install", "-at_install")
class TestEndpointGuard(AccessCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["webhook.outbound.rule"].search([]).unlink()  # those of others
        cls.endpoint = cls.env["webhook.endpoint"].create(
            {
                "name": "Shop",
                "url": URL,
                "header_ids": [(0, 0, {"name": "X-Key", "value": "1"})],
            }
        )
        cls.hosts = cls.env["webhook.endpoint"].create(
            {"name": "Callers", "kind": "callback", "host": "hooks.example.com"}
        )

    def make_rule(self, user: str, **vals):
        """Return a rule to the endpoint that reads as a user."""
        return self.env["webhook.outbound.rule"].create(
            {
                "name": f"Read as {user}",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "trigger": "created",
                "endpoint_source": "static",
                "endpoint_id": self.endpoint.id,
                "user_id": self.users[user].id,
            }
            | vals
        )

    def get_changes(self, user: str) -> dict:
        """Return what would have what the rule reads go elsewhere, or be forged."""
        endpoint = self.endpoint.with_user(self.users[user])
        header = endpoint.header_ids
        own = endpoint.create({"name": "Own", "url": THEIRS})
        own.header_ids.create({"endpoint_id": own.id, "name": "X-A", "value": "1"})
        lines = header.with_context(default_endpoint_id=endpoint.id)
        return {
            "url": lambda: endpoint.write({"url": THEIRS}),
            "allow_http": lambda: endpoint.write({"allow_http": True}),
            "is_signed": lambda: endpoint.write({"is_signed": False}),
            "kind": lambda: endpoint.write(
                {"kind": "callback", "host": "e.example.com", "header_ids": [(5,)]}
            ),
            "headers": lambda: endpoint.write(
                {"header_ids": [(0, 0, {"name": "X-B", "value": "2"})]}
            ),
            "new header": lambda: lines.create({"name": "X-C", "value": "3"}),
            "moved header": lambda: own.header_ids[0].write(
                {"endpoint_id": endpoint.id}
            ),
            "value": lambda: header.write({"value": "4"}),
            "no header": lambda: header.unlink(),
            "secret": lambda: endpoint.action_new_secret(),
            "key pair": lambda: endpoint.action_new_key_pair(),
        }

    def find_refused(self, changes: dict) -> set[str]:
        """Return which changes a rule keeps from being made; none is kept."""
        refused = set()
        for name, change in changes.items():
            savepoint = self.env.cr.savepoint()
            try:
                change()
                self.env.flush_all()
            except AccessError as exc:
                self.assertIn("administrator", str(exc))
                refused.add(name)
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all()
        return refused

    def test_endpoint_of_a_rule_of_another_is_the_administrators(self) -> None:
        self.make_rule("administrator")
        changes = self.get_changes("manager")
        self.assertEqual(self.find_refused(changes), set(changes))
        self.assertFalse(self.find_refused(self.get_changes("administrator")))

    def test_rule_that_rests_may_be_switched_on_again(self) -> None:
        self.make_rule("administrator", active=False)
        changes = self.get_changes("manager")
        self.assertEqual(self.find_refused(changes), set(changes))

    def test_endpoint_of_own_rules_is_the_managers(self) -> None:
        self.make_rule("manager")
        self.assertFalse(self.find_refused(self.get_changes("manager")))

    def test_one_rule_of_another_is_enough(self) -> None:
        self.make_rule("manager")
        self.make_rule("employee")
        changes = self.get_changes("manager")
        self.assertEqual(self.find_refused(changes), set(changes))

    def test_what_says_not_where_it_goes_may_be_changed(self) -> None:
        self.make_rule("administrator")
        self.endpoint.action_new_secret()
        self.endpoint.action_new_secret()
        mine = self.endpoint.with_user(self.users["manager"])
        mine.write({"name": "Our Shop", "timeout_seconds": 5, "max_parallel": 2})
        mine.action_disable()
        mine.action_enable()
        mine.action_send_test()
        mine.action_revoke_replaced()  # one leaked: no time to ask

    def test_rule_says_what_to_do(self) -> None:
        rule = self.make_rule("administrator")
        mine = self.endpoint.with_user(self.users["manager"])
        with self.assertRaises(AccessError) as caught:
            mine.url = THEIRS
        message = str(caught.exception)
        self.assertIn(rule.name, message)
        self.assertIn(rule.user_id.name, message)
        self.assertIn("an endpoint of your own", message)

    def test_header_typed_into_a_rule_changes_no_other_rules_endpoint(self) -> None:
        self.make_rule("administrator")
        rule = self.make_rule("manager").with_user(self.users["manager"])
        rule.auth_header = "Bearer mine"
        self.assertNotEqual(rule.endpoint_id, self.endpoint)
        self.assertEqual(self.endpoint.header_ids.mapped("name"), ["X-Key"])

    def test_hosts_of_callers_are_the_administrators_too(self) -> None:
        """Whoever adds one could name it, and have himself told what a rule reads."""
        hosts = self.hosts.with_user(self.users["manager"])
        vals = {"name": "Mine", "kind": "callback", "host": "mine.example.com"}
        changes = {
            "new": lambda: hosts.create(vals),
            "by default": lambda: hosts.with_context(default_kind="callback").create(
                {"name": "Mine", "host": "mine.example.com"}
            ),
            "host": lambda: hosts.write({"host": "mine.example.com"}),
            "again": lambda: hosts.write({"active": True}),
            "companies": lambda: hosts.write({"company_id": False}),
            "secret": lambda: hosts.action_new_secret(),
        }
        self.assertFalse(self.find_refused(changes))
        rule = self.make_rule(
            "manager", endpoint_source="record", endpoint_id=False, active=False
        )
        self.assertFalse(self.find_refused(changes))
        rule.user_id = self.users["administrator"]
        self.assertEqual(self.find_refused(changes), set(changes))
        hosts.active = False  # which sends less

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_readers_change_nothing_at_all(self) -> None:
        self.make_rule("reader")
        mine = self.endpoint.with_user(self.users["reader"])
        for change in (
            lambda: mine.write({"url": THEIRS}),
            lambda: mine.header_ids.write({"value": "2"}),
            lambda: mine.header_ids.unlink(),
            lambda: mine.action_new_secret(),
        ):
            with self.assertRaises(AccessError):
                change()
