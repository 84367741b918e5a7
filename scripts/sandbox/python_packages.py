# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Virtual environments, also on a machine without pip and python3-venv."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from . import debian, places
from .console import step
from .installation import appearing, is_stamped, stamped
from .processes import Command, run

LOG = places.LOGS / "pip.log"
ADVICE = (
    "check that pip reaches its package index (see its output above), then run the "
    "same command again: what was downloaded is kept"
)


def virtual_environment(folder: Path, requirements: Path, title: str) -> Path:
    """Make the environment if need be and return its Python.

    It is built in place, because its programs carry their own path.
    """
    python = folder / "bin/python"
    if not is_stamped(folder):
        with step(title) as progress, stamped(folder):
            # pip runs from its wheel: Debian's python3 brings neither pip nor
            # the means to put one into an environment.
            run(Command([sys.executable, "-m", "venv", "--without-pip", folder]))
            _pip_install(python, ["-r", requirements], requirements, progress)
    return python


def plain_folder(folder: Path, requirements: Path, title: str) -> Path:
    """Unpack wheels into a folder, without an environment; returns the folder."""
    if not folder.exists():
        with step(title) as progress, appearing(folder) as draft:
            args = ["--no-deps", "--target", draft, "-r", requirements]
            _pip_install(Path(sys.executable), args, requirements, progress)
    return folder


def _pip_install(
    python: Path, args: list, requirements: Path, progress: Callable[[str], None]
) -> None:
    total = len(re.findall(r"^\w.*==", requirements.read_text(), re.MULTILINE))
    seen: list[str] = []

    def show(line: str) -> None:
        if match := re.match(r"Collecting (\S+)", line):
            seen.append(match[1])
            progress(f"package {min(len(seen), total)} of {total}: {match[1]}")
        elif line.startswith(("Installing collected", "Building wheel")):
            progress(line[:70])

    wheel = _pip_wheel(progress)
    command = _pip_command(python, ["install", *args])
    run(Command(command, log=LOG, env=_pip_env(wheel), on_line=show, advice=ADVICE))


def run_pip(python: Path, *args: str | Path) -> list[str]:
    """Run pip in an environment that has none; returns what it says.

    :raises Failure: it failed
    """
    wheel = _pip_wheel(lambda _line: None)
    command = _pip_command(python, list(args))
    return run(Command(command, log=LOG, env=_pip_env(wheel), advice=ADVICE))


def _pip_command(python: Path, args: list) -> list:
    options = ["--progress-bar", "off", "--disable-pip-version-check"]
    return [python, "-m", "pip", args[0], *options, *args[1:]]


def _pip_env(wheel: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(wheel), "PIP_ROOT_USER_ACTION": "ignore"}


def _pip_wheel(progress: Callable[[str], None]) -> Path:
    """A pip to run: the one Python bundles, or Debian's package of it."""
    unpacked = places.CACHE / "pip"
    folders = [
        Path(os.__file__).parent / "ensurepip/_bundled",
        Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/usr/share/python-wheels"),
        unpacked / "usr/share/python-wheels",
    ]
    for folder in folders:
        if wheels := sorted(folder.glob("pip-*.whl")):
            return wheels[-1]
    progress("fetching pip")
    apt = debian.PrivateApt(places.CACHE / "apt-own")
    apt.update()
    with appearing(unpacked) as draft:
        apt.download(["python3-pip-whl"], draft, progress)
        debian.unpack(list(draft.glob("*.deb")), draft, progress)
    return _pip_wheel(progress)
