# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Odoo to run: a private one, or the user's own at ODOO_BIN."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import debian, pins, places
from .console import Failure, step
from .installation import appearing, is_stamped
from .processes import Command, run
from .python_packages import virtual_environment

SERIES = "19.0"
# Raise when the same packages are to be unpacked differently.
RECIPE = 2
_PACKAGES = "usr/lib/python3/dist-packages"
_LAUNCHER = """\
#!{python}
import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
"""


@dataclass(frozen=True)
class Odoo:
    """How to start Odoo.

    :param python: the interpreter with everything Odoo imports
    :param program: the file to run with it
    :param key: changes when Odoo's own code changes
    """

    python: Path
    program: Path
    key: str

    def command(self, *args: str | Path) -> list[str]:
        """A command line for Odoo with the sandbox's configuration.

        A subcommand has to come before the option that names the file.
        """
        head, rest = [], list(args)
        if rest and not str(rest[0]).startswith("-"):
            head = [rest.pop(0)]
        line = [self.python, self.program, *head, "--config", places.ODOO_CONF, *rest]
        return [str(part) for part in line]


def install() -> Odoo:
    """Make Odoo available; quick when it is there already.

    :raises Failure: when a part cannot be had or is not Odoo 19.0
    """
    if program := os.environ.get("ODOO_BIN"):
        return _users_own(Path(program).expanduser().absolute())
    root = _unpacked_root()
    key = places.key(root.name, pins.requirements(pins.ODOO_REQUIREMENTS))
    venv = places.CACHE / f"odoo-venv-{key}"
    fresh = not is_stamped(venv)
    python = virtual_environment(
        venv, pins.ODOO_REQUIREMENTS, "Odoo: installing its Python packages"
    )
    launcher = venv / "bin/odoo-bin"
    if fresh or not launcher.exists():
        _link(venv, root)
        launcher.write_text(_LAUNCHER.format(python=python))
        launcher.chmod(0o755)
        run(Command([python, launcher, "--version"], log=places.LOGS / "setup.log"))
    return Odoo(python, launcher, root.name)


def _unpacked_root() -> Path:
    packages = pins.debian_pins()
    root = places.CACHE / f"odoo-root-{places.key(repr(packages), str(RECIPE))}"
    if not root.exists():
        with step("Odoo: downloading its Debian packages") as progress:
            files = debian.fetch_pinned(packages, progress)
        with step("Odoo: unpacking") as progress, appearing(root) as draft:
            debian.unpack(files, draft, progress)
            _prune(draft / _PACKAGES)
            _replace_removed(draft / _PACKAGES)
            _check_series(draft / _PACKAGES)
            _check_links(draft / _PACKAGES)
    return root


def _prune(packages: Path) -> None:
    """Keep the package `odoo` alone.

    Its neighbours are left over from Debian's build: `addons` holds every
    module a second time without its views, and Odoo would pick it up; `setup`
    and `doc` would be importable under names that are not theirs.
    """
    for name in ("addons", "doc", "setup"):
        shutil.rmtree(packages / name, ignore_errors=True)


def _replace_removed(packages: Path) -> None:
    """Put empty files where Debian took out code it may not distribute.

    The web client lists them in its bundles and logs an error for each that is
    missing, which fails every browser test. This one blurs the background of
    video calls.
    """
    path = packages / "odoo/addons/mail/static/lib/selfie_segmentation"
    script = path / "selfie_segmentation.js"
    if not script.exists():
        path.mkdir(parents=True, exist_ok=True)
        script.write_text("// Not in Debian's package of Odoo.\n")


def _check_series(packages: Path) -> None:
    text = (packages / "odoo/release.py").read_text()
    match = re.search(r"^version_info = \((\d+), (\d+)", text, re.MULTILINE)
    found = ".".join(match.groups()) if match else "unknown"
    if found != SERIES:
        raise Failure(f"the package odoo-19 holds Odoo {found}, not {SERIES}")


def _check_links(packages: Path) -> None:
    """Refuse a web client whose links lead nowhere: it has no stylesheet."""
    static = packages / "odoo/addons/web/static"
    dangling = [path for path in static.rglob("*") if not path.exists()]
    if dangling:
        names = ", ".join(path.name for path in dangling[:5])
        raise Failure(
            f"Odoo's web client misses files of other Debian packages: {names}",
            "add the packages to scripts/pins.cfg (dpkg-deb -c shows the links)",
        )


def _link(venv: Path, root: Path) -> None:
    """Let the environment import Odoo from where it was unpacked."""
    folder = next(venv.glob("lib/python3*/site-packages"))
    (folder / "odoo.pth").write_text(f"{root / _PACKAGES}\n")


def _users_own(program: Path) -> Odoo:
    if not program.is_file():
        raise Failure(f"ODOO_BIN names no file: {program}")
    python = Path(os.environ.get("ODOO_PYTHON") or _python_of(program))
    advice = "set ODOO_PYTHON to the Python with Odoo's requirements"
    lines = run(Command([python, program, "--version"], advice=advice))
    if f" {SERIES}" not in " ".join(lines):
        raise Failure(f"ODOO_BIN is not Odoo {SERIES} but: {' '.join(lines)}")
    return Odoo(python, program, places.key(str(program), *lines))


def _python_of(program: Path) -> str:
    """The interpreter in the program's first line, or python3 on PATH."""
    with program.open("rb") as file:
        first = file.readline().decode(errors="replace").strip()
    interpreter = first.removeprefix("#!").split()
    if first.startswith("#!/") and not interpreter[0].endswith("/env"):
        return interpreter[0]
    return shutil.which("python3") or "python3"
