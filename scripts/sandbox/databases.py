# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Template databases, and copies of them together with their filestores."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from . import odoo_server, pins, places
from .console import step
from .installation import appearing, locked
from .odoo_program import Odoo
from .postgres import Postgres
from .processes import Command, run

DEMO = "usability_webhooks_demo"
BUILD_SECONDS = 1800
# Raise when templates are to be built differently from the same pins.
RECIPE = 1


@dataclass(frozen=True)
class Template:
    """A database with Odoo's own modules, copied and never used itself."""

    odoo: Odoo
    server: Postgres
    demo: bool

    @property
    def name(self) -> str:
        """Named by content: other pins make another template."""
        content = places.key(self.odoo.key, pins.template_modules(), f"recipe {RECIPE}")
        return f"uw_{'demo' if self.demo else 'base'}_{content}"

    @property
    def archive(self) -> Path:
        """Its dump and filestore, shared by all clones."""
        return places.CACHE / "templates" / self.name

    def ensure(self) -> str:
        """Build or restore the template if need be; returns its name."""
        with locked(places.SANDBOX):
            if not self._is_complete():
                draft = f"{self.name}_draft"
                drop(self.server, draft)
                if self.archive.exists():
                    self._restore(draft)
                else:
                    self._build(draft)
                    self._archive(draft)
                drop(self.server, self.name)
                rename(self.server, draft, self.name)
        return self.name

    def _is_complete(self) -> bool:
        """Whether database and filestore are both here.

        On a server of the user's own, another clone may have made the one.
        """
        if exists(self.server, self.name) and not _filestore(self.name).exists():
            _copy_files(self.archive / "filestore", _filestore(self.name))
        return exists(self.server, self.name) and _filestore(self.name).exists()

    def _build(self, draft: str) -> None:
        kind = "with" if self.demo else "without"
        modules = pins.template_modules()
        with step(f"template database {kind} demo data (once): {modules}") as progress:
            create(self.server, draft)
            odoo_server.write_configuration(self.server)
            options = ["--init", modules, "--stop-after-init", "--no-http"]
            if self.demo:
                options.append("--with-demo")
            run(
                Command(
                    self.odoo.command("--database", draft, *options),
                    log=places.LOGS / "template.log",
                    on_line=lambda line: _show_module(line, progress),
                    timeout=BUILD_SECONDS,
                    advice="`make clean` and the same command again start afresh",
                )
            )

    def _archive(self, draft: str) -> None:
        with (
            locked(places.CACHE),
            step("template database: keeping it for other clones"),
        ):
            if not self.archive.exists():
                with appearing(self.archive) as folder:
                    dump = ["-Fc", "-Z1", "-f", folder / "dump", draft]
                    run(self.server.client("pg_dump", *dump))
                    _copy_files(_filestore(draft), folder / "filestore")

    def _restore(self, draft: str) -> None:
        with step(f"template database: restoring from {self.archive}"):
            create(self.server, draft)
            # The extensions are there already and belong to the superuser.
            options = ["--no-owner", "--no-comments", "-j2", "-d", draft]
            run(self.server.client("pg_restore", *options, self.archive / "dump"))
            _copy_files(self.archive / "filestore", _filestore(draft))
            self.server.sql("VACUUM ANALYZE", draft)


def exists(server: Postgres, name: str) -> bool:
    return bool(server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def create(server: Postgres, name: str, template: str = "template0") -> None:
    server.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    if template == "template0":
        # As Odoo's own `db init` does: without it, trigram indexes are missing.
        server.sql("CREATE EXTENSION IF NOT EXISTS pg_trgm", name)


def copy(server: Postgres, template: str, name: str) -> None:
    """Copy a database and its filestore under a new name."""
    create(server, name, template)
    _copy_files(_filestore(template), _filestore(name))


def drop(server: Postgres, name: str) -> None:
    """Remove a database and its filestore, if there are any."""
    server.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(name), ignore_errors=True)


def drop_abandoned(server: Postgres, prefix: str) -> None:
    """Drop the databases of runs of this clone that were killed.

    :param prefix: what their names begin with; the run's pid follows
    """
    query = f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'"
    # On a server of the user's own, the pid may be another machine's.
    for name in server.sql(query) if server.ours else ():
        if not Path(f"/proc/{name.removeprefix(prefix)}").exists():
            drop(server, name)


def rename(server: Postgres, old: str, new: str) -> None:
    """Give a database and its filestore another name."""
    if _filestore(old).exists():
        shutil.rmtree(_filestore(new), ignore_errors=True)
        _filestore(old).rename(_filestore(new))
    server.sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def _filestore(name: str) -> Path:
    return places.ODOO_DATA / "filestore" / name


def _copy_files(source: Path, target: Path) -> None:
    if source.exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)


def _show_module(line: str, progress) -> None:
    if "odoo.modules.loading: Loading module" in line:
        progress(line.partition("odoo.modules.loading: ")[2])
