# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Payloads made from records: the forms of 18.0, and what is refused at save."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

LOGGER = "odoo.addons.usability_webhooks.tools.webhook_rendering"


class PayloadCase(TransactionCase):
    """A partner with lines, and the user whose rights payloads are read with."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.reader = new_test_user(cls.env, "payload_reader", groups="base.group_user")
        cls.tags = cls.env["res.partner.category"].create(
            [{"name": "P one"}, {"name": "P two"}]
        )
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Payload",
                "ref": "P1",
                "type": "invoice",
                "comment": "<p>Hello <b>world</b></p>",
                "country_id": cls.env.ref("base.es").id,
                "category_id": [Command.set(cls.tags.ids)],
                "child_ids": [
                    Command.create({"name": "Zoe", "color": 1, "ref": "Z"}),
                    Command.create({"name": "Anna", "color": 0}),
                ],
            }
        )

    def render(self, template: object, records=None, user=None) -> list:
        """Return the payloads, read with the rights of ``user``."""
        text = template if isinstance(template, str) else json.dumps(template)
        records = self.partner if records is None else records
        records = records.with_user(user or self.reader)
        made = self.env["webhook.payload.template"]._render(records, text)
        json.dumps(made, allow_nan=False)
        return made

    def value(self, text: object, records=None, user=None) -> object:
        """Return what one text of a template becomes, with no warning."""
        with self.assertNoLogs(LOGGER, logging.WARNING):
            return self.render({"a": text}, records, user)[0]["a"]

    def null(self, text: str, records=None, user=None) -> str:
        """Check that a text is sent as null; return the warning about it."""
        with self.assertLogs(LOGGER, logging.WARNING) as logs:
            made = self.render({"a": text}, records, user)
        self.assertEqual({payload["a"] for payload in made}, {None})
        self.assertEqual(len(logs.output), 1)
        self.assertIn("'a' is sent as null", logs.output[0])
        return logs.output[0]

    def add_method(self, name: str, method) -> None:
        """Give partners a method for the length of a test."""
        cls = self.registry["res.partner"]
        patcher = patch.object(cls, name, method, create=True)
        patcher.start()
        self.addCleanup(patcher.stop)


@tagged("post_install", "-at_install")
class TestWebhookPayloadTemplate(PayloadCase):
    # -- as 18.0 sent it ------------------------------------------------------

    def test_raw_values(self) -> None:
        written = self.partner.create_date
        for text, value in (
            ("{id}", self.partner.id),
            ("{name}", "Payload"),
            ("{vat}", False),
            ("{color}", 0),
            ("{partner_latitude}", 0.0),
            ("{active}", True),
            ("{comment}", "<p>Hello <b>world</b></p>"),
            ("{create_date}", str(written)),
            ("{country_id.code}", "ES"),
            ("{state_id.name}", False),
            ("{state_id.country_id.phone_code}", 0),
            ("static", "static"),
            (7, 7),
            (None, None),
        ):
            with self.subTest(text=text):
                found = self.value(text)
                self.assertEqual(found, value)
                self.assertIs(type(found), type(value))

    def test_times_are_written_as_18_0_did(self) -> None:
        user = self.env.user
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [datetime(2026, 7, 31, 12), self.partner.id],
        )
        self.partner.invalidate_recordset()
        self.assertEqual(self.value("{create_date}", user=user), "2026-07-31 12:00:00")
        self.assertEqual(self.value("{create_date:date}"), "2026-07-31")
        rate = self.env["res.currency.rate"].create(
            {"currency_id": self.env.ref("base.EUR").id, "name": "2031-02-03"}
        )
        self.assertEqual(self.value("{name}", rate, user), "2031-02-03")
        self.assertEqual(self.value("{name:join}", rate, user), "2031-02-03")

    def test_forms(self) -> None:
        self.env["res.lang"]._activate_lang("fr_FR")
        labels = dict(self.partner._fields["type"]._description_selection(self.env))
        for text, value in (
            ("{type:label}", labels["invoice"]),
            ("{category_id.name:join}", "P one, P two"),
            ("{child_ids.color:join}", "0, 1"),
            ("{child_ids.ref:join}", "Z"),
            ("{child_ids.parent_id.name:join}", "Payload"),
            ("{child_ids.active:join}", "True, True"),
            ("{comment:text}", "Hello *world*"),
            ("{vat:text}", ""),
            ("{state_id.name:join}", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(self.value(text), value)
        french = self.partner.with_context(lang="fr_FR")
        field = french._fields["type"]
        self.assertEqual(
            self.value("{type:label}", french),
            dict(field._description_selection(french.env))["invoice"],
        )

    def test_record_alone_is_its_id(self) -> None:
        """18.0 sent Python's ``res.country(69,)``, which no receiver can use."""
        child = self.partner.child_ids[0]
        self.assertEqual(self.value("{country_id}"), self.env.ref("base.es").id)
        self.assertIs(self.value("{state_id}"), False)
        self.assertEqual(self.value("{category_id}"), self.tags.ids)
        self.assertEqual(self.value("{child_ids}", child), [])
        self.assertEqual(
            self.value("{category_id:join}"), ", ".join(map(str, self.tags.ids))
        )

    def test_reference_is_text_and_leads_on(self) -> None:
        action = self.env["ir.actions.server"].create(
            {
                "name": "R",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "object_write",
                "update_path": "country_id",
                "resource_ref": f"res.country,{self.env.ref('base.es').id}",
            }
        )
        admin = self.env.ref("base.user_admin")
        self.assertEqual(
            self.value("{resource_ref}", action, admin),
            f"res.country,{self.env.ref('base.es').id}",
        )
        self.assertEqual(self.value("{resource_ref.code}", action, admin), "ES")
        action.resource_ref = False
        self.assertIs(self.value("{resource_ref}", action, admin), False)
        self.assertIs(self.value("{resource_ref.code}", action, admin), False)
        self.assertEqual(self.value("{resource_ref.code:join}", action, admin), "")

    def test_objects_arrays_and_lines(self) -> None:
        template = {
            "code": "{name}",
            "app": "Shop",
            "data": {"id": "{id}", "country": "{country_id.code}"},
            "child_ids": [{"n": "{name}", "up": {"of": "{parent_id.name}"}}],
            " category_id ": ["{name}"],
            "email": ["static", 1],
            "ref": ["{ref}"],
            "none": [],
            "two": ["{name}", ["{ref}"]],
        }
        self.assertEqual(
            self.render(template),
            [
                {
                    "code": "Payload",
                    "app": "Shop",
                    "data": {"id": self.partner.id, "country": "ES"},
                    "child_ids": [
                        {"n": "Anna", "up": {"of": "Payload"}},
                        {"n": "Zoe", "up": {"of": "Payload"}},
                    ],
                    " category_id ": ["P one", "P two"],
                    "email": ["static", 1],
                    "ref": ["P1"],
                    "none": [],
                    "two": ["Payload", ["P1"]],
                }
            ],
        )

    def test_empty_template_is_the_id(self) -> None:
        for text in (None, False, "", "{}"):
            expected = {} if text == "{}" else {"id": self.partner.id}
            made = self.env["webhook.payload.template"]._render(self.partner, text)
            self.assertEqual(made, [expected])

    def test_list_form_has_the_shapes_of_search_data(self) -> None:
        spain = self.env.ref("base.es")
        made = self.render(["name", "vat", "country_id{code}", "child_ids{name}"])
        self.assertEqual(
            made,
            [
                {
                    "id": self.partner.id,
                    "name": "Payload",
                    "vat": False,
                    "country_id": [{"id": spain.id, "code": "ES"}],
                    "child_ids": [
                        {"id": child.id, "name": child.name}
                        for child in self.partner.child_ids
                    ],
                }
            ],
        )
        self.assertEqual(self.render([]), [{"id": self.partner.id}])

    def test_records_keep_their_order(self) -> None:
        children = self.partner.child_ids.sorted("name", reverse=True)
        made = self.render({"n": "{name}"}, children)
        self.assertEqual(made, [{"n": "Zoe"}, {"n": "Anna"}])
        self.assertEqual(self.render({"n": "{name}"}, children.browse()), [])

    def test_several_records_need_the_form_join(self) -> None:
        self.assertIn("join", self.null("{category_id.name}"))
        single = self.partner.copy({"category_id": [Command.set(self.tags[0].ids)]})
        self.assertEqual(self.value("{category_id.name}", single), "P one")

    # -- methods --------------------------------------------------------------

    def test_methods_are_called_with_texts(self) -> None:
        def echo(partner, *args):
            return "|".join(args) if args else partner.name

        self.add_method("_webhook_echo", echo)
        self.assertEqual(self.value("{@_webhook_echo}"), "Payload")
        self.assertEqual(self.value("{@_webhook_echo(one, two)}"), "one|two")
        lines = self.value([{"x": "{@_webhook_echo}"}])
        self.assertEqual(lines, [{"x": "Payload"}])
        made = self.render({"child_ids": ["{@_webhook_echo}"]})
        self.assertEqual(made, [{"child_ids": ["Anna", "Zoe"]}])

    def test_what_methods_return_is_made_plain(self) -> None:
        for value, plain in (
            ({"a": (1, datetime(2026, 7, 31, 12))}, {"a": [1, "2026-07-31 12:00:00"]}),
            (None, None),
            (1.5, 1.5),
        ):
            self.add_method("_webhook_give", lambda partner, value=value: value)
            self.assertEqual(self.value("{@_webhook_give}"), plain)
        for value in (self.partner, b"x", float("nan"), "\ud800"):
            self.add_method("_webhook_give", lambda partner, value=value: value)
            with self.subTest(value=repr(value)):
                self.null("{@_webhook_give}")

    # -- what a template needs ------------------------------------------------

    def test_field_names(self) -> None:
        names = self.env["webhook.payload.template"]._get_field_names
        template = {
            "a": {"b": "{country_id.code}", "c": "{@_webhook_x}"},
            "child_ids": [{"n": "{name:join}", "category_id": ["{x_gone}"]}],
        }
        self.assertEqual(
            names("res.partner", json.dumps(template)),
            [
                "child_ids",
                "child_ids.category_id",
                "child_ids.category_id.x_gone",
                "child_ids.name",
                "country_id.code",
            ],
        )
        self.assertEqual(names("res.partner", None), ["id"])
        self.assertEqual(
            names("res.partner", '["name", "child_ids{name}"]'),
            ["child_ids", "child_ids.name", "name"],
        )
        with self.assertRaises(ValidationError):
            names("res.partner", "{")
