# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The linters that .pre-commit-config.yaml calls, in their own environment."""

from __future__ import annotations

import os
import shutil
import subprocess

from . import installation, pins, places
from .console import Failure, say, warn
from .processes import Command, run_status
from .python_packages import virtual_environment

CONFIGURATION = places.REPO / ".pre-commit-config.yaml"
# The hooks that npm installs.
NODE_HOOKS = "prettier"
NPM_SECONDS = 180
LOG = places.LOGS / "checks.log"


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
    program = str(folder / "bin/pre-commit")
    if not _has_node_hooks(program, env):
        env["SKIP"] = ",".join(filter(None, [env.get("SKIP"), NODE_HOOKS]))
    say("checks: running pre-commit")
    color = "auto" if os.isatty(1) else "never"
    command = ["run", "--all-files", "--show-diff-on-failure", "--color", color]
    return subprocess.run(
        [program, *command],
        cwd=places.REPO,
        env=env,
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode


def _has_node_hooks(program: str, env: dict[str, str]) -> bool:
    """Install the hooks' environments; False, loudly, when npm's cannot be had.

    A machine without npm, or without a way to its registry, still gets every
    other check.
    """
    why = "npm is not installed"
    if shutil.which("npm"):
        why = f"npm could not install it, see {LOG}"
        command = Command(
            [program, "install-hooks"],
            log=LOG,
            # npm tries a silent network for minutes unless told otherwise.
            env={**env, "NPM_CONFIG_FETCH_RETRIES": "1"},
            cwd=places.REPO,
            timeout=NPM_SECONDS,
        )
        if run_status(command)[0] == 0:
            return True
    warn(f"{why}: leaving out {NODE_HOOKS}")
    return False
