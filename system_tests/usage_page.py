# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The calls and answers that stand on a page of the documentation."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_TOKEN = re.compile(
    r"^## (?P<heading>[^\n]+)$"
    r"|^`POST /api/(?P<route>\w+)`$"
    r"|^```json\n(?P<json>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_BLOCK = re.compile(
    r"^## (?P<heading>[^\n]+)$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_INDENTED = re.compile(r"^(?:    .*\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One call and its answer, both JSON texts, under the heading they stand."""

    heading: str
    route: str
    request: str
    answer: str


class Block(NamedTuple):
    """One fenced block, under the heading it stands; ``kind`` is its language."""

    heading: str
    kind: str
    text: str


class Page:
    """One Markdown file, or one section of it."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = path.read_text() if text is None else text

    def section(self, heading: str) -> Page:
        """Return what stands under ``## heading``.

        :raises AssertionError: there is no such heading.
        """
        _before, mark, rest = self.text.partition(f"\n## {heading}\n")
        assert mark, f"{self.path} has no heading {heading!r}"
        return Page(self.path, rest.partition("\n## ")[0] + "\n")

    def examples(self) -> list[Example]:
        """Return every call with its answer, in the page's order.

        :raises AssertionError: a block of JSON that is neither the call after a
            ``POST`` line nor the answer after a call: nothing would execute it.
        """
        found, heading, route, request = [], "", "", ""
        for token in _TOKEN.finditer(self.text):
            where = f"{self.path.name}, under {heading!r}: "
            if token["json"] is None:
                assert not route, f"{where}POST /api/{route} has no answer"
                heading = token["heading"] or heading
                route = token["route"] or ""
            elif not request:
                assert route, f"{where}JSON without a POST: {token['json']}"
                request = token["json"]
            else:
                found.append(Example(heading, route, request, token["json"]))
                route = request = ""
        assert found and not route, f"{self.path.name} ends in the middle"
        # Counted apart from the pattern above, which may miss one.
        fences = len(re.findall(r"^\s*```json", self.text, re.MULTILINE))
        posts = self.text.count("`POST /api/")
        assert (fences, posts) == (2 * len(found), len(found)), self.path.name
        return found

    def blocks(self) -> list[Block]:
        """Return every fenced block, in the page's order.

        :raises AssertionError: there are fences that are none's.
        """
        found, heading = [], ""
        for token in _BLOCK.finditer(self.text):
            heading = token["heading"] or heading
            if token["kind"]:
                found.append(Block(heading, token["kind"], token["text"]))
        fences = len(re.findall(r"^\s*```", self.text, re.MULTILINE))
        assert found and fences == 2 * len(found), self.path.name
        return found

    def curl(self) -> str:
        """Return the first curl call."""
        return self.block_beginning("curl ")

    def block_beginning(self, start: str) -> str:
        """Return the indented block that begins so, without its indent.

        :raises AssertionError: there is none.
        """
        blocks = map(textwrap.dedent, _INDENTED.findall(self.text))
        found = next((block for block in blocks if block.startswith(start)), "")
        assert found, f"{self.path.name} has no block {start!r}"
        return found
