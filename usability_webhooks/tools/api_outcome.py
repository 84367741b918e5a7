# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an operation did: the answer to send and the records to log."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..exceptions import ApiError


class StoredAnswer(NamedTuple):
    """An answer given before, and the log row of the request it was given to."""

    text: str
    log_id: int | None


class ApiReply(NamedTuple):
    """An envelope as JSON: what is sent, and the same without its secrets.

    :param text: what is sent.
    :param logged: what is kept; the same object where there was nothing to mask,
        None where the log keeps no content.
    """

    text: str
    logged: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What goes back to the caller.

    :param text: the envelope's JSON.
    :param headers: HTTP headers besides the usual ones.
    :param rows: records read or written for it, which a key may be charged for.
    """

    text: str
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    rows: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class ApiOutcome:
    """The result of one operation, before it is committed.

    :param result: the envelope's ``result``.
    :param message: the envelope's ``messages``.
    :param record_ids: the records of the request's model that were touched.
    :param extra: further keys of the envelope (``total``, ``created``, ...).
    :param errors: what was not done of a batch, the rest being done all the same.
    :param traceback: of what among them is an internal error.
    """

    result: object
    message: str
    record_ids: Sequence[int] = ()
    extra: Mapping[str, object] = dataclasses.field(default_factory=dict)
    errors: Sequence[ApiError] = ()
    traceback: str = ""
