# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import time

from odoo import models
from odoo.fields import Command

from odoo.addons.usability_webhooks.tools.outbound_event import OutboundEvent

PRODUCTS = 1_000
PARTNERS = 10_000
#: For the nested read.
ORDERS = 40
ORDER_LINES = 10


class BenchProbe(models.AbstractModel):
    """The bench's data, and the bare ORM with a stop watch in its own process."""

    _name = "bench.probe"
    _description = "Bench Probe"

    def create_timed(self, model: str, vals_list: list[dict]) -> dict:
        """Create records and commit; return their ids and the seconds it took."""
        # A new transaction, as every request has one, with nothing in its cache.
        self.env.cr.rollback()  # pylint: disable=invalid-commit
        self.env.transaction.reset()
        started = time.perf_counter()
        records = self.env[model].create(vals_list)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return {"seconds": time.perf_counter() - started, "ids": records.ids}

    def make_endpoint(self, url: str, **vals) -> int:
        """Return a new endpoint for an address of this machine, with a secret."""
        key = "webhook.private_networks"
        self.env["ir.config_parameter"].set_param(key, "127.0.0.0/8")
        vals = {"name": url, "url": url} | vals
        endpoint = self.env["webhook.endpoint"].create(vals)
        endpoint.action_new_secret()
        return endpoint.id

    def put_deliveries(self, endpoint_id: int, url: str, count: int) -> int:
        """Store events of so many records for an endpoint, in one transaction."""
        events = [
            OutboundEvent(
                rule_id=None,
                endpoint_id=endpoint_id,
                url=url,
                event_type="res.partner.updated",
                kind="updated",
                res_model="res.partner",
                res_id=number,
                company_id=None,
                data={"name": f"Bench partner {number}", "text": "x" * 200},
            )
            for number in range(1, count + 1)
        ]
        self.env["webhook.outbound.outbox"]._put(events)
        return count

    def _make_rules(self, url: str, payloads: list[object]) -> None:
        """Have a rule tell of orders that are confirmed, one for each payload."""
        model = self.env["ir.model"]._get("sale.order")
        for number, payload in enumerate(payloads):
            self.env["webhook.outbound.rule"].create(
                {
                    "name": f"Confirmed {number}",
                    "model_id": model.id,
                    "trigger": "matches",
                    "trigger_domain": '[["state", "=", "sale"]]',
                    "endpoint_source": "static",
                    "endpoint_id": self.make_endpoint(f"{url}/{number}"),
                    "payload_fields": json.dumps(payload),
                }
            )

    def _seed(self) -> None:
        """Create what the cases find: products, partners, orders."""
        products = self.env["product.product"].create(
            [
                {
                    "name": f"Bench product {number}",
                    "default_code": f"BENCH-{number:04}",
                    "type": "consu",
                    "list_price": 1 + number,
                }
                for number in range(PRODUCTS)
            ]
        )
        countries = self.env["res.country"].search([], limit=50)
        partners = self.env["res.partner"].create(
            [
                {
                    "name": f"Bench partner {number}",
                    "ref": f"SEED-{number:05}",
                    "email": f"seed{number}@example.com",
                    "city": "Valencia",
                    "country_id": countries[number % len(countries)].id,
                }
                for number in range(PARTNERS)
            ]
        )
        self.env["sale.order"].create(
            [
                {
                    "partner_id": partners[number].id,
                    "client_order_ref": "BENCH-READ",
                    "order_line": self._prepare_lines(products, number),
                }
                for number in range(ORDERS)
            ]
        )

    def _prepare_lines(self, products: models.BaseModel, number: int) -> list:
        first = number * ORDER_LINES
        return [
            Command.create({"product_id": product.id, "product_uom_qty": 2})
            for product in products[first : first + ORDER_LINES]
        ]
