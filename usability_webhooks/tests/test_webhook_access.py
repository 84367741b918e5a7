# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may see and change endpoints and deliveries."""

from __future__ import annotations

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, tagged

from .test_access import (
    MANAGER_AND_UP,
    OPERATIONS,
    READER_AND_UP,
    AccessCase,
)
from .webhook_case import URL, WebhookCase

NOBODY: set[str] = set()
#: Who reads, and who writes, creates and deletes, by model.
MATRIX = {
    "webhook.endpoint": (READER_AND_UP, MANAGER_AND_UP),
    "webhook.endpoint.header": (READER_AND_UP, MANAGER_AND_UP),
    "webhook.endpoint.secret": (MANAGER_AND_UP, NOBODY),
    "webhook.callback": (MANAGER_AND_UP, NOBODY),
    "webhook.outbound.delivery": (READER_AND_UP, NOBODY),
    "webhook.outbound.rule": (READER_AND_UP, MANAGER_AND_UP),
    "webhook.resend": (MANAGER_AND_UP, MANAGER_AND_UP),
}
MENUS = {
    "menu_webhook_deliveries": READER_AND_UP,
    "menu_webhook_endpoints": READER_AND_UP,
    "menu_action_webhook_deliveries": {"administrator"},
    "menu_action_webhook_endpoints": {"administrator"},
}
#: Fields that only managers see.
GUARDED = {
    "webhook.endpoint": {
        "url",
        "secret_ids",
        "is_secret_missing",
        "is_secret_replaced",
    },
    "webhook.outbound.delivery": {
        "url",
        "body",
        "body_formatted",
        "last_response",
        "last_response_formatted",
        "is_resendable",
    },
}


@tagged("post_install", "-at_install")
class TestWebhookAccess(WebhookCase, AccessCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.their_endpoint = cls.env["webhook.endpoint"].create(
            {
                "name": "Theirs",
                "url": URL,
                "company_id": cls.other.id,
                "header_ids": [(0, 0, {"name": "X-Key", "value": "1"})],
            }
        )

    def test_access_rights_are_those_of_the_matrix(self) -> None:
        for model, (readers, writers) in MATRIX.items():
            for operation in OPERATIONS:
                expected = readers if operation == "read" else writers
                with self.subTest(model=model, operation=operation):
                    found = self.allowed(
                        lambda user, model=model, operation=operation: (
                            self.env[model].with_user(user).has_access(operation)
                        )
                    )
                    self.assertEqual(found, expected)

    def test_matrix_leaves_nothing_out(self) -> None:
        ours = {name for name in self.env if name.startswith("webhook.")}
        tables = {name for name in ours if not self.env[name]._abstract}
        self.assertEqual(tables, set(MATRIX))

    def test_fields_for_managers(self) -> None:
        for model, names in GUARDED.items():
            for user, shown in (
                (self.users["reader"], set()),
                (self.users["manager"], names),
            ):
                known = self.env[model].with_user(user).fields_get()
                self.assertEqual(names & set(known), shown, (model, user.login))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_reader_sees_how_it_went_not_what_was_sent(self) -> None:
        delivery = self.put_one()
        mine = delivery.with_user(self.users["reader"])
        self.assertEqual(mine.target, "https://shop.example.com")
        for name in ("url", "body", "body_formatted", "last_response"):
            with self.assertRaises(AccessError, msg=name):
                mine.read([name])
        for field in ("url", "body", "last_response"):
            with self.assertRaises(AccessError, msg=field):
                mine.search([(field, "ilike", "s3cret")])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_only_managers_send_again_and_cancel(self) -> None:
        delivery = self.put_one()
        for name, user in self.users.items():
            mine = delivery.with_user(user)
            for press, before in (
                (mine.action_cancel, "pending"),
                (mine.action_send_again, "dead"),
            ):
                self.settle(delivery, before)
                if name in MANAGER_AND_UP:
                    press()
                    continue
                with self.assertRaises(AccessError, msg=name):
                    press()
                self.assertEqual(delivery.state, before)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_only_managers_press_the_buttons_of_endpoints(self) -> None:
        self.endpoint.is_signed = False
        self.rule.unlink()  # it reads as another: see TestEndpointGuard
        for name, user in self.users.items():
            mine = self.endpoint.with_user(user)
            for press in (
                mine.action_disable,
                mine.action_enable,
                mine.action_send_test,
                mine.action_send_from_here,
                mine.action_new_secret,
                mine.action_new_key_pair,
            ):
                if name in MANAGER_AND_UP:
                    press()
                    continue
                with self.assertRaises(AccessError, msg=name):
                    press()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_rows_of_another_company_are_out_of_sight(self) -> None:
        theirs = self.put_one(company_id=self.other.id)
        ours, nobodys = self.put_one(), self.put_one(company_id=None)
        self.their_endpoint.action_new_secret()
        secret, header = self.their_endpoint.secret_ids, self.their_endpoint.header_ids
        manager = self.users["manager"]
        found = self.deliveries.with_user(manager).search([])
        self.assertEqual(found, nobodys | ours)
        for record in (theirs, self.their_endpoint, secret, header):
            mine = record.with_user(manager)
            self.assertFalse(mine.search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                mine.read(["display_name"])
        for press in (
            theirs.with_user(manager).action_cancel,
            theirs.with_user(manager).action_send_again,
            self.their_endpoint.with_user(manager).action_new_secret,
            self.their_endpoint.with_user(manager).action_enable,
        ):
            with self.assertRaises(AccessError):
                press()
        self.assertEqual(theirs.state, "pending")

    def test_menus_are_those_of_the_matrix(self) -> None:
        for xml_id, expected in MENUS.items():
            menu = self.env.ref(f"usability_webhooks.{xml_id}")
            with self.subTest(menu=xml_id):
                found = self.allowed(lambda user, menu=menu: self.sees(user, menu))
                self.assertEqual(found, expected)

    def sees(self, user, menu) -> bool:
        # Portal and public users have no web client to see a menu in.
        if not user._is_internal():
            return False
        visible = menu.with_user(user)._visible_menu_ids(debug=True)
        path = [int(part) for part in menu.parent_path.strip("/").split("/")]
        return visible.issuperset(path)

    def test_views_open_for_readers_and_offer_them_nothing(self) -> None:
        self.put_one()
        for model, kinds in (
            ("webhook.endpoint", ("list", "form", "kanban", "search")),
            (
                "webhook.outbound.delivery",
                ("list", "form", "kanban", "graph", "pivot", "search"),
            ),
        ):
            records = self.env[model].with_user(self.users["reader"])
            for kind in kinds:
                arch = etree.fromstring(records.get_view(view_type=kind)["arch"])
                names = {node.get("name") for node in arch.iter("button")}
                offered = names & {
                    name for name in dir(records) if name.startswith("action_")
                }
                self.assertLessEqual(offered, {"action_open_record"}, (model, kind))

    def test_views_of_deliveries_offer_no_change(self) -> None:
        for kind in ("list", "form", "kanban"):
            view = self.deliveries.get_view(view_type=kind)
            arch = etree.fromstring(view["arch"])
            for action in ("create", "edit", "delete"):
                self.assertIn(arch.get(action), ("0", "False", "false"), (kind, action))
