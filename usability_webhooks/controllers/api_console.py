# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.http import Response

#: Where the web client shows the console (views/api_console_views.xml, ``path``).
CONSOLE = "/odoo/api-console"


class ApiConsoleController(http.Controller):
    """The address people are told: it leads to the console in the web client."""

    @http.route("/api/docs", type="http", auth="user", methods=["GET"], readonly=True)
    def docs(self) -> Response:
        """Lead an internal user to the console, somebody else nowhere."""
        if not self.env.user._is_internal():
            raise Forbidden(self.env._("The console is for internal users."))
        return http.request.redirect(CONSOLE)
