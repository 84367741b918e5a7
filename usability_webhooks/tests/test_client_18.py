# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A client written for usability_webhooks 18.0, run against ours unchanged.

It knows the keys ``is_success``, ``result`` and ``messages`` and nothing of
what came later; it logs in as the 18.0 documentation told it to.
"""

from __future__ import annotations

import base64

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TEST_LOGIN, ApiHttpCase, requires

SALES_GROUP = "sales_team.group_sale_salesman_all_leads"

#: A domain as the text of a Python literal, as 18.0 documents it.
NESTED_SEARCH = {
    "payload": {
        "search_field": [
            "name",
            "partner_id",
            "validity_date",
            "client_order_ref",
            "partner_shipping_id{name,email}",
            "order_line{product_id, product_uom_qty, price_unit}",
        ],
        "search_domain": (
            "[('client_order_ref', '=', 'PO-18-3'), ('state', 'in', ['draft', 'sent'])]"
        ),
        "limit": 1,
        "order": "date_order desc, name",
    }
}


class Client18:
    """What such a client sends, and what it makes of the answers."""

    #: Odoo's test loader leaves inherited tests out unless told otherwise.
    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user.group_ids += cls.env.ref(SALES_GROUP)
        cls.products = cls.env["product.product"].create(
            [
                {"name": "Client18 Desk", "default_code": "D-1", "list_price": 500},
                {"name": "Client18 Chair", "default_code": "C-1", "list_price": 90},
            ]
        )
        cls.tags = cls.env["res.partner.category"].create(
            [{"name": "Client18 Gold"}, {"name": "Client18 Wholesale"}]
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Client18 Customer", "ref": "K-1", "email": "k1@example.com"}
        )

    def log_in(self) -> dict:
        """Return the headers that the client sends from then on."""
        raise NotImplementedError

    def send(self, route: str, model: str, vals: dict) -> dict:
        """Return ``result`` of the answer, as the 18.0 client unpacks it."""
        headers = self.log_in()
        params = {"params": {"model": model, "vals": vals}}
        response = self.post(route, params, headers)
        self.assertEqual(response.status_code, 200, response.text)
        answer = response.json()
        self.assertNotIn("error", answer)
        self.assertIs(type(answer["result"]["messages"]), str)
        return answer["result"]

    def ask(self, route: str, model: str, vals: dict) -> object:
        answer = self.send(route, model, vals)
        self.assertIs(answer["is_success"], True, answer)
        return answer["result"]

    # -- create_data ----------------------------------------------------------

    def test_create_an_order_with_lines_files_and_callback(self):
        result = self.ask(
            "create_data",
            "sale.order",
            {
                "callback_url": "https://shop.example/hooks/orders",
                "payload": {
                    "partner_id": {"name": "Client18 Customer"},
                    "client_order_ref": "PO-18-1",
                    "order_line": [
                        {
                            "product_id": {"default_code": "D-1"},
                            "product_uom_qty": 2,
                            "price_unit": 450.0,
                        },
                        {"product_id": {"name": "Client18 Chair"}},
                    ],
                    "attachment_ids": [{"name": "po.txt", "datas": "UE8="}],
                },
                "result_field": ["name", "state"],
            },
        )
        order = self.env["sale.order"].browse(result["id"])
        self.assertEqual(result, {"id": order.id, "name": order.name, "state": "draft"})
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(
            [
                (line.product_id, line.product_uom_qty, line.price_unit)
                for line in order.order_line
            ],
            [(self.products[0], 2.0, 450.0), (self.products[1], 1.0, 90.0)],
        )
        domain = [("res_model", "=", "sale.order"), ("res_id", "=", order.id)]
        attachment = self.env["ir.attachment"].search(domain)
        self.assertEqual(base64.b64decode(attachment.datas), b"PO")

    def test_create_makes_a_missing_many2one_from_auto_create(self):
        result = self.ask(
            "create_data",
            "res.partner",
            {
                "payload": {
                    "name": "Client18 Contact",
                    "parent_id": {"name": "Client18 New Company"},
                },
                "auto_create": {"parent_id": {"name": "Client18 New Company"}},
            },
        )
        contact = self.env["res.partner"].browse(result["id"])
        self.assertEqual(contact.parent_id.name, "Client18 New Company")

    def test_create_with_lookups_by_id_and_by_plain_id(self):
        thailand = self.env.ref("base.th")
        for value in ({"id": thailand.id}, thailand.id):
            with self.subTest(value=value):
                payload = {"name": "Client18 By Id", "country_id": value}
                vals = {"payload": payload, "result_field": ["country_id"]}
                result = self.ask("create_data", "res.partner", vals)
                self.assertEqual(result["country_id"], [thailand.id, "Thailand"])

    def test_server_side_keys_sent_back_are_tolerated(self):
        vals = {"payload": {"name": "Client18 Echo"}, "is_create_log": True}
        self.assertEqual(list(self.ask("create_data", "res.partner", vals)), ["id"])

    # -- update_data, create_update_data --------------------------------------

    def test_update_adds_tags_and_answers_a_list_of_ids(self):
        self.customer.category_id = self.tags[0]
        result = self.ask(
            "update_data",
            "res.partner",
            {
                "search_key": {"ref": "K-1"},
                "payload": {
                    "function": "Head Buyer",
                    "country_id": {"code": "TH"},
                    "category_id": {
                        "mode": "add",
                        "records": [{"name": "Client18 Wholesale"}],
                    },
                },
            },
        )
        self.assertEqual(result, {"id": self.customer.ids, "ref": "K-1"})
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.category_id, self.tags)
        self.assertEqual(self.customer.country_id.code, "TH")

    def test_update_replaces_the_lines_of_an_order(self):
        order = self.make_order("PO-18-2")
        old_lines = order.order_line
        self.ask(
            "update_data",
            "sale.order",
            {
                "search_key": {"client_order_ref": "PO-18-2"},
                "payload": {
                    "order_line": [
                        {"product_id": {"default_code": "C-1"}, "product_uom_qty": 4}
                    ]
                },
            },
        )
        order.invalidate_recordset()
        self.assertFalse(old_lines.exists())
        self.assertEqual(order.order_line.product_id, self.products[1])
        self.assertEqual(order.order_line.product_uom_qty, 4)

    def test_create_update_creates_once_then_updates(self):
        vals = {
            "search_key": {"ref": "K-2"},
            "payload": {"name": "Client18 Upsert", "ref": "K-2"},
            "result_field": ["name"],
        }
        created = self.ask("create_update_data", "res.partner", vals)
        self.assertIs(type(created["id"]), int)
        self.assertEqual(created["name"], "Client18 Upsert")
        vals["payload"]["name"] = "Client18 Upserted"
        updated = self.ask("create_update_data", "res.partner", vals)
        self.assertEqual(updated["id"], [created["id"]])
        self.assertEqual(updated["ref"], "K-2")
        partner = self.env["res.partner"].browse(created["id"])
        self.assertEqual(partner.name, "Client18 Upserted")

    # -- search_data ----------------------------------------------------------

    def test_search_with_a_python_domain_and_nested_fields(self):
        order = self.make_order("PO-18-3")
        rows = self.ask("search_data", "sale.order", NESTED_SEARCH)
        line = order.order_line
        expected = {
            "id": order.id,
            "name": order.name,
            "partner_id": [self.customer.id, "Client18 Customer"],
            "validity_date": rows[0]["validity_date"],
            "client_order_ref": "PO-18-3",
            "partner_shipping_id": [
                {
                    "id": self.customer.id,
                    "name": "Client18 Customer",
                    "email": "k1@example.com",
                }
            ],
            "order_line": [
                {
                    "id": line.id,
                    "product_id": [line.product_id.id, line.product_id.display_name],
                    "product_uom_qty": 1.0,
                    "price_unit": 500.0,
                }
            ],
        }
        self.assertEqual(rows, [expected])

    def test_search_answers_false_for_what_is_empty(self):
        fields = [
            "phone",
            "parent_id",
            "child_ids",
            "state_id{name}",
            "child_ids{name}",
        ]
        payload = {"search_field": fields[:3], "search_domain": "[('ref','=','K-1')]"}
        rows = self.ask("search_data", "res.partner", {"payload": payload})
        empty = {"phone": False, "parent_id": False, "child_ids": []}
        self.assertEqual(rows, [{"id": self.customer.id, **empty}])
        payload["search_field"] = fields[3:]
        rows = self.ask("search_data", "res.partner", {"payload": payload})
        empty = {"state_id": [], "child_ids": []}
        self.assertEqual(rows, [{"id": self.customer.id, **empty}])

    def test_search_without_limit_and_order_finds_all(self):
        payload = {
            "search_field": ["name"],
            "search_domain": "[('name', 'like', 'Client18 %')]",
            "limit": None,
            "order": None,
        }
        rows = self.ask("search_data", "res.partner.category", {"payload": payload})
        self.assertEqual({row["id"] for row in rows}, set(self.tags.ids))
        payload["search_domain"] = "[('name', '=', 'Client18 None')]"
        rows = self.ask("search_data", "res.partner.category", {"payload": payload})
        self.assertEqual(rows, [])

    # -- call_function --------------------------------------------------------

    def test_call_confirms_an_order_in_a_context(self):
        order = self.make_order("PO-18-4")
        result = self.ask(
            "call_function",
            "sale.order",
            {
                "search_key": {"client_order_ref": "PO-18-4"},
                "payload": {
                    "method": "action_confirm",
                    "parameter": {},
                    "context": {"lang": "en_US", "force_create": True},
                },
            },
        )
        self.assertIs(result, True)
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")

    def test_call_passes_named_parameters(self):
        result = self.ask(
            "call_function",
            "res.partner",
            {
                "search_key": {"id": self.customer.id},
                "payload": {
                    "method": "write",
                    "parameter": {"vals": {"function": "Called"}},
                },
            },
        )
        self.assertIs(result, True)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.function, "Called")

    # -- failure --------------------------------------------------------------

    def test_failure_has_the_two_keys_and_writes_nothing(self):
        payload = {
            "name": "Client18 Bad",
            "country_id": {"name": "Client18 Nowhere"},
        }
        answer = self.send("create_data", "res.partner", {"payload": payload})
        self.assertIs(answer["is_success"], False)
        self.assertIn("Client18 Nowhere", answer["messages"])
        found = self.env["res.partner"].search([("name", "=", "Client18 Bad")])
        self.assertFalse(found)

    def make_order(self, reference: str):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "client_order_ref": reference,
                "user_id": self.user.id,
            }
        )
        self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": self.products[0].id}
        )
        return order


@requires("sale.order")
@tagged("post_install", "-at_install")
class TestClient18WithSession(Client18, ApiHttpCase):
    def log_in(self) -> dict:
        """Log in as the 18.0 documentation says, once; the cookie does the rest."""
        if "session_id" not in self.opener.cookies.get_dict():
            params = {
                "db": self.env.cr.dbname,
                "login": TEST_LOGIN,
                "password": TEST_LOGIN,
            }
            message = {"jsonrpc": "2.0", "method": "call", "params": params}
            response = self.url_open("/web/session/authenticate", json=message)
            self.assertEqual(response.json()["result"]["uid"], self.user.id)
        return {}

    def test_wrong_password_gives_no_access(self):
        params = {"db": self.env.cr.dbname, "login": TEST_LOGIN, "password": "wrong"}
        with mute_logger("odoo.http"):
            self.url_open("/web/session/authenticate", json={"params": params})
        response = self.post("create_data", {"params": {}}, {})
        self.assertEqual(response.status_code, 401)


@requires("sale.order")
@tagged("post_install", "-at_install")
class TestClient18WithKey(Client18, ApiHttpCase):
    def log_in(self) -> dict:
        return self.bearer()

    def test_key_may_come_in_the_header_of_18(self):
        params = {"model": "res.users", "vals": {"payload": {"method": "context_get"}}}
        response = self.post(
            "call_function", {"params": params}, {"x-api-key": self.key}
        )
        self.assertSuccess(response.json()["result"])
