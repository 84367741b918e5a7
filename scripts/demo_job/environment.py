# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the demo's Odoo is, from the variables `make demo` sets."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .failure import DemoFailure


@dataclass(frozen=True)
class Server:
    """A running Odoo with the addon and demo data.

    :param url: its address, without a slash at the end.
    :param python: the interpreter Odoo runs with.
    :param odoo: Odoo's command line program.
    :param conf: its configuration file; names the database server.
    """

    url: str
    database: str
    python: str
    odoo: str
    conf: str


def read() -> Server:
    """Return the server to show.

    :raises DemoFailure: a variable is missing or empty.
    """
    names = ("UW_URL", "UW_DB", "UW_PYTHON", "UW_ODOO", "UW_CONF")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise DemoFailure(f"{', '.join(missing)} not set: run `make demo` instead")
    url, *others = (os.environ[name] for name in names)
    return Server(url.rstrip("/"), *others)
