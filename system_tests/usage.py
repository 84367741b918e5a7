# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The calls of README.md, USAGE.md, recipes.md are sent; their answers are true."""

from __future__ import annotations

import json
import time

import requests

from . import curl
from .demo_rig import DemoRig
from .recipes import Cook
from .rig import REQUEST_SECONDS, Rig
from .usage_answers import Answers, Difference
from .usage_page import ROOT, Example, Page

#: Change dates are compared by the second.
TICK_SECONDS = 1.1


def test_usage_examples_are_true(_rig: Rig) -> None:
    """Every call is sent in the page's order; see ``Answers`` for "equal"."""
    rig, problems = DemoRig(), []
    try:
        rig.create()
        # A first PDF takes long: it builds the style sheets of all.
        rig.start_server("--limit-time-real", str(REQUEST_SECONDS))
        reader, cook = Reader(rig), Cook(rig)
        for check in (
            reader.read_readme,
            reader.read_readme_mistakes,
            reader.read_usage,
            reader.read_refusal,
            reader.read_sending_again,
            cook.read_recipes,
        ):
            problems += check()
    except Exception:
        print(rig.server_log()[-3000:], flush=True)
        raise
    finally:
        rig.stop_servers()
        rig.drop()
    count = reader.count + cook.count
    print(f"      {count} examples of the documentation compared", flush=True)
    assert not problems, "\n\n".join(problems)


#: What a page may say, what a server then answers, and whether that is the same.
COMPARISONS = (
    ({"id": 1, "m2o": [1, "x"]}, {"id": 8, "m2o": [9, "x"]}, True),
    ({"id": 1, "m2o": [1, "x"]}, {"id": 8, "m2o": [9, "y"]}, False),
    ({"id": 1, "ids": [1]}, {"id": 8, "ids": [9]}, False),
    ({"ids": [1, 2]}, {"ids": [8, 8]}, False),
    ({"ids": [1, 2]}, {"ids": [8]}, False),
    ({"id": None}, {"id": 8}, False),
    ({"color": 1}, {"color": 8}, False),
    ({"color": 1}, {"color": 1.0}, False),
    (
        {"id": 1, "message": "model 1 left"},
        {"id": 8, "message": "model 8 left"},
        True,
    ),
    (
        {"id": 1, "message": "model 1 left"},
        {"id": 8, "message": "model 9 left"},
        False,
    ),
    ({"name": "S00001"}, {"name": "S00008"}, True),
    ({"name": "S00001"}, {"name": "Lamp"}, False),
    (
        {"write_date": "2026-01-01 00:00:01", "value": "2026-01-01 00:00:01"},
        {"write_date": "2026-01-01 00:00:08", "value": "2026-01-01 00:00:08"},
        True,
    ),
    (
        {"write_date": "2026-01-01 00:00:01", "value": "2026-01-01 00:00:01"},
        {"write_date": "2026-01-01 00:00:08", "value": "2026-01-01 00:00:09"},
        False,
    ),
    (
        {"date": "2026-01-01 00:00:01"},
        {"date": "2026-01-01 00:00:08"},
        False,
    ),
    ({"name": "INV/2026/00001"}, {"name": "INV/2026/00008"}, True),
    ({"name": "INV/2026/00001"}, {"name": "S00008"}, False),
    ({"datas": "JVBERi0..."}, {"datas": "JVBERi0xLjQK"}, True),
    ({"datas": "JVBERi0..."}, {"datas": "PGh0bWw+"}, False),
    ({"datas": "JVBERi0"}, {"datas": "JVBERi0xLjQK"}, False),
    (
        {"timestamp": "2026-01-01T00:00:01Z", "sequence": 1},
        {"timestamp": "2026-01-01T00:00:08Z", "sequence": 8},
        True,
    ),
    ({"timestamp": "2026-01-01T00:00:01Z"}, {"timestamp": "today"}, False),
    ({"line": {"sequence": 1}}, {"line": {"sequence": 8}}, False),
    ({"color": 1}, {"color": 1, "messages": "Done", "request_id": "r"}, True),
    ({"color": 1}, {"color": 1, "warnings": ["lost"]}, False),
    ({"color": 1, "request_id": "q"}, {"color": 1}, False),
)


def test_usage_comparison_is_not_blind(_rig: Rig) -> None:
    """An answer that is not the page's is told from one that is."""
    for expected, actual, is_same in COMPARISONS:
        try:
            Answers({("model", "m2o"): "other"}).compare(expected, actual, "model")
        except Difference:
            assert not is_same, (expected, actual)
        else:
            assert is_same, (expected, actual)


class Reader:
    """Does what the pages say; each method returns what was not as they say."""

    def __init__(self, rig: DemoRig) -> None:
        self.rig = rig
        self.readme = Page(ROOT / "README.md")
        self.usage = Page(ROOT / "usability_webhooks/readme/USAGE.md")
        self.answers = Answers(rig.get_relations())
        self.count = 0
        self.has_curl = curl.is_there()

    def read_readme(self) -> list[str]:
        """The first call; its order is the one before those of USAGE.md."""
        if not self.has_curl:
            return []
        section = self.readme.section("A first call")
        body, _headers = curl.run(self.rig, section.curl())
        expected = json.loads(section.block_beginning('{"jsonrpc"'))
        return self.compare("A first call", expected, body, "sale.order")

    def read_readme_mistakes(self) -> list[str]:
        """The same call with a customer, a product and a field misspelt."""
        if not self.has_curl:
            return []
        section = self.readme.section("A first call")
        expected = json.loads(section.block_beginning('{"code"').replace(", ...]", "]"))
        command = section.curl()
        for right, wrong in (
            ("Azure Interior", "Azure Interiour"),
            ("FURN_8888", expected["value"]),
            ("client_order_ref", "client_order_reff"),
        ):
            assert right in command, right
            command = command.replace(right, wrong)
        errors = curl.run(self.rig, command)[0]["result"]["errors"]
        if len(errors) != 3:
            return [f"README.md speaks of three mistakes: {errors}"]
        found = next(e for e in errors if e["path"] == expected["path"])
        # The page leaves the others out, as "..." says.
        del found["candidates"][len(expected["candidates"]) :]
        return self.compare("Misspell", expected, found, "sale.order")

    def read_usage(self) -> list[str]:
        """Every `POST` with the two blocks below it."""
        return [
            problem
            for example in self.usage.examples()
            for problem in self._send(example)
        ]

    def _send(self, example: Example) -> list[str]:
        body = json.loads(self.answers.translate(example.request))
        if "expected_write_date" in body["params"]["vals"]:
            time.sleep(TICK_SECONDS)
        response = self._post(example.route, body, self.rig.key)
        expected = json.loads(example.answer)
        actual = response.json().get("result", response.json())
        model = body["params"]["model"]
        return self.compare(example.heading, expected, actual, model)

    def read_refusal(self) -> list[str]:
        """The answer to a key that does not exist."""
        heading = "When it fails"
        block = self.usage.section(heading).block_beginning("HTTP ")
        status, _newline, text = block.partition("\n")
        response = self._post("search_data", {"params": {}}, "0" * 40)
        if status != f"HTTP {response.status_code}":
            return [f"{heading}: {status} is {response.status_code} now"]
        return self.compare(heading, json.loads(text), response.json(), "")

    def read_sending_again(self) -> list[str]:
        """The same call twice: one partner, and a header that says so."""
        if not self.has_curl:
            return []
        command = self.usage.section("Sending again").curl()
        first, first_headers = curl.run(self.rig, command)
        second, headers = curl.run(self.rig, command)
        replayed = "idempotency-replayed: true"
        if (
            not first["result"]["is_success"]
            or first != second
            or replayed in first_headers.lower()
            or replayed not in headers.lower()
        ):
            return [f"Sending again:\n{first}\n{first_headers}\n{second}\n{headers}"]
        self.count += 1
        return []

    def _post(self, route: str, body: dict, key: str) -> requests.Response:
        return requests.post(
            f"{self.rig.urls[0]}/api/{route}",
            json=body,
            headers={"Authorization": f"Bearer {key}"},
            timeout=REQUEST_SECONDS,
        )

    def compare(
        self, heading: str, expected: object, actual: object, model: str
    ) -> list[str]:
        """Return one text with both answers if they differ; count it."""
        self.count += 1
        return self.answers.find_problem(heading, expected, actual, model)
