# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key that reads: fields, expansions, orders, and what comes unasked."""

from __future__ import annotations

from odoo.tests import tagged

from .leaked_key_case import DENIED, LeakedKeyCase, search

WEB = [["ref", "=", "WEB-1"]]
#: What lies outside the profile, by model.
HIDDEN = {
    "res.partner": (
        *("comment", "vat", "bank_ids", "parent_id", "category_id", "user_ids"),
        *("child_ids", "credit", "active", "create_uid", "write_date", "company_id"),
        *("property_account_receivable_id", "email_normalized", "contact_address"),
        *("message_ids", "signup_url", "complete_name", "image_1920", "barcode"),
        *("activity_ids", "invoice_ids", "sale_order_ids"),
    ),
    "sale.order": (
        *("note", "margin", "user_id", "team_id", "company_id", "access_token"),
        *("access_url", "amount_untaxed", "date_order", "pricelist_id", "tag_ids"),
        *("message_ids", "invoice_ids", "create_date", "partner_invoice_id"),
    ),
    "product.product": (
        *("standard_price", "barcode", "seller_ids", "product_tmpl_id", "categ_id"),
        *("qty_available", "description", "lst_price", "write_uid"),
    ),
    "res.country": ("currency_id", "phone_code", "state_ids", "vat_label"),
}


@tagged("post_install", "-at_install")
class TestLeakedKeyReads(LeakedKeyCase):
    def test_no_field_outside_the_profile_is_read(self) -> None:
        for model, names in HIDDEN.items():
            for name in names:
                if name not in self.env[model]._fields:
                    continue
                with self.subTest(model=model, name=name):
                    vals = search(search_field=["id", name])
                    self.assertDenied("search_data", model, vals, ("field_denied",))

    def test_no_expansion_leaves_the_profile(self) -> None:
        for model, items in {
            "sale.order": (
                *("partner_id{comment}", "partner_id{bank_ids{acc_number}}"),
                *("partner_id{country_id{currency_id}}", "partner_id{vat, name}"),
                *("order_line{product_id{standard_price}}", "order_line{order_id}"),
                *("order_line{order_id{note}}", "order_line{product_id{seller_ids}}"),
                *("order_line{tax_ids{name}}", "order_line{company_id{name}}"),
                *("user_id{}", "user_id{login}", "company_id{name}", "tag_ids{name}"),
                *("partner_id{parent_id{name}}", "partner_id{}, partner_id{comment}"),
            ),
            "res.partner": (
                *("bank_ids{acc_number}", "country_id{currency_id{name}}"),
                *("user_ids{login, api_key_ids{name}}", "parent_id{}", "child_ids{}"),
                *("self{comment}", "message_ids{body}", "category_id{name}"),
            ),
            "product.product": ("product_tmpl_id{standard_price}", "seller_ids{price}"),
        }.items():
            for item in items:
                with self.subTest(model=model, item=item):
                    vals = search(search_field=[item])
                    self.assertDenied("search_data", model, vals)

    def test_everything_is_everything_of_the_profile(self) -> None:
        for form in ("odoo", "plain"):
            for model, expected in {
                "res.partner": {"name", "ref", "email", "country_id", "display_name"},
                "product.product": {
                    *("name", "default_code", "list_price", "display_name")
                },
                "res.country": {"code", "name"},
            }.items():
                vals = search(search_field=[], limit=3, format=form)
                for row in self.call_ok("search_data", model, vals):
                    self.assertEqual(set(row), {"id", *expected})

    def test_everything_of_a_list_without_names_is_the_ids(self) -> None:
        rule = {"readable": []}
        headers = self.bearer(self.make_other_key("ids", {"res.partner": rule}))
        vals = search(search_field=[], limit=3)
        rows = self.call_ok("search_data", "res.partner", vals, headers=headers)
        self.assertTrue(rows)
        for row in rows:
            self.assertEqual(set(row), {"id"})

    def test_the_name_of_an_unlisted_relation_is_not_told(self) -> None:
        rule = {"readable": ["name", "parent_id"]}
        headers = self.bearer(self.make_other_key("family", {"res.partner": rule}))
        for form in ("odoo", "plain"):
            for items in (["parent_id"], []):
                domain = [["id", "=", self.child.id]]
                vals = search(domain, search_field=items, format=form)
                (row,) = self.call_ok(
                    "search_data", "res.partner", vals, headers=headers
                )
                self.assertEqual(row["parent_id"], [self.parent.id, False])

    def test_a_country_is_a_number_where_its_name_is_not_listed(self) -> None:
        # Its rule lists the name, but not the display name.
        self.customer.country_id = self.env.ref("base.es")
        vals = search(WEB, search_field=["country_id"])
        (row,) = self.call_ok("search_data", "res.partner", vals)
        self.assertEqual(row["country_id"], [self.env.ref("base.es").id, False])

    def test_no_order_goes_by_a_field_outside_the_profile(self) -> None:
        for model, orders in {
            "res.partner": (
                *("comment", "vat desc", "name, comment", "write_date", "credit_limit"),
                *("parent_id", "parent_id.id", "user_id", "active", "complete_name"),
                *("name, parent_id desc nulls first", "ref,comment"),
            ),
            "sale.order": ("date_order", "user_id", "partner_id", "note desc"),
            "sale.order.line": ("order_id", "sequence"),
            "product.product": ("standard_price", "is_favorite", "product_tmpl_id"),
        }.items():
            for order in orders:
                with self.subTest(model=model, order=order):
                    vals = search(order=order)
                    codes = (*DENIED, "invalid_value")
                    self.assertDenied("search_data", model, vals, codes)

    def test_the_usual_order_does_not_tell_what_it_goes_by(self) -> None:
        # Partners go by complete_name, which begins with the parent's.
        partners = self.env["res.partner"].create(
            [{"name": name, "ref": "SORT"} for name in ("b", "a", "c")]
        )
        rows = self.call_ok(
            "search_data", "res.partner", search([["ref", "=", "SORT"]])
        )
        self.assertEqual([row["id"] for row in rows], partners.ids)
        # Orders go by date_order.
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "client_order_ref": "SORT",
                    "date_order": f"2026-01-0{day}",
                }
                for day in (2, 3, 1)
            ]
        )
        domain = [["client_order_ref", "=", "SORT"]]
        rows = self.call_ok("search_data", "sale.order", search(domain))
        self.assertEqual([row["id"] for row in rows], orders.ids)

    def test_archived_records_stay_out_of_sight(self) -> None:
        # The profile does not list "active".
        for domain in ([["active", "=", False]], [["active", "in", [True, False]]]):
            self.assertDenied("search_data", "res.partner", search(domain))
        domain = [["ref", "=", "GONE-1"]]
        self.assertEqual(self.call_ok("search_data", "res.partner", search(domain)), [])

    def test_result_fields_are_those_of_the_profile(self) -> None:
        new = {"name": "New Customer", "ref": "NEW"}
        order = {"partner_id": {"ref": "WEB-1"}}
        for items in (
            *(["comment"], ["name", "write_date"], ["child_ids{comment}"]),
            *(["country_id{currency_id}"], ["bank_ids"], ["user_ids{login}"]),
        ):
            for vals in (
                {"payload": new},
                {"payload": new, "dry_run": True},
                {"payload": [new, new]},
                {"records": [{"payload": new}], "on_error": "continue"},
            ):
                with self.subTest(items=items, vals=vals):
                    asked = vals | {"result_field": items}
                    self.assertDenied("create_data", "res.partner", asked)
            asked = {
                "search_key": {"ref": "WEB-1"},
                "payload": {"name": "Web Customer"},
                "result_field": items,
            }
            self.assertDenied("create_update_data", "res.partner", asked)
        vals = {"payload": order, "result_field": ["partner_id{comment}", "note"]}
        self.assertDenied("create_data", "sale.order", vals)

    def test_a_reference_is_not_followed_into_unlisted_models(self) -> None:
        rule = {"readable": ["name", "action"]}
        headers = self.bearer(self.make_other_key("menus", {"ir.ui.menu": rule}))
        domain = [["action", "!=", False]]
        for item in ("action{}", "action{domain}", "action{id, res_model}"):
            vals = search(domain, search_field=[item], limit=5)
            self.assertDenied("search_data", "ir.ui.menu", vals, headers=headers)
