# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Success and failure as the wire has them: the one place exceptions meet codes."""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import json
import traceback
from collections.abc import Sequence

from psycopg2 import DatabaseError, InterfaceError, OperationalError, errors

from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    LockError,
    MissingError,
    RedirectWarning,
    UserError,
    ValidationError,
)
from odoo.tools import json_default
from odoo.tools.translate import LazyTranslate

from ..exceptions import (
    OPERATION_CODES,
    REFUSAL_STATUS,
    ApiError,
    ApiErrors,
    ApiRefused,
    GivenUp,
)
from .api_outcome import ApiOutcome
from .sentence import say

_lt = LazyTranslate(__name__)

#: PostgreSQL says "try again": the same three core retries
#: (odoo/service/model.py, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY).
RETRYABLE = (
    errors.LockNotAvailable,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    ConcurrencyError,
)


#: Where Odoo words what a user may not do.
ACCESS_MODULES = (
    "odoo.orm.",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
)
CORE_MESSAGES = {
    "access_denied": _lt(
        "Your user's access rights do not allow this, for some record it is about."
    ),
    "not_found": _lt("A record this is about does not exist (any more)."),
}


def success(outcome: ApiOutcome, request_id: str, lang: str | None) -> dict:
    """Return the envelope of what was done (wire contract, section 2).

    A batch of which a part was not done is no success as a whole, and says so
    beside its verdicts. Extra keys that are ``None`` or empty lists are left out.

    :param lang: the caller's language.
    """
    failed = [_closed(error, request_id).as_entry(lang) for error in outcome.errors]
    extra = {
        key: value for key, value in outcome.extra.items() if value not in (None, [])
    }
    if failed:
        extra |= {"errors": failed, "retryable": False}
    return {
        "is_success": not failed,
        "result": outcome.result,
        "messages": outcome.message,
        "request_id": request_id,
    } | extra


def failure(exc: BaseException, request_id: str, lang: str | None) -> dict:
    """Return the failure envelope for whatever stopped a request.

    What is not meant for callers (a bug, a lost connection) becomes
    ``internal_error`` or ``conflict`` without a word of its text.

    :param lang: the caller's language.
    """
    found = api_errors(exc, request_id)
    verdicts = getattr(exc, "result", None)
    return {
        "is_success": False,
        "messages": summarize(found, lang),
        "request_id": request_id,
        "errors": [error.as_entry(lang) for error in found],
        "retryable": is_lost(exc) or isinstance(exc, (*RETRYABLE, GivenUp)),
    } | ({"result": verdicts} if verdicts is not None else {})


def summarize(found: Sequence[ApiError], lang: str | None) -> str:
    """Return the sentence that stands for some errors: the first, and how many more."""
    first = found[0]
    more = _lt(" (and %(count)s more)", count=len(found) - 1) if len(found) > 1 else ""
    where = f"{first.details['path']}: " if first.details.get("path") else ""
    return f"{where}{first.say(lang)}{say(more, lang)}"


def is_lost(exc: BaseException) -> bool:
    """Tell whether PostgreSQL could not go on: the connection broke, a disk is full.

    psycopg2 says so in three ways. A bare ``DatabaseError`` is libpq's word for a
    server that hung up; whatever the server itself says has a class of its own.
    """
    if isinstance(exc, RETRYABLE):
        return False
    lost = isinstance(exc, (InterfaceError, OperationalError))
    return lost or type(exc) is DatabaseError


def api_errors(exc: BaseException, request_id: str) -> list[ApiError]:
    """Translate an exception into the entries of ``errors``."""
    if isinstance(exc, ApiErrors) and exc.errors:
        return [_closed(error, request_id) for error in exc.errors]
    if isinstance(exc, ApiError):
        return [_closed(exc, request_id)]
    code = _code_of(exc)
    if code in ("internal_error", "conflict"):
        return [_closed(ApiError(code, ""), request_id)]
    if code in CORE_MESSAGES and is_made_by_core(exc):
        return [ApiError(code, CORE_MESSAGES[code])]
    message = str(exc.args[0]) if exc.args else str(exc)
    return [ApiError(code, message)]


def is_made_by_core(exc: BaseException) -> bool:
    """Tell whether Odoo's own access control raised an error, and not business code.

    Its text names models, groups, users and companies
    (odoo/addons/base/models/ir_rule.py and ir_model.py, ``_make_access_error``), and
    callers must not learn of what they may not see. It is on the log row.
    """
    frames = [frame for frame, _line in traceback.walk_tb(exc.__traceback__)]
    raised_in = frames[-1].f_globals.get("__name__", "") if frames else ""
    return raised_in.startswith(ACCESS_MODULES)


def _code_of(exc: BaseException) -> str:
    by_class = (
        (RETRYABLE, "conflict"),
        (LockError, "conflict"),
        (AccessError, "access_denied"),
        (MissingError, "not_found"),
        (ValidationError, "validation_error"),
        ((UserError, RedirectWarning), "user_error"),  # no kin of each other
    )
    if is_lost(exc):
        return "conflict"
    return next(
        (code for cls, code in by_class if isinstance(exc, cls)), "internal_error"
    )


def _closed(error: ApiError, request_id: str) -> ApiError:
    """Return ``error`` with a code of the closed list and a text fit for callers."""
    if error.code == "conflict" and not error.message:
        error.message = _lt(
            "Nothing was written: the same data was being changed by others, or the"
            " database broke off. Please send this again."
        )
    elif error.code == "parse_error":
        error.code = "invalid_value"
    elif error.code not in OPERATION_CODES or error.code == "internal_error":
        error.code = "internal_error"
        error.message = _lt(
            "An internal error occurred. Quote request %(request)s to the"
            " administrator: the details are on its log row.",
            request=request_id,
        )
    return error


def refusal(
    exc: ApiRefused, request_id: str, jsonrpc_id: object, lang: str | None
) -> tuple[dict, int]:
    """Return the JSON-RPC ``error`` answer and its HTTP status."""
    status, number = REFUSAL_STATUS[exc.code]
    error = {
        "code": number,
        "message": exc.say(lang),
        "data": {"code": exc.code, "request_id": request_id},
    }
    return {"jsonrpc": "2.0", "id": jsonrpc_id, "error": error}, status


def to_json(value: object) -> str:
    """Serialise an answer; dates, lazy texts and bytes as Odoo itself would.

    :raises ValueError: NaN or an infinity, which JSON cannot say.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=json_default)
