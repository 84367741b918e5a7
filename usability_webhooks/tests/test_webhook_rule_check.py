# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a rule cannot be, and what becomes of one that breaks later."""

from __future__ import annotations

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import mute_logger, new_test_user

from .webhook_rule_case import WebhookRuleCase

CHECK = "odoo.addons.usability_webhooks.models.webhook_rule_check"
AUTOMATION = "odoo.addons.usability_webhooks.models.base_automation"


class TestRefused(WebhookRuleCase):
    def assertRefused(self, reason: str, **vals) -> None:
        """Check that such a rule is refused for a reason, and fine when archived."""
        with self.assertRaisesRegex(ValidationError, reason):
            self.make_rule(**vals)
        rule = self.make_rule(**vals, active=False)
        self.assertEqual(rule.state, "off")
        self.assertRegex(rule.error, reason)
        with self.assertRaisesRegex(ValidationError, reason):
            rule.active = True

    def test_bad_domains_are_refused_with_the_reason(self) -> None:
        for text, reason in (
            ("[('nmae', '=', 'x')]", "Invalid field res.partner.nmae"),
            ("[('parent_id.nmae', '=', 'x')]", "Invalid field res.partner.nmae"),
            ("[('name', 'equals', 'x')]", "Invalid operator"),
            ("[('name', 'any!', [])]", "any!"),
            ("[('create_date', '>', 'soon')]", "soon"),
            ("[('name', '=')]", "cannot be read"),
            ("name = 'x'", "not a list of conditions"),
            ("{'name': 'x'}", "not a list of conditions"),
            ("[('user_id', '=', uid)]", "asks for 'uid'"),
            (
                "[('create_date', '>', context_today().strftime('%Y'))]",
                "asks for 'context_today'.*'today -7d'",
            ),
            ("[('name', '=', __import__('os').getcwd())]", "asks for '__import__'"),
            ("[('name', '=', 'a\\x00')]", "NUL"),
            ("[" * 2000, "not a list of conditions"),
        ):
            with self.subTest(text=text[:80]):
                self.assertRefused(reason, trigger="created", trigger_domain=text)

    def test_relative_dates_are_fine(self) -> None:
        self.make_rule(trigger_domain="[('create_date', '>=', 'today -1d')]")
        partner = self.make_partner()
        self.assertEvents(("created", partner.id))

    def test_what_a_trigger_needs(self) -> None:
        country = self.env["ir.model.fields"]._get("res.country", "name")
        users_log = self.env["ir.model"]._get("res.users.log")
        for reason, vals in (
            ("which records match", {"trigger": "matches"}),
            ("which date", {"trigger": "due"}),
            ("has no field 'name'|has no field", {"date_field_id": country.id}),
            (
                "cannot be archived",
                {"trigger": "archived", "model_id": users_log.id, "payload_fields": ""},
            ),
            ("which endpoint", {"trigger": "created", "endpoint_id": False}),
        ):
            vals = {"trigger": "due"} | vals
            if vals.get("date_field_id"):
                vals["model_id"] = self.model_partner.id
                continue
            with self.subTest(reason=reason):
                self.assertRefused(reason, **vals)

    def test_fields_of_another_model_are_refused(self) -> None:
        name = self.env["ir.model.fields"]._get("res.country", "code")
        self.assertRefused(
            "has no field 'code'",
            trigger="updated",
            trigger_field_ids=[Command.set(name.ids)],
        )

    def test_bad_templates_are_refused_with_the_reason(self) -> None:
        for text, reason in (
            ('{"name": "{nmae}"}', "has no field 'nmae'"),
            ('{"name": ', "The payload cannot be made"),
            ('{"x": "{__class__}"}', "The payload cannot be made"),
        ):
            with self.subTest(text=text):
                self.assertRefused(reason, trigger="created", payload_fields=text)

    def test_what_its_user_may_not_read_is_refused(self) -> None:
        reader = new_test_user(self.env, "webhook_reader", "base.group_user")
        self.assertRefused(
            "may not read ir.cron records",
            trigger="created",
            model_id=self.env["ir.model"]._get("ir.cron").id,
            payload_fields="",
            user_id=reader.id,
        )
        with mute_logger("odoo.orm.models"):
            self.assertRefused(
                "enough rights to access the field",
                trigger_domain="[('signup_type', '=', 'x')]"
                if "signup_type" in self.env["res.partner"]._fields
                else "[('user_ids.api_key_ids', '!=', False)]",
                payload_fields="",
                user_id=reader.id,
            )

    def test_models_without_records_are_refused(self) -> None:
        for name in ("base", "base.language.install"):
            with self.subTest(model=name):
                self.assertRefused(
                    "no records that are kept",
                    trigger="created",
                    model_id=self.env["ir.model"]._get(name).id,
                    payload_fields="",
                )

    def test_user_who_is_archived_is_refused(self) -> None:
        reader = new_test_user(self.env, "webhook_reader", "base.group_user")
        rule = self.make_rule(trigger="created", user_id=reader.id)
        self.assertEqual(rule.state, "on")
        self.env.registry.cache_invalidated.clear()
        reader.active = False
        self.assertEqual(rule.state, "broken")
        self.assertIn("is archived", rule.error)
        # Core clears the cache that rules are read into; this transaction edits them.
        self.assertIn("default", self.env.registry.cache_invalidated)
        self.env["webhook.outbound.capture"]._close_book()
        self.make_partner()
        self.assertEvents()


class TestBroken(WebhookRuleCase):
    """A field goes away that a rule needs."""

    def setUp(self) -> None:
        super().setUp()
        self.field = self.env["ir.model.fields"].create(
            {
                "model_id": self.model_partner.id,
                "name": "x_webhook",
                "ttype": "char",
                "field_description": "Webhook",
            }
        )
        self.addCleanup(self.forget_field)

    def forget_field(self) -> None:
        """Take it out of the registry, which no rollback does."""
        self.env.registry._setup_models__(self.env.cr, ["res.partner"])

    def lose_field(self) -> None:
        # As an uninstalled module would: nobody asks whether it is in use.
        self.env.cr.execute(
            "DELETE FROM ir_model_fields WHERE id = %s", [self.field.id]
        )
        self.env.invalidate_all()
        self.env.registry._setup_models__(self.env.cr, ["res.partner"])
        self.env.registry.clear_cache()
        self.assertNotIn("x_webhook", self.env["res.partner"]._fields)

    def test_rule_turns_red_and_changes_go_on(self) -> None:
        domain = self.make_rule(
            name="Domain", trigger_domain="[('x_webhook', '=', 'GO')]"
        )
        template = self.make_rule(
            name="Template", trigger="created", payload_fields='{"x": "{x_webhook}"}'
        )
        watched = self.make_rule(
            name="Date",
            trigger="deleted",
            trigger_domain="[('x_webhook', '=', False)]",
        )
        good = self.make_rule(name="Good", trigger="created_or_updated")
        rules = domain + template + watched
        self.assertEqual(rules.mapped("state"), ["on"] * 3)
        self.lose_field()
        partner = self.make_partner()
        (event,) = self.assertEvents(("created", partner.id))
        self.assertEqual(event["rule"], good)
        partner.name = "Berta"
        self.assertEvents(("updated", partner.id))
        partner.unlink()
        self.assertEvents()
        rules.invalidate_recordset()
        self.assertEqual(rules.mapped("state"), ["broken"] * 3)
        self.assertEqual(good.state, "on")
        for rule in rules:
            self.assertIn("x_webhook", rule.error)
        broken = self.env["webhook.outbound.rule"].search([("state", "=", "broken")])
        self.assertEqual(broken, rules.sorted("name"))

    def test_time_of_a_broken_rule_stops_no_other(self) -> None:
        date = self.env["ir.model.fields"]._get("res.partner", "create_date")
        rule = self.make_rule(
            trigger="due",
            date_field_id=date.id,
            trigger_domain="[('x_webhook', '=', False)]",
        )
        self.lose_field()
        found = rule.automation_id._search_time_based_automation_records(
            until=self.env.cr.now()
        )
        self.assertFalse(found)

    def test_owner_is_told_once(self) -> None:
        rule = self.make_rule(trigger_domain="[('x_webhook', '=', 'GO')]")
        self.lose_field()
        troubles = self.env["webhook.rule.trouble"]
        for _each in range(2):
            troubles._gc_check_rules()
        (activity,) = rule.activity_ids
        self.assertEqual(activity.user_id, rule.owner_id)
        self.assertIn("x_webhook", activity.note)
        rule.trigger_domain = "[('ref', '=', 'GO')]"
        self.assertEqual(rule.state, "on")
        self.assertFalse(rule.told_problem)

    def test_trouble_at_work_is_told_until_somebody_checks(self) -> None:
        rule = self.make_rule(trigger="created")
        troubles = self.env["webhook.rule.trouble"]
        for _each in range(2):
            troubles._tell({rule.id: {"problem": "Events were lost: x"}})
        self.assertEqual(rule.state, "broken")
        self.assertEqual(rule.error, "Events were lost: x")
        self.assertEqual(len(rule.activity_ids), 1)
        rule.action_check_again()
        self.assertEqual(rule.state, "on")
        self.assertFalse(rule.error)

    def test_domain_that_fails_stops_nobody(self) -> None:
        self.make_rule(trigger_domain="[('company_type', '=', 'company')]")
        field = self.env["res.partner"]._fields["company_type"]
        self.make_partner()  # from here on the rule is known to be fine

        def fail(*_args):
            raise ValueError("broken")

        self.patch(field, "filter_function", fail)
        with self.assertLogs(AUTOMATION, "ERROR"):
            partner = self.make_partner()
        self.assertTrue(partner.exists())
        self.assertEvents()


class TestReader(WebhookRuleCase):
    """Who may have something read in whose rights."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        group = "usability_webhooks.group_api_manager"
        cls.manager = new_test_user(cls.env, "webhook_manager", group)
        cls.boss = cls.env.ref("base.user_admin")

    def test_manager_makes_rules_that_read_as_himself_only(self) -> None:
        vals = {
            "name": "Mine",
            "model_id": self.model_partner.id,
            "trigger": "created",
            "endpoint_source": "static",
            "endpoint_id": self.endpoint.id,
        }
        rules = self.env["webhook.outbound.rule"].with_user(self.manager)
        rule = rules.create(vals)
        self.assertEqual(rule.user_id, self.manager)
        automation = self.env["webhook.outbound.rule"].browse(rule.id).automation_id
        self.assertTrue(automation)
        rule.payload_fields = '{"name": "{name}"}'
        self.assertIn("name", rule.preview)
        with self.assertRaisesRegex(AccessError, "Read As"):
            rule.user_id = self.boss
        with self.assertRaisesRegex(AccessError, "Read As"):
            rules.create(vals | {"user_id": self.boss.id})
        partner = self.make_partner()
        self.assertEvents(("created", partner.id))
        rule.unlink()

    def test_manager_cannot_change_what_a_rule_of_others_says(self) -> None:
        rule = self.make_rule(trigger="created", user_id=self.boss.id)
        mine = rule.with_user(self.manager)
        for vals in (
            {"payload_fields": '{"secret": "{ref}"}'},
            {"endpoint_id": self.endpoint.id},
            {"endpoint_url": "https://thief.example.com/"},
            {"trigger_domain": "[('ref', '=', 'X')]"},
            {"user_id": self.manager.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                mine.write(vals)
        self.assertIn("Read As", mine.preview)
        mine.active = False
        mine.note = "Switched off, it made noise."
        self.assertEqual(rule.state, "off")
