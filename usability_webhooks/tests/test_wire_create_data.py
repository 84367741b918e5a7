# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""create_data over HTTP: the 18.0 shapes, and what reached the database."""

from __future__ import annotations

import base64

from odoo.tests import tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestWireCreateData(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["res.partner.category"].create(
            [{"name": "Golden Retail"}, {"name": "Golden Export"}]
        )

    def test_golden_request_has_its_golden_answer(self):
        result = self.assertGolden("create_data", "create_data")["result"]
        partner = self.env["res.partner"].browse(result["id"])
        self.assertRecordValues(
            partner,
            [{"name": "Siam Paper", "ref": "C-100", "create_uid": self.user.id}],
        )
        self.assertEqual(partner.country_id.code, "TH")
        self.assertEqual(partner.parent_id.name, "Siam Holding")
        self.assertEqual(
            partner.category_id.mapped("name"), ["Golden Export", "Golden Retail"]
        )
        children = partner.child_ids.sorted("name")
        self.assertEqual(children.mapped("name"), ["Malee", "Somchai"])
        self.assertEqual(children[0].function, "Buyer")

    def test_each_file_lands_on_the_record_of_its_level(self):
        result = self.assertGolden("create_data", "create_data")["result"]
        partner = self.env["res.partner"].browse(result["id"])
        somchai = partner.child_ids.filtered(lambda child: child.name == "Somchai")
        for record, name, content in (
            (partner, "vat.txt", b"vat"),
            (somchai, "id.txt", b"hi"),
        ):
            domain = [("res_model", "=", "res.partner"), ("res_id", "=", record.id)]
            attachment = self.env["ir.attachment"].search(domain)
            self.assertEqual(attachment.mapped("name"), [name])
            self.assertEqual(base64.b64decode(attachment.datas), content)

    def test_golden_failure_lists_every_mistake_and_writes_nothing(self):
        self.assertGolden("create_data", "failure")
        found = self.env["res.partner"].search([("name", "=", "Never Made")])
        self.assertFalse(found)

    def test_without_result_field_only_the_id_is_answered(self):
        vals = {"payload": {"name": "Plain"}}
        result = self.call_ok("create_data", "res.partner", vals)
        self.assertEqual(list(result), ["id"])
        self.assertIs(type(result["id"]), int)
        self.assertEqual(self.env["res.partner"].browse(result["id"]).name, "Plain")

    def test_list_of_payloads_is_answered_by_a_list_in_its_order(self):
        names = ["Zeta", "Alpha", "Mitte"]
        vals = {"payload": [{"name": n} for n in names], "result_field": ["name"]}
        rows = self.call_ok("create_data", "res.partner", vals)
        self.assertEqual([row["name"] for row in rows], names)
        partners = self.env["res.partner"].browse([row["id"] for row in rows])
        self.assertEqual(partners.mapped("name"), names)

    def test_one_bad_payload_of_a_list_writes_none_of_it(self):
        vals = {"payload": [{"name": "Batch Good"}, {"nome": "Batch Bad"}]}
        status, answer = self.call("create_data", "res.partner", vals)
        self.assertEqual(status, 200)
        self.assertFailure(answer["result"], "unknown_field", "payload[1].nome")
        found = self.env["res.partner"].search([("name", "=", "Batch Good")])
        self.assertFalse(found)

    def test_result_field_expands_like_a_search(self):
        vals = {
            "payload": {"name": "Parent", "child_ids": [{"name": "Child"}]},
            "result_field": ["child_ids{name, parent_id}", "country_id{code}"],
        }
        result = self.call_ok("create_data", "res.partner", vals)
        self.assertEqual(result["country_id"], [])
        self.assertEqual(
            [(row["name"], row["parent_id"]) for row in result["child_ids"]],
            [("Child", [result["id"], "Parent"])],
        )
