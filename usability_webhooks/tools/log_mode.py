# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a request the log keeps."""

from __future__ import annotations

import enum


class LogMode(enum.StrEnum):
    """What is kept, from everything to nothing.

    *Content* is what was said: request, answer, error message, traceback. The rest of
    a row is *metadata*: who, when, which route, model and records, how it ended, error
    code and path, sizes, cost.
    """

    #: Metadata and content.
    FULL = "full"
    #: Metadata of every request, content of none.
    METADATA = "metadata"
    #: Metadata and content of what failed; nothing stays of what succeeded.
    ERRORS = "errors"
    #: No row at all.
    OFF = "off"

    def keeps_content(self, *, failed: bool) -> bool:
        """Tell whether the content of a request is kept that ended this way."""
        return self is LogMode.FULL or (self is LogMode.ERRORS and failed)
