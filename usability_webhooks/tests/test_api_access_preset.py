# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Profiles made from presets: complete, usable as they are, and no wider."""

from __future__ import annotations

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from ..tools.access_grant import OPERATIONS
from ..tools.access_presets import PRESETS, PresetRule
from ..tools.api_request import ROUTES
from .common import ApiHttpCase, make_narrow_key, requires, skip_without_models

BUSINESS = ("sale.order", "purchase.order", "account.move", "stock.picking")
#: Who sends the requests may do more than any preset.
GROUPS = (
    "sales_team.group_sale_manager",
    "stock.group_stock_manager",
    "account.group_account_manager",
    "purchase.group_purchase_manager",
    "base.group_partner_manager",
)


def make_from_preset(env, preset: str):
    """Return the profile the dialog makes, pressed as it opens."""
    wizard = env["api.access.preset"].create({"preset": preset})
    action = wizard.action_create_profile()
    return env[action["res_model"]].browse(action["res_id"])


@requires(*BUSINESS)
@tagged("post_install", "-at_install")
class TestPresets(TransactionCase):
    required_models: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        skip_without_models(cls)

    def test_every_name_in_a_preset_is_one(self) -> None:
        for preset_name, preset in PRESETS.items():
            self.assertLessEqual({*preset.routes.split()}, {*ROUTES})
            for model, rule in preset.rules.items():
                with self.subTest(preset=preset_name, model=model):
                    self.assertIn(model, self.env)
                    self.assertLessEqual({*rule.may.split()}, {*OPERATIONS})
                    names = {*rule.reads.split(), *rule.writes.split()}
                    self.assertFalse(names - {*self.env[model]._fields})
                    for method in rule.methods.split():
                        self.assertTrue(hasattr(self.env[model], method), method)

    def test_nothing_a_preset_allows_is_shut_by_its_routes(self) -> None:
        for preset in PRESETS:
            with self.subTest(preset=preset):
                summary = make_from_preset(self.env, preset).summary
                self.assertNotIn("Without effect", summary)
                self.assertNotIn("no field", summary)

    def test_a_preset_never_says_all_fields(self) -> None:
        for preset in PRESETS:
            rules = make_from_preset(self.env, preset).rule_ids
            modes = {*rules.mapped("read_mode"), *rules.mapped("write_mode")}
            self.assertEqual(modes, {"only"}, preset)

    def test_reporting_writes_nothing(self) -> None:
        profile = make_from_preset(self.env, "reporting")
        grant = profile._get_grant()
        self.assertEqual(grant.routes, {"search_data"})
        for model, rule in grant.models.items():
            self.assertEqual(rule.operations, {"read"}, model)
            self.assertFalse(rule.writable.names)

    def test_the_dialog_shows_what_it_will_make(self) -> None:
        with Form(self.env["api.access.preset"]) as form:
            self.assertEqual(form.name, "Read-only reporting")
            form.preset = "web_shop"
            self.assertEqual(form.name, "Web shop orders")
            self.assertIn("sale.order.line", form.summary)
            form.name = "My shop"
        wizard = form.record
        wizard.action_create_profile()
        profile = self.env["api.access.profile"].search([("name", "=", "My shop")])
        self.assertEqual(profile.summary, wizard.summary)
        self.assertEqual(profile.description, wizard.purpose)

    def test_what_the_database_has_not_is_left_out(self) -> None:
        gone = {
            "no.such.model": PresetRule("read", "name"),
            "res.lang": PresetRule("read call", "name no_such_field", "", "no_method"),
        }
        with patch.dict(PRESETS["reporting"].rules, gone):
            profile = make_from_preset(self.env, "reporting")
        models = profile._get_grant().models
        self.assertNotIn("no.such.model", models)
        self.assertEqual(models["res.lang"].readable.names, {"name"})
        self.assertFalse(models["res.lang"].methods)

    def test_without_its_application_there_is_none(self) -> None:
        wizard = self.env["api.access.preset"].create({"preset": "web_shop"})
        with (
            patch.object(type(wizard), "is_usable", False),
            self.assertRaises(UserError),
        ):
            wizard.action_create_profile()

    def test_employees_make_none(self) -> None:
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            make_from_preset(self.env(user=employee), "reporting")


@requires(*BUSINESS)
@tagged("post_install", "-at_install")
class TestPresetsAtWork(ApiHttpCase):
    """What each preset is for is done with it, over HTTP, as a client would."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user.group_ids += cls.env["res.groups"].union(*map(cls.env.ref, GROUPS))
        cls.product = cls.env["product.product"].create(
            {"name": "Mug", "default_code": "MUG-P", "is_storable": True}
        )
        cls.stock = cls.env.ref("stock.stock_location_stock")
        cls.env["stock.quant"]._update_available_quantity(cls.product, cls.stock, 50)

    def use(self, preset: str) -> None:
        profile = make_from_preset(self.env, preset)
        self.key = make_narrow_key(self.user, profile)

    def order_vals(self) -> dict:
        return {
            "search_key": {"client_order_ref": "SHOP-77"},
            "payload": {
                "partner_id": {"ref": "C-77"},
                "order_line": [
                    {"product_id": {"default_code": "MUG-P"}, "product_uom_qty": 3}
                ],
            },
            "auto_create": {
                "partner_id": {
                    "name": "Customer 77",
                    "ref": "C-77",
                    "email": "c77@example.com",
                    "country_id": {"code": "BE"},
                    "child_ids": [{"name": "Depot", "type": "delivery"}],
                }
            },
            "result_field": ["name", "state", "order_line{product_id{name}}"],
        }

    def test_web_shop(self) -> None:
        self.use("web_shop")
        vals = self.order_vals()
        status, answer = self.call("create_update_data", "sale.order", vals)
        self.assertEqual(status, 400, "an idempotency key is demanded")
        self.assertIn("Idempotency-Key", answer["error"]["message"])
        keyed = self.bearer() | {"Idempotency-Key": "shop-77"}
        order = self.call_ok("create_update_data", "sale.order", vals, headers=keyed)
        self.assertEqual(order["order_line"][0]["product_id"][0]["name"], "Mug")
        confirm = {
            "search_key": {"client_order_ref": "SHOP-77"},
            "payload": {"method": "action_confirm"},
        }
        keyed = self.bearer() | {"Idempotency-Key": "confirm-77"}
        self.call_ok("call_function", "sale.order", confirm, headers=keyed)
        search = {"payload": {"search_domain": [["client_order_ref", "=", "SHOP-77"]]}}
        found = self.call_ok("search_data", "sale.order", search)
        self.assertEqual(found[0]["state"], "sale")
        self.assertTrue(self.env["sale.order"].browse(found[0]["id"]).picking_ids)
        self.assertTrue(self.call_ok("search_data", "product.product", {"payload": {}}))
        self.assert_shut("search_data", "account.move", "unknown_model")
        self.assert_shut("search_data", "stock.picking", "unknown_model")

    def assert_shut(self, route: str, model: str, code: str) -> None:
        _status, answer = self.call(route, model, {"payload": {}})
        self.assertFailure(answer["result"], code)

    def test_stock_scanner(self) -> None:
        picking = self.make_picking()
        self.use("stock_scanner")
        payload = {
            "search_domain": [
                ["state", "=", "assigned"],
                ["picking_type_id.code", "=", "outgoing"],
                ["move_ids.product_id.default_code", "=", "MUG-P"],
            ],
            "search_field": ["name", "move_ids{product_id{barcode}, product_uom_qty}"],
        }
        found = self.call_ok("search_data", "stock.picking", {"payload": payload})
        self.assertEqual([row["id"] for row in found], picking.ids)
        move = found[0]["move_ids"][0]
        book = {
            "search_key": {"id": move["id"]},
            "payload": {"quantity": move["product_uom_qty"], "picked": True},
        }
        self.call_ok("update_data", "stock.move", book)
        done = {
            "search_key": {"id": picking.id},
            "payload": {"method": "button_validate"},
        }
        self.call_ok("call_function", "stock.picking", done)
        self.env.invalidate_all()
        self.assertEqual(picking.state, "done")
        self.assert_shut("search_data", "sale.order", "unknown_model")
        status, answer = self.call("create_data", "stock.picking", {"payload": {}})
        self.assertEqual(status, 403)
        self.assertEqual(answer["error"]["data"]["code"], "access_denied_route")

    def make_picking(self):
        customers = self.env.ref("stock.stock_location_customers")
        places = {"location_id": self.stock.id, "location_dest_id": customers.id}
        move = {"product_id": self.product.id, "product_uom_qty": 4} | places
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.env.ref("stock.picking_type_out").id,
                "move_ids": [Command.create(move)],
                **places,
            }
        )
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(picking.state, "assigned")
        return picking

    def test_reporting_reads_each_of_its_models_whole(self) -> None:
        self.use("reporting")
        for model in PRESETS["reporting"].rules:
            with self.subTest(model=model):
                rows = self.call_ok("search_data", model, {"payload": {"limit": 5}})
                self.assertIsInstance(rows, list)
        status, answer = self.call("create_data", "sale.order", {"payload": {}})
        self.assertEqual(status, 403, answer)
