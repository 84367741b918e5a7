# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import http

from ..tools.api_outcome import ApiAnswer
from ..tools.api_request import ApiRequest
from . import api_dispatcher  # noqa: F401 - makes type="api" known to core

#: ``auth="none"`` because the dispatcher authenticates by itself, through
#: ``ir.http._auth_method_api``, after it has looked at method, media type and
#: size; and because only such routes are served, with a clean 503, while the
#: database is away. All methods are routed, so that a GET gets its coded 405.
ROUTE = {
    "type": "api",
    "auth": "none",
    "methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    "readonly": False,
    "save_session": False,
    "csrf": False,
}


class ApiController(http.Controller):
    """The five routes. What they do is the dispatcher's and the service's."""

    @http.route("/api/create_data", **ROUTE)
    def create_data(self, api_request: ApiRequest) -> ApiAnswer:
        return self.env["api.transaction"]._run(api_request)

    @http.route("/api/update_data", **ROUTE)
    def update_data(self, api_request: ApiRequest) -> ApiAnswer:
        return self.env["api.transaction"]._run(api_request)

    @http.route("/api/create_update_data", **ROUTE)
    def create_update_data(self, api_request: ApiRequest) -> ApiAnswer:
        return self.env["api.transaction"]._run(api_request)

    @http.route("/api/search_data", **ROUTE)
    def search_data(self, api_request: ApiRequest) -> ApiAnswer:
        return self.env["api.transaction"]._run(api_request)

    @http.route("/api/call_function", **ROUTE)
    def call_function(self, api_request: ApiRequest) -> ApiAnswer:
        return self.env["api.transaction"]._run(api_request)
