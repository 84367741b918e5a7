# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The check of docs/security.md catches what it is for."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from security_page import find_faults, find_tests

TESTS = {"TestKeys.test_they_work", "test_on_two_servers"}
SOURCE = """
class TestKeys:
    def test_they_work(self): ...
    def helper(self): ...

def test_on_two_servers(rig): ...
"""


class TestSecurityPage(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        models = self.root / "usability_webhooks" / "models"
        models.mkdir(parents=True)
        (models / "api_key.py").touch()

    def find(self, text: str) -> list[str]:
        return find_faults(text, TESTS, self.root)

    def test_tests_are_read_from_classes_and_modules(self) -> None:
        (self.root / "test_it.py").write_text(SOURCE)
        self.assertEqual(find_tests((self.root,)), TESTS)

    def test_a_page_of_what_exists_is_right(self) -> None:
        text = "| models/api_key.py | TestKeys.test_they_work, test_on_two_servers |"
        self.assertEqual(self.find(text), [])

    def test_a_test_that_is_gone_is_told(self) -> None:
        for name in ("TestKeys.test_gone", "TestOther.test_they_work", "test_gone"):
            text = f"TestKeys.test_they_work, {name}"
            self.assertEqual(self.find(text), [f"no such test: {name}"])

    def test_a_file_that_is_gone_is_told(self) -> None:
        text = "models/api_gone.py TestKeys.test_they_work"
        self.assertEqual(self.find(text), ["no such file: models/api_gone.py"])

    def test_a_page_that_proves_nothing_is_told(self) -> None:
        self.assertEqual(self.find("All is well."), ["no test is named at all"])


if __name__ == "__main__":
    unittest.main()
