# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Templates of payloads that are refused when a rule is saved."""

from __future__ import annotations

import json
import logging
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from ..tools import access_grant
from .test_webhook_payload_template import PayloadCase


@tagged("post_install", "-at_install")
class TestWebhookPayloadCheck(PayloadCase):
    def check(self, template: object, model: str = "res.partner", user=None) -> None:
        text = template if isinstance(template, str) else json.dumps(template)
        env = self.env(user=user or self.reader)
        env["webhook.payload.template"]._check(model, text)

    def assertRefused(self, template: object, *words: str, user=None) -> None:
        with self.assertRaises(ValidationError) as caught:
            self.check(template, user=user)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_good_templates(self) -> None:
        self.add_method("_webhook_ok", lambda partner, a, b="": a)
        for template in (
            "",
            "{}",
            {"a": "{name}", "b": "{country_id.code:join}", "c": "{type:label}"},
            {"child_ids": [{"n": "{category_id.name:join}"}]},
            {"a": "{@_webhook_ok(1)}", "b": "{@_webhook_ok(1, 2)}"},
            {"d": "{write_date:date}", "e": "{comment:text}", "f": "{country_id}"},
            ["name", "child_ids{name, country_id{code}}"],
        ):
            with self.subTest(template=template):
                self.check(template)

    def test_only_fields_are_resolved(self) -> None:
        for path in (
            "write.__func__.__globals__",
            "__class__",
            "env",
            "env.cr",
            "_cr",
            "_fields",
            "unlink",
            "name.upper",
            "ids",
            "partner_id..name",
            ".",
            "0",
            "country_id.__class__",
            "create_uid.env",
        ):
            with self.subTest(path=path):
                self.assertRefused({"a": {"b": f"{{{path}}}"}}, "a.b: ")
                self.null(f"{{{path}}}")

    def test_mistakes_are_told_together_with_their_places(self) -> None:
        self.assertRefused(
            {"a": "{nmae}", "child_ids": [{"x": "{country.code}"}], "z": "{ name }"},
            "a: res.partner has no field 'nmae'. (did you mean name",
            "child_ids[0].x: res.partner has no field 'country'",
            "z: '{ name }' is neither",
        )

    def test_fields_nobody_may_send(self) -> None:
        self.assertRefused({"a": "{image_1920}"}, "a: 'image_1920' holds files")
        self.assertRefused({"a": "{name.x}"}, "'name' does not lead")
        self.assertRefused(["image_1920"], "holds files")
        self.assertRefused(["name{x}"], "name: 'name' does not lead")
        self.assertRefused(["child_ids{nope}"], "child_ids.nope: ")
        field = self.env["res.partner"]._fields["ref"]
        with patch.object(field, "groups", "."):
            admin = self.env.ref("base.user_root")
            self.assertRefused({"a": "{ref}"}, "read by nobody", user=admin)
            self.null("{ref}", user=admin)

    def test_fields_the_user_may_not_read(self) -> None:
        field = self.env["res.partner"]._fields["ref"]
        with patch.object(field, "groups", "base.group_system"):
            words = ("payload_reader may not read 'ref'", "base.group_system")
            self.assertRefused({"a": "{ref}"}, *words)
            self.assertRefused({"a": "{parent_id.ref}"}, *words)
            self.assertRefused(["ref"], *words)
            self.check({"a": "{ref}"}, user=self.env.ref("base.user_admin"))
            self.assertIn("may not be read", self.null("{ref}"))

    def test_models_the_user_may_not_read(self) -> None:
        portal = new_test_user(self.env, "payload_portal", groups="base.group_portal")
        self.assertRefused(
            {"a": "{category_id.name:join}"},
            "payload_portal may not read res.partner.category",
            user=portal,
        )

    def test_forms_that_make_no_sense(self) -> None:
        self.assertRefused({"a": "{name:lable}"}, "'lable'", "did you mean label")
        self.assertRefused({"a": "{name:label}"}, "'label' makes nothing", "char")
        self.assertRefused({"a": "{color:date}"}, "'date' makes nothing")
        self.assertRefused({"a": "{color:text}"}, "'text' makes nothing")

    def test_methods_that_cannot_be_called(self) -> None:
        self.add_method("_webhook_total", lambda partner, currency: 1)
        self.assertRefused({"a": "{@unlink}"}, "a: '{@unlink}' is neither")
        self.assertRefused({"a": "{@_webhook_totla(x)}"}, "did you mean _webhook_total")
        self.assertRefused({"a": "{@_webhook_total}"}, "cannot be called so")
        self.assertRefused({"a": "{@_webhook_total(a, b)}"}, "cannot be called so")
        # As 18.0 sent it, should a stored rule still say so.
        self.assertEqual(self.value("{@unlink}"), "{@unlink}")
        self.assertIn("no such method", self.null("{@_webhook_gone}"))

    def test_hostile_texts_are_refused_and_never_break_a_rendering(self) -> None:
        for text in ("{", "[" * 99, '{"a": NaN}', '{"a": 1, "a": 2}', "3", "[1]"):
            with self.subTest(text=text):
                self.assertRefused(text)
                with self.assertLogs(
                    "odoo.addons.usability_webhooks.models", logging.WARNING
                ):
                    self.assertEqual(self.render(text), [{"id": self.partner.id}])

    def test_profile_of_the_key_that_made_the_change_does_not_narrow(self) -> None:
        with access_grant.held(access_grant.Grant(profile_id=1)):
            self.check(["name", "country_id"])
            made = self.render(["name", "country_id"])
        spain = self.env.ref("base.es")
        self.assertEqual(made[0]["name"], "Payload")
        self.assertEqual(made[0]["country_id"], [spain.id, spain.display_name])
