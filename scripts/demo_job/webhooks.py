# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo tells the web shop: endpoints and rules of the administrator, and what arrives.

What is set up has fixed names and is found again by the next run. The rules rest
afterwards, for nobody listens then.
"""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from . import console
from .console import found
from .failure import expect
from .gateway import Gateway
from .receiver import INTERFACE, Delivery, Receiver

#: Where the shop listens: for all orders; for those it asked to be told of.
CONFIRMED_PATH, PROMISED_PATH = "/orders", "/promises"
SHOP, CALLBACKS = "Demo: web shop", "Demo: callbacks of the web shop"
CONFIRMED_RULE, PROMISED_RULE = "Demo: order confirmed", "Demo: delivery promised"
#: From a request to what it makes the shop hear, on a machine that is not busy.
USUAL_SECONDS = 4
SHOWN_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-attempt")
CONFIRMED = {
    "trigger": "matches",
    "trigger_domain": '[["state", "=", "sale"]]',
    "endpoint_source": "static",
    "endpoint_id": {"name": SHOP},
    "event_type": "shop.order.confirmed",
    "payload_fields": '{"order": "{name}", "reference": "{client_order_ref}",'
    ' "total": "{amount_total}"}',
}
PROMISED = {
    "trigger": "updated",
    "trigger_field_ids": [{"model": "sale.order", "name": "commitment_date"}],
    "endpoint_source": "record",
    "event_type": "shop.order.promised",
    "payload_fields": '{"reference": "{client_order_ref}", "on": "{commitment_date}"}',
}


@contextlib.contextmanager
def listening(admin: Gateway, receiver: Receiver) -> Iterator[None]:
    """Have Odoo tell the receiver, as an administrator sets it up in the browser.

    :raises DemoFailure: something was refused.
    """
    # Loopback is no place for deliveries, unless an administrator says so.
    parameter = {"key": "webhook.private_networks", "value": f"{INTERFACE}/32"}
    _call(admin, "ir.config_parameter", {}, "set_param", parameter)
    static = {"kind": "static", "url": f"{receiver.url}{CONFIRMED_PATH}"}
    _upsert(admin, "webhook.endpoint", SHOP, static, show=True)
    callback = {"kind": "callback", "host": INTERFACE, "allow_http": True}
    _upsert(admin, "webhook.endpoint", CALLBACKS, callback)
    for name in (SHOP, CALLBACKS):
        _call(admin, "webhook.endpoint", {"name": name}, "action_enable")
        shown = _call(admin, "webhook.endpoint", {"name": name}, "action_new_secret")
        receiver.secrets.append(shown["context"]["default_secret"])
    found("each has a secret, shown once: the shop keeps it; one before signs on a day")
    orders = {"model_id": {"model": "sale.order"}}
    _upsert(admin, "webhook.outbound.rule", CONFIRMED_RULE, orders | CONFIRMED, True)
    _upsert(admin, "webhook.outbound.rule", PROMISED_RULE, orders | PROMISED)
    found("from now on Odoo tells of every order that comes to be confirmed")
    # It also has the workers that send load the new rules.
    _call(admin, "webhook.endpoint", {"name": SHOP}, "action_send_test")
    test = receiver.wait(CONFIRMED_PATH, "the test of the endpoint").event
    expect(test["type"] == "webhook.test", "a test", test)
    found("a test has arrived, and its signature holds")
    try:
        yield
    finally:
        for name in (CONFIRMED_RULE, PROMISED_RULE):
            vals = {"search_key": {"name": name}, "payload": {"active": False}}
            admin.succeed("update_data", "webhook.outbound.rule", vals, show=False)


def hear_confirmation(receiver: Receiver, run: str, since: float) -> None:
    """Check what the shop hears of the order it just confirmed.

    :param since: when it was about to ask for it, of ``time.monotonic``.
    """
    delivery = receiver.wait(CONFIRMED_PATH, f"the confirmation of {run}")
    _show(delivery, since)
    expect(delivery.event["type"] == "shop.order.confirmed", "its type", delivery)
    expect(delivery.event["data"]["reference"] == run, f"order {run}", delivery.event)
    found("its signature holds; it was queued in the same transaction as the order")
    status = _send_forgery(receiver)
    expect(status == 400, "a refusal of what nobody signed", status)
    found("the same from somebody without the secret is refused")


def promise_delivery(gateway: Gateway, receiver: Receiver, run: str) -> None:
    """Change the order, saying where to tell of it."""
    date = "2026-12-01 08:00:00"
    vals = {
        "search_key": {"client_order_ref": run},
        "payload": {"commitment_date": date},
        "callback_url": f"{receiver.url}{PROMISED_PATH}",
    }
    since = time.monotonic()
    gateway.succeed("update_data", "sale.order", vals)
    delivery = receiver.wait(PROMISED_PATH, f"the date of {run}")
    _show(delivery, since)
    expect(delivery.event["data"]["reference"] == run, f"order {run}", delivery.event)
    expect(date[:10] in str(delivery.event["data"]["on"]), date, delivery.event)
    found("signed as well; only hosts an administrator lists may be named")


def _show(delivery: Delivery, since: float) -> None:
    headers = {name: delivery.headers[name] for name in SHOWN_HEADERS}
    seconds = delivery.seconds - since
    heard = console.paint("The shop hears", "request")
    print(f"\n  {heard} {seconds:.1f} s after it asked for it")
    if seconds > USUAL_SECONDS:
        late = "a new server has all its scheduled actions due; one second is usual"
        print(f"    {console.paint(late, 'dim')}")
    console.body(headers)
    console.body(delivery.event)


def _send_forgery(receiver: Receiver) -> int:
    """Send what anybody could; return the status of the answer."""
    headers = {
        "webhook-id": "msg_forged",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1,AAAA",
    }
    url = f"{receiver.url}{CONFIRMED_PATH}"
    request = urllib.request.Request(url, b"{}", headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def _upsert(
    admin: Gateway, model: str, name: str, payload: dict, show: bool = False
) -> None:
    vals = {
        "search_key": {"name": name},
        "payload": {**payload, "active": True},
        "on_archived": "update",
    }
    admin.succeed("create_update_data", model, vals, show=show)


def _call(admin: Gateway, model: str, key: dict, method: str, parameter=None) -> dict:
    payload = {"method": method, "parameter": parameter or {}}
    vals = {"payload": payload, **({"search_key": key} if key else {})}
    return admin.succeed("call_function", model, vals, show=False)["result"]
