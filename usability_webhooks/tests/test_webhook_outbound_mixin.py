# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An heir of the mixin shows its webhooks and says things to templates."""

from __future__ import annotations

from odoo import fields, models
from odoo.orm.model_classes import add_to_registry
from odoo.tests import new_test_user

from .webhook_rule_case import WebhookRuleCase

NAME = "webhook.test.heir"
URL = "https://hooks.example.com/heir"


class Heir(models.Model):
    """A model as a module of a customer would have it."""

    _module = None
    _name = NAME
    _inherit = ["webhook.outbound.mixin"]
    _description = "Heir"

    name = fields.Char()
    state = fields.Selection([("draft", "Draft"), ("done", "Finished")])

    def _webhook_shout(self, sign: str = "!") -> str:
        return f"{self.name.upper()}{sign}"


class TestMixin(WebhookRuleCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        registry = cls.env.registry
        add_to_registry(registry, Heir)
        registry._setup_models__(cls.env.cr, [NAME])
        registry.init_models(cls.env.cr, [NAME], {"models_to_check": True})
        cls.addClassCleanup(cls.forget_model)
        cls.user = new_test_user(cls.env, "webhook_heir", "base.group_user")
        cls.env["ir.model.access"].create(
            {
                "name": "heir",
                "model_id": cls.env["ir.model"]._get(NAME).id,
                "perm_read": True,
                "perm_write": True,
            }
        )
        cls.callback = cls.env["webhook.endpoint"].create(
            {"name": "Callers", "kind": "callback", "host": "hooks.example.com"}
        )
        cls.rule = cls.make_rule(
            model_id=cls.env["ir.model"]._get(NAME).id,
            trigger_domain="[('state', '=', 'done')]",
            endpoint_source="record",
            endpoint_id=False,
            payload_fields='{"shout": "{@_webhook_shout(?)}", "s": "{state:label}"}',
        )

    @classmethod
    def forget_model(cls) -> None:
        """Take it out of the registry, which no rollback does."""
        del cls.env.registry[NAME]
        cls.env.registry._setup_models__(cls.env.cr, [])

    def make_heir(self, **vals):
        return self.env[NAME].create({"name": "Anna", "callback_url": URL} | vals)

    def finish(self, state: str) -> None:
        """Let the last delivery be over, as the sender does."""
        self.env.cr.flush()
        self.env.cr.execute(
            "UPDATE webhook_outbound_delivery SET state = %s,"
            " last_attempt_at = '2026-01-02 03:04:05.6'"
            " WHERE id = (SELECT max(id) FROM webhook_outbound_delivery)",
            [state],
        )
        self.env.invalidate_all()

    def test_its_field_is_where_it_goes(self) -> None:
        heir = self.make_heir()
        heir.state = "done"
        (event,) = self.assertEvents(("created", heir.id))
        self.assertEqual(event["url"], URL)
        self.assertEqual(event["body"]["data"], {"shout": "ANNA?", "s": "Finished"})

    def test_its_field_goes_before_what_a_request_named(self) -> None:
        heir = self.make_heir()
        self.env.cr.execute(
            "INSERT INTO webhook_callback (res_model, res_id, url, endpoint_id,"
            " named_at) VALUES (%s, %s, %s, %s, now())",
            [NAME, heir.id, f"{URL}/request", self.callback.id],
        )
        found = self.env["webhook.callback"]._find(NAME, heir.ids)
        self.assertEqual(found, {heir.id: (self.callback.id, URL)})
        heir.callback_url = False
        found = self.env["webhook.callback"]._find(NAME, heir.ids)
        self.assertEqual(found, {heir.id: (self.callback.id, f"{URL}/request")})

    def test_its_field_leads_to_allowed_hosts_only(self) -> None:
        for url in ("https://evil.example.com/", "http://127.0.0.1/", "nonsense"):
            with self.subTest(url=url):
                heir = self.make_heir(callback_url=url, state="done")
                self.assertTrue(heir.exists())
                self.assertEvents()

    def test_request_shows_on_the_record(self) -> None:
        heir = self.make_heir(callback_url=False)
        heir._set_callback_url({heir.id: URL})
        self.assertEqual(heir.callback_url, URL)

    def test_state_is_that_of_the_last_delivery_that_is_over(self) -> None:
        heir, other = self.make_heir(), self.make_heir()
        self.assertFalse(heir.webhook_last_state)
        heir.state = "done"
        self.finish("pending")
        self.assertFalse(heir.webhook_last_state)
        self.finish("dead")
        date = heir.write_date
        self.assertEqual(heir.webhook_last_state, "failed")
        self.assertEqual(str(heir.webhook_last_sent_date), "2026-01-02 03:04:05")
        self.finish("delivered")
        self.assertEqual(heir.webhook_last_state, "done")
        self.assertEqual(heir.write_date, date)
        self.assertFalse(other.webhook_last_state)
        # Who sees the record sees it, without seeing deliveries.
        self.assertEqual(heir.with_user(self.user).webhook_last_state, "done")
        self.assertFalse(self.env[NAME].new({}).webhook_last_state)
