# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo from its first request to what to try next."""

from __future__ import annotations

import json
import shlex
import time
from datetime import datetime

from . import console, request_log, shop, webhooks
from .environment import Server
from .gateway import Gateway
from .receiver import Receiver


def tell(server: Server, key: str) -> None:
    """Run every step, in order.

    :param key: an API key of the service user.
    :raises DemoFailure: a step did not do what it should.
    """
    run = f"demo-{datetime.now():%y%m%d-%H%M%S}"
    console.found(f"made, valid for a day; request ids of this run begin with {run}")
    gateway = Gateway(server.url, run, key)
    console.title("1  A customer: country by code, tags by name, a new tag on the way")
    shop.create_customer(gateway, run)
    console.title("2  An order: products by code, taxes nested, files on two levels")
    shop.create_order(gateway, run)
    console.title("3  A product sent three times: made, changed, left alone")
    shop.upsert_product(gateway, run)
    console.title("4  The order changed: tags added, its lines replaced")
    shop.update_order(gateway, run)
    console.title("5  The order read back, three models deep, in one request")
    shop.search_order(gateway, run)
    console.title("6  Webhooks: Odoo shall tell the shop, where and of what")
    admin = request_log.log_in(server, f"{run}-admin")
    with Receiver() as receiver, webhooks.listening(admin, receiver):
        console.title("7  The order confirmed: any public method can be called")
        since = time.monotonic()
        shop.confirm_order(gateway, run)
        webhooks.hear_confirmation(receiver, run, since)
        console.title("8  A change that names where to tell of it: a callback")
        webhooks.promise_delivery(gateway, receiver, run)
    console.title("9  An order with three mistakes: one answer names them all")
    shop.send_mistakes(gateway, run)
    console.title("10  The log of all that, as the administrator sees it")
    request_log.show(admin, gateway.request_ids)
    _say_what_next(server, key, run)


def _say_what_next(server: Server, key: str, run: str) -> None:
    payload = {
        "search_field": ["name", "state", "order_line{product_id{default_code}}"],
        "search_domain": [["client_order_ref", "=", run]],
    }
    body = {"params": {"model": "sale.order", "vals": {"payload": payload}}}
    console.title("What next")
    print(f"  The log   {server.url}/odoo/action-usability_webhooks.api_log_action")
    print("            log in as admin, password admin; or: menu API > Logs; or with")
    print("            developer mode on: Settings > Technical > API Configuration.")
    print("            Open the failed request, then Edit and Replay: correct it.")
    print("  Webhooks  menu API > Webhook Deliveries: both, with their attempts. Send")
    print("            one again: the shop has gone home, so see it wait and retry.")
    print("            The rules rest: API > Outbound Webhook Rules, filter Archived.")
    print("  Yourself  paste this; then change a name in it, to see a mistake named:\n")
    lines = [
        f"curl -s {server.url}/api/search_data",
        f"-H {shlex.quote(f'Authorization: Bearer {key}')}",
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(json.dumps(body))}",
    ]
    print(" \\\n  ".join(lines), flush=True)
