# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

from odoo import models
from odoo.http import request
from odoo.tools.translate import LazyTranslate

from ..exceptions import AuthenticationRefused
from ..tools.api_request import ApiCaller
from ..tools.rate_commit import at_once
from .res_users_apikeys import FoundKey

_lt = LazyTranslate(__name__)

BEARER = re.compile(r"^bearer +(\S+) *$", re.IGNORECASE)
WWW_AUTHENTICATE = {"WWW-Authenticate": "Bearer"}
#: What a browser says of a request that comes from our own pages, or of none.
SAME_SITE = (None, "none", "same-origin")


class IrHttp(models.AbstractModel):
    """Authenticates the gateway's routes: a key, or the session of a browser."""

    _inherit = "ir.http"

    @classmethod
    def _auth_method_api(cls) -> None:
        """Set the request's user from its API key or its session.

        Leaves an ``ApiCaller`` on ``request.api_caller``.

        :raises AuthenticationRefused: ``auth_required`` nothing to go by;
            ``auth_invalid`` the same for every kind of bad key;
            ``auth_mismatch`` key and session of different users, or two keys;
            ``csrf`` a session used from another site.
        """
        httprequest, session_uid = request.httprequest, request.session.uid
        headers = httprequest.headers
        caller = ApiCaller(
            remote_addr=httprequest.remote_addr or "",
            user_agent=headers.get("User-Agent", ""),
        )
        if key := cls._get_api_key(headers):
            found = cls._get_found_key(key, session_uid)
            user_id = found.user_id
            caller = dataclasses.replace(
                caller,
                api_key_id=found.key_id,
                api_key_name=found.name,
                key_expires=found.expires,
                grant=found.grant,
            )
        elif session_uid:
            cls._check_same_origin(headers)
            user_id = session_uid
        else:
            message = _lt("Send an API key as 'Authorization: Bearer <key>'.")
            raise AuthenticationRefused("auth_required", message, WWW_AUTHENTICATE)
        request.session.can_save = False  # no cookie for a client without one
        request.update_env(user=user_id)
        request.env.transaction.default_env = request.env
        request.api_caller = caller

    @classmethod
    def _get_found_key(cls, key: str, session_uid: int | None) -> FoundKey:
        """:raises AuthenticationRefused: ``auth_invalid``, ``auth_mismatch``."""
        with at_once(request.env.cr):  # a transaction that is over at once
            found = request.env["res.users.apikeys"]._find_key(key)
        if not found:
            message = _lt("This API key is not valid.")
            raise AuthenticationRefused("auth_invalid", message, WWW_AUTHENTICATE)
        if session_uid and session_uid != found.user_id:
            message = _lt("The API key and the session belong to different users.")
            raise AuthenticationRefused("auth_mismatch", message)
        return found

    @classmethod
    def _get_api_key(cls, headers) -> str | None:
        """Return the key a request carries, in either of the two headers."""
        key = headers.get("x-api-key")
        authorization = headers.get("Authorization")
        if not authorization:
            return key
        match = BEARER.match(authorization)
        if not match:
            message = _lt("Only 'Authorization: Bearer <key>' is understood.")
            raise AuthenticationRefused("auth_invalid", message, WWW_AUTHENTICATE)
        if key and key != match[1]:
            message = _lt("The two headers hold different API keys.")
            raise AuthenticationRefused("auth_mismatch", message)
        return match[1]

    @classmethod
    def _check_same_origin(cls, headers) -> None:
        """Refuse a session cookie another site's page sent along.

        The JSON media type already forces browsers to ask first; this holds even
        where a proxy in front answers such questions with yes.
        """
        origin = headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != headers.get("Host")
        if foreign or headers.get("Sec-Fetch-Site") not in SAME_SITE:
            message = _lt("A session works from its own site only.")
            raise AuthenticationRefused("csrf", message)
