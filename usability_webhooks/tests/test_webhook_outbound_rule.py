# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which changes are told: every trigger, and only what happened."""

from __future__ import annotations

import datetime

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .webhook_rule_case import URL, WebhookRuleCase


class TestTriggers(WebhookRuleCase):
    def get_field(self, name: str):
        return self.env["ir.model.fields"]._get("res.partner", name)

    def test_starting_to_match_is_told_once(self) -> None:
        self.make_rule(trigger_domain="[('ref', '=', 'GO')]")
        partner = self.make_partner()
        self.assertEvents()
        partner.ref = "GO"
        (event,) = self.assertEvents(("updated", partner.id))
        self.assertEqual(event["type"], "res.partner.updated")
        self.assertEqual(event["body"]["data"], {"name": "Anna", "ref": "GO"})
        self.assertEqual(event["url"], URL)
        partner.ref = "GO"
        partner.name = "Berta"
        self.assertEvents()
        partner.ref = "STOP"
        self.assertEvents()
        partner.ref = "GO"
        self.assertEvents(("updated", partner.id))

    def test_made_to_match_is_told_as_created(self) -> None:
        self.make_rule(trigger_domain="[('ref', '=', 'GO')]")
        partner = self.make_partner(ref="GO")
        self.assertEvents(("created", partner.id))

    def test_domain_is_read_as_python_or_json(self) -> None:
        for text in (
            "[('ref', '=', 'GO'), ('active', '=', True)]",
            '["&", ["ref", "=", "GO"], ["active", "=", true]]',
            "['|', ('ref', '=', 'GO'), ('parent_id.ref', '=', 'NEVER')]",
        ):
            with self.subTest(text=text):
                rule = self.make_rule(trigger_domain=text)
                partner = self.make_partner(ref="GO")
                self.assertEvents(("created", partner.id))
                rule.unlink()

    def test_created(self) -> None:
        self.make_rule(trigger="created", trigger_domain="[('ref', '!=', 'NO')]")
        partner = self.make_partner()
        self.make_partner(ref="NO")
        self.assertEvents(("created", partner.id))
        partner.ref = "X"
        self.assertEvents()

    def test_updated_is_any_difference(self) -> None:
        self.make_rule(trigger="updated")
        partner = self.make_partner()
        self.assertEvents()
        partner.name = "Berta"
        self.assertEvents(("updated", partner.id))
        partner.write({"name": "Berta"})
        self.assertEvents()

    def test_updated_with_fields_is_a_change_of_one_of_them(self) -> None:
        fields = self.get_field("ref") + self.get_field("category_id")
        self.make_rule(trigger="updated", trigger_field_ids=[Command.set(fields.ids)])
        partner = self.make_partner()
        self.assertEvents()
        partner.name = "Berta"
        self.assertEvents()
        partner.write({"name": "Carla", "ref": "X"})
        self.assertEvents(("updated", partner.id))
        partner.category_id = [Command.create({"name": "Red"})]
        self.assertEvents(("updated", partner.id))

    def test_created_or_updated(self) -> None:
        self.make_rule(trigger="created_or_updated", event_type="partner")
        partner = self.make_partner()
        (event,) = self.assertEvents(("created", partner.id))
        self.assertEqual(event["type"], "partner")
        partner.name = "Berta"
        self.assertEvents(("updated", partner.id))

    def test_deleted_is_told_with_the_last_payload(self) -> None:
        self.make_rule(trigger="deleted", trigger_domain="[('ref', '=', 'GO')]")
        kept, gone = self.make_partner(ref="NO"), self.make_partner(ref="GO")
        self.take()
        (kept + gone).unlink()
        (event,) = self.assertEvents(("deleted", gone.id))
        self.assertEqual(event["body"]["data"], {"name": "Anna", "ref": "GO"})

    def test_what_could_not_be_deleted_is_not_told(self) -> None:
        self.make_rule(trigger="deleted")
        partner = new_test_user(self.env, "webhook_user").partner_id
        self.take()
        # No assertRaises, which would undo it in a savepoint of its own.
        try:
            partner.unlink()
        except (UserError, RedirectWarning):
            self.assertTrue(partner.exists())
            self.assertEvents()
        else:
            self.fail("deleted")

    def test_archived_and_unarchived(self) -> None:
        archived = self.make_rule(trigger="archived")
        unarchived = self.make_rule(trigger="unarchived")
        partner = self.make_partner()
        self.assertEvents()
        partner.action_archive()
        (event,) = self.assertEvents(("archived", partner.id))
        self.assertEqual(event["rule"], archived)
        partner.name = "Berta"
        self.assertEvents()
        partner.action_unarchive()
        (event,) = self.assertEvents(("unarchived", partner.id))
        self.assertEqual(event["rule"], unarchived)

    def test_time_is_reached_once_and_not_for_the_past(self) -> None:
        now = self.env.cr.now()
        old = self.make_partner(ref="GO")
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [now - datetime.timedelta(days=9), old.id],
        )
        self.make_rule(
            trigger="due",
            trigger_domain="[('ref', '=', 'GO')]",
            date_field_id=self.get_field("create_date").id,
            delay=2,
            delay_unit="hour",
        )
        partner = self.make_partner(ref="GO")
        self.take()
        self.run_automations(now + datetime.timedelta(hours=1))
        self.assertEvents()
        self.run_automations(now + datetime.timedelta(hours=3))
        self.assertEvents(("due", partner.id))
        self.run_automations(now + datetime.timedelta(hours=4))
        self.assertEvents()

    def run_automations(self, now: datetime.datetime) -> None:
        """Do what core's cron does, at another time."""
        automations = self.env["base.automation"].search([("trigger", "=", "on_time")])
        for automation in automations:
            found = automation._search_time_based_automation_records(until=now)
            for record in found:
                automation._process(record)
            automation.write({"last_run": now})

    def test_computed_field_starts_to_match(self) -> None:
        """Nobody writes the field: core computes it from the parent's name."""
        self.make_rule(
            trigger_domain="[('commercial_company_name', '=', 'Shop Ltd')]",
            payload_fields='{"company": "{commercial_company_name}"}',
        )
        parent = self.make_partner(name="Shop", is_company=True)
        child = self.make_partner(parent_id=parent.id)
        self.assertEvents()
        parent.name = "Shop Ltd"
        events = self.take()
        self.assertEqual({event["id"] for event in events}, {parent.id, child.id})
        self.assertEqual(
            {event["body"]["data"]["company"] for event in events}, {"Shop Ltd"}
        )
        parent.name = "Shop Ltd"
        self.assertEvents()

    def test_field_that_is_not_stored_starts_to_match(self) -> None:
        self.make_rule(trigger_domain="[('company_type', '=', 'company')]")
        partner = self.make_partner()
        self.assertEvents()
        partner.is_company = True
        self.assertEvents(("updated", partner.id))

    def test_archived_rule_tells_nothing(self) -> None:
        rule = self.make_rule(trigger="created_or_updated")
        rule.active = False
        partner = self.make_partner()
        self.assertEvents()
        rule.active = True
        partner.name = "Berta"
        self.assertEvents(("updated", partner.id))

    def test_changed_rule_is_followed_at_once(self) -> None:
        rule = self.make_rule(trigger_domain="[('ref', '=', 'GO')]")
        rule.write({"trigger_domain": "[('ref', '=', 'RUN')]", "body_format": "data"})
        partner = self.make_partner(ref="GO")
        self.assertEvents()
        partner.ref = "RUN"
        (event,) = self.assertEvents(("updated", partner.id))
        self.assertEqual(event["body"], {"name": "Anna", "ref": "RUN"})


class TestAutomation(WebhookRuleCase):
    def test_each_active_rule_owns_an_automation_without_actions(self) -> None:
        rule = self.make_rule(trigger_domain="[('ref', '=', 'GO')]")
        automation = rule.automation_id
        self.assertRecordValues(
            automation,
            [
                {
                    "name": "Webhook: Partners",
                    "model_name": "res.partner",
                    "trigger": "on_create_or_write",
                    "filter_domain": "[('ref', '=', 'GO')]",
                    "filter_pre_domain": "[('ref', '!=', 'GO')]",
                    "active": True,
                }
            ],
        )
        self.assertFalse(automation.action_server_ids)
        rule.write({"name": "Renamed", "trigger": "deleted"})
        self.assertEqual(automation.name, "Webhook: Renamed")
        self.assertEqual(automation.trigger, "on_unlink")
        rule.active = False
        self.assertFalse(automation.active)
        rule.unlink()
        self.assertFalse(automation.exists())

    def test_automation_of_a_rule_is_changed_by_the_rule_only(self) -> None:
        automation = self.make_rule(trigger="created").automation_id
        with self.assertRaisesRegex(UserError, "webhook rule 'Partners'"):
            automation.trigger = "on_unlink"
        with self.assertRaisesRegex(UserError, "webhook rule 'Partners'"):
            automation.unlink()
        automation.last_run = "2026-01-01 00:00:00"  # core's own

    def test_copy_of_a_rule_has_an_automation_of_its_own(self) -> None:
        rule = self.make_rule(trigger="created")
        copy = rule.copy()
        self.assertEqual(copy.name, "Partners (copy)")
        self.assertTrue(copy.automation_id)
        self.assertNotEqual(copy.automation_id, rule.automation_id)

    def test_automations_of_people_go_on(self) -> None:
        self.make_rule(trigger="created_or_updated")
        action = {"name": "x", "model_id": self.model_partner.id, "state": "code"}
        automation = self.env["base.automation"].create(
            {
                "name": "Mark",
                "model_id": self.model_partner.id,
                "trigger": "on_create_or_write",
                "filter_domain": "[('ref', '=', 'GO')]",
            }
        )
        self.env["ir.actions.server"].create(
            action
            | {
                "base_automation_id": automation.id,
                "code": "record.write({'comment': 'marked'})",
            }
        )
        partner = self.make_partner(ref="GO")
        self.assertIn("marked", partner.comment)
        self.assertEvents(("created", partner.id))
