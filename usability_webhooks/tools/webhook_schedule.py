# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a delivery is tried again, and what an answer means.

The times are those of the Standard Webhooks specification: ten attempts in a good
three days.
"""

from __future__ import annotations

import dataclasses
import email.utils
import random
import re
import time

#: Seconds from one attempt to the next.
RETRY_DELAYS_SECONDS = (
    5,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
)
MAX_ATTEMPTS = len(RETRY_DELAYS_SECONDS) + 1
#: No receiver makes us wait for longer.
MAX_DELAY_SECONDS = 24 * 3600
#: A delay is made up to so much shorter or longer, that not all come at once.
JITTER = 0.2
#: "Not now": the receiver, not the delivery, needs a pause.
THROTTLING_STATUSES = frozenset({429, 502, 503, 504})
GONE_STATUS = 410
#: The pause of a receiver that asked for none, in seconds; doubled with each failure.
PAUSE_SECONDS = 5
MAX_PAUSE_SECONDS = 3600
#: So many failures in a row, and a receiver is left alone for a while.
BREAKER_FAILURES = 5
BREAKER_SECONDS = 60
#: Wrong in the URL itself; time does not heal it.
HOPELESS_ERRORS = frozenset({"invalid_url", "invalid_header"})
_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery after an attempt.

    :param state: ``delivered``, ``pending`` (tried again) or ``dead``.
    :param delay: seconds to the next attempt, of a pending one.
    :param pause: seconds for which the receiver wants nothing; None if it did not say
        that it is not well, 0 if it did and left the length to us.
    :param is_gone: the receiver said that it will never take anything again.
    """

    state: str
    delay: float = 0.0
    pause: float | None = None
    is_gone: bool = False


def judge(
    status: int | None, error: str, retry_after: float | None, attempt_count: int
) -> Verdict:
    """Return what becomes of a delivery.

    :param status: the answer's, None without one. A redirect (3xx) is a failure.
    :param error: the attempt's code, empty if nothing went wrong.
    :param attempt_count: attempts so far, this one included.
    """
    if status is not None and 200 <= status < 300:
        return Verdict("delivered")
    is_gone = status == GONE_STATUS
    pause = None
    if status in THROTTLING_STATUSES:
        pause = min(retry_after or 0.0, MAX_DELAY_SECONDS)
    if is_gone or attempt_count >= MAX_ATTEMPTS or error in HOPELESS_ERRORS:
        return Verdict("dead", pause=pause, is_gone=is_gone)
    return Verdict("pending", get_delay(attempt_count, retry_after), pause)


def get_delay(attempt_count: int, retry_after: float | None = None) -> float:
    """Return the seconds from a failed attempt to the next.

    What the receiver asks for lengthens it, up to a day, and never shortens it.

    :param attempt_count: attempts so far, from 1 to ``MAX_ATTEMPTS - 1``.
    """
    delay = RETRY_DELAYS_SECONDS[attempt_count - 1]
    # Not for anything that must not be guessed.
    delay *= random.uniform(1 - JITTER, 1 + JITTER)
    return min(max(delay, retry_after or 0.0), MAX_DELAY_SECONDS * (1 + JITTER))


def get_pause(failure_count: int, asked: float | None) -> float:
    """Return for how many seconds a receiver is left alone after a failure.

    :param failure_count: failures in a row, this one included.
    :param asked: ``Verdict.pause``.
    :returns: 0.0 when it is not left alone.
    """
    pauses = [0.0]
    if failure_count >= BREAKER_FAILURES:
        doubled = 2.0 ** min(failure_count - BREAKER_FAILURES, 10)
        pauses.append(min(BREAKER_SECONDS * doubled, MAX_PAUSE_SECONDS))
    if asked is not None:
        doubled = 2.0 ** min(failure_count - 1, 10)
        pauses += [asked, min(PAUSE_SECONDS * doubled, MAX_PAUSE_SECONDS)]
    return max(pauses)


def read_retry_after(text: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date.

    :returns: seconds, 0.0 for a moment that has passed; None if it says neither.
    """
    text = (text or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), MAX_DELAY_SECONDS)
    try:
        moment = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(moment - time.time(), 0.0), MAX_DELAY_SECONDS)
