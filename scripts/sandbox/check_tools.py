# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The linters that .pre-commit-config.yaml calls, in their own environment."""

from __future__ import annotations

import os
import shutil
import subprocess

from . import installation, pins, places
from .console import Failure, say, warn
from .python_packages import virtual_environment

CONFIGURATION = places.REPO / ".pre-commit-config.yaml"
# The hooks npm installs; without npm they cannot run.
NODE_HOOKS = "prettier"


def check() -> int:
    """Run every check over the repository's files; returns the exit status.

    :raises Failure: outside a git clone: the checks ask git for the files
    """
    if not (places.REPO / ".git").exists() or shutil.which("git") is None:
        raise Failure("the checks need git and a clone of the repository")
    key = places.key(pins.requirements(pins.CHECK_REQUIREMENTS))
    folder = places.CACHE / f"check-venv-{key}"
    with installation.locked(places.CACHE):
        virtual_environment(
            folder, pins.CHECK_REQUIREMENTS, "checks: installing the tools"
        )
    env = {**os.environ, "PRE_COMMIT_HOME": str(places.CACHE / "pre-commit")}
    env["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if shutil.which("npm") is None:
        warn(f"npm is not installed: leaving out {NODE_HOOKS}")
        env["SKIP"] = ",".join(filter(None, [env.get("SKIP"), NODE_HOOKS]))
    say("checks: running pre-commit")
    command = ["pre-commit", "run", "--all-files", "--show-diff-on-failure"]
    program = str(folder / "bin" / command[0])
    color = "auto" if os.isatty(1) else "never"
    return subprocess.run(
        [program, *command[1:], "--color", color],
        cwd=places.REPO,
        env=env,
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
