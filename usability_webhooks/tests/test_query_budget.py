# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What requests may cost in queries, pinned.

A number here that has to grow is a promise of the resolver or the reader broken.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from odoo.fields import Command
from odoo.tests import tagged

from .common import ApiCase, ApiHttpCase, requires

LINES = 300
#: Queries the gateway may spend on an order of any size above the bare ORM's own:
#: a search for all products, one for the customer, the two statements of the
#: savepoint in ``perform``; less a read of the products, already fetched.
ORDER_OVERHEAD = 3


class QueryCase(ApiCase):
    def forget(self) -> None:
        """Empty the cache of all but the company, which a request reads only once."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.company.fetch(["parent_path"])

    def count(self, work: Callable[[], object]) -> int:
        """Return how many statements ``work`` sends, with no record in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestQueryBudget(QueryCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.spain = cls.env.ref("base.es")
        cls.partners = cls.env["res.partner"].create(
            [
                {"name": f"B{n}", "ref": f"BUDGET{n}", "country_id": cls.spain.id}
                for n in range(LINES)
            ]
        )

    def prepare(self, keys: list[dict]) -> list:
        lookup_model = self.env["api.record.lookup"]
        company_id = self.env.company.id
        return [
            lookup_model._prepare_lookup("res.partner", key, company_id) for key in keys
        ]

    def test_a_lookup_costs_one_query_however_many_lines_there_are(self) -> None:
        lookup_model = self.env["api.record.lookup"]
        keys = [{"ref": partner.ref} for partner in self.partners]
        lookup_model._find(self.prepare(keys[:2]))  # warm up
        for size in (1, 10, LINES):
            with self.subTest(size=size):
                lookups = self.prepare(keys[:size])
                self.forget()
                with self.assertQueryCount(1):
                    lookup_model._find(lookups)
                self.assertEqual(
                    [lookup.ids for lookup in lookups],
                    [[partner_id] for partner_id in self.partners[:size].ids],
                )

    def test_a_miss_costs_no_query_of_its_own(self) -> None:
        lookup_model = self.env["api.record.lookup"]
        keys = [{"ref": partner.ref} for partner in self.partners[:10]]
        lookup_model._find(self.prepare(keys))
        lookups = self.prepare([*keys, {"ref": "missing 1"}, {"ref": "missing 2"}])
        self.forget()
        with self.assertQueryCount(1):
            lookup_model._find(lookups)
        self.assertEqual([lookup.ids for lookup in lookups[-2:]], [[], []])

    def test_each_kind_of_key_costs_one_query(self) -> None:
        lookup_model = self.env["api.record.lookup"]
        keys: list[dict] = []
        for partner in self.partners[:50]:
            keys += [
                {"ref": partner.ref},
                {"name": partner.name, "ref": partner.ref},
                {"id": partner.id},
            ]
        lookup_model._find(self.prepare(keys))
        lookups = self.prepare(keys)
        self.forget()
        with self.assertQueryCount(3):
            lookup_model._find(lookups)
        self.assertTrue(all(len(lookup.ids) == 1 for lookup in lookups))

    def test_a_nested_key_costs_one_query_per_level(self) -> None:
        lookup_model = self.env["api.record.lookup"]
        for index, partner in enumerate(self.partners):
            partner.country_id = self.env.ref("base.th") if index % 2 else self.spain
        keys = [
            {"ref": partner.ref, "country_id": {"code": partner.country_id.code}}
            for partner in self.partners
        ]
        lookup_model._find(self.prepare(keys[:4]))
        for size in (10, LINES):
            with self.subTest(size=size):
                lookups = self.prepare(keys[:size])
                self.forget()
                with self.assertQueryCount(2):
                    lookup_model._find(lookups)
                self.assertTrue(all(len(lookup.ids) == 1 for lookup in lookups))

    def test_an_upsert_costs_little_more_than_search_and_write(self) -> None:
        streets = (f"Street {number}" for number in count(1))

        def upsert() -> None:
            vals = {
                "search_key": {"ref": "BUDGET7"},
                "payload": {"street": next(streets), "country_id": {"code": "ES"}},
            }
            answer = self.perform("create_update_data", "res.partner", vals)
            self.assertEqual(self.assertSuccess(answer)["operation"], "updated")

        def write() -> None:
            with self.env.cr.savepoint():
                partner = self.env["res.partner"].search([("ref", "=", "BUDGET7")])
                country = self.env["res.country"].search([("code", "=", "ES")])
                partner.write({"street": next(streets), "country_id": country.id})

        upsert()
        write()
        ours, orm = self.count(upsert), self.count(write)
        # The same two searches and the same write.
        self.assertLessEqual(ours - orm, 2, f"upsert {ours}, bare ORM {orm}")

    def test_a_search_three_levels_deep_costs_the_same_for_any_number(self) -> None:
        self.env["res.partner"].create(
            [{"name": "c", "parent_id": partner.id} for partner in self.partners[:40]]
        )
        payload = {
            "search_field": ["name", "child_ids{name, parent_id{country_id{code}}}"],
        }

        def search(size: int) -> Callable[[], None]:
            domain = [["id", "in", self.partners[:size].ids]]
            vals = {"payload": payload | {"search_domain": domain}}

            def work() -> None:
                answer = self.perform("search_data", "res.partner", vals)
                self.assertEqual(len(self.assertSuccess(answer)), size)

            return work

        search(5)()
        self.assertEqual(self.count(search(5)), self.count(search(40)))


@tagged("post_install", "-at_install")
@requires("sale.order")
class TestOrderQueryBudget(QueryCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "B", "ref": "BUDGET"})
        cls.products = cls.env["product.product"].create(
            [{"name": f"P{n}", "default_code": f"BUDGET{n}"} for n in range(LINES)]
        )

    def create_by_code(self, size: int) -> Callable[[], None]:
        vals = {
            "payload": {
                "partner_id": {"ref": "BUDGET"},
                "order_line": [
                    {"product_id": {"default_code": f"BUDGET{n}"}, "product_uom_qty": 2}
                    for n in range(size)
                ],
            }
        }

        def work() -> None:
            answer = self.perform("create_data", "sale.order", vals)
            order = self.env["sale.order"].browse(self.assertSuccess(answer)["id"])
            self.assertEqual(order.order_line.product_id.ids, self.products[:size].ids)

        return work

    def create_by_id(self, size: int) -> Callable[[], None]:
        vals = {
            "partner_id": self.customer.id,
            "order_line": [
                Command.create({"product_id": product_id, "product_uom_qty": 2})
                for product_id in self.products[:size].ids
            ],
        }

        def work() -> None:
            order = self.env["sale.order"].create(vals)
            self.env.flush_all()
            self.assertEqual(order.order_line.product_id.ids, self.products[:size].ids)

        return work

    def test_an_order_by_codes_costs_the_bare_orm_and_a_small_constant(self) -> None:
        self.create_by_code(3)()
        self.create_by_id(3)()
        for size in (10, LINES):
            with self.subTest(size=size):
                ours = self.count(self.create_by_code(size))
                orm = self.count(self.create_by_id(size))
                self.assertLessEqual(
                    ours - orm,
                    ORDER_OVERHEAD,
                    f"{size} lines: {ours} queries, bare ORM {orm}",
                )

    def test_a_search_of_orders_costs_the_same_for_five_and_for_forty(self) -> None:
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        Command.create({"product_id": product.id})
                        for product in self.products[n : n + 3]
                    ],
                }
                for n in range(40)
            ]
        )
        spec = "order_line{product_id{name, categ_id{name}}, product_uom_qty}"

        def search(size: int) -> Callable[[], None]:
            payload = {
                "search_field": ["name", "partner_id{name}", spec],
                "search_domain": [["id", "in", orders[:size].ids]],
            }

            def work() -> None:
                answer = self.perform("search_data", "sale.order", {"payload": payload})
                rows = self.assertSuccess(answer)
                self.assertEqual([len(row["order_line"]) for row in rows], [3] * size)

            return work

        search(5)()
        few, many = self.count(search(5)), self.count(search(40))
        self.assertEqual(few, many)


@tagged("post_install", "-at_install")
class TestRequestBudget(ApiHttpCase):
    """Whole requests, as their log rows count them: all but the row's last change."""

    def count(self, route: str, vals: dict) -> int:
        """Return the statements of a request like one that was sent before."""
        for _warm_up in range(2):
            self.call_ok(route, "res.partner", vals)
        self.env.flush_all()
        self.env.invalidate_all()
        _status, answer = self.call(route, "res.partner", vals)
        self.assertSuccess(answer["result"])
        return self.get_log(answer["result"]["request_id"]).query_count

    def test_a_search_costs_its_row_its_lock_and_the_reading(self) -> None:
        partner = self.env["res.partner"].create({"name": "B", "ref": "REQUEST"})
        payload = {
            "search_field": ["name", "country_id{code}"],
            "search_domain": [["id", "=", partner.id]],
        }
        # INSERT of the row, lock, the caller's companies for the rules, one SELECT.
        self.assertLessEqual(self.count("search_data", {"payload": payload}), 4)

    def test_an_upsert_that_changes_nothing_only_reads(self) -> None:
        partner = self.env["res.partner"].create({"name": "B", "ref": "REQUEST"})
        vals = {"search_key": {"ref": "REQUEST"}, "payload": {"name": "B"}}
        before = partner.write_date
        # INSERT, lock, the caller, his companies, the search, the rest of the record.
        self.assertLessEqual(self.count("create_update_data", vals), 6)
        partner.invalidate_recordset()
        self.assertEqual(partner.write_date, before)
