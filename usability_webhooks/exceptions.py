# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The error tree. Each class carries one stable ``code`` of the wire contract.

::

    ApiError                      code and path; becomes an entry of ``errors``
    |-- InvalidValue              invalid_value
    |-- LimitExceeded             limit_exceeded
    |-- ParseError                parse_error (HTTP 400, JSON-RPC -32700)
    |-- GivenUp                   conflict; the same request may well succeed
    ApiErrors                     several ApiError found in one pass
    ApiRefused                    refused before an operation ran: a true HTTP status
    |-- Unavailable               for now: the database or the log is out of reach
    '-- AuthenticationRefused     because of who asks

``ApiError`` and ``ApiErrors`` end in an envelope with HTTP 200,
``ApiRefused`` in a JSON-RPC ``error`` object. ``tools.envelope`` is the only
place where either meets the wire.
"""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

from collections.abc import Iterable, Mapping

from odoo.exceptions import AccessDenied
from odoo.tools.translate import LazyTranslate

from .tools.sentence import SOURCE_LANG, Sentence, say, shorten

_lt = LazyTranslate(__name__)

UNAVAILABLE = _lt("The service is not available at the moment. Please send this again.")

#: The closed list of ``errors[].code`` (wire contract, section 2).
OPERATION_CODES = frozenset(
    {
        "invalid_value",
        "unknown_model",
        "unknown_field",
        "unknown_key",
        "readonly_field",
        "missing_required",
        "not_found",
        "ambiguous",
        "access_denied",
        "field_denied",
        "method_denied",
        "unknown_method",
        "invalid_arguments",
        "invalid_domain",
        "validation_error",
        "user_error",
        "identity_check_required",
        "conflict",
        "limit_exceeded",
        "internal_error",
    }
)

#: ``code`` of a refusal -> (HTTP status, JSON-RPC error code).
#: Sources: JSON-RPC 2.0 section 5.1 for -32700/-32600/-32602; -32000..-32099 is
#: that section's range for a server's own errors.
REFUSAL_STATUS: Mapping[str, tuple[int, int]] = {
    "parse_error": (400, -32700),
    "invalid_request": (400, -32600),
    "invalid_params": (400, -32602),
    "auth_required": (401, -32001),
    "auth_invalid": (401, -32001),
    "auth_mismatch": (403, -32003),
    "access_denied_route": (403, -32003),
    "csrf": (403, -32003),
    "ip_not_allowed": (403, -32003),
    "unknown_document": (404, -32004),
    "method_not_allowed": (405, -32005),
    "idempotency_in_progress": (409, -32009),
    "body_too_large": (413, -32013),
    "media_type": (415, -32015),
    "idempotency_mismatch": (422, -32022),
    "rate_limited": (429, -32029),
    "internal_error": (500, -32603),
    "unavailable": (503, -32053),
}


class ApiError(Exception):
    """One thing wrong with a request, for one place of it.

    As text, in a traceback, it is English.

    :param code: a stable code, one of ``OPERATION_CODES``.
    :param message: a sentence a person understands.
    :param details: further keys of the error entry: ``path``, ``model``,
        ``field``, ``value``, ``hint``, ``candidates``; empty ones are left out.
    """

    def __init__(self, code: str, message: Sentence, **details: object) -> None:
        super().__init__(say(message, SOURCE_LANG))
        self.code = code
        self.message = message
        self.details = {key: val for key, val in details.items() if val is not None}

    def at(self, path: str, **details: object) -> ApiError:
        """Return self, placed at ``path`` unless it already has a place."""
        self.details.setdefault("path", path)
        for key, value in details.items():
            if value is not None:
                self.details.setdefault(key, value)
        return self

    def say(self, lang: str | None) -> str:
        """Return the sentence in a language."""
        return say(self.message, lang)

    def as_entry(self, lang: str | None) -> dict:
        """Return the entry of ``errors`` it becomes on the wire."""
        details = {key: say(value, lang) for key, value in self.details.items()}
        return {"code": self.code, "message": self.say(lang)} | details

    def under(self, root: str) -> ApiError:
        """Return self, its place moved below ``root``, unless it is there already:
        ``records[3].search_key``."""
        path = str(self.details.get("path") or "")
        if root and not path.startswith(root):
            self.details["path"] = f"{root}.{path}" if path else root
        return self


class InvalidValue(ApiError):
    """``invalid_value``: the JSON value does not fit where it stands."""

    def __init__(self, message: Sentence, **details: object) -> None:
        super().__init__("invalid_value", message, **details)

    @classmethod
    def expected(
        cls, what: Sentence, value: object, hint: Sentence | None = None
    ) -> InvalidValue:
        """Return the error of a value that is something else than ``what``."""
        message = _lt(
            "Expected %(expected)s, got %(value)s.", expected=what, value=shorten(value)
        )
        return cls(message, hint=hint)


class LimitExceeded(ApiError):
    """``limit_exceeded``: too deep, too many, too large; names the limit."""

    def __init__(self, message: Sentence, **details: object) -> None:
        super().__init__("limit_exceeded", message, **details)


class ParseError(ApiError):
    """``parse_error``: the body is not JSON as RFC 8259 has it."""

    def __init__(self, message: Sentence, **details: object) -> None:
        super().__init__("parse_error", message, **details)


class GivenUp(ApiError):
    """``conflict``: nothing was written, and nothing speaks against another try."""


class ApiErrors(Exception):  # noqa: N818 - a collection of errors, not one more
    """All that one pass found wrong, in the order of the payload.

    :param result: the envelope's ``result`` where each record has a verdict.
    """

    def __init__(self, errors: Iterable[ApiError], result: object = None) -> None:
        self.errors = list(errors)
        self.result = result
        super().__init__("; ".join(map(str, self.errors)))


class ApiRefused(Exception):  # noqa: N818 - the wire's own word
    """The request is refused before any operation ran.

    :param code: one of ``REFUSAL_STATUS``.
    :param message: a sentence a person understands.
    :param headers: HTTP headers the answer must carry (``Allow``, ``Retry-After``).
    """

    def __init__(
        self, code: str, message: Sentence, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(say(message, SOURCE_LANG))
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def say(self, lang: str | None) -> str:
        """Return the sentence in a language."""
        return say(self.message, lang)


class Unavailable(ApiRefused):
    """``unavailable``: nothing can be done now, or nobody can tell what was."""

    def __init__(self, message: Sentence = UNAVAILABLE) -> None:
        super().__init__("unavailable", message, {"Retry-After": "5"})


class AuthenticationRefused(ApiRefused, AccessDenied):
    """Refused because of who asks, or because nobody says.

    An ``AccessDenied`` too, since core turns whatever else an authentication
    method raises into a bare one
    (odoo/addons/base/models/ir_http.py, ``_authenticate_explicit``).
    """
