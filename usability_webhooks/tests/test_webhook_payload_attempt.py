# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What fails while a payload is made, who reads it, and what it costs."""

from __future__ import annotations

import logging

from psycopg2 import errors

from odoo.fields import Command
from odoo.tests import mute_logger, tagged

from .test_webhook_payload_template import LOGGER, PayloadCase


@tagged("post_install", "-at_install")
class TestWebhookPayloadAttempt(PayloadCase):
    def test_method_that_raises_is_null_and_spoils_nothing(self) -> None:
        zoe = self.partner.child_ids.filtered(lambda child: child.name == "Zoe")

        def picky(partner):
            if partner == zoe:
                raise ValueError("boom")
            return partner.name

        self.add_method("_webhook_picky", picky)
        template = {"child_ids": [{"n": "{name}", "m": "{@_webhook_picky}"}]}
        with self.assertLogs(LOGGER, logging.WARNING) as logs:
            made = self.render(template)
        lines = [{"n": "Anna", "m": "Anna"}, {"n": "Zoe", "m": None}]
        self.assertEqual(made, [{"child_ids": lines}])
        self.assertEqual(len(logs.output), 1)
        self.assertIn("ValueError: boom", logs.output[0])
        self.assertIn(str(zoe), logs.output[0])

    def test_writes_of_a_method_that_raises_are_undone(self) -> None:
        def write_and_raise(partner):
            partner.sudo().ref = "spoilt"  # a method's own code
            partner.flush_recordset()
            partner.sudo().function = "spoilt too"  # a method's own code
            raise ValueError("boom")

        self.add_method("_webhook_bad", write_and_raise)
        self.partner.ref = "pending"
        self.null("{@_webhook_bad}")
        self.env.flush_all()
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.ref, "pending")
        self.assertFalse(self.partner.function)

    def test_writes_of_a_method_that_succeeds_stay(self) -> None:
        def count(partner):
            partner.sudo().color += 1  # a method's own code
            return partner.color

        self.add_method("_webhook_count", count)
        before = self.partner.color
        self.assertEqual(self.value("{@_webhook_count}"), before + 1)
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.color, before + 1)

    def test_database_error_in_a_method_leaves_the_transaction_usable(self) -> None:
        def bad_sql(partner):
            partner.env.cr.execute("SELECT 1 / 0")

        self.add_method("_webhook_sql", bad_sql)
        with mute_logger("odoo.sql_db"):
            self.assertIn("DivisionByZero", self.null("{@_webhook_sql}"))
        self.env.cr.execute("SELECT 1")

    def test_database_error_in_a_computed_field_is_contained(self) -> None:
        def bad_sql(partners):
            partners.env.cr.execute("SELECT 1 / 0")

        self.add_method("_compute_display_name", bad_sql)
        with mute_logger("odoo.sql_db"):
            self.null("{display_name}")
        self.env.cr.execute("SELECT 1")

    def test_hooks_of_the_transaction_are_neither_run_nor_forgotten(self) -> None:
        runs = []
        self.env.cr.precommit.add(lambda: runs.append(1))

        def boom(partner):
            raise ValueError("boom")

        self.add_method("_webhook_boom", boom)
        self.add_method("_webhook_fine", lambda partner: 1)
        self.value("{@_webhook_fine}")
        self.null("{@_webhook_boom}")
        self.assertFalse(runs)
        self.env.cr.flush()
        self.assertEqual(runs, [1])

    def test_concurrency_errors_are_for_the_transaction_to_repeat(self) -> None:
        for error in (errors.SerializationFailure, errors.DeadlockDetected):

            def collide(partner, error=error):
                raise error("again")

            self.add_method("_webhook_collide", collide)
            with self.assertRaises(error):
                self.render({"a": "{@_webhook_collide}"})

    def test_deleted_record_is_null(self) -> None:
        gone = self.partner.child_ids[0]
        gone.unlink()
        with self.assertLogs(LOGGER, logging.WARNING):
            made = self.render({"a": "{name}", "b": 1}, self.partner + gone)
        self.assertEqual(made, [{"a": "Payload", "b": 1}, {"a": None, "b": 1}])


@tagged("post_install", "-at_install")
class TestWebhookPayloadRights(PayloadCase):
    """The same bytes, whoever changed the record and whatever is in the cache."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hidden = cls.partner.child_ids.filtered(lambda child: child.name == "Zoe")
        cls.env["ir.rule"].create(
            {
                "name": "Zoe is hidden",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Zoe')]",
                "groups": [Command.link(cls.env.ref("base.group_user").id)],
            }
        )
        cls.admin = cls.env.ref("base.user_root")
        cls.follower = cls.env["res.partner"].create(
            {"name": "Below", "parent_id": cls.hidden.id}
        )

    TEMPLATE = {
        "child_ids": [{"n": "{name}"}],
        "ids": "{child_ids}",
        "names": "{child_ids.name:join}",
    }

    def test_lines_the_user_may_not_read_are_left_out(self) -> None:
        anna = self.partner.child_ids - self.hidden
        expected = {"child_ids": [{"n": "Anna"}], "ids": anna.ids, "names": "Anna"}
        for reads_first in (self.admin, self.reader):
            self.env.invalidate_all()
            self.partner.with_user(reads_first).child_ids.mapped("name")
            with self.subTest(reads_first=reads_first.login):
                self.assertEqual(self.render(self.TEMPLATE), [expected])
                listed = self.render(["child_ids{name}"])
                self.assertEqual(
                    listed[0]["child_ids"], [{"id": anna.id, "name": "Anna"}]
                )

    def test_lines_another_user_could_not_see_are_there(self) -> None:
        """The cache of lines holds what the first reader was allowed to."""
        expected = self.render(self.TEMPLATE, user=self.admin)
        self.assertEqual(expected[0]["names"], "Anna, Zoe")
        listed = self.render(["child_ids{name}", "child_ids"], user=self.admin)
        self.env.invalidate_all()
        self.partner.with_user(self.reader).child_ids.mapped("name")
        self.assertEqual(self.render(self.TEMPLATE, user=self.admin), expected)
        self.env.invalidate_all()
        self.partner.with_user(self.reader).child_ids.mapped("name")
        self.assertEqual(
            self.render(["child_ids{name}", "child_ids"], user=self.admin), listed
        )

    def test_cached_record_the_user_may_not_read_is_null(self) -> None:
        for template in ("{parent_id.name}", "{parent_id.name:join}"):
            self.follower.sudo().parent_id.mapped("name")  # a method's own code
            self.assertIn("may not be read", self.null(template, self.follower))
        # Its id stands in the record itself, which may be read.
        self.assertEqual(self.value("{parent_id}", self.follower), self.hidden.id)

    def test_record_itself_unreadable(self) -> None:
        self.hidden.sudo().mapped("name")  # a method's own code
        both = self.partner + self.hidden
        with self.assertLogs(LOGGER, logging.WARNING) as logs:
            made = self.render({"a": "{name}", "b": "x", "c": ["{ref}", 2]}, both)
            listed = self.render(["name"], both)
        self.assertEqual(made[0], {"a": "Payload", "b": "x", "c": ["P1", 2]})
        self.assertEqual(made[1], {"a": None, "b": "x", "c": [None, 2]})
        self.assertEqual(listed[0]["name"], "Payload")
        self.assertIsNone(listed[1])
        self.assertEqual(len(logs.output), 2)


@tagged("post_install", "-at_install")
class TestWebhookPayloadCost(PayloadCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.many = cls.env["res.partner"].create(
            [
                {
                    "name": f"M{index}",
                    "country_id": cls.env["res.country"].search([])[index].id,
                    "category_id": [Command.set(cls.tags.ids)],
                    "child_ids": [
                        Command.create({"name": f"C{index}", "ref": "x"}),
                        Command.create({"name": f"D{index}", "ref": "y"}),
                    ],
                }
                for index in range(60)
            ]
        )

    def count_queries(self, records, template: object) -> int:
        self.render(template, records)  # warms what is cached for good
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.render(template, records)
        return self.env.cr.sql_log_count - before

    def test_queries_grow_with_the_depth_not_with_the_records(self) -> None:
        self.add_method("_webhook_name", lambda partner: partner.name)
        for template in (
            {"a": "{name}", "b": "{country_id.currency_id.name}"},
            {"child_ids": [{"n": "{name}", "c": "{parent_id.country_id.code}"}]},
            {"j": "{child_ids.parent_id.category_id.name:join}"},
            {"m": "{@_webhook_name}", "d": "{display_name}"},
            {"child_ids": [{"m": "{@_webhook_name}", "category_id": ["{name}"]}]},
            ["name", "child_ids{name, parent_id{country_id{code}}}"],
        ):
            with self.subTest(template=template):
                few = self.count_queries(self.many[:3], template)
                many = self.count_queries(self.many, template)
                self.assertEqual(few, many)

    def test_savepoint_only_where_code_is_run(self) -> None:
        self.add_method("_webhook_name", lambda partner: partner.name)
        plain = self.count_queries(self.many, {"a": "{name}"})
        calling = self.count_queries(self.many, {"a": "{@_webhook_name}"})
        self.assertEqual(calling, plain + 2)
