# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Secrets sign, change hands without a gap, and are read by nobody."""

from __future__ import annotations

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..tools.webhook_signature import PRIVATE_PREFIX, PUBLIC_PREFIX, SECRET_PREFIX
from .webhook_case import URL, WebhookCase


@tagged("post_install", "-at_install")
class TestSecret(WebhookCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "wh_manager", groups="usability_webhooks.group_api_manager"
        )

    def shown(self, action: dict) -> str:
        """Return what the dialog shows a manager, as the web client loads it."""
        dialog = self.env["webhook.secret.show"].with_user(self.manager)
        dialog = dialog.with_context(**action["context"])
        values = dialog.onchange({}, [], {"secret": {}, "public_key": {}})["value"]
        return values["secret"] or values["public_key"]

    def age(self, hours: int) -> None:
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_endpoint_secret SET"
                " expires_at = expires_at - make_interval(hours => %s)",
                hours,
            )
        )
        self.env.invalidate_all()

    def test_new_endpoint_has_nothing_to_sign_with(self) -> None:
        self.assertEqual(self.endpoint._get_secrets(), [])
        self.assertTrue(self.endpoint.is_secret_missing)

    def test_new_secret_is_shown_and_signs(self) -> None:
        secret = self.shown(self.endpoint.action_new_secret())
        self.assertTrue(secret.startswith(SECRET_PREFIX))
        self.assertEqual(self.endpoint._get_secrets(), [secret])
        self.assertFalse(self.endpoint.is_secret_missing)
        self.assertFalse(self.endpoint.is_secret_replaced)

    def test_replaced_secret_signs_for_a_day(self) -> None:
        old = self.shown(self.endpoint.action_new_secret())
        new = self.shown(self.endpoint.action_new_secret())
        self.assertEqual(self.endpoint._get_secrets(), [new, old])
        self.assertTrue(self.endpoint.is_secret_replaced)
        self.age(23)
        self.assertEqual(self.endpoint._get_secrets(), [new, old])
        self.age(1)
        self.assertEqual(self.endpoint._get_secrets(), [new])
        self.assertFalse(self.endpoint.is_secret_replaced)

    def test_leaked_secret_is_revoked_at_once(self) -> None:
        self.endpoint.action_new_secret()
        new = self.shown(self.endpoint.action_new_secret())
        self.endpoint.action_revoke_replaced()
        self.assertEqual(self.endpoint._get_secrets(), [new])
        with self.assertRaises(UserError):
            self.endpoint.action_revoke_replaced()

    def test_key_pair_stands_beside_the_shared_secret(self) -> None:
        secret = self.shown(self.endpoint.action_new_secret())
        public = self.shown(self.endpoint.action_new_key_pair())
        self.assertTrue(public.startswith(PUBLIC_PREFIX))
        private, same = self.endpoint._get_secrets()
        self.assertTrue(private.startswith(PRIVATE_PREFIX))
        self.assertEqual(same, secret)
        self.assertEqual(self.endpoint.secret_ids.mapped("public_key"), [public, False])
        self.assertFalse(self.endpoint.is_secret_replaced)

    def test_switched_off_nothing_signs(self) -> None:
        self.endpoint.action_new_secret()
        self.endpoint.is_signed = False
        self.assertEqual(self.endpoint._get_secrets(), [])

    def test_endpoints_have_secrets_of_their_own(self) -> None:
        other = self.endpoint.copy()
        self.endpoint.action_new_secret()
        self.assertEqual(other._get_secrets(), [])

    def test_expired_ones_are_deleted(self) -> None:
        self.endpoint.action_new_secret()
        self.endpoint.action_new_secret()
        secrets = self.env["webhook.endpoint.secret"]
        secrets._gc_secrets()
        self.assertEqual(secrets.search_count([]), 2)
        self.age(25)
        secrets._gc_secrets()
        self.assertEqual(secrets.search_count([]), 1)

    def test_managers_only_make_and_revoke(self) -> None:
        reader = new_test_user(
            self.env, "wh_reader", groups="usability_webhooks.group_api_reader"
        )
        endpoint = self.endpoint.with_user(reader)
        for press in (
            endpoint.action_new_secret,
            endpoint.action_new_key_pair,
            endpoint.action_revoke_replaced,
        ):
            with self.assertRaises(AccessError):
                press()
        self.assertEqual(self.endpoint._get_secrets(), [])

    def test_who_made_it_is_noted_without_it(self) -> None:
        secret = self.shown(self.endpoint.action_new_secret())
        notes = self.endpoint.message_ids.mapped("body")
        self.assertTrue(any("New Secret" in note for note in notes))
        self.assertFalse(any(secret in note for note in notes))

    def test_nothing_of_the_orm_knows_the_secret(self) -> None:
        secret = self.shown(self.endpoint.action_new_secret())
        private = self.shown(self.endpoint.action_new_key_pair())
        private = self.endpoint._get_secrets()[0]
        secrets = self.env["webhook.endpoint.secret"].search([])
        for rows in (
            secrets.read(),
            secrets.search_read([]),
            secrets.web_search_read([], {name: {} for name in secrets._fields}),
            secrets.export_data(list(secrets._fields)),
            self.endpoint.read(),
            secrets.copy_data(),
        ):
            self.assertNotIn(secret, str(rows))
            self.assertNotIn(private, str(rows))
        self.assertNotIn("secret", secrets._fields)
        for oracle in (
            lambda: secrets.search([("secret", "=like", "whsec_A%")]),
            lambda: secrets.search([], order="secret"),
            lambda: secrets._read_group([], ["secret"]),
            lambda: self.endpoint.search([("secret_ids.secret", "=", secret)]),
            lambda: secrets.write({"secret": "whsec_known"}),
        ):
            with self.assertRaises(ValueError):
                oracle()

    def test_nobody_writes_one_through_the_orm(self) -> None:
        self.endpoint.action_new_secret()
        secret = self.endpoint.secret_ids.with_user(self.manager)
        for change in (
            secret.unlink,
            lambda: secret.write({"endpoint_id": self.endpoint.copy().id}),
            lambda: secret.create({"endpoint_id": self.endpoint.id, "kind": "shared"}),
        ):
            with self.assertRaises(AccessError):
                change()
        self.assertTrue(secret.exists())


@tagged("post_install", "-at_install")
class TestHeader(WebhookCase):
    VALUE = "Bearer t0p-s3cret"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.endpoint.header_ids = [
            (0, 0, {"name": "Authorization", "value": cls.VALUE}),
        ]
        cls.header = cls.endpoint.header_ids

    def test_value_reaches_the_sender_only(self) -> None:
        sent = {"Authorization": self.VALUE}
        self.assertEqual(self.endpoint._get_headers(), sent)
        # Not even before the transaction ends, from a cache.
        self.assertFalse(self.header.value)
        self.assertTrue(self.header.is_stored)
        self.header.value = "other"
        self.assertFalse(self.header.value)
        self.assertEqual(self.endpoint._get_headers(), {"Authorization": "other"})

    def test_value_is_read_back_on_no_way(self) -> None:
        header = self.header
        fields = {name: {} for name in header._fields}
        view = {"name": {}, "header_ids": {"fields": fields}}
        for found in (
            header.read(),
            header.search_read([]),
            header.web_search_read([], fields),
            header.export_data(list(header._fields)),
            self.endpoint.export_data(["header_ids/value", "header_ids/name"]),
            self.endpoint.web_read(view),
            self.endpoint.onchange({"name": "x"}, ["name"], view),
            header.copy_data(),
            self.endpoint.copy().header_ids.read(),
            header.name_search("Bearer"),
            self.env["mail.render.mixin"]._render_template(
                "<t t-out='object.header_ids.value'/>",
                "webhook.endpoint",
                self.endpoint.ids,
                engine="qweb",
            ),
        ):
            self.assertNotIn("s3cret", str(found))

    def test_value_is_no_oracle(self) -> None:
        header = self.header
        self.assertNotIn("secret_value", header._fields)
        for ask in (
            lambda: header.search([("value", "=like", "Bearer t%")]),
            lambda: header.search([("secret_value", "=like", "Bearer t%")]),
            lambda: self.endpoint.search([("header_ids.value", "!=", False)]),
            lambda: header.search([], order="value"),
            lambda: header._read_group([], ["value"]),
            lambda: header._read_group([], [], ["value:max"]),
        ):
            with self.assertRaises(ValueError):
                ask()

    def test_header_needs_a_value_in_one_line(self) -> None:
        for value in (
            False,
            "",
            " padded ",
            "two\r\nX-Evil: lines",
            "nul\0",
            "ünï",
            "tab\tis fine\x7f",
        ):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.header.value = value
            with self.subTest(value=value), self.assertRaises(UserError):
                self.header.create(
                    {"endpoint_id": self.endpoint.id, "name": "X-A", "value": value}
                )
        self.header.value = "two words\tand a tab"
        self.assertEqual(
            self.endpoint._get_headers(), {"Authorization": "two words\tand a tab"}
        )

    def test_name_is_a_token_that_is_free(self) -> None:
        for name in (
            "Host",
            "content-length",
            "Webhook-Signature",
            "Transfer-Encoding",
            "X A",
            "X:A",
            "X\r\nA",
            "ünï",
        ):
            with self.subTest(name=name), self.assertRaises(UserError):
                self.header.name = name

    def test_name_without_a_new_value_keeps_the_old_one(self) -> None:
        self.header.name = "X-Token"
        self.assertEqual(self.endpoint._get_headers(), {"X-Token": self.VALUE})

    def test_url_is_for_managers(self) -> None:
        reader = new_test_user(
            self.env, "wh_reader", groups="usability_webhooks.group_api_reader"
        )
        endpoint = self.endpoint.with_user(reader)
        self.assertEqual(endpoint.target, "https://shop.example.com")
        self.assertNotIn("s3cret", str(endpoint.read()))
        with self.assertRaises(AccessError):
            endpoint.search([("url", "=", URL)])
