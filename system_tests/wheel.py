# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The addon as a Python package: built, installed by pip, found and run by Odoo."""

from __future__ import annotations

import ast
import email.parser
import importlib.util
import re
import subprocess
import zipfile
from pathlib import Path

from sandbox import installation, pins, places, python_packages

from .rig import MAKE_KEY, Rig

REQUIREMENTS = places.SCRIPTS / "requirements-wheel.txt"
NAME = "odoo-addon-usability-webhooks"
WHERE = f"""
import odoo.addons.{places.ADDON} as addon
print("FILE", addon.__file__)
"""


class WheelRig(Rig):
    """A bare database, and an Odoo that has the addon as pip puts it there."""

    def __init__(self, packages: Path) -> None:
        super().__init__("wheel")
        self.packages = packages

    def create(self) -> None:
        """Install the addon, with what it depends on and no more; make a key."""
        self.orders.mkdir(parents=True)
        self._maintain(f'CREATE DATABASE "{self.name}" TEMPLATE template0')
        self._odoo("--init", places.ADDON, "--stop-after-init", "--workers", "0")
        self.key = self.run_shell(MAKE_KEY).rpartition("KEY ")[2].split()[0]

    def _command(self, *args: str) -> list[str]:
        """Return Odoo's command line, its addons path Odoo's own alone."""
        command = super()._command(*args)
        own = importlib.util.find_spec("odoo").submodule_search_locations[0]
        command[command.index("--addons-path") + 1] = str(Path(own, "addons"))
        return command

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"PYTHONPATH": str(self.packages)}


def test_the_wheel_is_installed_by_pip_and_answers(rig: Rig) -> None:
    python, folder = _get_tools(), rig.folder / "wheel"
    options = ("--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    python_packages.run_pip(python, "wheel", *options, places.ADDON_FOLDER)
    (wheel,) = folder.glob("*.whl")
    print(f"      {wheel.name}", flush=True)
    _check_content(wheel)
    packages = folder / "packages"
    options = ("--no-deps", "--no-index", "--target", packages)
    python_packages.run_pip(python, "install", *options, wheel)
    own = WheelRig(packages)
    try:
        own.create()
        found = own.run_shell(WHERE).rpartition("FILE ")[2].split()[0]
        assert Path(found).is_relative_to(packages), found
        own.start_server()
        answer = own.call("create_data", "res.partner", {"payload": {"name": "Wheel"}})
        assert answer["result"]["is_success"] is True, answer
    finally:
        own.stop_servers()
        own.drop()


def _check_content(wheel: Path) -> None:
    """See that the wheel is called as it should be, and has what git has."""
    listed = ["git", "ls-files", places.ADDON]
    known = subprocess.run(
        listed, cwd=places.REPO, capture_output=True, text=True, check=True
    ).stdout.split()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        about = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = archive.read(about).decode()
    missing = {name for name in known if f"odoo/addons/{name}" not in names}
    # The file that says how to build it need not be part of what is built.
    assert missing <= {f"{places.ADDON}/pyproject.toml"}, sorted(missing)
    manifest = ast.literal_eval((places.ADDON_FOLDER / "__manifest__.py").read_text())
    said = email.parser.HeaderParser().parsestr(metadata)
    # Package indexes take them for one: a dash is an underscore.
    assert re.sub(r"[-_.]+", "-", said["Name"]) == NAME, said["Name"]
    # A number of commits may follow.
    assert said["Version"].startswith(manifest["version"]), said["Version"]
    assert said["Requires-Dist"] == "odoo==19.0.*", said["Requires-Dist"]
    assert "business keys" in said.get_payload(), "the package's page is empty"


def _get_tools() -> Path:
    """Have the build backend in an environment of its own; return its Python."""
    key = places.key(pins.requirements(REQUIREMENTS))
    with installation.locked(places.CACHE):
        return python_packages.virtual_environment(
            places.CACHE / f"wheel-venv-{key}", REQUIREMENTS, "whool: installing it"
        )
