# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders that exist completely or not at all, and one builder at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
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


def remove(folder: Path) -> None:
    """Free a folder's name at once, and delete what was in it.

    The children of a run that was killed may still write for a moment (dpkg's
    tar does); they follow the folder to its new name, which is swept again when
    its successor is complete.
    """
    if folder.exists():
        folder.rename(folder.with_name(f"{folder.name}.{os.getpid()}.removed"))
    _sweep(folder)


def _sweep(folder: Path) -> None:
    for leftover in folder.parent.glob(f"{folder.name}.*.removed"):
        shutil.rmtree(leftover, ignore_errors=True)


@contextlib.contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill; it takes the target's name only when the block succeeds."""
    draft = target.with_name(f"{target.name}.unfinished")
    remove(draft)
    draft.mkdir(parents=True)
    yield draft
    draft.rename(target)
    _sweep(draft)


def is_stamped(folder: Path) -> bool:
    """Whether a folder that cannot be renamed was finished."""
    return (folder / STAMP).exists()


@contextlib.contextmanager
def stamped(folder: Path) -> Iterator[None]:
    """Fill a folder in place: for content that knows its own path."""
    remove(folder)
    folder.mkdir(parents=True)
    yield
    (folder / STAMP).touch()
