# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Report breaches of the rules of this house that no published linter knows.

Usage: ``house_rules.py FILE...``, paths relative to the repository root. Prints
one ``path:line: [rule] message`` per breach; exit status 1 if there is one.

====================  ======================================================
name                  no file or folder called utils, helpers or misc
license-header        every Python file begins with the two lines of ``HEADER``
machine-path          no path of the machine it was written on
registry              no package registry's address: the machine's settings name it
file-length           fewer than 300 lines in the addon, at most 400 in tests
function-length       fewer than 40 lines in the addon, decorators not counted
sudo-reason           ``sudo()`` is followed by a reason on its own line
====================  ======================================================
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ADDON = "usability_webhooks"
HEADER = (
    "# Copyright 2026 The usability_webhooks authors",
    "# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).",
)
#: Names that say nothing about what is inside.
EMPTY_NAMES = frozenset({"util", "utils", "helper", "helpers", "misc"})
#: Longest file, in lines, by whether it is a test.
FILE_LINES = {False: 299, True: 400}
#: Longest function, in lines from ``def`` to its last one.
FUNCTION_LINES = 39
#: What is written by hand; generated files (.pot, icons) may be long.
WRITTEN_SUFFIXES = frozenset({".css", ".js", ".py", ".scss", ".xml"})

#: An absolute path into a home, a work area or a temporary folder. It begins
#: where a path can begin, so that URLs, routes and joined paths do not count.
MACHINE_PATH = re.compile(
    r"(?<![\w.~:})$/-])/"
    r"(?:root|work|(?:home|Users|mnt|srv|tmp|opt)/[\w.-]+)(?![\w-])"
)
URL = re.compile(r"\w+://[^\s'\"<>)\]]+")
#: Words that make a URL one of a package registry, as option or as path.
REGISTRY = re.compile(
    r"index-url|find-links|registry|\"resolved\"|/simple\b|/pypi\b|/npm\b"
    r"|artifactory|nexus|devpi|wheelhouse"
)
#: Comments that speak to a tool are no reason.
DIRECTIVE = re.compile(r"#\s*(?:noqa|pylint:|pragma:|type:|fmt:|ruff:)", re.IGNORECASE)


class Fault(NamedTuple):
    """One breach. ``line`` counts from 1."""

    path: PurePosixPath
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


def check_name(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for each part of the path that is an empty name."""
    for part in path.parts:
        if part.split(".")[0].lower() in EMPTY_NAMES:
            yield Fault(path, 1, "name", f"{part!r} says nothing: name the job")


def check_license_header(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for a Python file or program without the licence header.

    A ``#!`` line may come before it, nothing else.
    """
    lines = text.splitlines()
    shebang = lines.pop(0) if lines and lines[0].startswith("#!") else ""
    if path.suffix != ".py" and "python" not in shebang:
        return
    if tuple(lines[:2]) != HEADER:
        yield Fault(path, 1, "license-header", "must begin with: " + " / ".join(HEADER))


def check_machine_path(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for each line that names a place on one machine."""
    for number, line in enumerate(text.splitlines(), 1):
        match = MACHINE_PATH.search(line)
        if match:
            yield Fault(path, number, "machine-path", f"{match.group()!r} is not ours")


def check_registry(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for each registry URL: which one to use is the machine's to say."""
    for number, line in enumerate(text.splitlines(), 1):
        if REGISTRY.search(line):
            for url in URL.findall(line):
                yield Fault(path, number, "registry", f"{url!r} names a registry")


def check_file_length(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for a handwritten file of the addon that is too long."""
    if not _is_of_addon(path) or path.suffix not in WRITTEN_SUFFIXES:
        return
    count = len(text.splitlines())
    limit = FILE_LINES["tests" in path.parts]
    if count > limit:
        yield Fault(path, limit + 1, "file-length", f"{count} lines, {limit} allowed")


def check_function_length(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for each function of the addon that is too long.

    A function inside another counts for both. A file that does not parse is
    left to ruff, which says where.
    """
    if not _is_of_addon(path) or path.suffix != ".py":
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > FUNCTION_LINES:
            message = f"{node.name}: {count} lines, {FUNCTION_LINES} allowed"
            yield Fault(path, node.lineno, "function-length", message)


def check_sudo_reason(path: PurePosixPath, text: str) -> Iterator[Fault]:
    """Yield a fault for each ``.sudo(...)`` without a reason behind it.

    ``.sudo(False)`` gives rights up and needs none.
    """
    if not _is_of_addon(path) or path.suffix != ".py":
        return
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return
    reasoned = {
        token.start[0]
        for token in tokens
        if token.type == tokenize.COMMENT and _is_reason(token.string)
    }
    words = [token.string for token in tokens]
    for index, token in enumerate(tokens[1:-2], 1):
        is_call = words[index - 1 : index + 2] == [".", "sudo", "("]
        if is_call and words[index + 2] != "False" and token.start[0] not in reasoned:
            message = "say behind it, on the same line, why rights are raised"
            yield Fault(path, token.start[0], "sudo-reason", message)


def _is_reason(comment: str) -> bool:
    return bool(comment.strip("# ")) and not DIRECTIVE.match(comment)


def _is_of_addon(path: PurePosixPath) -> bool:
    return path.parts[:1] == (ADDON,)


Rule = Callable[[PurePosixPath, str], Iterator[Fault]]
RULES: tuple[Rule, ...] = (
    check_name,
    check_license_header,
    check_machine_path,
    check_registry,
    check_file_length,
    check_function_length,
    check_sudo_reason,
)


def find_faults(path: PurePosixPath, text: str) -> list[Fault]:
    """Return all breaches in one file, in the order of its lines.

    :param path: relative to the repository root; it decides which rules apply.
    :param text: the file's content.
    """
    faults = [fault for rule in RULES for fault in rule(path, text)]
    return sorted(faults, key=lambda fault: fault.line)


def main(arguments: Sequence[str]) -> int:
    """Check the files named, print what is wrong, return the exit status.

    Files that are not UTF-8 text are passed over: no rule speaks about them.
    """
    faults: list[Fault] = []
    for argument in arguments:
        try:
            text = Path(argument).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        faults += find_faults(PurePosixPath(argument), text)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
