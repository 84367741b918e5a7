# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products and partners as integrations send them."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiCase, requires


@tagged("post_install", "-at_install")
@requires("product.product")
class TestBusinessProduct(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Product Other"})
        cls.env.user.company_ids |= cls.other
        cls.size = cls.env["product.attribute"].create(
            {
                "name": "API size",
                "value_ids": [(0, 0, {"name": name}) for name in ("S", "M", "L")],
            }
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Known",
                "default_code": "KNOWN",
                "list_price": 5.0,
                "categ_id": cls.env["product.category"].create({"name": "API cat"}).id,
            }
        )

    def one(self, route: str, model: str, **vals):
        """Carry out a request that must succeed; return its record."""
        result = self.assertSuccess(self.perform(route, model, vals))
        return self.env[model].browse(result["id"])

    def value(self, name: str) -> dict:
        return {"name": name, "attribute_id": {"name": "API size"}}

    def test_a_template_is_made_with_its_variants(self) -> None:
        template = self.one(
            "create_data",
            "product.template",
            payload={
                "name": "Shirt",
                "list_price": 12.5,
                "categ_id": {"name": "Shirts"},
                "attribute_line_ids": [
                    {
                        "attribute_id": {"name": "API size"},
                        "value_ids": [self.value("S"), self.value("L")],
                    }
                ],
            },
            auto_create={"categ_id": {"name": "Shirts"}},
        )
        self.assertEqual(len(template.product_variant_ids), 2)
        values = template.attribute_line_ids.value_ids
        self.assertEqual(set(values.mapped("name")), {"S", "L"})
        self.assertEqual(template.categ_id.name, "Shirts")

    def test_an_attribute_value_of_another_attribute_is_not_found(self) -> None:
        line = {"attribute_id": {"name": "API size"}, "value_ids": [self.value("XXL")]}
        vals = {"payload": {"name": "Shirt", "attribute_line_ids": [line]}}
        answer = self.perform("create_data", "product.template", vals)
        path = "payload.attribute_line_ids[0].value_ids[0]"
        self.assertFailure(answer, "not_found", path)
        self.assertFalse(self.env["product.template"].search([("name", "=", "Shirt")]))

    def test_an_upsert_by_code_makes_then_updates_one_product(self) -> None:
        key = {"default_code": "UPSERT"}
        made = self.one(
            "create_update_data",
            "product.product",
            search_key=key,
            payload={"name": "Upserted", "list_price": 1},
        )
        self.assertEqual(made.default_code, "UPSERT")
        again = self.perform(
            "create_update_data",
            "product.product",
            {"search_key": key, "payload": {"list_price": 2}},
        )
        result = self.assertSuccess(again)
        self.assertEqual((result["operation"], result["ids"]), ("updated", made.ids))
        self.assertEqual((made.name, made.list_price), ("Upserted", 2.0))
        count = self.env["product.product"].search_count(
            [("default_code", "=", "UPSERT")]
        )
        self.assertEqual(count, 1)

    def test_an_archived_product_is_not_duplicated_by_an_upsert(self) -> None:
        self.product.active = False
        vals = {"search_key": {"default_code": "KNOWN"}, "payload": {"name": "New"}}
        answer = self.perform("create_update_data", "product.product", vals)
        error = self.assertFailure(answer, "ambiguous", "search_key")
        self.assertEqual(error["candidates"][0]["id"], self.product.id)
        result = self.assertSuccess(
            self.perform(
                "create_update_data",
                "product.product",
                vals | {"on_archived": "update"},
            )
        )
        self.assertEqual(result["ids"], self.product.ids)
        self.assertEqual(self.product.name, "New")

    def test_a_search_reads_variants_through_their_template(self) -> None:
        payload = {
            "search_field": ["default_code", "product_tmpl_id{name, categ_id{name}}"],
            "search_domain": [["default_code", "=", "KNOWN"]],
        }
        rows = self.assertSuccess(
            self.perform("search_data", "product.product", {"payload": payload})
        )
        template = rows[0]["product_tmpl_id"][0]
        self.assertEqual(
            (rows[0]["default_code"], template["name"]), ("KNOWN", "Known")
        )
        self.assertEqual(template["categ_id"][0]["name"], "API cat")

    # -- company-dependent fields ---------------------------------------------

    def test_a_cost_is_written_and_read_per_company(self) -> None:
        for company, cost in ((self.env.company, 3.0), (self.other, 4.0)):
            self.one(
                "update_data",
                "product.product",
                search_key={"default_code": "KNOWN"},
                payload={"standard_price": cost},
                company={"id": company.id},
            )
        for company, cost in ((self.env.company, 3.0), (self.other, 4.0)):
            with self.subTest(company=company.name):
                product = self.product.with_company(company)
                self.assertEqual(product.standard_price, cost)
                payload = {
                    "search_field": ["standard_price"],
                    "search_domain": [["id", "=", self.product.id]],
                }
                vals = {"payload": payload, "company": {"name": company.name}}
                answer = self.perform("search_data", "product.product", vals)
                row = self.assertSuccess(answer)[0]
                self.assertEqual(row["standard_price"], cost)

    def test_a_product_is_made_with_its_cost_in_the_company_asked_for(self) -> None:
        product = self.one(
            "create_data",
            "product.product",
            payload={"name": "Costly", "standard_price": 7.0},
            company={"id": self.other.id},
        )
        self.assertEqual(product.with_company(self.other).standard_price, 7.0)
        self.assertEqual(product.with_company(self.env.company).standard_price, 0.0)
