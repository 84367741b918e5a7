# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders that exist completely or not at all, and one builder at a time."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

from .console import say

STAMP = ".complete"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs of these scripts out of a folder until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that uses {folder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill; it takes the target's name only when the block succeeds."""
    draft = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    yield draft
    draft.rename(target)


def is_stamped(folder: Path) -> bool:
    """Whether a folder that cannot be renamed was finished."""
    return (folder / STAMP).exists()


@contextlib.contextmanager
def stamped(folder: Path) -> Iterator[None]:
    """Fill a folder in place: for content that knows its own path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield
    (folder / STAMP).touch()
