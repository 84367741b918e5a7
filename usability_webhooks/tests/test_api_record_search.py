# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Domains, pages and limits of search_data."""

from __future__ import annotations

from odoo.tests import mute_logger, new_test_user, tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiRecordSearch(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create(
            [
                # Two of each name: an order by name alone would be no order.
                {"name": f"Page {index // 2}", "ref": f"S{index}", "zip": "SEARCH"}
                for index in range(7)
            ]
        )

    def search(self, user=None, **payload) -> dict:
        payload = {
            "search_field": ["ref"],
            "search_domain": [["zip", "=", "SEARCH"]],
            **payload,
        }
        return self.perform(
            "search_data", "res.partner", {"payload": payload}, user=user
        )

    def refs(self, **payload) -> list[str]:
        return [row["ref"] for row in self.assertSuccess(self.search(**payload))]

    # -- domains --------------------------------------------------------------

    def test_a_domain_is_a_list_or_the_text_of_one(self) -> None:
        for domain in (
            [["ref", "in", ["S1", "S2"]]],
            "[('ref', 'in', ['S1', 'S2'])]",
            "[['ref', 'in', ('S1', 'S2')]]",
            ["|", ["ref", "=", "S1"], ["ref", "=", "S2"]],
            " ['|', ('ref', '=', 'S1'), ('ref', '=', 'S2')]",
            ["&", ["zip", "=", "SEARCH"], ["ref", "in", ["S1", "S2"]]],
        ):
            with self.subTest(domain=domain):
                self.assertEqual(
                    self.refs(search_domain=domain, order="ref"), ["S1", "S2"]
                )

    def test_no_domain_matches_everything(self) -> None:
        for domain in ([], "[]", "", None, False):
            with self.subTest(domain=domain):
                answer = self.search(search_domain=domain, limit=1, count=True)
                self.assertEqual(len(self.assertSuccess(answer)), 1)
                total = self.env["res.partner"].search_count([])
                self.assertEqual(answer["total"], total)

    def test_a_domain_is_data_and_never_evaluated(self) -> None:
        for domain in (
            "[('ref', '=', str(1))]",
            "__import__('os').getcwd()",
            "[('id', '=', uid)]",
            "[('id', '=', 1)",
            "{'a': 1}",
            5,
            {"ref": "S1"},
            [["ref", "=", "S1", "S2"]],
            [["ref", "no such operator", "S1"]],
            [["nmae", "=", "x"]],
            ["&", ["ref", "=", "S1"]],
            [["id", "any!", [["id", "=", 1]]]],
            [["name", "=", "a\x00b"]],
            "[('ref', '=', b'S1')]",
            "[('ref', '=', 1j)]",
            "[('ref', '=', ...)]",
        ):
            with self.subTest(domain=domain):
                answer = self.search(search_domain=domain)
                self.assertFailure(answer, "invalid_domain", "payload.search_domain")

    @mute_logger("odoo.sql_db")
    def test_a_value_of_another_type_is_the_caller_s_mistake(self) -> None:
        """PostgreSQL refuses these, once it is asked."""
        for condition in (
            *(["id", ">=", True], ["id", "<", None], ["id", ">=", [1.5]]),
            *(["child_ids", "=", [True]], ["country_id", "in", True]),
            *(["partner_latitude", "=", "x"], ["parent_id", ">=", [None]]),
        ):
            for more in ({}, {"count": True}):
                with self.subTest(condition=condition, more=more):
                    answer = self.search(search_domain=[condition], **more)
                    self.assertFailure(
                        answer, "invalid_domain", "payload.search_domain"
                    )

    def test_a_field_of_others_may_not_be_searched_by(self) -> None:
        self.patch(
            self.env["res.partner"]._fields["barcode"], "groups", "base.group_system"
        )
        user = new_test_user(self.env, "searcher", "base.group_user")
        for domain in (
            [["barcode", "=", "1"]],
            [["parent_id.barcode", "=", "1"]],
            [["child_ids", "any", [["barcode", "=", "1"]]]],
        ):
            with self.subTest(domain=domain):
                answer = self.search(search_domain=domain, user=user)
                self.assertFailure(answer, "field_denied", "payload.search_domain")
        answer = self.search(order="barcode", user=user)
        self.assertFailure(answer, "field_denied", "payload.order")

    # -- pages ----------------------------------------------------------------

    def test_pages_never_overlap(self) -> None:
        for order in ("name", "name desc", None, "zip"):
            with self.subTest(order=order):
                pages = [
                    self.refs(order=order, limit=2, offset=offset)
                    for offset in range(0, 8, 2)
                ]
                self.assertEqual([len(page) for page in pages], [2, 2, 2, 1])
                seen = [ref for page in pages for ref in page]
                self.assertEqual(sorted(seen), self.partners.mapped("ref"))

    def test_records_equal_in_the_order_come_by_id(self) -> None:
        self.assertEqual(self.refs(order="name desc", limit=3), ["S6", "S4", "S5"])

    def test_the_total_counts_beyond_the_page(self) -> None:
        answer = self.search(limit=2, count=True)
        self.assertEqual(len(self.assertSuccess(answer)), 2)
        self.assertEqual(answer["total"], 7)
        self.assertNotIn("total", self.search(limit=2))

    def test_nothing_found_is_an_empty_list(self) -> None:
        answer = self.search(search_domain=[["ref", "=", "none"]], count=True)
        self.assertEqual(self.assertSuccess(answer), [])
        self.assertEqual(answer["total"], 0)

    def test_archived_records_are_found_when_asked_for(self) -> None:
        self.partners[0].active = False
        self.assertNotIn("S0", self.refs())
        self.assertIn("S0", self.refs(include_archived=True))

    def test_more_rows_than_allowed_are_refused_not_cut(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_search", "6")
        answer = self.search()
        self.assertFailure(answer, "limit_exceeded", "payload.limit")
        self.assertEqual(len(self.refs(limit=7)), 7)
        self.env["ir.config_parameter"].set_param("webhook.max_search", "7")
        self.assertEqual(len(self.refs()), 7)

    def test_values_of_the_wrong_type_are_all_reported(self) -> None:
        answer = self.search(
            limit="5", offset=-1, format="xml", search_field="name", limt=3
        )
        self.assertFalse(answer["is_success"])
        self.assertEqual(
            {(error["code"], error["path"]) for error in answer["errors"]},
            {
                ("invalid_value", "payload.limit"),
                ("invalid_value", "payload.offset"),
                ("invalid_value", "payload.format"),
                ("invalid_value", "payload.search_field"),
                ("unknown_key", "payload.limt"),
            },
        )

    def test_an_empty_object_is_no_list_of_fields(self) -> None:
        for value in ({}, 0):
            with self.subTest(value=value):
                answer = self.search(search_field=value)
                self.assertFailure(answer, "invalid_value", "payload.search_field")

    def test_an_order_is_field_names_and_directions_only(self) -> None:
        for order, code in (
            ("nmae", "unknown_field"),
            ("id desc, (select 1)", "invalid_value"),
            ("name; drop table res_partner", "invalid_value"),
            ("name ascending", "invalid_value"),
            (5, "invalid_value"),
            ("contact_address", "invalid_value"),
        ):
            with self.subTest(order=order):
                answer = self.search(order=order)
                self.assertFailure(answer, code, "payload.order")
