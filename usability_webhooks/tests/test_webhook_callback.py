# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""callback_url of a request: who may name what, and who is called then."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiHttpCase, make_key

HOST = "hooks.example.com"
URL = f"https://{HOST}/orders/1"


@tagged("post_install", "-at_install")
class TestCallback(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.rule = cls.env["webhook.outbound.rule"].create(
            {
                "name": "Answer",
                "model_id": cls.env["ir.model"]._get("res.partner").id,
                "trigger": "created_or_updated",
                "endpoint_source": "record",
                "body_format": "data",
                "payload_fields": '{"name": "{name}"}',
            }
        )
        cls.callbacks = cls.env["webhook.callback"]

    @classmethod
    def make_endpoint(cls, host: str = HOST, **vals):
        return cls.env["webhook.endpoint"].create(
            {"name": host, "kind": "callback", "host": host} | vals
        )

    def create_partner(self, url: object = URL, **vals) -> dict:
        """Return the result of a request that names an address."""
        vals = {"payload": {"name": "Anna"}, "callback_url": url} | vals
        _status, answer = self.call("create_data", "res.partner", vals)
        return answer["result"]

    def get_deliveries(self):
        self.env.invalidate_all()
        return self.env["webhook.outbound.delivery"].search([], order="id")

    def test_record_answers_to_the_address_its_request_named(self) -> None:
        endpoint = self.make_endpoint()
        result = self.create_partner()
        self.assertTrue(result["is_success"], result)
        self.assertNotIn("warnings", result)
        self.assertRecordValues(
            self.callbacks.search([]),
            [
                {
                    "res_model": "res.partner",
                    "res_id": result["result"]["id"],
                    "url": URL,
                    "endpoint_id": endpoint.id,
                    "request_id": result["request_id"],
                }
            ],
        )
        self.assertRecordValues(
            self.get_deliveries(),
            [{"url": URL, "endpoint_id": endpoint.id, "body": '{"name": "Anna"}'}],
        )

    def test_last_address_counts(self) -> None:
        self.make_endpoint()
        record_id = self.create_partner()["result"]["id"]
        vals = {"search_key": {"id": record_id}, "payload": {"name": "Anna"}}
        other = f"{URL}?again=1"
        self.call("update_data", "res.partner", vals | {"callback_url": other})
        self.assertEqual(self.callbacks.search([]).url, other)
        self.env["res.partner"].browse(record_id).name = "Berta"
        self.env.cr.flush()
        self.assertEqual(self.get_deliveries()[-1].url, other)
        self.call("update_data", "res.partner", vals)
        self.assertEqual(self.callbacks.search([]).url, other)

    def test_other_hosts_are_refused_and_nothing_is_written(self) -> None:
        self.make_endpoint()
        self.make_endpoint("*.shop.example.com")
        for url in (
            "https://evil.example.com/",
            f"https://{HOST}.evil.example.com/",
            f"https://x.{HOST}/",
            "https://shop.example.com/",
            f"http://{HOST}/",
            f"https://{HOST}:8080/",
            f"https://user@{HOST}/",
            f"https://{HOST}\\@evil.example.com/",
            "https://127.0.0.1/",
            "ftp://hooks.example.com/",
            "nonsense",
        ):
            with self.subTest(url=url):
                result = self.create_partner(url, payload={"name": "Never"})
                self.assertFailure(result, "invalid_value")
                self.assertEqual(result["errors"][0]["path"], "callback_url")
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Never")]))
        self.assertFalse(self.callbacks.search([]))

    def test_most_exact_host_wins(self) -> None:
        self.make_endpoint("*.example.com")
        exact = self.make_endpoint("a.shop.example.com")
        wide = self.make_endpoint("*.shop.example.com")
        self.create_partner("https://a.shop.example.com/x")
        self.create_partner("https://b.shop.example.com/x")
        found = self.callbacks.search([], order="id")
        self.assertEqual(found.mapped("endpoint_id"), exact + wide)

    def test_without_callback_endpoints_it_is_a_warning(self) -> None:
        result = self.create_partner("http://localhost:5000/x")
        self.assertTrue(result["is_success"])
        self.assertIn("callback_url will not be called", result["warnings"][0])
        self.assertFalse(self.callbacks.search([]))
        self.assertFalse(self.get_deliveries())

    def test_archived_endpoint_is_none(self) -> None:
        endpoint = self.make_endpoint()
        record_id = self.create_partner()["result"]["id"]
        endpoint.active = False
        before = self.get_deliveries()
        self.env["res.partner"].browse(record_id).name = "Berta"
        self.env.cr.flush()
        self.assertEqual(self.get_deliveries(), before)

    def test_records_of_a_batch_name_their_own(self) -> None:
        self.make_endpoint()
        records = [
            {"ref": 1, "payload": {"name": "A"}, "callback_url": f"{URL}/own"},
            {"ref": 2, "payload": {"name": "B"}},
        ]
        vals = {"records": records, "callback_url": URL}
        result = self.call("create_data", "res.partner", vals)[1]["result"]
        self.assertTrue(result["is_success"], result)
        found = self.callbacks.search([], order="res_id")
        self.assertEqual(found.mapped("url"), [f"{URL}/own", URL])
        records[1]["callback_url"] = "https://evil.example.com/"
        vals["on_error"] = "continue"
        result = self.call("create_data", "res.partner", vals)[1]["result"]
        self.assertEqual([row["is_success"] for row in result["result"]], [True, False])
        self.assertEqual(result["errors"][0]["path"], "records[1].callback_url")
        records[1]["callback_url"] = {"no": "text"}
        result = self.call("create_data", "res.partner", vals)[1]["result"]
        self.assertEqual(result["errors"][0]["path"], "records[1].callback_url")

    def test_dry_run_names_nothing(self) -> None:
        self.make_endpoint()
        result = self.create_partner(dry_run=True)
        self.assertTrue(result["is_success"], result)
        self.assertFalse(self.callbacks.search([]))
        self.assertFalse(self.get_deliveries())

    def test_failed_request_names_nothing_and_tells_nothing(self) -> None:
        self.make_endpoint()
        vals = {"payload": {"name": "A", "parent_id": {"name": "nobody at all"}}}
        result = self.create_partner(**vals)
        self.assertFalse(result["is_success"])
        self.assertFalse(self.callbacks.search([]))
        self.assertFalse(self.get_deliveries())

    def test_static_headers_do_not_follow_a_callback(self) -> None:
        endpoint = self.make_endpoint()
        self.env["webhook.endpoint"].create(
            {
                "name": "Static",
                "url": URL,
                "header_ids": [
                    (0, 0, {"name": "Authorization", "value": "Bearer secret"})
                ],
            }
        )
        self.create_partner()
        delivery = self.get_deliveries()
        self.assertEqual(delivery.endpoint_id, endpoint)
        self.assertEqual(delivery.endpoint_id._get_headers(), {})

    def test_addresses_of_lost_records_are_forgotten(self) -> None:
        self.make_endpoint()
        record_id = self.create_partner()["result"]["id"]
        kept = self.create_partner()["result"]["id"]
        self.env["res.partner"].browse(record_id).unlink()
        self.assertEqual(self.callbacks._gc_callbacks(), (1, 0))
        self.assertEqual(self.callbacks.search([]).res_id, kept)

    def test_addresses_are_shown_to_managers_only(self) -> None:
        self.make_endpoint()
        self.create_partner()
        key = make_key(self.user)
        result = self.call(
            "search_data", "webhook.callback", {}, headers={"x-api-key": key}
        )[1]["result"]
        self.assertFailure(result, "unknown_model")
