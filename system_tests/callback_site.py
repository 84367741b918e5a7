# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The place that docs/recipes.md calls hooks.example.com, and its administrator."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from demo_job.gateway import Gateway

from .deliveries import SENDER
from .rig import Rig
from .server import INTERFACE

#: What the pages name it.
SITE = "https://hooks.example.com"


class CallbackSite(ThreadingHTTPServer):
    """Hands what arrives to ``receive`` and answers the status that returns."""

    def __init__(self) -> None:
        super().__init__((INTERFACE, 0), _Handler)
        self.receive: Callable[[object, bytes], int] = lambda _headers, _body: 503
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def localize(self, text: str) -> str:
        """Put this machine's address where a page has the site's."""
        return text.replace(SITE, f"http://{INTERFACE}:{self.server_port}")


class _Handler(BaseHTTPRequestHandler):
    server: CallbackSite

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response_only(self.server.receive(self.headers, body))
        self.end_headers()


def have_orders_told(rig: Rig, admin: Gateway, template: str) -> str:
    """Do what the page tells an administrator to; return the endpoint's secret.

    :param template: the payload of the rule.
    """
    _set_parameter(admin, "webhook.private_networks", f"{INTERFACE}/32")
    endpoint = {
        "name": "Shop",
        "kind": "callback",
        "host": INTERFACE,
        "allow_http": True,
    }
    vals = {"payload": endpoint}
    admin.succeed("create_data", "webhook.endpoint", vals, show=False)
    vals = {"search_key": {"name": "Shop"}, "payload": {"method": "action_new_secret"}}
    shown = admin.succeed("call_function", "webhook.endpoint", vals, show=False)
    rule = {
        "name": "Confirmed orders",
        "model_id": {"model": "sale.order"},
        "trigger": "matches",
        "trigger_domain": '[["state", "=", "sale"]]',
        "endpoint_source": "record",
        "payload_fields": template,
    }
    vals = {"payload": rule}
    admin.succeed("create_data", "webhook.outbound.rule", vals, show=False)
    rig.start_server(*SENDER)
    rig.urls.pop()  # it sends and serves nobody
    return shown["result"]["context"]["default_secret"]


def _set_parameter(admin: Gateway, key: str, value: str) -> None:
    parameter = {"key": key, "value": value}
    vals = {"payload": {"method": "set_param", "parameter": parameter}}
    admin.succeed("call_function", "ir.config_parameter", vals, show=False)
