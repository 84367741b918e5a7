# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the demo prints: titles, JSON a person can read, a table."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

#: Characters of a line of JSON before it is broken up.
WIDTH = 88
#: Characters of a text (a file's base64, say) that are shown.
LONGEST_TEXT = 60
_COLOURS = {"title": "1;36", "request": "1", "dim": "2", "good": "32", "bad": "31"}


def paint(text: str, colour: str) -> str:
    """Return ``text`` in a colour, on a terminal that wants colours."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def title(text: str) -> None:
    print(f"\n{paint(f'== {text}', 'title')}", flush=True)


def request(method: str, path: str, content: object) -> None:
    print(f"\n  {paint(f'{method} {path}', 'request')}")
    body(content)


def answer(status: int, content: object) -> None:
    is_good = isinstance(content, dict) and content.get("is_success", True)
    colour = "good" if is_good and status == 200 else "bad"
    print(f"  {paint(f'HTTP {status}', colour)}")
    body(content)


def body(value: object) -> None:
    print(_indent(lay_out(value), 4), flush=True)


def found(text: str) -> None:
    """Say what was checked and holds."""
    print(f"  {paint('ok', 'good')}  {text}", flush=True)


def lay_out(value: object, used: int = 0) -> str:
    """Return ``value`` as JSON: on one line where it fits, else one key a line.

    :param used: columns already taken on the first line.
    """
    flat = json.dumps(_shorten(value), ensure_ascii=False)
    if len(flat) + used <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    if isinstance(value, dict):
        lines = [
            f"{json.dumps(key)}: {lay_out(item, len(key) + 6)}"
            for key, item in value.items()
        ]
        return "{\n" + _indent(",\n".join(lines), 2) + "\n}"
    lines = [lay_out(item, 4) for item in value]
    return "[\n" + _indent(",\n".join(lines), 2) + "\n]"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their heads; numbers to the right."""
    texts = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *texts, strict=True)]

    def line(cells: Sequence[str], like: Sequence[object]) -> str:
        return "  ".join(
            cell.rjust(width) if isinstance(item, (int, float)) else cell.ljust(width)
            for cell, width, item in zip(cells, widths, like, strict=True)
        ).rstrip()

    like = rows[0] if rows else head
    print(f"\n  {paint(line(head, like), 'request')}")
    for cells, row in zip(texts, rows, strict=True):
        print(f"  {line(cells, row)}", flush=True)


def _cell(value: object) -> str:
    if value is None or value is False:
        return ""
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _shorten(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shorten(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT and " " not in value:
        return f"{value[:24]}... ({len(value)} characters)"
    return value


def _indent(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.splitlines())
