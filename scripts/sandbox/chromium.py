# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A browser for the tests: the machine's own, or a private Chromium."""

from __future__ import annotations

import shutil

# The names Odoo's tests look for on PATH, in their order.
PROGRAMS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def program() -> str | None:
    """The browser to use, if there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def folder() -> str:
    """The folder to put on PATH so that Odoo finds our browser; may be empty."""
    return ""


def environment() -> dict[str, str]:
    """UW_CHROMIUM, for scripts that start the browser themselves."""
    return {"UW_CHROMIUM": program() or ""}
