# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A browser for the tests: the machine's own, or a private Chromium.

The private one is what Debian's release on this machine offers today. It is not
pinned: archives drop a browser as soon as its next security fix is out.
"""

from __future__ import annotations

import itertools
import os
import platform
import re
import shutil
import tempfile
from pathlib import Path

from . import debian, places
from .console import Failure, report, step, warn
from .installation import appearing, locked, remove
from .processes import Command, run

# The names Odoo's tests look for on PATH, in their order.
PROGRAMS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
# Chromium brings its own software renderer, so Mesa and its compiler are left out,
# and so is what a package needs to be configured. The C library must be the
# machine's: it has to match the loader that starts the program.
NEEDED = re.compile(
    r"(?!libc6|libc-bin|libllvm|libgl1-mesa|libperl|libpam|libsystemd-shared|libz3)"
    r"(lib|zlib|chromium|fonts-|fontconfig-config)"
)
LIBRARY_FOLDERS = (
    "lib/*-linux-gnu*",
    "usr/lib/*-linux-gnu*",
    "usr/lib/*-linux-gnu*/pulseaudio",
)
START_SECONDS = 30

_WRAPPER = """\
#!/bin/sh
# Debian's Chromium, unpacked without root.
LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
FONTCONFIG_FILE="{root}/fonts.conf"
export LD_LIBRARY_PATH FONTCONFIG_FILE
exec "{root}/usr/lib/chromium/chromium" "$@"
"""
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/font-cache</cachedir>
  <include ignore_missing="yes">{root}/etc/fonts/conf.d</include>
</fontconfig>
"""


def ensure() -> None:
    """Have a browser; without one Odoo skips its browser tests, so say it."""
    if program() is not None:
        return
    try:
        with locked(places.CACHE):
            install()
    except Failure as failure:
        report(failure)
        warn("no browser: Odoo skips the tests that need one")


def program() -> str | None:
    """The browser to use, if there is one."""
    own = _wrapper_folder() / "chromium"
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return found or (str(own) if own.exists() else None)


def offered(env: dict[str, str]) -> dict[str, str]:
    """This environment with UW_CHROMIUM, and a PATH that leads to the browser."""
    browser = program() or ""
    path = env.get("PATH", os.defpath)
    if browser.startswith(str(_wrapper_folder())):
        path = f"{_wrapper_folder()}{os.pathsep}{path}"
    return {**env, "UW_CHROMIUM": browser, "PATH": path}


def install() -> None:
    """Fetch and unpack Chromium with the libraries and fonts it needs.

    :raises Failure: when a package cannot be had, or the result does not start
    """
    root = _root()
    if (root / "bin/chromium").exists():
        return
    with step("Chromium: downloading it from Debian") as progress:
        apt = debian.PrivateApt(places.CACHE / "apt-own")
        progress("reading the lists of packages")
        apt.update()
        closure = apt.closure(["chromium", "fonts-liberation", "fonts-dejavu-core"])
        wanted = [package for package in closure if NEEDED.match(package)]
        apt.download(wanted, _downloads(), progress)
    remove(root)
    with step("Chromium: unpacking") as progress, appearing(root) as draft:
        debian.unpack(sorted(_downloads().glob("*.deb")), draft, progress)
    wrapper = _write_wrapper(root)
    _try_out(wrapper)
    wrapper.rename(root / "bin/chromium")
    shutil.rmtree(_downloads(), ignore_errors=True)


def _write_wrapper(root: Path) -> Path:
    """The program that starts the browser, under a name nobody looks for yet."""
    found = (sorted(root.glob(pattern)) for pattern in LIBRARY_FOLDERS)
    libraries = ":".join(str(folder) for folder in itertools.chain(*found))
    (root / "fonts.conf").write_text(_FONTS.format(root=root))
    wrapper = root / "bin/chromium.untried"
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(_WRAPPER.format(root=root, libraries=libraries))
    wrapper.chmod(0o755)
    return wrapper


def _try_out(wrapper: Path) -> None:
    """Render an empty page: `--version` alone would load next to nothing."""
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        folder = f"--user-data-dir={profile}"
        page = [wrapper, *options, folder, "about:blank"]
        advice = "install chromium with your package manager"
        log = places.LOGS / "setup.log"
        run(Command(page, log=log, timeout=START_SECONDS, advice=advice))


def _root() -> Path:
    """One for each Debian release: its libraries belong to that release."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "debian")
    return places.CACHE / f"chromium-{release}-{platform.machine()}"


def _wrapper_folder() -> Path:
    return _root() / "bin"


def _downloads() -> Path:
    return places.CACHE / "chromium-debs"
