# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Running commands, and ending the background processes we started."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .console import Failure

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
TAIL_LINES = 15


@dataclass(frozen=True)
class Command:
    """One program call and how to treat it.

    :param log: file that receives the output; appended to
    :param on_line: called with each line of output
    :param user: run as this system user (root only)
    :param timeout: hard limit in seconds; the whole process group is killed
    :param advice: what the user should do when it fails
    """

    args: Sequence[str | Path]
    log: Path | None = None
    on_line: Callable[[str], None] | None = None
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    user: str | None = None
    timeout: float | None = None
    advice: str = ""


def run(command: Command) -> list[str]:
    """Run to the end and return the lines of output.

    :raises Failure: with the last lines of output, when it ends with an error
    """
    status, lines = run_status(command)
    if status:
        name = Path(command.args[0]).name
        tail = "".join(f"\n    {line}" for line in lines[-TAIL_LINES:])
        where = f"\n  full output: {command.log}" if command.log else ""
        raise Failure(
            f"{name} ended with status {status}:{tail}{where}", command.advice
        )
    return lines


def run_status(command: Command) -> tuple[int, list[str]]:
    """Run to the end and return the exit status and the lines of output."""
    try:
        process = subprocess.Popen(
            [str(arg) for arg in command.args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if command.env is None else dict(command.env),
            cwd=command.cwd,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **_as_user(command.user),
        )
    except FileNotFoundError as error:
        raise Failure(f"{command.args[0]} is not installed", command.advice) from error
    timer = threading.Timer(command.timeout or 0, _kill_group, [process.pid])
    if command.timeout:
        timer.start()
    try:
        return _collect(process, command)
    finally:
        timer.cancel()
        if process.poll() is None:
            _kill_group(process.pid)
            process.wait()


def _collect(process: subprocess.Popen, command: Command) -> tuple[int, list[str]]:
    lines = []
    if command.log:
        command.log.parent.mkdir(parents=True, exist_ok=True)
    with open(command.log or os.devnull, "a", encoding="utf-8") as log:
        for line in process.stdout:
            log.write(line)
            log.flush()
            lines.append(line.rstrip("\n"))
            if command.on_line:
                command.on_line(lines[-1])
    return process.wait(), lines


def _as_user(user: str | None) -> dict:
    return {"user": user, "group": "nogroup", "extra_groups": []} if user else {}


def _end_with_parent() -> None:
    """Let the kernel end the child should we be killed without a last word."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


# -- background processes ------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """What is remembered of a background process, to recognise it later.

    The kernel reuses a pid; birth time and command line it does not, so nothing
    is ever ended that we did not start.
    """

    pid: int
    born: str | None
    mark: str

    def is_alive(self) -> bool:
        """Whether the process still is the one noted."""
        try:
            command = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return False
        return self.mark.encode() in command and self.born == _birth(self.pid)

    def stop(self, grace_seconds: float = 20) -> bool:
        """End the process and its group; False when it was gone already."""
        if not self.is_alive():
            return False
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        _kill_group(self.pid)
        return True


def start_background(args: Sequence[str], pid_file: Path, log: Path, cwd: Path) -> None:
    """Start a process that outlives us and note it in the pid file.

    Its last argument should be a path of this clone: it is the note's mark.
    """
    for file in (pid_file, log):
        file.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            args,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
        )
    note = Note(process.pid, _birth(process.pid), str(args[-1]))
    pid_file.write_text(json.dumps(asdict(note)))


def background(pid_file: Path) -> Note | None:
    """The process noted in the file, if it is still alive."""
    try:
        note = Note(**json.loads(pid_file.read_text()))
    except (OSError, ValueError):
        return None
    return note if note.is_alive() else None


def stop_background(pid_file: Path) -> bool:
    """End the process noted in the file; False when there was none."""
    note = background(pid_file)
    stopped = note is not None and note.stop()
    pid_file.unlink(missing_ok=True)
    return stopped


def _birth(pid: int) -> str | None:
    """The process's start time in clock ticks since boot; None for a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] == b"Z" else fields[19].decode()
