# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is told is what was committed, once for each record and rule."""

from __future__ import annotations

from unittest.mock import patch

from psycopg2 import errors

from odoo.tests import Form, mute_logger, new_test_user

from .webhook_rule_case import URL, WebhookRuleCase

EVENT = "odoo.addons.usability_webhooks.models.webhook_outbound_event"
TEMPLATE = (
    "odoo.addons.usability_webhooks.models.webhook_payload_template"
    ".WebhookPayloadTemplate._render"
)


class Undo(Exception):
    """What a savepoint is rolled back for."""


class TestTransaction(WebhookRuleCase):
    def test_savepoint_rolled_back_takes_its_events_along(self) -> None:
        self.make_rule(trigger="created_or_updated")
        first, second = self.make_partner(), self.make_partner()
        self.take()
        first.name = "Before"
        with self.assertRaises(Undo), self.env.cr.savepoint():
            second.name = "Inside"
            first.name = "Inside"
            self.make_partner()
            raise Undo
        (event,) = self.assertEvents(("updated", first.id))
        self.assertEqual(event["body"]["data"]["name"], "Before")

    def test_nested_savepoints(self) -> None:
        self.make_rule(trigger="created_or_updated")
        first, second, third = (self.make_partner() for _each in range(3))
        self.take()
        with self.env.cr.savepoint():
            first.name = "Kept"
            with self.assertRaises(Undo), self.env.cr.savepoint():
                second.name = "Gone"
                with self.env.cr.savepoint():
                    second.name = "Gone too"
                third.name = "Gone as well"
                raise Undo
            third.name = "Kept"
        events = self.assertEvents(("updated", first.id), ("updated", third.id))
        self.assertEqual({event["body"]["data"]["name"] for event in events}, {"Kept"})

    def test_changes_coalesce_to_the_last_state(self) -> None:
        self.make_rule(trigger="created_or_updated")
        partner = self.make_partner()
        partner.name = "Berta"
        partner.name = "Carla"
        (event,) = self.assertEvents(("created", partner.id))
        self.assertEqual(event["body"]["data"]["name"], "Carla")

    def test_changes_after_a_savepoint_coalesce_too(self) -> None:
        rules = [
            self.make_rule(trigger=trigger, trigger_domain=domain)
            for trigger, domain in (
                ("created_or_updated", "[]"),
                ("created", "[]"),
                ("matches", "[('ref', '=', 'GO')]"),
            )
        ]
        with self.env.cr.savepoint():
            partner = self.make_partner(ref="GO")
        with self.env.cr.savepoint():
            partner.name = "Berta"
        partner.name = "Carla"
        events = self.take()
        self.assertEqual([event["kind"] for event in events], ["created"] * 3)
        self.assertEqual({event["rule"] for event in events}, set(rules))
        names = {event["body"]["data"]["name"] for event in events}
        self.assertEqual(names, {"Carla"})

    def test_change_of_a_computed_field_refreshes_what_is_stored(self) -> None:
        self.make_rule(
            trigger="created", payload_fields='{"n": "{commercial_company_name}"}'
        )
        with self.env.cr.savepoint():
            parent = self.make_partner(is_company=True)
            child = self.make_partner(parent_id=parent.id)
        parent.name = "Carla"
        events = self.assertEvents(("created", parent.id), ("created", child.id))
        names = [event["body"]["data"]["n"] for event in events]
        self.assertEqual(names, ["Carla", "Carla"])

    def test_what_no_longer_matches_at_the_end_is_not_told(self) -> None:
        self.make_rule(trigger_domain="[('ref', '=', 'GO')]")
        partner = self.make_partner()
        self.take()
        partner.ref = "GO"
        partner.ref = "STOP"
        self.assertEvents()
        with self.env.cr.savepoint():
            partner.ref = "GO"
        partner.ref = "STOP"
        self.assertEvents()

    def test_made_and_deleted_never_was(self) -> None:
        for trigger in ("created_or_updated", "deleted"):
            self.make_rule(trigger=trigger)
        self.make_partner().unlink()
        self.assertEvents()
        with self.env.cr.savepoint():
            partner = self.make_partner()
        with self.env.cr.savepoint():
            partner.unlink()
        self.assertEvents()

    def test_changed_and_deleted_is_told_as_deleted(self) -> None:
        for trigger in ("created_or_updated", "deleted"):
            self.make_rule(trigger=trigger)
        partner = self.make_partner()
        self.take()
        with self.env.cr.savepoint():
            partner.name = "Berta"
        partner.unlink()
        (event,) = self.assertEvents(("deleted", partner.id))
        self.assertEqual(event["body"]["data"]["name"], "Berta")

    def test_updated_does_not_tell_of_what_was_just_made(self) -> None:
        self.make_rule(trigger="updated")
        partner = self.make_partner()
        partner.name = "Berta"
        self.assertEvents()

    def test_import_that_is_tested_tells_nothing(self) -> None:
        self.run_import(dryrun=True)
        self.assertEvents()

    def test_import_tells(self) -> None:
        self.run_import()
        (event,) = self.take()
        self.assertEqual(event["body"]["data"]["name"], "Imported")

    def run_import(self, **kwargs) -> None:
        self.make_rule(trigger="created")
        importer = self.env["base_import.import"].create(
            {
                "res_model": "res.partner",
                "file": b"name\nImported",
                "file_type": "text/csv",
            }
        )
        options = {"quoting": '"', "separator": ",", "has_headers": True}
        result = importer.execute_import(["name"], ["name"], options, **kwargs)
        self.assertTrue(result["ids"], result)

    def test_form_of_a_person_is_one_event(self) -> None:
        self.make_rule(trigger="created_or_updated")
        with Form(self.env["res.partner"]) as form:
            form.name = "Form"
        self.assertEvents(("created", form.record.id))


class TestTrouble(WebhookRuleCase):
    """Whatever is wrong with a rule, the change goes on."""

    def test_trouble_while_rendering_stops_nobody(self) -> None:
        self.make_rule(trigger="created_or_updated")
        with (
            patch(TEMPLATE, side_effect=ValueError("broken")),
            self.assertLogs(EVENT, "ERROR"),
        ):
            partner = self.make_partner()
            (event,) = self.assertEvents(("created", partner.id))
        self.assertTrue(partner.exists())
        self.assertEqual((event["state"], event["body"]), ("dead", None))
        self.assertIn("broken", event["error"])

    def test_statement_that_fails_spoils_one_rule_only(self) -> None:
        bad = self.make_rule(
            name="Bad", payload_fields='{"bad": "{name}"}', trigger="created"
        )
        good = self.make_rule(trigger="created")
        render = self.env.registry["webhook.payload.template"]._render

        def fail(templates, records, text):
            if "bad" in text:
                templates.env.cr.execute("SELECT 1 / 0")
            return render(templates, records, text)

        with (
            patch(TEMPLATE, fail),
            self.assertLogs(EVENT, "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            partner = self.make_partner()
            events = self.assertEvents(*[("created", partner.id)] * 2)
        states = {event["rule"]: event["state"] for event in events}
        self.assertEqual(states, {bad: "dead", good: "pending"})

    def test_serialization_failure_is_raised(self) -> None:
        self.make_rule(trigger="created_or_updated")
        with (
            patch(TEMPLATE, side_effect=errors.SerializationFailure("again")),
            self.assertRaises(errors.SerializationFailure),
        ):
            self.make_partner()
            self.take()

    def test_trouble_while_deleting_stops_nobody(self) -> None:
        self.make_rule(trigger="deleted")
        partner = self.make_partner()
        self.take()
        with (
            patch(TEMPLATE, side_effect=ValueError("broken")),
            self.assertLogs(EVENT, "ERROR"),
        ):
            gone_id = partner.id
            partner.unlink()
            (event,) = self.assertEvents(("deleted", gone_id))
        self.assertFalse(partner.exists())
        self.assertEqual(event["state"], "dead")


class TestWriters(WebhookRuleCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "webhook_portal", "base.group_portal")
        cls.env["res.lang"]._activate_lang("fr_FR")

    def test_portal_user_may_write_and_is_told_of(self) -> None:
        self.make_rule(trigger="updated")
        partner = self.portal.partner_id
        self.take()
        partner_sudo = partner.with_user(self.portal).sudo()  # as /my/account does
        partner_sudo.write({"name": "Portal"})
        self.assertEvents(("updated", partner.id))
        # Its own preferences, in its own rights.
        self.portal.with_user(self.portal).write({"lang": "fr_FR"})
        self.assertEvents(("updated", partner.id))

    def test_public_user_may_make_and_is_told_of(self) -> None:
        self.make_rule(trigger="created")
        public = self.env.ref("base.public_user")
        partners = self.env["res.partner"].with_user(public)
        partners_sudo = partners.sudo()  # as a form of the website does
        partner = partners_sudo.create({"name": "P"})
        self.assertEvents(("created", partner.id))

    def test_payload_is_the_same_whoever_writes(self) -> None:
        reader = new_test_user(self.env, "webhook_reader", "base.group_user")
        country = self.env.ref("base.be")
        country.with_context(lang="fr_FR").name = "Belgique"
        self.make_rule(
            trigger="updated",
            user_id=reader.id,
            lang="fr_FR",
            payload_fields='{"country": "{country_id.name}", "type": "{type:label}"}',
        )
        partner = self.portal.partner_id
        partner.country_id = country
        self.take()
        bodies = []
        for env in (
            self.env,
            self.env(user=self.env.ref("base.user_admin").id),
            self.env(user=reader.id, su=True),
            self.env(user=self.portal.id, su=True, context={"lang": "fr_FR"}),
        ):
            partner.with_env(env).write({"ref": str(len(bodies))})
            bodies += [event["body"]["data"] for event in self.take()]
        self.assertEqual(len(bodies), 4)
        self.assertEqual(bodies[0]["country"], "Belgique")
        self.assertEqual(bodies, [bodies[0]] * 4)

    def test_records_its_user_may_not_read_are_not_told_of(self) -> None:
        company = self.env["res.company"].create({"name": "Elsewhere"})
        reader = new_test_user(self.env, "webhook_reader", "base.group_user")
        rule = self.make_rule(trigger="created", user_id=reader.id)
        self.take()
        self.make_partner(company_id=company.id)
        self.assertEvents()
        rule.user_id = self.env.user
        partner = self.make_partner(company_id=company.id)
        (event,) = self.assertEvents(("created", partner.id))
        self.assertEqual(event["company"], company.id)


class TestCost(WebhookRuleCase):
    """A change costs no query of ours until it is told."""

    def count(self, change) -> int:
        """Return how many queries a change takes, of a transaction that begins."""
        change("warm")
        self.take()
        before = self.env.cr.sql_log_count
        change("count")
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_change_that_matches_no_rule(self) -> None:
        partner = self.make_partner()

        def change(text: str) -> None:
            partner.write({"function": text})

        self.count(change)
        alone = self.count(change)
        for number in range(5):
            self.make_rule(trigger_domain=f"[('ref', '=', 'GO{number}')]")
        self.count(change)
        with_rules = self.count(change)
        self.assertEvents()
        self.assertLessEqual(with_rules, alone)

    def test_change_that_matches_five_rules(self) -> None:
        partners = [self.make_partner(), self.make_partner() + self.make_partner()]
        partners.append(partners[1] + self.make_partner() + self.make_partner())
        reader = new_test_user(self.env, "wh_reader", "base.group_user")
        for number in range(5):
            self.make_rule(
                name=str(number),
                trigger="updated",
                user_id=reader.id,
                endpoint_id=self.endpoint.copy({"url": f"{URL}/{number}"}).id,
            )
        self.take()
        counts = []
        for records in partners:
            records.write({"function": "warm"})
            self.take()
            records.write({"function": "count"})
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env.cr.flush()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self.take()), 5 * len(records))
        self.assertEqual(len(set(counts)), 1, counts)
        # Savepoint and release, who is there still, ids, the rows, the senders.
        self.assertLessEqual(counts[0], 6)
