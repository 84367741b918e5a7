# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo and PostgreSQL, ready to use together."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from . import (
    databases,
    installation,
    odoo_program,
    odoo_server,
    places,
    postgres,
    processes,
)
from .console import Failure, say, step
from .databases import Template
from .odoo_program import Odoo
from .postgres import Postgres

INSTALL_SECONDS = 900
_ADDON_STATE = places.RUN / "demo-addon"


@dataclass(frozen=True)
class Workbench:
    """What every command works with.

    :param started_postgres: whether this command started PostgreSQL
    """

    odoo: Odoo
    server: Postgres
    started_postgres: bool = False

    def template(self, demo: bool) -> Template:
        return Template(self.odoo, self.server, demo)

    def environment(self) -> dict[str, str]:
        """What scripts/demo and scripts/system_tests find in their environment."""
        server = self.server
        programs = str(server.programs)
        return {
            "UW_PYTHON": str(self.odoo.python),
            "UW_ODOO": str(self.odoo.program),
            "UW_CONF": str(places.ODOO_CONF),
            "UW_URL": odoo_server.running_url() or "",
            "UW_DB": databases.DEMO,
            "UW_TEMPLATE": self.template(demo=False).name,
            "UW_DEMO_TEMPLATE": self.template(demo=True).name,
            "UW_PGHOST": server.host,
            "UW_PGPORT": server.port,
            "UW_PGUSER": server.user,
            "UW_PG_BIN": programs,
            "UW_CACHE": str(places.CACHE),
            "UW_SANDBOX": str(places.SANDBOX),
            **server.environment(),
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }


def install() -> Workbench:
    """Install whatever is missing; starts nothing."""
    with installation.locked(places.CACHE):
        odoo = odoo_program.install()
        server = postgres.install()
    # After the other lock, not inside it: a template being archived holds this
    # one and waits for that one.
    with installation.locked(places.SANDBOX):
        postgres.initialise(server)
    say(f"Odoo {odoo_program.SERIES} and PostgreSQL are installed")
    return Workbench(odoo, server)


def prepare() -> Workbench:
    """Install whatever is missing and have PostgreSQL running."""
    bench = install()
    with installation.locked(places.SANDBOX):
        started = postgres.start(bench.server)
        odoo_server.write_configuration(bench.server)
    return Workbench(bench.odoo, bench.server, started)


def require_addon() -> None:
    """:raises Failure: in a clone that does not hold the addon"""
    if not (places.ADDON_FOLDER / "__manifest__.py").exists():
        raise Failure(
            f"there is no addon in {places.ADDON_FOLDER}",
            "check out a commit that has it",
        )


def demo_database(bench: Workbench) -> str:
    """Have the demo database with the addon as it is now; returns its name.

    FRESH=1 in the environment drops the old one.
    """
    require_addon()
    template = bench.template(demo=True).ensure()
    name, server = databases.DEMO, bench.server
    if os.environ.get("FRESH") == "1":
        odoo_server.stop()
        databases.drop(server, name)
    if not databases.exists(server, name):
        _ADDON_STATE.unlink(missing_ok=True)
        with step(f"database {name}: copying the template"):
            draft = f"{name}_draft"
            databases.drop(server, draft)
            databases.copy(server, template, draft)
            databases.rename(server, draft, name)
    state = _addon_state()
    if not _ADDON_STATE.exists() or _ADDON_STATE.read_text() != state:
        odoo_server.stop()
        verb = "--update" if _ADDON_STATE.exists() else "--init"
        _load_addon(bench, name, verb)
        _ADDON_STATE.write_text(state)
    return name


def _load_addon(bench: Workbench, name: str, verb: str) -> None:
    options = [verb, places.ADDON, "--stop-after-init", "--no-http"]
    log = places.LOGS / "addon.log"
    with step(f"database {name}: {verb.strip('-')} {places.ADDON}"):
        command = bench.odoo.command("--database", name, *options)
        processes.run(processes.Command(command, log=log, timeout=INSTALL_SECONDS))


def _addon_state() -> str:
    """A digest of the addon's files: it changes when one of them does."""
    digest = hashlib.sha256()
    for path in sorted(places.ADDON_FOLDER.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            name = str(path.relative_to(places.ADDON_FOLDER))
            digest.update(f"{name}\0".encode() + path.read_bytes())
    return digest.hexdigest()
