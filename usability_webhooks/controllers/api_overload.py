# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from psycopg2.pool import PoolError
from werkzeug.exceptions import NotFound

from odoo.http import HttpDispatcher, Response

from ..exceptions import Unavailable
from ..tools.api_request import ROUTES
from .api_dispatcher import ApiDispatcher

OUR_PATHS = frozenset(f"/api/{name}" for name in (*ROUTES, "openapi.json"))


class OverloadDispatcher(HttpDispatcher):
    """Answers in our own words when a request never got as far as its dispatcher.

    Until a route is matched core takes every request for a page. With more threads
    than connections (``--workers 0``) the pool is empty before that, and the answer
    would be a page that says 500; when PostgreSQL itself has no connection left, a
    page that says 404, where this addon is not among the server-wide modules.

    In place of core's dispatcher, by core's own registration
    (``Dispatcher.__init_subclass__``); on all other paths it does what core does.
    """

    routing_type = "http"

    def handle_error(self, exc: Exception) -> Response:
        is_ours = self.request.httprequest.path.rstrip("/") in OUR_PATHS
        is_lost = isinstance(exc, NotFound) and not self.request.db
        if is_ours and (is_lost or isinstance(exc, PoolError)):
            return ApiDispatcher(self.request).handle_error(Unavailable())
        return super().handle_error(exc)
