# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The template of translations, exported anew, and the languages brought up to it.

Runs where polib is: with Odoo's interpreter.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polib

#: For Odoo's shell, on a database that has the addon.
EXPORT = """
from odoo.tools.translate import trans_export
with open({path!r}, "wb") as file:
    trans_export(False, ["usability_webhooks"], file, "po", env)
"""
#: Of the header. Exported anew each time, and would be a difference each time.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def read(text: str) -> polib.POFile:
    """Read the text of a ``.po`` or ``.pot``; nothing is folded when it is written."""
    return polib.pofile(text, wrapwidth=78)


def clean(exported: str, kept: str) -> str:
    """Return an exported template fit to be committed.

    :param exported: the text of the export.
    :param kept: the template there is, whose dates stay while its terms do; empty
        where there is none.
    """
    fresh = read(exported)
    known = read(kept) if kept else None
    if known is not None and get_terms(known) == get_terms(fresh):
        for name in DATES:
            fresh.metadata[name] = known.metadata.get(name, fresh.metadata[name])
    return _write(fresh)


def get_terms(catalogue: polib.POFile) -> list[tuple]:
    """Return what a template says: its terms, with where each of them stands."""
    return sorted(
        (entry.msgid, sorted(map(tuple, entry.occurrences)), entry.comment)
        for entry in catalogue
    )


def find_differences(committed: str, exported: str) -> list[str]:
    """Return how a committed template differs from a fresh export, a line for each.

    Dates and order are no difference; where a term stands is.
    """
    old = {row[0]: row for row in get_terms(read(committed))}
    new = {row[0]: row for row in get_terms(read(exported))}
    lines = [f"missing: {msgid!r}" for msgid in new if msgid not in old]
    lines += [f"gone: {msgid!r}" for msgid in old if msgid not in new]
    lines += [
        f"elsewhere: {msgid!r}"
        for msgid, row in new.items()
        if msgid in old and old[msgid] != row
    ]
    return sorted(lines)


def merge(template: str, translated: str) -> str:
    """Return a language's file brought up to the template.

    New terms come without a translation, vanished ones go, the others keep theirs.
    Nothing is guessed: a changed sentence is a new one.
    """
    source, target = read(template), read(translated)
    known = {entry.msgid: entry for entry in target if not entry.obsolete}
    merged = polib.POFile(wrapwidth=78)
    merged.header, merged.metadata = target.header, target.metadata
    merged.metadata["POT-Creation-Date"] = source.metadata["POT-Creation-Date"]
    for entry in source:
        old = known.get(entry.msgid)
        merged.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=old.msgstr if old else "",
                comment=entry.comment,
                tcomment=old.tcomment if old else "",
                occurrences=entry.occurrences,
                flags=list(old.flags) if old else [],
            )
        )
    return _write(merged)


def count_missing(translated: str) -> int:
    """Return how many terms of a language have no translation."""
    return sum(not entry.translated() for entry in read(translated))


def update(template: Path, exported: str, languages: Iterable[Path]) -> list[Path]:
    """Write the template and bring the languages up to it.

    :returns: the files that changed.
    """
    kept = template.read_text(encoding="utf-8") if template.exists() else ""
    texts = {template: clean(exported, kept)}
    for path in languages:
        texts[path] = merge(texts[template], path.read_text(encoding="utf-8"))
    changed = []
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _write(catalogue: polib.POFile) -> str:
    lines = (line.rstrip() for line in str(catalogue).splitlines())
    return "\n".join(lines).rstrip("\n") + "\n"
