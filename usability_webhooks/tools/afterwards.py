# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is to be done after a commit, and nobody has to wait for.

By one thread of the process, which waits for it: to start one each time would take
longer than what most changes may cost.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable

_logger = logging.getLogger(__name__)

#: The request that asked is answered by then, and what many ask for is done once.
PAUSE_SECONDS = 0.05


class Afterwards:
    """Does things one after the other, in a thread that begins with the first."""

    def __init__(self, pause: float = 0) -> None:
        """:param pause: seconds before each."""
        self._pause = pause
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[], object]] = {}
        self._names: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def do_once(self, name: str, act: Callable[[], object]) -> None:
        """Do something soon, unless just that is waiting to be done.

        What fails is a warning in the log, and what a dying process does not come to
        is not done: only for what would be done later anyhow.

        :param name: of what is done; two of the same name do the same.
        """
        with self._lock:
            if name in self._waiting or not self._is_there():
                return
            self._waiting[name] = act
        self._names.put(name)

    def _is_there(self) -> bool:
        """Tell whether there is a thread, started if there was none."""
        if self._thread is None:
            thread = threading.Thread(target=self._go, name=__name__, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the server has too many
                _logger.warning("no thread", exc_info=True)
                return False
            self._thread = thread
        return True

    def _go(self) -> None:
        while True:
            name = self._names.get()
            time.sleep(self._pause)
            with self._lock:
                # Whoever comes from here on needs it done again.
                act = self._waiting.pop(name)
            try:
                act()
            except Exception:  # pylint: disable=broad-exception-caught
                _logger.warning("%s: not done", name, exc_info=True)


_OURS = [Afterwards(PAUSE_SECONDS)]


def do_once(name: str, act: Callable[[], object]) -> None:
    """Have this process do something; see ``Afterwards.do_once``."""
    _OURS[0].do_once(name, act)


def _begin_anew() -> None:
    _OURS[0] = Afterwards(PAUSE_SECONDS)


# A child has no threads, and has nothing to do for its parent.
os.register_at_fork(after_in_child=_begin_anew)
