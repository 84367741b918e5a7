# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Debian packages fetched and unpacked without root, into private folders."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from . import places
from .console import Failure, megabytes, warn
from .pins import DebianPin
from .processes import Command, run, run_status

KEYRING_FOLDER = Path("/usr/share/keyrings")
KEYRING_NAMES = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
POLL_SECONDS = 1
LOG = places.LOGS / "apt.log"
NETWORK_ADVICE = (
    "check that this machine reaches its Debian mirror (`apt-get update` as root "
    "tells), then run the same command again; or use an Odoo of your own with "
    "ODOO_BIN=/path/to/odoo-bin"
)


class PrivateApt:
    """apt with its own lists, cache and status, so that it needs no root.

    :param folder: where apt keeps its state
    :param suites: suites of the machine's mirror to read; without any, the
        machine's own sources are used
    """

    def __init__(self, folder: Path, suites: Sequence[str] = ()) -> None:
        self.folder = folder
        for name in ("lists/partial", "cache/archives/partial", "state"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "state/status").touch()
        (folder / "apt.conf").write_text(self._configuration(bool(suites)))
        if suites:
            (folder / "sources.list").write_text(_sources(suites))

    def update(self) -> None:
        """Fetch the lists of packages.

        :raises Failure: when the mirror or its signature is not accepted
        """
        status, lines = run_status(self._command("apt-get", "update"))
        text = "\n".join(lines)
        if "NO_PUBKEY" in text or "not signed" in text:
            raise Failure(
                "the machine's Debian keys are too old for the suites needed",
                "as root: apt-get install --only-upgrade debian-archive-keyring; or "
                "use an Odoo of your own with ODOO_BIN=/path/to/odoo-bin",
            )
        if status or re.search(r"^(E:|Err:|W: Failed)", text, re.MULTILINE):
            raise Failure(f"apt-get update failed:\n{text}", NETWORK_ADVICE)

    def versions(self, package: str) -> list[str]:
        """The versions of a package that can be downloaded, newest first."""
        lines = run(self._command("apt-cache", "madison", package))
        return [line.split("|")[1].strip() for line in lines if "|" in line]

    def closure(self, packages: Sequence[str]) -> list[str]:
        """The packages, and everything they depend upon, as name=version."""
        command = ["install", "--simulate", "--yes", "--no-install-recommends"]
        lines = run(self._command("apt-get", *command, *packages))
        found = (re.match(r"Inst (\S+) (?:\[.*?\] )?\((\S+)", line) for line in lines)
        return [f"{match[1]}={match[2]}" for match in found if match]

    def download(
        self, wanted: Sequence[str], into: Path, progress: Callable[[str], None]
    ) -> None:
        """Download packages given as name, name=version or name/suite.

        Files that are already there are kept, half-done ones are continued.
        """
        into.mkdir(parents=True, exist_ok=True)
        uris = run(self._command("apt-get", "download", "--print-uris", *wanted))
        rows = [line.rsplit(" ", 3) for line in uris if line.startswith("'")]
        total = sum(int(row[2]) for row in rows)
        with _Watch(into, [row[1] for row in rows], total, progress):
            run(self._command("apt-get", "download", *wanted, cwd=into))

    def _command(self, *args: str, cwd: Path | None = None) -> Command:
        env = {**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"}
        return Command(args, log=LOG, env=env, cwd=cwd, advice=NETWORK_ADVICE)

    def _configuration(self, own_sources: bool) -> str:
        settings = {
            "Dir::State::lists": self.folder / "lists",
            "Dir::State::status": self.folder / "state/status",
            "Dir::Cache": self.folder / "cache",
            # Root would make apt drop to _apt, who cannot enter our folders.
            "APT::Sandbox::User": "",
        }
        if own_sources:
            settings["Dir::Etc::sourcelist"] = self.folder / "sources.list"
            settings["Dir::Etc::sourceparts"] = "-"
        return "".join(f'{name} "{value}";\n' for name, value in settings.items())


class _Watch(threading.Thread):
    """Reports how far a download has come by looking at its files."""

    def __init__(
        self,
        folder: Path,
        names: list[str],
        total: int,
        progress: Callable[[str], None],
    ) -> None:
        super().__init__(daemon=True)
        self.files = [folder / name.replace(":", "%3a") for name in names]
        self.total = total
        self.progress = progress
        self.ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_exception: object) -> None:
        self.ended.set()
        self.join()

    def run(self) -> None:
        while not self.ended.wait(POLL_SECONDS):
            done = sum(file.stat().st_size for file in self.files if file.exists())
            self.progress(f"{megabytes(done)} of {megabytes(self.total)}")


def fetch_pinned(
    pins: Sequence[DebianPin], progress: Callable[[str], None]
) -> list[Path]:
    """The files of the pinned packages, downloaded where they are missing.

    A version that has left its suite is replaced by the current one, loudly.
    """
    files = {pin.name: _cached(pin) for pin in pins}
    missing = [pin for pin in pins if files[pin.name] is None]
    if missing:
        apt = PrivateApt(places.CACHE / "apt", sorted({pin.suite for pin in pins}))
        progress("reading the lists of packages")
        apt.update()
        wanted = {pin.name: _available(apt, pin) for pin in missing}
        apt.download(list(wanted.values()), places.DEBS, progress)
        for pin in missing:
            files[pin.name] = _cached(pin) or _unpinned(pin, wanted[pin.name])
    return list(files.values())


def _cached(pin: DebianPin) -> Path | None:
    path = places.DEBS / pin.file_name
    if path.exists() and _sha256(path) == pin.sha256:
        return path
    return None


def _available(apt: PrivateApt, pin: DebianPin) -> str:
    versions = apt.versions(pin.name)
    if pin.version in versions:
        return f"{pin.name}={pin.version}"
    if not versions:
        raise Failure(f"the mirror has no package {pin.name}", NETWORK_ADVICE)
    warn(
        f"Debian {pin.suite} no longer has {pin.name} {pin.version}: taking the "
        "current one, untried; please update scripts/pins.cfg"
    )
    return f"{pin.name}/{pin.suite}"


def _unpinned(pin: DebianPin, wanted: str) -> Path:
    """The newest file of a package taken without a pin; apt verified it."""
    if "=" in wanted:
        raise Failure(
            f"the sha256 of {pin.file_name} differs from the one in pins.cfg",
            "do not use this file; tell the maintainers of this addon",
        )
    found = places.DEBS.glob(f"{pin.name}_*.deb")
    return max(found, key=lambda path: path.stat().st_mtime)


def unpack(files: Sequence[Path], root: Path, progress: Callable[[str], None]) -> None:
    """Unpack packages into a folder that stands for `/`; runs no scripts."""
    for number, file in enumerate(files, 1):
        progress(f"unpacking {number} of {len(files)}: {file.name}")
        run(Command(["dpkg-deb", "-x", file, root], log=LOG))


def _sources(suites: Sequence[str]) -> str:
    keyring = next(
        (KEYRING_FOLDER / n for n in KEYRING_NAMES if (KEYRING_FOLDER / n).exists()),
        None,
    )
    signed_by = f"[signed-by={keyring}] " if keyring else ""
    mirror = _mirror()
    return "".join(f"deb {signed_by}{mirror} {suite} main\n" for suite in suites)


def _mirror() -> str:
    """The Debian mirror this machine uses.

    :raises Failure: on a machine without apt or without a Debian mirror
    """
    query = ["apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI)"]
    lines = run(Command(query, log=LOG, advice=NETWORK_ADVICE))
    found = [
        uri
        for uri in dict.fromkeys(lines)
        if "security" not in uri and not uri.startswith("cdrom:")
    ]
    # An own repository may come first; a mirror may have any name; and methods
    # other than http work too, but http is what we tried.
    found.sort(key=lambda uri: ("debian" not in uri, not uri.startswith("http")))
    if not found:
        raise Failure(
            "apt names no Debian mirror on this machine",
            "this set-up knows Debian only; elsewhere use an Odoo of your own with "
            "ODOO_BIN=/path/to/odoo-bin",
        )
    return found[0]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
