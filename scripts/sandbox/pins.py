# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What scripts/pins.cfg says."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from . import places

FILE = places.SCRIPTS / "pins.cfg"
ODOO_REQUIREMENTS = places.SCRIPTS / "requirements-odoo.txt"
POSTGRES_REQUIREMENTS = places.SCRIPTS / "requirements-postgres.txt"
CHECK_REQUIREMENTS = places.SCRIPTS / "requirements-check.txt"


@dataclass(frozen=True)
class DebianPin:
    name: str
    suite: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name apt gives the downloaded file."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


def debian_pins() -> list[DebianPin]:
    section = _read()["debian"]
    return [DebianPin(name, *value.split()) for name, value in section.items()]


def requirements(file: Path) -> str:
    """A requirements file's content without comments, which change nothing."""
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return "\n".join(filter(None, lines))


def template_modules() -> str:
    return _read()["databases"]["modules"]


def _read() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters="=", interpolation=None)
    parser.read(FILE)
    return parser
