# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Remembers which API keys were verified, so that the slow hash is paid once.

Core's hash of a key takes milliseconds, by design: it must be slow for somebody
who stole the table. A process that has verified a key need not prove it again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict

#: Keys remembered by a process; the one unused for longest is forgotten first.
CAPACITY = 1024


class KeyMemory:
    """A set of (key, stored hash) pairs known to belong together.

    Holds neither keys nor stored hashes: an HMAC of both under a secret that is
    made when the process starts and never leaves it. Bound to the stored hash, an
    entry is worthless once the row is gone or holds another key; whether the row
    is still valid is for whoever read the stored hash from it a moment ago.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._secret = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def knows(self, key: str, stored: str) -> bool:
        """Tell whether the pair was verified before, by this process."""
        digest = self._get_digest(key, stored)
        if digest not in self._known:
            return False
        try:
            self._known.move_to_end(digest)
        except KeyError:  # another thread forgot it meanwhile
            return False
        return True

    def remember(self, key: str, stored: str) -> None:
        """Note that the slow hash of ``key`` was found to be ``stored``."""
        self._known[self._get_digest(key, stored)] = None
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def _get_digest(self, key: str, stored: str) -> bytes:
        # A key holds no line break, so no two pairs have one text.
        text = f"{key}\n{stored}".encode()
        return hmac.digest(self._secret, text, hashlib.sha256)
