# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a documented answer is the one a server gave."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

#: What the pages leave out, as USAGE.md says.
UNSHOWN = {"messages", "request_id"}
#: Names that a sequence gives, by what they name.
_SERIALS = {
    "order name": re.compile(r"S\d{5}"),
    "invoice name": re.compile(r"INV/\d{4}/\d{5}(\.pdf)?"),
}
#: Ends a text of the page that stands for any longer one.
_CUT = "..."
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Difference(Exception):
    """Where two answers differ, and in what."""


class _Place(NamedTuple):
    """Where in an answer we are, and whose ids are there.

    :param is_id: whole numbers here are ids of ``model``.
    """

    path: str
    model: str
    is_id: bool = False


class Answers:
    """The answers of all pages, compared one after the other.

    Everything must be equal, types included, with these exceptions. They are
    not the same on every machine, so the page's and the server's must correspond
    one to one, from the first answer to the last:

    - ids, for each model by itself: whole numbers under ``id``, ``ids`` and
      relational fields, and the first of a list of a whole number and a text;
    - one record named in a text, as ``res.partner 48``, where the request is
      about that model;
    - names of orders and invoices: S00001, INV/2026/00001;
    - change dates: texts under ``write_date``, and where the same come back;
    - ``timestamp`` and ``sequence`` of a webhook.

    A text that the page cuts off with ``...`` may go on in any way.

    ``messages`` and ``request_id`` count only where the page shows them; of a
    ``request_id`` only that it is a text.

    :param relations: the model a field leads to, for each (model, field).
    """

    def __init__(self, relations: dict[tuple[str, str], str]) -> None:
        self._relations = relations
        self._actual: dict[tuple, object] = {}
        self._expected: dict[tuple, object] = {}

    def translate(self, request: str) -> str:
        """Put the server's change dates into a request that has the page's."""
        for (kind, expected), actual in self._actual.items():
            if kind == "write_date":
                request = request.replace(expected, actual)
        return request

    def compare(self, expected: object, actual: object, model: str) -> None:
        """Compare one answer to a request about ``model``.

        :raises Difference: they differ.
        """
        self._compare(expected, actual, _Place("answer", model))

    def find_problem(
        self, heading: str, expected: object, actual: object, model: str
    ) -> list[str]:
        """Return one text with both answers if they differ."""
        try:
            self.compare(expected, actual, model)
        except Difference as difference:
            documented, true = (
                json.dumps(answer, indent=2, ensure_ascii=False)
                for answer in (expected, actual)
            )
            return [
                f'under "{heading}", {difference}\n'
                f"the page says:\n{documented}\nthe answer is:\n{true}"
            ]
        return []

    def _compare(self, expected, actual, place: _Place) -> None:
        if type(expected) is not type(actual):
            raise Difference(f"{place.path} is {actual!r}, not {expected!r}")
        if isinstance(expected, dict):
            self._compare_objects(expected, actual, place)
        elif isinstance(expected, list):
            self._compare_lists(expected, actual, place)
        elif kind := self._kind(expected, actual, place):
            self._bind(kind, expected, actual, place)
        elif isinstance(expected, str):
            self._compare_texts(expected, actual, place)
        elif expected != actual:
            raise Difference(f"{place.path} is {actual!r}, not {expected!r}")

    def _compare_objects(self, expected, actual, place: _Place) -> None:
        unshown = UNSHOWN - expected.keys()
        if odd := expected.keys() ^ (actual.keys() - unshown):
            raise Difference(f"{place.path} differs in the keys {sorted(odd)}")
        # Entries of "created" and "errors" say what their ids belong to.
        model = expected.get("model", place.model)
        for key, value in expected.items():
            if key == "request_id" and isinstance(actual[key], str):
                continue
            target = self._relations.get((model, key), "")
            is_id = bool(target) or key in ("id", "ids")
            inner = _Place(f"{place.path}.{key}", target or model, is_id)
            self._compare(value, actual[key], inner)

    def _compare_lists(self, expected, actual, place: _Place) -> None:
        path, count = place.path, len(actual)
        if len(expected) != count:
            raise Difference(f"{path} has {count} items, not {len(expected)}")
        is_pair = [type(item) for item in expected] == [int, str]
        for number, pair in enumerate(zip(expected, actual, strict=True)):
            inner = f"{path}[{number}]"
            self._compare(*pair, _Place(inner, place.model, place.is_id or is_pair))

    def _compare_texts(self, expected: str, actual: str, place: _Place) -> None:
        if expected.endswith(_CUT) and actual.startswith(expected.removesuffix(_CUT)):
            return
        naming = re.compile(rf"\b{re.escape(place.model)} (\d+)\b")
        pair = naming.search(expected), naming.search(actual)
        if all(pair):
            ids = [int(found[1]) for found in pair]
            self._bind(place.model, *ids, place)
            actual = naming.sub(pair[0][0], actual, count=1)
        if expected != actual:
            raise Difference(f"{place.path} is {actual!r}, not {expected!r}")

    def _kind(self, expected: object, actual: object, place: _Place) -> str:
        """Return what the two are each one of, if they may differ."""
        if type(expected) is int and place.is_id:
            return place.model
        texts = (str(expected), str(actual))
        for kind, serial in _SERIALS.items():
            if all(map(serial.fullmatch, texts)):
                return kind
        if place.path == "answer.timestamp":
            return "timestamp" if all(map(_TIMESTAMP.fullmatch, texts)) else ""
        if place.path == "answer.sequence" and type(expected) is int:
            return "sequence"
        is_date = place.path.endswith(".write_date")
        if is_date or ("write_date", expected) in self._actual:
            return "write_date" if all(map(_DATE.fullmatch, texts)) else ""
        return ""

    def _bind(self, kind: str, expected, actual, place: _Place) -> None:
        known = self._actual.setdefault((kind, expected), actual)
        back = self._expected.setdefault((kind, actual), expected)
        if (known, back) != (actual, expected):
            raise Difference(
                f"{place.path} is {actual!r}: it stands for {back!r}, and the page's"
                f" {expected!r} for {known!r}"
            )
