# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""search_data over HTTP: the 18.0 shapes of values, and ours where asked for."""

from __future__ import annotations

from odoo.fields import Command
from odoo.tests import tagged

from .common import ApiHttpCase

DOMAIN_TEXT = "[('ref', '=like', 'C-OLD%')]"


@tagged("post_install", "-at_install")
class TestWireSearchData(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        category = cls.env["res.partner.category"].create({"name": "Golden Retail"})
        cls.thailand = cls.env.ref("base.th")
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Old Customer",
                "ref": "C-OLD",
                "is_company": True,
                "country_id": cls.thailand.id,
                "category_id": [Command.link(category.id)],
                "child_ids": [
                    Command.create({"name": "Old Contact", "ref": "C-OLD-1"}),
                ],
            }
        )
        cls.child = cls.partner.child_ids

    def search(self, **payload: object) -> list[dict]:
        payload.setdefault("search_domain", DOMAIN_TEXT)
        return self.call_ok("search_data", "res.partner", {"payload": payload})

    def test_golden_request_has_its_golden_answer(self):
        rows = self.assertGolden("search_data", "search_data")["result"]
        self.assertEqual([row["id"] for row in rows], [self.partner.id, self.child.id])
        self.assertEqual(rows[1]["parent_id"], [self.partner.id, "Old Customer"])

    def test_json_domain_and_its_python_text_say_the_same(self):
        text = self.search(search_field=["name"])
        listed = self.search(
            search_field=["name"], search_domain=[["ref", "=like", "C-OLD%"]]
        )
        self.assertEqual(len(text), 2)
        self.assertEqual(listed, text)

    def test_empty_domain_means_all(self):
        count = self.env["res.partner"].with_user(self.user).search_count([])
        for domain in ("", "[]", [], None, False):
            with self.subTest(domain=domain):
                rows = self.search(search_field=["name"], search_domain=domain)
                self.assertEqual(len(rows), count)

    def test_empty_field_list_reads_all_but_binaries(self):
        row = self.search(search_field=[], limit=1, order="ref")[0]
        self.assertEqual(row["id"], self.partner.id)
        self.assertEqual(row["country_id"], [self.thailand.id, "Thailand"])
        self.assertEqual(row["child_ids"], self.child.ids)
        self.assertIs(row["email"], False)
        self.assertGreater(len(row), 30)
        fields = self.env["res.partner"]._fields
        types = {fields[name].type for name in row}
        self.assertFalse(types & {"binary", "image"})

    def test_plain_format_says_null_dict_and_iso_datetime(self):
        row = self.search(
            search_field=["email", "parent_id", "country_id{code}", "create_date"],
            format="plain",
            limit=1,
            order="ref",
        )[0]
        self.assertIsNone(row["email"])
        self.assertIsNone(row["parent_id"])
        expected = {"id": self.thailand.id, "code": "TH"}
        self.assertEqual(row["country_id"], expected)
        self.assertRegex(row["create_date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$")

    def test_datetime_is_odoo_text_by_default(self):
        row = self.search(search_field=["create_date"], limit=1)[0]
        self.assertRegex(row["create_date"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

    def test_pages_never_overlap_whatever_the_order(self):
        self.env["res.partner"].create(
            [{"name": "Same Name", "ref": f"PAGE-{i}"} for i in range(7)]
        )
        seen = []
        for offset in range(0, 8, 2):
            rows = self.search(
                search_field=["name"],
                search_domain=[["ref", "like", "PAGE-"]],
                order="name",
                limit=2,
                offset=offset,
            )
            seen += [row["id"] for row in rows]
        self.assertEqual(len(seen), 7)
        self.assertEqual(len(set(seen)), 7)

    def test_count_adds_the_total_beside_the_page(self):
        payload = {
            "search_field": ["name"],
            "search_domain": DOMAIN_TEXT,
            "limit": 1,
            "count": True,
        }
        _status, answer = self.call("search_data", "res.partner", {"payload": payload})
        self.assertEqual(len(self.assertSuccess(answer["result"])), 1)
        self.assertEqual(answer["result"]["total"], 2)

    def test_total_of_nothing_is_zero(self):
        payload = {"search_domain": [["ref", "=", "no such"]], "count": True}
        _status, answer = self.call("search_data", "res.partner", {"payload": payload})
        self.assertEqual(self.assertSuccess(answer["result"]), [])
        self.assertEqual(answer["result"]["total"], 0)

    def test_archived_are_found_only_when_included(self):
        self.child.active = False
        self.assertEqual(len(self.search(search_field=["name"])), 1)
        rows = self.search(search_field=["name"], include_archived=True)
        self.assertEqual(len(rows), 2)

    def test_more_rows_than_the_cap_is_an_error_never_a_cut(self):
        self.env["ir.config_parameter"].set_param("webhook.max_search", "1")
        payload = {"search_field": ["name"], "search_domain": DOMAIN_TEXT}
        _status, answer = self.call("search_data", "res.partner", {"payload": payload})
        self.assertFailure(answer["result"], "limit_exceeded", "payload.limit")
        self.assertEqual(len(self.search(search_field=["name"], limit=2)), 2)
