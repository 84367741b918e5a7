# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import json

from werkzeug.http import is_resource_modified, quote_etag

from odoo import http
from odoo.http import Response
from odoo.tools.translate import LazyTranslate

from ..exceptions import ApiRefused
from ..tools import access_grant
from ..tools.openapi_memory import get_document
from .api_dispatcher import ApiDispatcher

_lt = LazyTranslate(__name__)

METHODS = ("GET", "HEAD")
#: ``auth="none"`` for the reasons that ``api.ROUTE`` has.
ROUTE = {
    "type": "api_document",
    "auth": "none",
    "methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    "readonly": False,
    "save_session": False,
    "csrf": False,
}


class ApiDocumentDispatcher(ApiDispatcher):
    """Serves documents about the gateway: same callers, same refusals, no body.

    No log row: nothing is asked of any record.
    """

    routing_type = "api_document"

    def dispatch(self, endpoint, args) -> Response:
        """Check, authenticate, answer; ``handle_error`` has the rest."""
        self.request.params = {}  # addons read it while answering, refusals too
        try:
            self._check_transport()
            self._authenticate()
            self._charge_request()
            self._check_grant()
            with access_grant.held(self.request.api_caller.grant):
                return self.request.registry["ir.http"]._dispatch(endpoint)
        except ApiRefused as exc:
            return self._refuse(exc)

    def _check_transport(self) -> None:
        self._check_database()
        method = self.request.httprequest.method
        if method not in METHODS:
            message = _lt(
                "%(method)s is not possible here, only %(allowed)s.",
                method=method,
                allowed="GET",
            )
            allowed = {"Allow": ", ".join(METHODS)}
            raise ApiRefused("method_not_allowed", message, allowed)

    def _check_grant(self) -> None:
        """Refuse the wrong address; a key of any routes may know which they are."""
        self._check_address()

    def respond_document(self, document: bytes, etag: str) -> Response:
        """Answer with a document, to be asked for again each time."""
        return self._mark(self._respond(document), etag)

    def respond_unchanged(self, etag: str) -> Response:
        """Answer that what the client has is the document."""
        return self._mark(self._respond("", 304), etag)

    def _mark(self, response: Response, etag: str) -> Response:
        response.headers["ETag"] = quote_etag(etag)
        response.headers["Cache-Control"] = "no-cache, private"
        response.headers["Vary"] = "Authorization, x-api-key, Cookie"
        return response


class ApiDocumentController(http.Controller):
    """The OpenAPI document."""

    @http.route("/api/openapi.json", **ROUTE)
    def openapi(self) -> Response:
        httprequest, answer = http.request.httprequest, http.request.dispatcher
        name = httprequest.args.get("model", "")
        server = httprequest.host_url.rstrip("/")
        openapi = self.env["api.openapi"]._enter()
        etag = openapi._get_etag(name, server)
        if not is_resource_modified(httprequest.environ, etag=etag):
            return answer.respond_unchanged(etag)

        def make() -> bytes:
            document = openapi._get_document(name, server)
            text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
            return text.encode()

        document = get_document(self.env.cr.dbname, etag, make)
        return answer.respond_document(document, etag)
