# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Each rule of the house, with what it must catch and what it must let pass.

Forbidden texts are put together from pieces: written out, this very file would
break the rule it tests.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import unittest
from pathlib import Path, PurePosixPath

import house_rules
from house_rules import HEADER, find_faults

ROOT = "/" + "root"
HOME = "/" + "home"
TMP = "/" + "tmp"
WORK = "/" + "work"
PRIVATE = "https:" + "//packages.example.internal"
MODEL = "usability_webhooks/models/api_log.py"
TEST = "usability_webhooks/tests/test_api_log.py"
SCRIPT = "scripts/sandbox/places.py"


def python_file(*lines: str) -> str:
    """Return a Python file of these lines under the licence header."""
    return "\n".join([*HEADER, *lines, ""])


def function_of(length: int) -> tuple[str, ...]:
    """Return a function of ``length`` lines, its ``def`` included."""
    return ("def work():", *(["    pass"] * (length - 1)))


class HouseRulesCase(unittest.TestCase):
    """Base: what ``find_faults`` says about one file."""

    def assertFaults(self, path: str, text: str, *expected: tuple[str, int]) -> None:
        """The file has exactly the faults ``(rule, line)``, in that order."""
        faults = find_faults(PurePosixPath(path), text)
        self.assertEqual([(fault.rule, fault.line) for fault in faults], list(expected))


class TestName(HouseRulesCase):
    def test_empty_names_are_refused_for_files_and_folders(self) -> None:
        for path in ("a/utils.js", "helpers/a.js", "b/Misc.xml", "util.d.ts", "x/misc"):
            with self.subTest(path):
                self.assertFaults(path, "", ("name", 1))

    def test_names_that_only_contain_such_a_word_pass(self) -> None:
        for path in ("a/miscount.js", "a/utils_of_war.js", "a/values.js", "helpers2/a"):
            with self.subTest(path):
                self.assertFaults(path, "")


class TestLicenseHeader(HouseRulesCase):
    def test_header_is_found_at_the_top_and_below_a_shebang(self) -> None:
        self.assertFaults(MODEL, python_file("import re"))
        self.assertFaults(SCRIPT, "#!/usr/bin/env python3\n" + python_file())

    def test_missing_late_or_partial_header_is_refused(self) -> None:
        for text in ("", "import re\n" + python_file(), HEADER[0] + "\n", HEADER[1]):
            with self.subTest(text):
                self.assertFaults(SCRIPT, text, ("license-header", 1))

    def test_programs_without_a_suffix_are_asked_too(self) -> None:
        shebang = "#!/usr/bin/env python3\n"
        self.assertFaults("scripts/serve", shebang + python_file())
        self.assertFaults("scripts/serve", shebang, ("license-header", 1))

    def test_other_languages_are_not_asked(self) -> None:
        self.assertFaults("docs/wire.md", "# Wire\n")
        self.assertFaults("scripts/check", "#!/bin/sh\n")


class TestMachinePath(HouseRulesCase):
    def test_paths_of_one_machine_are_refused(self) -> None:
        for place in (ROOT, ROOT + "/x", HOME + "/ada", TMP + "/x.log", WORK + "/a"):
            for line in (place, f"cd {place}", f'"{place}"', f"A={place}", f"({place}"):
                with self.subTest(line):
                    self.assertFaults("a.md", "\n" + line, ("machine-path", 2))

    def test_routes_urls_and_relative_paths_pass(self) -> None:
        lines = (
            "/api/create_data",
            "/usr/share/common-licenses",
            "https://example.com/home/ada",
            "https://example.com" + ROOT,
            f"~{WORK}/a",
            f"$HOME{WORK}/a",
            "{base}" + TMP + "/a",
            "build" + TMP + "/a",
            "/rooted",
            f"{WORK}-in-progress",
            "/home and /tmp",
        )
        for line in lines:
            with self.subTest(line):
                self.assertFaults("a.md", line)


class TestRegistry(HouseRulesCase):
    def test_registries_are_refused(self) -> None:
        lines = (
            f"--index-url {PRIVATE}/a",
            "--find-links file:" + "///wheels",
            f'"resolved": "{PRIVATE}/prettier.tgz"',
            f"see {PRIVATE.replace('//', '//user:secret@')}/simple/ruff",
            f"registry={PRIVATE}:4873",
            "index-url = https:" + "//[broken/simple",
        )
        for line in lines:
            with self.subTest(line):
                self.assertFaults("a.cfg", line, ("registry", 1))

    def test_other_urls_pass(self) -> None:
        lines = (
            "https://example.internal/api/create_data",
            "https://example.com/simpler",
            "the registry is rebuilt",
        )
        for line in lines:
            with self.subTest(line):
                self.assertFaults("a.cfg", line)


class TestFileLength(HouseRulesCase):
    def test_limits_are_299_lines_and_400_for_tests(self) -> None:
        for path, limit in ((MODEL, 299), (TEST, 400)):
            lines = ["pass"] * (limit - len(HEADER))
            with self.subTest(path):
                self.assertFaults(path, python_file(*lines))
                self.assertFaults(
                    path, python_file(*lines, "pass"), ("file-length", limit + 1)
                )

    def test_views_are_measured_too(self) -> None:
        view = "usability_webhooks/views/api_log_views.xml"
        self.assertFaults(view, "\n" * 300, ("file-length", 300))

    def test_generated_files_and_scripts_are_not_measured(self) -> None:
        self.assertFaults("usability_webhooks/i18n/usability_webhooks.pot", "\n" * 900)
        self.assertFaults(SCRIPT, python_file(*["pass"] * 900))


class TestFunctionLength(HouseRulesCase):
    def test_limit_is_39_lines_in_models_and_tests(self) -> None:
        for path in (MODEL, TEST):
            with self.subTest(path):
                self.assertFaults(path, python_file(*function_of(39)))
                self.assertFaults(
                    path, python_file(*function_of(40)), ("function-length", 3)
                )

    def test_decorators_are_not_counted(self) -> None:
        text = python_file("@first", "@second", *function_of(39))
        self.assertFaults(MODEL, text)

    def test_methods_and_coroutines_are_measured(self) -> None:
        body = ["        pass"] * 39
        for keyword in ("def", "async def"):
            text = python_file("class A:", f"    {keyword} work(self):", *body)
            with self.subTest(keyword):
                self.assertFaults(MODEL, text, ("function-length", 4))

    def test_a_file_that_does_not_parse_is_left_to_ruff(self) -> None:
        self.assertFaults(MODEL, python_file("def ("))


class TestSudoReason(HouseRulesCase):
    def test_sudo_without_a_reason_is_refused(self) -> None:
        for line in (
            "log = self.sudo()",
            "log = self.sudo(True)",
            "log = self.sudo()  #",
            "log = self.sudo()  # noqa: E501",
            "log = self.sudo()  # pylint: disable=x",
        ):
            with self.subTest(line):
                self.assertFaults(MODEL, python_file(line), ("sudo-reason", 3))

    def test_a_reason_must_stand_on_the_line_of_the_sudo(self) -> None:
        with_reason = ("x = (", "    self.sudo()  # the caller may not read it", ")")
        on_next_line = ("x = (", "    self.sudo()", "    # the caller may not", ")")
        self.assertFaults(MODEL, python_file(*with_reason))
        self.assertFaults(MODEL, python_file(*on_next_line), ("sudo-reason", 4))

    def test_giving_rights_up_texts_and_other_names_pass(self) -> None:
        for line in (
            "log = self.sudo(False)",
            '"""Never self.sudo() here."""',
            "log_sudo = self.log_sudo()",
            "sudo = record.sudo",
        ):
            with self.subTest(line):
                self.assertFaults(MODEL, python_file(line))


class TestFindFaults(HouseRulesCase):
    def test_faults_come_in_the_order_of_the_lines(self) -> None:
        text = python_file("self.sudo()", f'FOLDER = "{TMP}/log"')
        self.assertFaults(MODEL, text, ("sudo-reason", 3), ("machine-path", 4))


class TestMain(unittest.TestCase):
    def run_main(self, content: bytes) -> tuple[int, str]:
        """Return exit status and output for a file ``note.md`` of that content."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "note.md")
            path.write_bytes(content)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = house_rules.main([str(path)])
        return status, output.getvalue()

    def test_a_breach_is_printed_with_its_line_and_fails(self) -> None:
        status, output = self.run_main(f"fine\nsee {ROOT}/x\n".encode())
        self.assertEqual(status, 1)
        self.assertIn("note.md:2: [machine-path]", output)

    def test_clean_and_binary_files_succeed_silently(self) -> None:
        for content in (b"fine\n", b"\x89PNG\xff"):
            with self.subTest(content):
                self.assertEqual(self.run_main(content), (0, ""))


if __name__ == "__main__":
    unittest.main()
