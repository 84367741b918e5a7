# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""`make translations` loses nothing, and makes no difference where there is none."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

import polib

sys.path.append(str(Path(__file__).resolve().parent.parent))

from sandbox import translations  # noqa: E402 - found by the line above

MONDAY, TUESDAY = "2026-11-23 08:00+0000", "2026-11-24 08:00+0000"


def write(date: str, terms: dict[str, str], place: str = "code:a.py") -> str:
    catalogue = polib.POFile()
    catalogue.metadata = dict.fromkeys(translations.DATES, date)
    for msgid, msgstr in terms.items():
        entry = polib.POEntry(msgid=msgid, msgstr=msgstr, occurrences=[(place, "0")])
        catalogue.append(entry)
    return str(catalogue)


class TestTemplate(unittest.TestCase):
    def test_the_same_terms_make_the_same_file(self) -> None:
        kept = translations.clean(write(MONDAY, {"Log": "", "Key": ""}), "")
        again = translations.clean(write(TUESDAY, {"Log": "", "Key": ""}), kept)
        self.assertEqual(again, kept)

    def test_other_terms_bring_their_date(self) -> None:
        kept = translations.clean(write(MONDAY, {"Log": ""}), "")
        for text in (
            write(TUESDAY, {"Log": "", "Key": ""}),
            write(TUESDAY, {"Log": ""}, place="code:b.py"),
        ):
            self.assertIn(TUESDAY, translations.clean(text, kept))

    def test_no_line_ends_in_white_space(self) -> None:
        text = translations.clean(write(MONDAY, {"Log": ""}) + " \n\n", "")
        self.assertEqual(text, "\n".join(map(str.rstrip, text.split("\n"))))
        self.assertFalse(text.endswith("\n\n"))

    def test_differences_are_named(self) -> None:
        kept = write(MONDAY, {"Log": "", "Old": "", "Key": ""})
        fresh = write(TUESDAY, {"Key": "", "Log": "", "New": ""})
        found = translations.find_differences(kept, fresh)
        self.assertEqual(found, ["gone: 'Old'", "missing: 'New'"])
        moved = write(TUESDAY, {"Log": ""}, place="code:b.py")
        found = translations.find_differences(write(MONDAY, {"Log": ""}), moved)
        self.assertEqual(found, ["elsewhere: 'Log'"])
        self.assertEqual(translations.find_differences(kept, kept), [])


class TestMerge(unittest.TestCase):
    def merge(self, *msgids: str) -> dict[str, str]:
        old = write(MONDAY, {"Log": "Journal", "Old": "Vieux"})
        merged = translations.merge(write(TUESDAY, dict.fromkeys(msgids, "")), old)
        return {entry.msgid: entry.msgstr for entry in polib.pofile(merged)}

    def test_new_terms_come_empty_and_vanished_ones_go(self) -> None:
        self.assertEqual(self.merge("Log", "New"), {"Log": "Journal", "New": ""})

    def test_a_changed_sentence_keeps_no_translation(self) -> None:
        self.assertEqual(self.merge("Logs"), {"Logs": ""})

    def test_only_what_changes_is_written(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            template, french = Path(folder, "x.pot"), Path(folder, "fr.po")
            french.write_text(write(MONDAY, {"Log": "Journal"}), encoding="utf-8")
            exported = write(MONDAY, {"Log": ""})
            translations.update(template, exported, [french])
            later = write(TUESDAY, {"Log": ""})
            self.assertEqual(translations.update(template, later, [french]), [])
            more = write(TUESDAY, {"Log": "", "New": ""})
            changed = translations.update(template, more, [french])
            self.assertEqual(changed, [template, french])
            text = french.read_text(encoding="utf-8")
            self.assertEqual(translations.count_missing(text), 1)


if __name__ == "__main__":
    unittest.main()
