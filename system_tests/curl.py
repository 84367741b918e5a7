# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The curl calls of the documentation, run as they stand there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

from .rig import REQUEST_SECONDS, Rig


def is_there() -> bool:
    """Tell whether this machine has curl, and say so if not."""
    found = shutil.which("curl") is not None
    if not found:
        print("      there is no curl: its calls are left out", flush=True)
    return found


def run(rig: Rig, command: str) -> tuple[dict, str]:
    """Run a curl call of a page in a shell; return the body and the headers."""
    headers = rig.folder / "headers"
    # curl reads it by itself, so the call stays as the page has it.
    (rig.folder / ".curlrc").write_text(f'dump-header = "{headers}"\n')
    done = subprocess.run(
        ["sh", "-c", command],
        env=os.environ
        | {"ODOO": rig.urls[0], "KEY": rig.key, "CURL_HOME": str(rig.folder)},
        capture_output=True,
        text=True,
        timeout=REQUEST_SECONDS,
        check=True,
    )
    return json.loads(done.stdout), headers.read_text()
