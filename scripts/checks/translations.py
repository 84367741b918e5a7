# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Report languages that are not complete, or would say something else than is meant.

Each ``i18n/<language>.po`` is held against the template: no term missing, left over,
without a translation or fuzzy; the same placeholders, tags and ends. Run from the
repository's root; prints one line per fault, exit status 1 if there is one.

Whether the template is that of the code is what ``scripts/system_tests translations``
asks, since that takes a database.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib

FOLDER = Path("usability_webhooks/i18n")
TEMPLATE = FOLDER / "usability_webhooks.pot"
#: ``%(name)s``, ``%s``, ``%%``, ``{{expression}}``, ``{path.to:form}``, ``"{field}"``.
PLACEHOLDER = re.compile(
    r"%\(\w+\)[sdifgr]|%[sdifgr%]|\{\{.*?\}\}|\{\w*[@._:][\w@.:]*\}|\"\{\w+\}\""
)
TAG = re.compile(r"</?([a-zA-Z][\w-]*)(?:\s[^<>]*)?>")
#: Longest piece of a term in a line of the report, in characters.
QUOTED = 60


def find_faults(template: str, translated: str, language: str) -> Iterator[str]:
    """Yield what is wrong with one language.

    :param template: the text of the ``.pot``.
    :param translated: the text of the ``.po``.
    :param language: as the file is called, ``fr``.
    """
    catalogue = polib.pofile(translated)
    named = catalogue.metadata.get("Language")
    if named != language:
        yield f"the header says Language: {named}"
    if "charset=UTF-8" not in catalogue.metadata.get("Content-Type", ""):
        yield "the header does not say charset=UTF-8"
    wanted = {entry.msgid for entry in polib.pofile(template)}
    counted = Counter(entry.msgid for entry in catalogue)
    for msgid in sorted(wanted - counted.keys()):
        yield f"missing: {_quote(msgid)}"
    for entry in catalogue:
        if entry.obsolete or entry.msgid not in wanted:
            yield f"left over: {_quote(entry.msgid)}"
        elif counted[entry.msgid] > 1:
            yield f"there twice: {_quote(entry.msgid)}"
        else:
            yield from (f"{why}: {_quote(entry.msgid)}" for why in _judge(entry))


def _judge(entry: polib.POEntry) -> Iterator[str]:
    if entry.fuzzy:
        yield "fuzzy"
    if not entry.msgstr:
        yield "no translation"
        return
    for what, read in (
        ("placeholders", lambda text: sorted(PLACEHOLDER.findall(text))),
        ("tags", lambda text: sorted(tag[0].lower() for tag in _find_tags(text))),
        ("white space at the ends", _read_ends),
    ):
        said, meant = read(entry.msgstr), read(entry.msgid)
        if said != meant:
            yield f"{what}: {said} instead of {meant}"


def _find_tags(text: str) -> list[tuple[str, str]]:
    return [(match[0].split()[0].rstrip(">"), match[1]) for match in TAG.finditer(text)]


def _read_ends(text: str) -> tuple[str, str]:
    body = text.strip()
    return text[: text.find(body)] if body else text, text[len(text.rstrip()) :]


def _quote(msgid: str) -> str:
    return repr(msgid if len(msgid) <= QUOTED else f"{msgid[:QUOTED]}...")


def main() -> int:
    """Check every language; return the exit status."""
    template = TEMPLATE.read_text(encoding="utf-8")
    faults = [
        f"{path}: {fault}"
        for path in sorted(FOLDER.glob("*.po"))
        for fault in find_faults(template, path.read_text(encoding="utf-8"), path.stem)
    ]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
