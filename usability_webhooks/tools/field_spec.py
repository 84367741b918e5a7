# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``name, partner_id{name, country_id{code}}`` to a nested specification.

The grammar (whitespace is free between the tokens)::

    item  = field *("," field)
    field = name ["{" [item] "}"]
    name  = (letter / "_") *(letter / digit / "_")      ASCII only
"""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import re
from collections.abc import Sequence

from odoo.tools.translate import LazyTranslate

from ..exceptions import InvalidValue
from .sentence import Sentence, shorten

_lt = LazyTranslate(__name__)

#: A field name to its own specification; None means "not expanded", an empty
#: dict "expanded to the ids alone".
FieldSpec = dict[str, "FieldSpec | None"]

#: Field names in one request: no model has as many, and it bounds the work.
MAX_FIELDS = 10_000

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What follows a name and its dot; cut where a hint would grow unreadable.
_DOTTED_TAIL = re.compile(r"[A-Za-z0-9_.]{0,100}")


class FieldSpecError(InvalidValue):
    """A field specification that cannot be read.

    :param offset: where, in characters from 0, inside the item.
    :param item_index: which item of the list, from 0.
    """

    def __init__(
        self,
        message: Sentence,
        offset: int,
        item_index: int,
        *,
        hint: Sentence | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.offset = offset
        self.item_index = item_index


def parse_field_spec(items: Sequence[str], *, max_depth: int = 32) -> FieldSpec:
    """Return the specification that all items together ask for.

    A field named more than once is asked for once, with its expansions united.

    :param items: texts of the grammar above; ``[]`` gives ``{}``.
    :param max_depth: how many braces may be open at once.
    :raises FieldSpecError: an item that is no text, an empty or dotted name,
        unbalanced braces, any other character, too deep, over ``MAX_FIELDS``.
    """
    if isinstance(items, str) or not isinstance(items, Sequence):
        message = _lt(
            "Expected a list of field names, got %(value)s.", value=shorten(items)
        )
        raise FieldSpecError(message, 0, 0)
    spec: FieldSpec = {}
    budget = MAX_FIELDS
    for index, text in enumerate(items):
        if not isinstance(text, str):
            message = _lt("Expected a field name, got %(value)s.", value=shorten(text))
            raise FieldSpecError(message, 0, index)
        budget = _Scanner(text, index, max_depth, budget).scan_into(spec)
    return spec


class _Scanner:
    """Reads one item from left to right, keeping the open braces on a stack."""

    def __init__(self, text: str, index: int, max_depth: int, budget: int) -> None:
        self._text = text
        self._index = index
        self._max_depth = max_depth
        self._budget = budget
        self._offset = 0
        self._open: list[tuple[FieldSpec, int]] = []

    def scan_into(self, spec: FieldSpec) -> int:
        """Add the item's fields to ``spec``; return what is left of the budget."""
        level = spec
        while True:
            name = self._take_name()
            level.setdefault(name, None)
            if self._take("{"):
                level = self._descend(level, name)
                if not self._take("}"):
                    continue
                level = self._ascend()
            while self._take("}"):
                level = self._ascend()
            if not self._take(","):
                break
        self._check_end()
        return self._budget

    def _take_name(self) -> str:
        self._skip_space()
        match = _NAME.match(self._text, self._offset)
        if not match:
            if self._text[self._offset : self._offset + 1] in ("", ",", "{", "}"):
                raise self._error(_lt("A field name is missing"), self._offset)
            raise self._error(_lt("A field name cannot begin with this"), self._offset)
        if self._budget <= 0:
            raise self._error(
                _lt("More than %(limit)s fields", limit=MAX_FIELDS), self._offset
            )
        self._budget -= 1
        self._offset = match.end()
        if self._text.startswith(".", self._offset):
            raise self._dotted_error(match[0])
        return match[0]

    def _take(self, token: str) -> bool:
        """Step over ``token`` when it comes next; tell whether it did."""
        self._skip_space()
        found = self._text.startswith(token, self._offset)
        self._offset += found
        return found

    def _skip_space(self) -> None:
        self._offset = _SPACE.match(self._text, self._offset).end()

    def _descend(self, level: FieldSpec, name: str) -> FieldSpec:
        if len(self._open) >= self._max_depth:
            what = _lt("More than %(limit)s levels of braces", limit=self._max_depth)
            raise self._error(what, self._offset - 1)
        self._open.append((level, self._offset - 1))
        if level[name] is None:
            level[name] = {}
        return level[name]

    def _ascend(self) -> FieldSpec:
        if not self._open:
            raise self._error(_lt("This brace was never opened"), self._offset - 1)
        return self._open.pop()[0]

    def _check_end(self) -> None:
        if self._offset < len(self._text):
            raise self._error(_lt("Expected a comma, a brace or the end"), self._offset)
        if self._open:
            raise self._error(_lt("This brace is never closed"), self._open[-1][1])

    def _dotted_error(self, head: str) -> FieldSpecError:
        tail = _DOTTED_TAIL.match(self._text, self._offset)[0]
        names = [head, *filter(None, tail.split("."))]
        braces = "{".join(names) + "}" * (len(names) - 1)
        hint = _lt("write %(text)s", text=braces) if len(names) > 1 else None
        return self._error(_lt("A field name holds no dot"), self._offset, hint=hint)

    def _error(
        self, what: Sentence, offset: int, *, hint: Sentence | None = None
    ) -> FieldSpecError:
        message = _lt(
            "%(what)s: character %(position)s, near %(near)s.",
            what=what,
            position=offset + 1,
            near=shorten(self._text[max(0, offset - 20) : offset + 20]),
        )
        return FieldSpecError(message, offset, self._index, hint=hint)
