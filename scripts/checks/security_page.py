# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Report tests and files that docs/security.md names and that do not exist.

A promise whose test was renamed or deleted is a promise nobody checks. Run from the
repository's root; prints one line per name, exit status 1 if there is one.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ADDON = "usability_webhooks"
PAGE = Path("docs/security.md")
#: Where named tests are: classes in the first, plain functions in the second.
FOLDERS = (Path(ADDON, "tests"), Path("system_tests"))
NAMED_TEST = re.compile(r"\b(?:Test\w+\.)?test_\w+\b(?!\.py)")
NAMED_FILE = re.compile(
    r"\b(?:models|controllers|tools|wizards|data|security)/[\w.]*|\bscripts/[\w./]+"
)


def find_tests(folders: tuple[Path, ...]) -> set[str]:
    """Return ``Class.test_name`` or ``test_name`` of every test below folders.

    A class is taken with the tests it inherits from classes of the same file.
    """
    found: set[str] = set()
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            found |= set(_read_names(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _read_names(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
                    yield f"{node.name}.{item.name}"


def find_faults(text: str, tests: set[str], root: Path) -> list[str]:
    """Return what is wrong with the page's text.

    :param tests: as ``find_tests`` has them.
    :param root: of the repository; files of the addon are named within it.
    """
    named = NAMED_TEST.findall(text)
    faults = [f"no such test: {name}" for name in named if name not in tests]
    for name in NAMED_FILE.findall(text):
        base = root if name.startswith("scripts/") else root / ADDON
        if not (base / name).exists():
            faults.append(f"no such file: {name}")
    if not named:
        faults.append("no test is named at all")
    return faults


def main() -> int:
    """Check the page; return the exit status."""
    text = PAGE.read_text(encoding="utf-8")
    faults = find_faults(text, find_tests(FOLDERS), Path())
    for fault in faults:
        print(f"{PAGE}: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
