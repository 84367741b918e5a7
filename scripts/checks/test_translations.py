# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The check of translations catches what it is for."""

from __future__ import annotations

import unittest

import polib
from translations import find_faults

HEADER = {"Language": "fr", "Content-Type": "text/plain; charset=UTF-8"}
TERMS = {
    "Log": "Journal",
    "%(count)s of %s, %%": "%(count)s sur %s, %%",
    "<b>Key</b> and <a href='x'>more</a>": "<b>Clé</b> et <a href='x'>plus</a>",
    " more\n": " encore\n",
    "Send {partner_id.name}": "Envoyer {partner_id.name}",
}


def write(terms: dict[str, str], **header: str) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.metadata = HEADER | header
    for msgid, msgstr in terms.items():
        catalogue.append(polib.POEntry(msgid=msgid, msgstr=msgstr))
    return catalogue


class TestTranslations(unittest.TestCase):
    def find(self, catalogue: polib.POFile) -> list[str]:
        template = write(dict.fromkeys(TERMS, ""))
        return list(find_faults(str(template), str(catalogue), "fr"))

    def assertFault(self, msgid: str, msgstr: str, fault: str) -> None:
        found = self.find(write(TERMS | {msgid: msgstr}))
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(fault), found)
        self.assertIn(repr(msgid), found[0])

    def test_a_complete_language_is_right(self) -> None:
        self.assertEqual(self.find(write(TERMS)), [])

    def test_a_term_without_translation_is_told(self) -> None:
        self.assertFault("Log", "", "no translation")

    def test_a_missing_term_is_told(self) -> None:
        terms = {key: text for key, text in TERMS.items() if key != "Log"}
        self.assertEqual(self.find(write(terms)), ["missing: 'Log'"])

    def test_a_term_that_is_no_more_is_told(self) -> None:
        self.assertFault("Gone", "Parti", "left over")
        catalogue = write(TERMS)
        catalogue.append(polib.POEntry(msgid="Old", msgstr="Vieux", obsolete=True))
        self.assertEqual(self.find(catalogue), ["left over: 'Old'"])

    def test_a_fuzzy_term_is_told(self) -> None:
        catalogue = write(TERMS)
        catalogue[0].flags.append("fuzzy")
        self.assertEqual(self.find(catalogue), ["fuzzy: 'Log'"])

    def test_a_term_that_is_there_twice_is_told(self) -> None:
        catalogue = write(TERMS)
        catalogue.append(polib.POEntry(msgid="Log", msgstr="Registre"))
        self.assertEqual(set(self.find(catalogue)), {"there twice: 'Log'"})

    def test_other_placeholders_are_told(self) -> None:
        msgid = "%(count)s of %s, %%"
        for msgstr in (
            "%(nombre)s sur %s, %%",
            "%(count)s sur %%",
            "%(count)s sur %s %s, %%",
            "%(count) s sur %s, %%",
            "%(count)s sur %s, %",
        ):
            with self.subTest(msgstr=msgstr):
                self.assertFault(msgid, msgstr, "placeholders")
        msgid = "Send {partner_id.name}"
        self.assertFault(msgid, "Envoyer {partenaire.nom}", "placeholders")

    def test_a_word_in_braces_may_be_translated(self) -> None:
        terms = {"JSON with {placeholders}": "JSON avec {champs}"}
        template = str(write(dict.fromkeys(terms, "")))
        self.assertEqual(list(find_faults(template, str(write(terms)), "fr")), [])

    def test_other_tags_are_told(self) -> None:
        msgid = "<b>Key</b> and <a href='x'>more</a>"
        for msgstr in (
            "Clé et <a href='x'>plus</a>",
            "<b>Clé<b> et <a href='x'>plus</a>",
            "<i>Clé</i> et <a href='x'>plus</a>",
        ):
            with self.subTest(msgstr=msgstr):
                self.assertFault(msgid, msgstr, "tags")

    def test_other_ends_are_told(self) -> None:
        for msgstr in ("encore\n", " encore", " encore\n\n"):
            with self.subTest(msgstr=msgstr):
                self.assertFault(" more\n", msgstr, "white space")

    def test_a_header_of_another_language_is_told(self) -> None:
        found = self.find(write(TERMS, Language="de"))
        self.assertEqual(found, ["the header says Language: de"])


if __name__ == "__main__":
    unittest.main()
