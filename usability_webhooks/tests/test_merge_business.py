# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``merge`` on documents that others already work with: orders and invoices."""

from __future__ import annotations

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import ApiCase, requires
from .test_query_budget import LINES, QueryCase

#: Queries a merge may cost above the bare ORM's own write of the same commands,
#: for any number of lines: finding the order and all products, reading the lines
#: to compare them, the two statements of the savepoint in ``perform``. Measured:
#: 11 with 10 lines, 9 with 300.
MERGE_OVERHEAD = 11


@tagged("post_install", "-at_install")
@requires("sale.order", "stock.picking", "account.chart.template")
class TestMergeSale(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.env.company
        )
        cls.products = cls.env["product.product"].create(
            [
                {"name": code, "default_code": code, "is_storable": True}
                for code in ("MS-A", "MS-B", "MS-C")
            ]
        )
        partner = cls.env["res.partner"].create({"name": "Buyer"})
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "client_order_ref": "MERGE-SO",
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 5,
                            "price_unit": 10,
                            "tax_ids": [],
                        }
                    )
                    for product in cls.products[:2]
                ],
            }
        )
        cls.order.action_confirm()
        cls.line_a, cls.line_b = cls.order.order_line
        cls.moves = cls.order.picking_ids.move_ids
        move = cls.line_a.move_ids
        move.write({"quantity": 3, "picked": True})
        picking = move.picking_id
        picking.with_context(skip_backorder=True).button_validate()
        cls.user = new_test_user(
            cls.env, "merge_seller", "sales_team.group_sale_salesman_all_leads"
        )

    def line(self, code: str, **vals) -> dict:
        return {"product_id": {"default_code": code}, **vals}

    def merge(self, *records: dict, **value) -> dict:
        value = {"mode": "merge", "key": ["product_id"], "records": records} | value
        vals = {
            "search_key": {"client_order_ref": "MERGE-SO"},
            "payload": {"order_line": value | {"records": list(records)}},
        }
        return self.perform("create_update_data", "sale.order", vals, self.user)

    def test_the_delivered_line_is_as_the_test_wants_it(self) -> None:
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.line_a.qty_delivered, 3)

    def test_quantity_and_price_of_a_delivered_line_change(self) -> None:
        ids = self.order.order_line.ids
        answer = self.merge(self.line("MS-A", product_uom_qty=8, price_unit=12))
        self.assertEqual(self.assertSuccess(answer)["operation"], "updated")
        self.assertEqual(self.order.order_line.ids, ids)
        self.assertRecordValues(
            self.line_a,
            [{"product_uom_qty": 8, "price_unit": 12, "qty_delivered": 3}],
        )
        # The warehouse is told, as by the form.
        open_moves = self.line_a.move_ids.filtered(lambda m: m.state != "done")
        self.assertEqual(sum(open_moves.mapped("product_uom_qty")), 5)
        self.assertEqual(self.line_b.move_ids.product_uom_qty, 5)
        answer = self.merge(self.line("MS-A", product_uom_qty=8, price_unit=12))
        self.assertEqual(self.assertSuccess(answer)["operation"], "unchanged")

    def test_a_price_said_again_survives_a_new_quantity(self) -> None:
        # Odoo computes the price anew from the quantity.
        self.assertEqual(self.products[0].list_price, 1)
        answer = self.merge(self.line("MS-A", product_uom_qty=9, price_unit=10))
        self.assertSuccess(answer)
        self.assertEqual(self.line_a.price_unit, 10)

    def test_a_price_set_by_hand_survives_a_key_said_again(self) -> None:
        self.line_a.price_unit = 77
        self.assertSuccess(self.merge(self.line("MS-A", customer_lead=4)))
        self.assertEqual((self.line_a.price_unit, self.line_a.customer_lead), (77, 4))

    def test_a_new_line_is_delivered_too(self) -> None:
        answer = self.merge(
            self.line("MS-A", product_uom_qty=5), self.line("MS-C", product_uom_qty=2)
        )
        self.assertSuccess(answer)
        new = self.order.order_line - self.line_a - self.line_b
        self.assertEqual(new.product_id, self.products[2])
        self.assertEqual(new.move_ids.product_uom_qty, 2)

    def test_a_delivered_line_is_not_deleted(self) -> None:
        answer = self.merge(
            self.line("MS-B", product_uom_qty=1),
            delete=[self.line("MS-A")],
        )
        error = self.assertFailure(answer, "user_error")
        self.assertIn("confirmed", error["message"])
        self.assertEqual(self.order.order_line, self.line_a | self.line_b)
        self.assertEqual(self.line_b.product_uom_qty, 5)

    def test_the_product_of_a_delivered_line_is_odoos_to_refuse(self) -> None:
        value = {"id": self.line_a.id, "product_id": {"default_code": "MS-C"}}
        answer = self.merge(value, key=["id"])
        self.assertFailure(answer, "user_error")
        self.assertEqual(self.line_a.product_id, self.products[0])

    def test_a_locked_order_takes_what_its_form_takes(self) -> None:
        self.order.action_lock()
        answer = self.merge(self.line("MS-A", product_uom_qty=5, price_unit=10))
        self.assertEqual(self.assertSuccess(answer)["operation"], "unchanged")
        answer = self.merge(self.line("MS-A", product_uom_qty=6))
        error = self.assertFailure(answer, "user_error")
        self.assertIn("locked", error["message"])
        self.assertEqual(self.line_a.product_uom_qty, 5)

    def test_a_section_and_two_lines_of_one_product_are_told_apart(self) -> None:
        vals = {"order_id": self.order.id, "product_id": self.products[0].id}
        twin = self.env["sale.order.line"].create(vals | {"name": "Twin"})
        path = "payload.order_line.records[0].product_id"
        answer = self.merge(self.line("MS-A", product_uom_qty=7))
        error = self.assertFailure(answer, "ambiguous", path)
        self.assertEqual(len(error["candidates"]), 2)
        record = self.line("MS-A", name="Twin", product_uom_qty=7)
        self.assertSuccess(self.merge(record, key=["product_id", "name"]))
        self.assertEqual((twin.product_uom_qty, self.line_a.product_uom_qty), (7, 5))


@tagged("post_install", "-at_install")
@requires("account.move", "account.chart.template")
class TestMergeAccount(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.env.company
        )
        cls.account = cls.env["account.account"].create(
            {"name": "Merge sales", "code": "990003", "account_type": "income"}
        )
        cls.tax = cls.env["account.tax"].create(
            {"name": "Merge 20%", "amount": 20, "type_tax_use": "sale"}
        )
        cls.move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "ref": "MERGE-INV",
                "partner_id": cls.env["res.partner"].create({"name": "Debtor"}).id,
                "invoice_date": "2026-04-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": name,
                            "quantity": 2,
                            "price_unit": 50,
                            "account_id": cls.account.id,
                            "tax_ids": [Command.set(cls.tax.ids)],
                        }
                    )
                    for name in ("first", "second")
                ],
            }
        )
        cls.first, cls.second = cls.move.invoice_line_ids

    def merge(self, *records: dict, payload: dict | None = None, **value) -> dict:
        value |= {"mode": "merge", "key": ["name"], "records": list(records)}
        vals = {
            "search_key": {"ref": "MERGE-INV"},
            "payload": {"invoice_line_ids": value} | (payload or {}),
        }
        return self.perform("create_update_data", "account.move", vals)

    def test_lines_of_a_draft_change_with_its_taxes(self) -> None:
        answer = self.merge(
            {"name": "first", "quantity": 3},
            {"name": "third", "price_unit": 7, "account_id": {"code": "990003"}},
            delete=[{"name": "second"}],
        )
        self.assertEqual(self.assertSuccess(answer)["operation"], "updated")
        self.assertEqual(self.first.quantity, 3)
        self.assertFalse(self.second.exists())
        self.env.invalidate_all()
        self.assertIn(self.first, self.move.invoice_line_ids)
        self.assertEqual(self.move.invoice_line_ids.mapped("name"), ["first", "third"])
        self.assertEqual(self.move.amount_untaxed, 157)
        balances = self.move.line_ids.mapped("balance")
        self.assertAlmostEqual(sum(balances), 0)

    def test_lines_odoo_adds_itself_are_not_matched(self) -> None:
        for line in self.move.line_ids - self.move.invoice_line_ids:
            line.name = "first"
        answer = self.merge({"name": "first", "quantity": 4})
        self.assertSuccess(answer)
        self.assertEqual(self.first.quantity, 4)

    def test_lines_of_a_posted_invoice_are_odoos_to_refuse(self) -> None:
        self.move.action_post()
        number = {"payment_reference": "REF-1"}
        for record, delete in (
            ({"name": "first", "quantity": 3}, []),
            ({"name": "third", "price_unit": 7}, []),
            ({"name": "first"}, [{"name": "second"}]),
        ):
            with self.subTest(record=record, delete=delete):
                answer = self.merge(record, delete=delete, payload=number)
                error = self.assertFailure(answer, "user_error")
                self.assertIn("invoice_line_ids", error["message"])
        self.assertEqual(self.move.invoice_line_ids, self.first + self.second)
        self.assertEqual(self.first.quantity, 2)
        self.assertNotEqual(self.move.payment_reference, "REF-1")

    def test_lines_said_again_do_not_stop_a_change_of_a_posted_invoice(self) -> None:
        self.move.action_post()
        same = [
            {"name": name, "quantity": 2, "price_unit": 50}
            for name in ("first", "second")
        ]
        self.assertEqual(
            self.assertSuccess(self.merge(*same))["operation"], "unchanged"
        )
        answer = self.merge(*same, payload={"payment_reference": "REF-1"})
        self.assertEqual(self.assertSuccess(answer)["operation"], "updated")
        self.assertEqual(self.move.payment_reference, "REF-1")
        self.assertEqual(self.move.state, "posted")


@tagged("post_install", "-at_install")
@requires("sale.order")
class TestMergeQueryBudget(QueryCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        partner = cls.env["res.partner"].create({"name": "B", "ref": "MBUDGET"})
        cls.products = cls.env["product.product"].create(
            [{"name": f"P{n}", "default_code": f"MBUDGET{n}"} for n in range(LINES)]
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "client_order_ref": "MBUDGET",
                "order_line": [
                    Command.create({"product_id": product.id})
                    for product in cls.products
                ],
            }
        )
        cls.quantity = 1

    def merge(self, size: int) -> None:
        self.quantity += 1
        records = [
            {
                "product_id": {"default_code": f"MBUDGET{n}"},
                "product_uom_qty": self.quantity,
            }
            for n in range(size)
        ]
        value = {"mode": "merge", "key": ["product_id"], "records": records}
        vals = {
            "search_key": {"client_order_ref": "MBUDGET"},
            "payload": {"order_line": value},
        }
        self.assertSuccess(self.perform("update_data", "sale.order", vals))

    def write_lines(self, size: int) -> None:
        self.quantity += 1
        order = self.env["sale.order"].browse(self.order.id)
        lines = order.order_line[:size]
        order.write(
            {
                "order_line": [
                    Command.update(line_id, {"product_uom_qty": self.quantity})
                    for line_id in lines.ids
                ]
            }
        )

    def test_a_merge_costs_the_bare_orm_and_a_small_constant(self) -> None:
        self.merge(3)
        self.write_lines(3)
        for size in (10, LINES):
            with self.subTest(size=size):
                ours = self.count(lambda size=size: self.merge(size))
                orm = self.count(lambda size=size: self.write_lines(size))
                self.assertLessEqual(
                    ours - orm, MERGE_OVERHEAD, f"{size}: {ours}, bare ORM {orm}"
                )

    def test_a_merge_that_changes_nothing_costs_the_same_for_any_size(self) -> None:
        def again(size: int) -> int:
            self.merge(size)
            self.quantity -= 1
            return self.count(lambda: self.merge(size))

        again(3)
        few, many = again(10), again(LINES)
        self.assertEqual(few, many)

    def test_the_lines_of_one_depth_are_read_together(self) -> None:
        def child(number: int) -> dict:
            below = [Command.create({"name": "Grandchild"})]
            return {"name": f"Child {number}", "child_ids": below}

        children = [Command.create(child(number)) for number in range(40)]
        self.env["res.partner"].create(
            [
                {"name": f"Parent {n}", "ref": f"DEPTH-{n}", "child_ids": children}
                for n in range(2)
            ]
        )

        def merge(size: int) -> None:
            inner = {"mode": "merge", "key": ["name"]}
            inner["records"] = [{"name": "Grandchild"}]
            records = [
                {"name": f"Child {number}", "child_ids": inner}
                for number in range(size)
            ]
            vals = {"search_key": {"ref": ["DEPTH-0", "DEPTH-1"]}}
            vals["payload"] = {"child_ids": inner | {"records": records}}
            answer = self.perform("create_update_data", "res.partner", vals)
            self.assertEqual(self.assertSuccess(answer)["operation"], "unchanged")

        merge(3)
        few, many = (self.count(lambda n=n: merge(n)) for n in (5, len(children)))
        self.assertEqual(few, many)
