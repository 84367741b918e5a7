# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the user sees: one line per step, progress, failures with a way out."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from . import places

STARTED = time.monotonic()
# Often enough to show life, rare enough for the log of a CI run.
PROGRESS_SECONDS = 5


class Failure(Exception):
    """A step failed for a reason the user can act upon.

    :param what: what failed, one sentence
    :param advice: what to do next
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice


def say(text: str) -> None:
    """Print one line, after the seconds elapsed since the command started."""
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)


def warn(text: str) -> None:
    """Print one line nobody overlooks."""
    say(f"WARNING: {text}")


@contextlib.contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Announce a step and its end; yields a function that shows progress.

    The function may be called as often as one likes: it prints seldom.
    """
    say(f"{title} ...")
    started = shown = time.monotonic()

    def progress(text: str) -> None:
        nonlocal shown
        if time.monotonic() - shown >= PROGRESS_SECONDS:
            shown = time.monotonic()
            say(f"  {text}")

    yield progress
    say(f"{title}: done in {time.monotonic() - started:.1f} s")


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB"


def run(main: Callable[[], int | None]) -> None:
    """Run a command's main function and exit with its status.

    SIGTERM and SIGHUP unwind like an exception, so that child processes and
    unfinished folders are cleaned up.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    try:
        sys.exit(main())
    except Failure as failure:
        report(failure)
    except KeyboardInterrupt:
        advice = "run the same command again: it goes on from here"
        report(Failure("interrupted", advice))
    except OSError as error:
        report(Failure(str(error), f"details: {_keep_traceback()}"))
    # A command's last resort: the user gets a sentence, the file the traceback.
    except Exception as error:  # pylint: disable=broad-exception-caught
        advice = f"this is a defect of scripts/sandbox; details: {_keep_traceback()}"
        report(Failure(f"{type(error).__name__}: {error}", advice))
    sys.exit(1)


def report(failure: Failure) -> None:
    """Print what failed and what to do next."""
    sys.stdout.flush()
    command = os.path.basename(sys.argv[0])
    print(f"\nFAILED ({command}): {failure}", file=sys.stderr)
    if failure.advice:
        print(f"What to do: {failure.advice}", file=sys.stderr)
    sys.stderr.flush()


def _keep_traceback() -> str:
    places.LOGS.mkdir(parents=True, exist_ok=True)
    path = places.LOGS / "traceback.txt"
    path.write_text(traceback.format_exc())
    return str(path)
