# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The web shop's seven requests, each with what must be true afterwards.

Every record of a run carries the run's name, so that any number of runs share a
database, and nothing is left to chance by what an earlier one made.
"""

from __future__ import annotations

import base64

from .console import found
from .failure import expect
from .gateway import Gateway

#: Codes of products in Odoo's own demo data.
CHAIR, LAMP, DESK = "FURN_7777", "FURN_8888", "FURN_0789"
#: "15%" alone is the name of two taxes: one of sales, one of purchases.
SALES_TAX = {"name": "15%", "type_tax_use": "sale"}


def create_customer(gateway: Gateway, run: str) -> None:
    tag = f"Campaign {run}"
    vals = {
        "payload": {
            "name": "Nadia Moreau",
            "ref": run,
            "email": "nadia.moreau@example.com",
            "city": "Namur",
            "country_id": {"code": "BE"},
            "category_id": [{"name": "Prospects"}, {"name": tag}],
        },
        "auto_create": {"category_id": {"name": tag, "color": 4}},
        "result_field": ["name", "country_id{name}", "category_id{name}"],
    }
    answer = gateway.succeed("create_data", "res.partner", vals)
    made, created = answer["result"], answer.get("created", [])
    expect(made["country_id"][0]["name"] == "Belgium", "Belgium by its code", made)
    tags = {item["name"] for item in made["category_id"]}
    expect(tags == {"Prospects", tag}, "both tags on the customer", tags)
    models = [item["model"] for item in created]
    expect(models == ["res.partner.category"], "one tag made automatically", created)
    found(f"customer {made['id']}; tag {created[0]['id']} was missing and was made")


def create_order(gateway: Gateway, run: str) -> None:
    order_file = _file("order.txt", f"Order {run}, as the customer sent it.")
    line_file = _file("engraving.txt", "To Nadia, who reads at night.")
    lamp = {"product_id": {"default_code": LAMP}, "product_uom_qty": 1}
    vals = {
        "payload": {
            "partner_id": {"ref": run},
            "client_order_ref": run,
            "date_order": "2026-11-23T09:30:00+01:00",
            "tag_ids": [{"name": "Product"}],
            "order_line": [
                {
                    "product_id": {"default_code": CHAIR},
                    "product_uom_qty": 2,
                    "price_unit": 79.5,
                    "tax_ids": [SALES_TAX],
                },
                {**lamp, "tax_ids": [SALES_TAX], "attachment_ids": [line_file]},
            ],
            "attachment_ids": [order_file],
        },
        "result_field": ["name", "date_order", "order_line{product_id{default_code}}"],
    }
    order = gateway.succeed("create_data", "sale.order", vals)["result"]
    in_utc = "2026-11-23 08:30:00"
    expect(order["date_order"] == in_utc, f"{in_utc} UTC", order["date_order"])
    lines = {
        line["product_id"][0]["default_code"]: line["id"]
        for line in order["order_line"]
    }
    expect(lines.keys() == {CHAIR, LAMP}, "a line of each product", lines)
    _expect_files(gateway, "sale.order", [order["id"]], {order["id"]: "order.txt"})
    on_lamp = {lines[LAMP]: "engraving.txt"}
    _expect_files(gateway, "sale.order.line", list(lines.values()), on_lamp)
    found(f"{order['name']}: order.txt is on the order, engraving.txt on its 2nd line")


def upsert_product(gateway: Gateway, run: str) -> None:
    steps = (("created", 12.5), ("updated", 13.75), ("unchanged", 13.75))
    for operation, price in steps:
        vals = {
            "search_key": {"default_code": run},
            "payload": {"name": "Enamel Mug", "type": "consu", "list_price": price},
            "result_field": ["default_code", "list_price"],
        }
        result = gateway.succeed("create_update_data", "product.product", vals)[
            "result"
        ]
        expect(result["operation"] == operation, operation, result)
        expect(result["default_code"] == run, "the search key on the record", result)
        expect(result["list_price"] == price, f"the price {price}", result)
    vals = {"payload": {"search_domain": [["default_code", "=", run]], "count": True}}
    vals["payload"]["search_field"] = ["default_code"]
    answer = gateway.succeed("search_data", "product.product", vals, show=False)
    expect(answer["total"] == 1, "one product of this code", answer)
    found(f"product {result['ids'][0]}: made, changed, left alone; there is one of it")


def update_order(gateway: Gateway, run: str) -> None:
    tags = [{"name": "Design"}, {"name": "Training"}]
    vals = {
        "search_key": {"client_order_ref": run},
        "payload": {
            "tag_ids": {"mode": "add", "records": tags},
            "order_line": [
                {"product_id": {"default_code": code}, "product_uom_qty": quantity}
                for code, quantity in ((CHAIR, 3), (run, 12), (DESK, 1))
            ],
        },
        "result_field": ["tag_ids{name}", "order_line{product_uom_qty}"],
    }
    order = gateway.succeed("update_data", "sale.order", vals)["result"]
    names = {tag["name"] for tag in order["tag_ids"]}
    expect(names == {"Product", "Design", "Training"}, "two tags more", names)
    quantities = [line["product_uom_qty"] for line in order["order_line"]]
    expect(quantities == [3, 12, 1], "three lines instead of two", quantities)
    found("the tag it had was kept, two were added; three lines replaced two")


def search_order(gateway: Gateway, run: str) -> None:
    fields = [
        "name",
        "state",
        "amount_total",
        "partner_id{name, country_id{code}}",
        "order_line{product_id{default_code}, product_uom_qty, tax_ids{name}}",
    ]
    domain = [["client_order_ref", "=", run]]
    payload = {"search_field": fields, "search_domain": domain, "format": "plain"}
    vals = {"payload": payload}
    rows = gateway.succeed("search_data", "sale.order", vals)["result"]
    expect(len(rows) == 1, "the one order", rows)
    expect(rows[0]["partner_id"]["country_id"]["code"] == "BE", "BE", rows)
    codes = [line["product_id"]["default_code"] for line in rows[0]["order_line"]]
    expect(codes == [CHAIR, run, DESK], "the products of its lines", codes)
    found("order, customer, country, lines, products and taxes came in one answer")


def confirm_order(gateway: Gateway, run: str) -> None:
    key = {"client_order_ref": run}
    vals = {"search_key": key, "payload": {"method": "action_confirm"}}
    gateway.succeed("call_function", "sale.order", vals)
    state = {
        "search_field": ["state"],
        "search_domain": [["client_order_ref", "=", run]],
    }
    answer = gateway.succeed(
        "search_data", "sale.order", {"payload": state}, show=False
    )
    expect(answer["result"][0]["state"] == "sale", "a confirmed order", answer)
    found("its state is 'sale'")


def send_mistakes(gateway: Gateway, run: str) -> None:
    reference = f"{run}-wrong"
    vals = {
        "payload": {
            "partner_id": {"ref": "NO-SUCH-CUSTOMER"},
            "client_order_ref": reference,
            "order_line": [
                {"product_id": {"default_code": CHAIR}, "product_uom_qty": 1},
                {"product_id": {"default_code": "FURN_77777"}, "product_uom_qt": 1},
            ],
        }
    }
    answer = gateway.call("create_data", "sale.order", vals)
    expect(not answer["is_success"], "a failure", answer)
    mistakes = {(error["path"], error["code"]) for error in answer["errors"]}
    wanted = {
        ("payload.partner_id", "not_found"),
        ("payload.order_line[1].product_id", "not_found"),
        ("payload.order_line[1].product_uom_qt", "unknown_field"),
    }
    expect(mistakes == wanted, f"{wanted}", mistakes)
    domain = [["client_order_ref", "=", reference]]
    payload = {"search_domain": domain, "search_field": ["name"]}
    left = gateway.succeed(
        "search_data", "sale.order", {"payload": payload}, show=False
    )
    expect(left["result"] == [], "nothing written", left)
    found("three paths, three codes; nothing was written")


def _file(name: str, text: str) -> dict:
    return {"name": name, "datas": base64.b64encode(text.encode()).decode()}


def _expect_files(
    gateway: Gateway, model: str, ids: list[int], wanted: dict[int, str]
) -> None:
    """Check which of the records carry which file, by asking Odoo."""
    payload = {
        "search_field": ["res_id", "name"],
        "search_domain": [["res_model", "=", model], ["res_id", "in", ids]],
    }
    vals = {"payload": payload}
    rows = gateway.succeed("search_data", "ir.attachment", vals, show=False)["result"]
    seen = [(row["res_id"], row["name"]) for row in rows]
    expect(sorted(seen) == sorted(wanted.items()), f"files {wanted} on {model}", seen)
