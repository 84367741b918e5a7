# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One long text as the CSV that PostgreSQL's COPY reads, piece by piece."""

from __future__ import annotations

#: Around the text; JSON writes control characters as escapes, so it is not in it.
QUOTE = "\x01"


class CopyStream:
    """A file of one line: a number and a text without ``QUOTE``, to be read once."""

    def __init__(self, number: int, text: str) -> None:
        self._head = f"{number},{QUOTE}"
        self._text = text
        self._position = 0
        self._tail = f"{QUOTE}\n"

    # A file's method, not a model's.
    # pylint: disable-next=method-required-super
    def read(self, size: int = -1) -> str:
        """Return about ``size`` more characters; empty at the end."""
        if self._head:
            piece, self._head = self._head, ""
            return piece
        if self._position < len(self._text):
            end = len(self._text) if size < 0 else self._position + size
            piece = self._text[self._position : end]
            self._position = end
            return piece
        piece, self._tail = self._tail, ""
        return piece
