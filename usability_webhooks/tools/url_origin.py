# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where a URL leads, without what it says on the way."""

from __future__ import annotations

from urllib.parse import urlsplit


def get_origin(url: str) -> str:
    """Return scheme, host and port of a checked URL: no path, which may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
