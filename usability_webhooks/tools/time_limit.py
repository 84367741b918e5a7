# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a worker's time one request may spend, before Odoo ends the worker.

A worker that is ended answers nothing: the client sees a broken connection. So what
may last for ever is stopped by ourselves, with an answer that says why.
"""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator

from odoo.tools import config

#: Seconds, where ``limit_time_real`` sets no limit; Odoo's own default.
DEFAULT_SECONDS = 120
#: Of the limit: what one wait for locks may take, and when to stop reading.
LOCK_SHARE = 1 / 6
READ_SHARE = 3 / 4

_started: contextvars.ContextVar[float] = contextvars.ContextVar("started")


@contextlib.contextmanager
def counted(started: float) -> Iterator[None]:
    """Have ``is_nearly_over`` count inside from ``started``, of ``time.monotonic``."""
    token = _started.set(started)
    try:
        yield
    finally:
        _started.reset(token)


def is_nearly_over() -> bool:
    """Tell whether the request under way had better come to its end."""
    started = _started.get(None)
    if started is None:
        return False
    return time.monotonic() - started > _get_limit() * READ_SHARE


def get_lock_seconds() -> float:
    """Return how long a request may wait for a lock that others hold."""
    return _get_limit() * LOCK_SHARE


def _get_limit() -> float:
    return config["limit_time_real"] or DEFAULT_SECONDS
