# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Transfers and tasks as integrations send them."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiCase, requires


@tagged("post_install", "-at_install")
@requires("stock.picking")
class TestBusinessStock(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.products = cls.env["product.product"].create(
            [
                {"name": code, "default_code": code, "type": "consu"}
                for code in ("MOVE-A", "MOVE-B")
            ]
        )

    def payload(self, **changes) -> dict:
        stock = self.warehouse.lot_stock_id.complete_name
        customers = self.env.ref("stock.stock_location_customers").complete_name
        places = {
            "location_id": {"complete_name": stock},
            "location_dest_id": {"complete_name": customers},
        }
        moves = [
            {"product_id": {"default_code": code}, "product_uom_qty": qty, **places}
            for code, qty in (("MOVE-A", 3), ("MOVE-B", 5))
        ]
        return {
            "picking_type_id": {
                "code": "outgoing",
                "warehouse_id": {"code": self.warehouse.code},
            },
            "origin": "API",
            "move_ids": moves,
            **places,
            **changes,
        }

    def test_a_delivery_is_made_and_confirmed(self) -> None:
        answer = self.perform(
            "create_data", "stock.picking", {"payload": self.payload()}
        )
        picking = self.env["stock.picking"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(picking.picking_type_code, "outgoing")
        self.assertEqual(picking.location_id, self.warehouse.lot_stock_id)
        moves = {move.product_id.default_code: move for move in picking.move_ids}
        self.assertEqual(moves["MOVE-A"].product_uom_qty, 3)
        self.assertEqual(moves["MOVE-B"].product_uom_qty, 5)
        vals = {
            "search_key": {"name": picking.name},
            "payload": {"method": "action_confirm"},
        }
        self.assertSuccess(self.perform("call_function", "stock.picking", vals))
        self.assertIn(picking.state, ("confirmed", "assigned"))

    def test_a_move_of_an_unknown_product_leaves_nothing(self) -> None:
        payload = self.payload()
        payload["move_ids"][1]["product_id"] = {"default_code": "MOVE-?"}
        answer = self.perform("create_data", "stock.picking", {"payload": payload})
        self.assertFailure(answer, "not_found", "payload.move_ids[1].product_id")
        self.assertFalse(self.env["stock.picking"].search([("origin", "=", "API")]))

    def test_a_location_of_another_company_is_not_found(self) -> None:
        other = self.env["res.company"].create({"name": "Stock Other"})
        location = self.env["stock.location"].create(
            {"name": "Elsewhere", "usage": "internal", "company_id": other.id}
        )
        place = {"complete_name": location.complete_name}
        vals = {"payload": self.payload(location_id=place)}
        answer = self.perform("create_data", "stock.picking", vals)
        self.assertFailure(answer, "not_found", "payload.location_id")


@tagged("post_install", "-at_install")
@requires("project.task")
class TestBusinessProject(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.project = cls.env["project.project"].create({"name": "API project"})

    def create_task(self, **payload) -> dict:
        payload = {"name": "Task", "project_id": {"name": "API project"}, **payload}
        return self.perform("create_data", "project.task", {"payload": payload})

    def test_tasks_are_nested_three_levels_deep(self) -> None:
        tags = [{"name": "urgent"}]
        deepest = {"name": "three", "tag_ids": tags}
        children = [
            {"name": "one", "child_ids": [{"name": "two", "child_ids": [deepest]}]}
        ]
        vals = {
            "payload": {
                "name": "zero",
                "project_id": {"name": "API project"},
                "child_ids": children,
                "tag_ids": tags,
            },
            "auto_create": {"tag_ids": {"name": "urgent"}},
            "result_field": [
                "name",
                "child_ids{name, child_ids{name, child_ids{name}}}",
            ],
        }
        answer = self.perform("create_data", "project.task", vals)
        row = self.assertSuccess(answer)
        names = []
        while row:
            names.append(row["name"])
            row = (row.get("child_ids") or [None])[0]
        self.assertEqual(names, ["zero", "one", "two", "three"])
        self.assertEqual(len(answer["created"]), 1)
        tasks = self.env["project.task"].search([("tag_ids.name", "=", "urgent")])
        self.assertEqual(set(tasks.mapped("name")), {"zero", "three"})

    def test_a_mistake_three_levels_down_names_its_place(self) -> None:
        answer = self.create_task(
            child_ids=[
                {"name": "a"},
                {"name": "b", "child_ids": [{"name": "c", "stage_id": {"name": "?"}}]},
            ]
        )
        path = "payload.child_ids[1].child_ids[0].stage_id"
        self.assertFailure(answer, "not_found", path)
        self.assertFalse(self.project.task_ids)

    def test_files_land_on_the_task_of_their_level(self) -> None:
        file = {"name": "low.txt", "datas": "bG93"}
        child = {"name": "low", "priority": "1", "attachment_ids": [file]}
        answer = self.create_task(child_ids=[{"name": "first"}, child])
        task = self.env["project.task"].browse(self.assertSuccess(answer)["id"])
        low = task.child_ids.filtered(lambda rec: rec.name == "low")
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "project.task"),
                ("res_id", "in", (task | task.child_ids).ids),
            ]
        )
        self.assertEqual(files.mapped("res_id"), low.ids)
