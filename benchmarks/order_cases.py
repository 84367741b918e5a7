# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sale orders: written by product code, read with all that hangs on them."""

from __future__ import annotations

import functools

from .case import NotTheSame, Pair, Turn
from .client import Timed
from .stage import Stage

READ_FIELDS = [
    "name",
    "date_order",
    "amount_total",
    "partner_id{name, email, country_id{name, code}}",
    "order_line{name, product_uom_qty, price_unit, product_id{name, default_code}}",
]
READ_SPECIFICATION: dict = {
    "name": {},
    "date_order": {},
    "amount_total": {},
    "partner_id": {
        "fields": {
            "name": {},
            "email": {},
            "country_id": {"fields": {"name": {}, "code": {}}},
        }
    },
    "order_line": {
        "fields": {
            "name": {},
            "product_uom_qty": {},
            "price_unit": {},
            "product_id": {"fields": {"name": {}, "default_code": {}}},
        }
    },
}
READ_DOMAIN = [["client_order_ref", "=", "BENCH-READ"]]
READ_ORDERS = 40


def codes(lines: int) -> list[str]:
    return [f"BENCH-{number:04}" for number in range(lines)]


def order_ours(lines: int, turn: Turn) -> int:
    payload = {
        "partner_id": get_partner_id(turn.stage),
        "order_line": [
            {"product_id": {"default_code": code}, "product_uom_qty": 3}
            for code in codes(lines)
        ],
    }
    return turn.client.api("create_data", "sale.order", payload=payload)["id"]


def order_by_json2(lines: int, turn: Turn) -> int:
    found = turn.client.json2(
        "product.product",
        "search_read",
        domain=[["default_code", "in", codes(lines)]],
        fields=["default_code"],
    )
    ids = {row["default_code"]: row["id"] for row in found}
    vals = prepare_order(turn.stage, [ids[code] for code in codes(lines)])
    return turn.client.json2("sale.order", "create", vals_list=[vals])[0]


def order_by_orm(lines: int, turn: Turn) -> Timed:
    """Create the order inside a worker, all ids given, timed there."""
    vals = prepare_order(turn.stage, get_product_ids(turn.stage)[:lines])
    done = turn.client.json2(
        "bench.probe", "create_timed", model="sale.order", vals_list=[vals]
    )
    return Timed(done["seconds"], done["ids"][0])


def prepare_order(stage: Stage, product_ids: list[int]) -> dict:
    return {
        "partner_id": get_partner_id(stage),
        "order_line": [
            [0, 0, {"product_id": product_id, "product_uom_qty": 3}]
            for product_id in product_ids
        ],
    }


def get_partner_id(stage: Stage) -> int:
    if not hasattr(stage, "partner_id"):
        query = "SELECT id FROM res_partner WHERE ref = 'SEED-00001'"
        stage.partner_id = stage.select(query)[0][0]
    return stage.partner_id


def get_product_ids(stage: Stage) -> list[int]:
    """Return the ids of all products of the seed, in the order of their codes."""
    if not hasattr(stage, "product_ids"):
        query = (
            "SELECT id FROM product_product WHERE default_code LIKE 'BENCH-%%'"
            " ORDER BY default_code"
        )
        stage.product_ids = [row[0] for row in stage.select(query)]
    return stage.product_ids


def read_order(stage: Stage, order_id: object) -> object:
    """Return the order's lines and total."""
    return stage.select(
        "SELECT l.product_id, l.product_uom_qty, l.price_unit, l.name, o.amount_total,"
        " o.partner_id, o.state FROM sale_order_line l JOIN sale_order o"
        " ON o.id = l.order_id WHERE o.id = %s ORDER BY l.sequence, l.id",
        order_id,
    )


def nested_ours(turn: Turn) -> list[dict]:
    payload = {"search_field": READ_FIELDS, "search_domain": READ_DOMAIN}
    return turn.client.api("search_data", "sale.order", payload=payload)


def nested_theirs(turn: Turn) -> list[dict]:
    found = turn.client.json2(
        "sale.order",
        "web_search_read",
        domain=READ_DOMAIN,
        specification=READ_SPECIFICATION,
    )
    return found["records"]


def read_nested(stage: Stage, rows: list[dict]) -> object:
    """Bring both forms into one: we answer a list of one dict for a many2one."""
    if len(rows) != READ_ORDERS:
        raise NotTheSame(f"{len(rows)} orders")
    return sorted((_plain(row) for row in rows), key=lambda row: row["id"])


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: _one(item) if key.endswith("_id") else _plain(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _one(value: object) -> object:
    return _plain(value[0] if isinstance(value, list) and value else value)


def _order_pair(lines: int, rounds: int) -> tuple[Pair, Pair]:
    ours = functools.partial(order_ours, lines)
    work = f"order of {lines} lines by product code"
    return (
        Pair(
            f"order-{lines}",
            work,
            "JSON-2: search the products in one call, create",
            0.9,
            ours,
            functools.partial(order_by_json2, lines),
            read_order,
            rounds,
            warm_up=2,
        ),
        Pair(
            f"order-{lines}-orm",
            work,
            "the bare ORM given all ids, inside the worker",
            1.1,
            ours,
            functools.partial(order_by_orm, lines),
            read_order,
            rounds,
            warm_up=2,
            note="Ours over HTTP, as the caller sees it; the ORM without HTTP.",
        ),
    )


CASES = (
    *_order_pair(50, 30),
    *_order_pair(300, 12),
    Pair(
        "nested-read",
        "read 40 orders with lines, products, partner, country",
        "JSON-2 `web_search_read` of the same fields",
        0.8,
        nested_ours,
        nested_theirs,
        read_nested,
        40,
    ),
)
