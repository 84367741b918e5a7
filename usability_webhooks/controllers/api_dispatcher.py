# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import datetime
import json
import logging
import re
import uuid

from psycopg2 import Error as DatabaseError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from odoo.exceptions import AccessDenied
from odoo.http import Dispatcher, Response, SessionExpiredException
from odoo.tools.translate import LazyTranslate

from ..exceptions import ApiError, ApiRefused, Unavailable
from ..tools import envelope
from ..tools.api_request import (
    ROUTES,
    WRITING_ROUTES,
    ApiRequest,
    RequestBody,
    read_envelope,
)
from ..tools.frame_room import with_room
from ..tools.json_body import decode_body, parse_json
from ..tools.key_expiry import get_header
from ..tools.log_mode import LogMode
from ..tools.redaction import redact_text
from .api_throttle import ApiThrottle

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

MEDIA_TYPES = ("application/json", "application/json-rpc")
#: 1 to 255 visible ASCII characters (wire contract, section 5).
SANE_IDEMPOTENCY_KEY = re.compile(r"^[!-~]{1,255}$")
#: A client's own request id is kept when it is one: short, visible ASCII.
SANE_REQUEST_ID = re.compile(r"^[!-~]{1,128}$")


class ApiDispatcher(ApiThrottle, Dispatcher):
    """Serves ``type="api"`` routes: bytes to a checked request, and back.

    Differs from core's JSON-RPC dispatcher where callers need it to: a refusal
    has a true HTTP status and a stable code, never HTML and never a traceback,
    and what was refused after authentication is on the log.
    """

    routing_type = "api"
    mimetypes = MEDIA_TYPES

    def __init__(self, request) -> None:
        super().__init__(request)
        self.jsonrpc_id: object = None
        sent = request.httprequest.headers.get("X-Request-Id", "")
        sane = SANE_REQUEST_ID.match(sent)
        self.request_id = sent if sane else str(uuid.uuid4())

    @classmethod
    def is_compatible_with(cls, request) -> bool:
        """Take every media type: the 415 is ours to answer, not core's."""
        return True

    def dispatch(self, endpoint, args) -> Response:
        """Check, authenticate, read, run; answer whatever happened."""
        self.request.params = {}  # addons read it while answering, refusals too
        try:
            self._check_transport()
            self._authenticate()
            self._charge_request()
            api_request = self._read_request()
            self.request.params = {"api_request": api_request}
            dispatch = self.request.registry["ir.http"]._dispatch
            answer = with_room(dispatch, endpoint)
            self._charge_rows(answer)
        except ApiRefused as exc:
            return self._refuse(exc)
        head = f'{{"jsonrpc": "2.0", "id": {json.dumps(self.jsonrpc_id)}, "result": '
        # Joined as bytes: a long answer is copied once.
        body = b"".join((head.encode(), answer.text.encode(), b"}"))
        return self._respond(body, headers=answer.headers)

    # -- before the request is understood -------------------------------------

    def _check_transport(self) -> None:
        """Refuse what need not even be authenticated: method, media type, size."""
        self._check_database()
        httprequest = self.request.httprequest
        if httprequest.method != "POST":
            message = _lt(
                "%(method)s is not possible here, only %(allowed)s.",
                method=httprequest.method,
                allowed="POST",
            )
            raise ApiRefused("method_not_allowed", message, {"Allow": "POST"})
        if httprequest.mimetype not in MEDIA_TYPES:
            message = _lt("Send JSON, with 'Content-Type: application/json'.")
            raise ApiRefused("media_type", message)
        encoding = httprequest.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity"):
            # Unpacking would let a small body become one of any size.
            message = _lt("Send the body uncompressed, without Content-Encoding.")
            raise ApiRefused("media_type", message)

    def _check_database(self) -> None:
        if not self.request.db or "api.transaction" not in self.request.registry:
            # The second: a server-wide module answers on every database.
            raise Unavailable(_lt("The database is not available at the moment."))

    def _authenticate(self) -> None:
        ir_http = self.request.registry["ir.http"]
        try:
            ir_http._authenticate_explicit("api")
        except ApiRefused as exc:
            refusal = self._throttle(exc)
            self._log_failure(refusal)
            raise refusal from exc
        except (AccessDenied, SessionExpiredException) as exc:
            # Core calls whatever went wrong meanwhile an access denied.
            if isinstance(exc.__context__, DatabaseError):
                raise Unavailable() from exc
            raise ApiRefused("auth_required", _lt("Please log in again.")) from exc

    @property
    def route(self) -> str:
        """The name of the route, ``create_data`` and so on."""
        return self.request.httprequest.path.rstrip("/").rpartition("/")[2]

    def _check_grant(self) -> None:
        """Refuse what the key's profile has nothing about, before reading a byte."""
        self._check_address()
        if not (grant := self.request.api_caller.grant):
            return
        if self.route not in grant.routes:
            message = _lt("This API key does not work on this route.")
            raise ApiRefused("access_denied_route", message)
        is_keyed = not grant.needs_idempotency_key or self._get_idempotency_key()
        if self.route in WRITING_ROUTES and not is_keyed:
            message = _lt("This API key asks for an Idempotency-Key header.")
            raise ApiRefused("invalid_request", message)

    def _check_address(self) -> None:
        caller = self.request.api_caller
        if caller.grant and not caller.grant.may_come_from(caller.remote_addr):
            message = _lt("This API key does not work from your address.")
            raise ApiRefused("ip_not_allowed", message)

    def _read_request(self) -> ApiRequest:
        """Return the request; what is wrong with it from here on is logged."""
        body = b""
        try:
            self._check_grant()
            body = self._read_body()
            text, parsed = self._parse(body)
            if isinstance(parsed, dict):
                self.jsonrpc_id = parsed.get("id")
            model, vals, self.jsonrpc_id = read_envelope(parsed)
            idempotency_key = self._get_idempotency_key()
        except ApiRefused as exc:
            if isinstance(self.jsonrpc_id, (bool, list, dict)):
                self.jsonrpc_id = None
            self._log_refusal(exc, body)
            raise
        return ApiRequest(
            route=self.route,
            model=model,
            vals=vals,
            request_id=self.request_id,
            body=RequestBody(text),
            caller=self.request.api_caller,
            idempotency_key=idempotency_key,
        )

    def _get_idempotency_key(self) -> str:
        """Return the client's key; empty without one or where nothing is written."""
        sent = self.request.httprequest.headers.get("Idempotency-Key")
        if sent is None or self.route not in WRITING_ROUTES:
            return ""
        # A string in quotes, as RFC 8941 has header values, is the same key.
        quoted = len(sent) > 1 and sent[0] == sent[-1] == '"'
        key = sent[1:-1] if quoted else sent
        if not SANE_IDEMPOTENCY_KEY.match(key):
            message = _lt("Idempotency-Key must be 1 to 255 visible ASCII characters.")
            raise ApiRefused("invalid_request", message)
        return key

    def _read_body(self) -> bytes:
        limit = self.request.env["api.settings"]._get("webhook.max_body_size")
        grant = self.request.api_caller.grant
        if grant and grant.max_body_size:
            limit = min(limit, grant.max_body_size)
        httprequest = self.request.httprequest
        # One byte more than allowed: werkzeug cuts a chunked body off at its limit
        # without a word, and a cut one must be told from one that just fits.
        httprequest.max_content_length = limit + 1
        message = _lt("The body is larger than %(limit)s bytes.", limit=limit)
        too_large = ApiRefused("body_too_large", message)
        if (httprequest.content_length or 0) > limit:
            raise too_large
        try:
            body = httprequest.get_data(cache=False)
        except RequestEntityTooLarge as exc:
            raise too_large from exc
        except ClientDisconnected as exc:
            message = _lt("The body ended before it was complete.")
            raise ApiRefused("parse_error", message) from exc
        if len(body) > limit:
            raise too_large
        return body

    def _parse(self, body: bytes) -> tuple[str, object]:
        """Return the body as text and as the value it holds."""
        limits = self.request.env["api.settings"]._get_json_limits()
        try:
            text = decode_body(body)
            return text, parse_json(text, limits)
        except ApiError as exc:
            # Too deep or too wide is JSON we choose not to read.
            code = "parse_error" if exc.code == "parse_error" else "invalid_request"
            raise ApiRefused(code, exc.message) from exc

    def _log_refusal(self, exc: ApiRefused, body: bytes) -> None:
        """Leave a row of a request that was refused after authentication."""
        env, route = self.request.env(context={"lang": self._get_lang()}), self.route
        caller = self.request.api_caller
        settings = env["api.settings"]
        if route not in ROUTES:
            return
        mode = settings._get_log_mode(route, caller.grant)
        if mode is LogMode.OFF:
            return
        writer = env["api.log.writer"]
        text = body.decode(errors="replace")
        vals = writer._prepare_refusal_vals(exc)
        vals |= {"route": f"/api/{route}", "data_size": len(text)}
        kept = text if mode.keeps_content(failed=True) else None
        try:
            writer._insert_rejected(self.request_id, caller, vals, kept)
            # Committed here: nothing else happens in this transaction.
            env.cr.commit()  # pylint: disable=invalid-commit
        except DatabaseError as error:
            name = type(error).__name__
            _logger.warning("%s: refusal not logged: %s", self.request_id, name)
            env.cr.rollback()  # pylint: disable=invalid-commit

    # -- answers --------------------------------------------------------------

    def handle_error(self, exc: Exception) -> Response:
        """Answer what core raised around the dispatch; never HTML."""
        if isinstance(exc, ApiRefused):
            return self._refuse(exc)
        said = redact_text(repr(exc))
        _logger.error("%s: outside the operation: %s", self.request_id, said)
        if isinstance(exc, DatabaseError):
            return self._refuse(Unavailable(_lt("Please send this again.")))
        message = _lt(
            "An internal error occurred; quote request %(request)s.",
            request=self.request_id,
        )
        return self._refuse(ApiRefused("internal_error", message))

    def _get_lang(self) -> str | None:
        """Return the language of whoever asks; None where nobody can tell.

        Of somebody not let in yet, what Odoo made of ``Accept-Language``: that, if it
        is installed, else the company's (``ir.http._pre_dispatch``).
        """
        if not self.request.env:
            return None  # no database
        if not getattr(self.request, "api_caller", None):
            return self.request.env.context.get("lang")
        api_request = self.request.params.get("api_request")
        try:
            return self.request.env["api.context"]._get_lang(api_request)
        except DatabaseError:  # out of reach
            return None

    def _refuse(self, exc: ApiRefused) -> Response:
        lang = self._get_lang()
        answer, status = envelope.refusal(exc, self.request_id, self.jsonrpc_id, lang)
        return self._respond(json.dumps(answer), status, exc.headers)

    def _respond(
        self, body: str | bytes, status: int = 200, headers: dict | None = None
    ) -> Response:
        response = Response(body, status=status, mimetype="application/json")
        response.headers["X-Request-Id"] = self.request_id
        response.headers["Cache-Control"] = "no-store"
        if caller := getattr(self.request, "api_caller", None):
            now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
            response.headers.update(get_header(caller.key_expires, now))
        response.headers.update(self._get_rate_headers() | (headers or {}))
        return response
