# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is known while payloads are made, handed from part to part."""

from __future__ import annotations

import dataclasses
import logging

_logger = logging.getLogger(__name__)

#: Records a warning names; the others fail for the same reason.
NAMED_RECORDS = 5


@dataclasses.dataclass(slots=True)
class Rendering:
    """One attempt at the payloads of some records.

    :param is_careful: each value by itself, so that one that fails spoils no other.
    :param runs_code: methods or computed fields, which may fail in PostgreSQL.
    :param readable: model to record id to whether it may be read, once known.
    :param failures: ``(place, reason)`` to the records it is about.
    """

    is_careful: bool = False
    runs_code: bool = False
    readable: dict[str, dict[int, bool]] = dataclasses.field(default_factory=dict)
    failures: dict[tuple[str, str], list] = dataclasses.field(default_factory=dict)

    def fail(self, place: str, records: object, reason: str) -> None:
        """Note why the value at ``place`` is sent as null."""
        self.failures.setdefault((place, reason), []).append(records)

    def report(self, model: str) -> None:
        """Write a warning per place and reason."""
        for (place, reason), failed in self.failures.items():
            named = ", ".join(map(str, failed[:NAMED_RECORDS]))
            _logger.warning(
                "webhook payload of %s: '%s' is sent as null, %s times: %s (%s)",
                model,
                place or "id",
                len(failed),
                reason,
                named,
            )
