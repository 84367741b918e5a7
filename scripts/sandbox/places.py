# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every folder the sandbox uses, and the keys that name them."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path

ADDON = "usability_webhooks"

SCRIPTS = Path(__file__).resolve().parents[1]
REPO = SCRIPTS.parent
ADDON_FOLDER = REPO / ADDON

# This clone's own state; `make clean` removes it.
SANDBOX = REPO / ".sandbox"
LOGS = SANDBOX / "log"
RUN = SANDBOX / "run"
ODOO_DATA = SANDBOX / "odoo"
ODOO_CONF = SANDBOX / "odoo.conf"
ADDONS = SANDBOX / "addons"

# What all clones of one user share.
_CACHE_HOME = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
CACHE = Path(_CACHE_HOME) / ADDON
DEBS = CACHE / "debs"

PYTHON_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

# A Unix socket's path may have 107 bytes, its file name takes 18 of them.
SOCKET_FOLDER_LIMIT = 85


def key(*parts: str) -> str:
    """A short name for these texts on this kind of machine."""
    digest = hashlib.sha256(f"{platform.machine()} {PYTHON_VERSION}".encode())
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()[:12]


def postgres_home() -> Path:
    """Where PostgreSQL's data and socket live.

    That is the sandbox itself, with two exceptions, which share a folder in
    /var/tmp that only its owner may write:

    - root: PostgreSQL refuses to run as root, and the unprivileged user it
      runs as can neither traverse root's home (the cache) nor, perhaps, the
      folders above the clone. Opening those would weaken them for everything
      else they hold.
    - a clone so deep in the file system that its socket's path is too long.
    """
    inside = SANDBOX / "postgres"
    if os.geteuid() and len(os.fsencode(inside)) <= SOCKET_FOLDER_LIMIT:
        return inside
    clone = hashlib.sha256(os.fsencode(SANDBOX)).hexdigest()[:12]
    return outside_home() / clone


def outside_home() -> Path:
    """The folder for what cannot live in the clone or in the cache."""
    return Path("/var/tmp") / f"{ADDON}-{os.geteuid()}"
