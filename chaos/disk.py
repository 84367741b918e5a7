# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The disk of the log, which can be full.

Where the rig may mount (as root), the table of the log lies in a tablespace on a
tmpfs of its own, which shrinks to what it holds: PostgreSQL then gets ENOSPC from
the kernel. Elsewhere a trigger says what PostgreSQL would have said.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess

from system_tests.rig import Rig

from .cluster import UNPRIVILEGED, Cluster

_LIBC = ctypes.CDLL(None)
_CLONE_NEWNS = 0x00020000
ROOMY = "4g"
SHRINK_TRIES = 20

# A sequence, since what it says is seen at once in every snapshot.
TRIGGER = """
CREATE SEQUENCE chaos_disk_is_full MINVALUE 0;
SELECT setval('chaos_disk_is_full', 0);
CREATE FUNCTION chaos_check_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT last_value FROM chaos_disk_is_full) = 1 THEN
        RAISE EXCEPTION 'could not extend file: No space left on device'
            USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_disk BEFORE INSERT OR UPDATE ON api_log
    FOR EACH ROW EXECUTE FUNCTION chaos_check_disk();
"""


class Disk:
    """Fills and empties; ``method`` says which of the two it is."""

    def __init__(self, cluster: Cluster) -> None:
        """Mount, before the cluster starts and any thread: it must see the mount."""
        self._cluster = cluster
        self._folder = cluster.folder / "disk"
        self.method = "tmpfs" if self._mount() else "trigger"

    def _mount(self) -> bool:
        if os.geteuid():
            return False
        self._folder.mkdir()
        # A mount table of our own: the mount goes when the last of us ends.
        if _LIBC.unshare(_CLONE_NEWNS) or not self._call("--make-rprivate", "/"):
            return False
        if not self._call("-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", self._folder):
            return False
        shutil.chown(self._folder, UNPRIVILEGED, "nogroup")
        self._folder.chmod(0o700)
        return True

    def install(self, rig: Rig) -> None:
        """Have the log of the rig's database lie on this disk."""
        self._rig = rig
        if self.method == "tmpfs":
            rig.select(f"CREATE TABLESPACE chaos_disk LOCATION '{self._folder}'")
            rig.select("ALTER TABLE api_log SET TABLESPACE chaos_disk")
        else:
            rig.select(TRIGGER)

    def fill(self) -> None:
        """Leave no room."""
        if self.method == "trigger":
            self._rig.select("SELECT setval('chaos_disk_is_full', 1)")
            return
        for _try in range(SHRINK_TRIES):
            status = os.statvfs(self._folder)
            used = (status.f_blocks - status.f_bfree) * status.f_frsize
            # Refused when the table has grown meanwhile.
            if self._resize(str(used)):
                return

    def clear(self) -> None:
        """Make room again."""
        if self.method == "trigger":
            self._rig.select("SELECT setval('chaos_disk_is_full', 0)")
        else:
            self._resize(ROOMY)

    def count_hits(self) -> int:
        """Return how many statements found the disk full."""
        log = self._cluster.log.read_text(errors="replace")
        return log.count("No space left on device")

    def unmount(self) -> None:
        with contextlib.suppress(OSError):
            if self.method == "tmpfs":
                subprocess.run(["umount", "-l", self._folder], check=False)

    def _resize(self, size: str) -> bool:
        return self._call("-o", f"remount,size={size}", self._folder)

    def _call(self, *args: object) -> bool:
        try:
            done = subprocess.run(["mount", *args], check=False, capture_output=True)
        except FileNotFoundError:
            return False
        return not done.returncode
