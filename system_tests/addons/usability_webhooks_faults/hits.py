# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the driver reads afterwards: which fault met with which request."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

#: Folder in which the driver of the tests orders a fault: a file named after the
#: checkpoint, holding the action.
ORDERS = "USABILITY_WEBHOOKS_FAULTS"
#: File in that folder: one line of JSON for each fault that struck.
HITS = "hits"


def note_hit(**facts: object) -> None:
    """Append a line, in one write, so that lines of several workers stay whole."""
    line = json.dumps({"time": time.time(), "pid": os.getpid()} | facts)
    with Path(os.environ[ORDERS], HITS).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
