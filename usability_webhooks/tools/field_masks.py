# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mask values by the field they belong to, at any depth of a request or an answer.

``redaction`` goes by names alone. This module goes by places: what a model's field
holds that not every reader of the log may read, and the paths a profile lists.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from .redaction import describe_file
from .redaction_text import MASK

#: Path -> what lies below it; None: the value itself is masked.
Tree = dict[str, "Tree | None"]
#: Keys that hold records of the level they stand in, or arguments about them.
TRANSPARENT = frozenset({"records", "delete", "parameter", "vals", "vals_list"})
#: A domain's text longer than this is not read (``api.record.search``).
MAX_DOMAIN_TEXT = 100_000
#: Masked values remembered of one request, and the characters a value needs to be
#: looked for in the other texts of its record.
MAX_NOTED = 5_000
REPEATED = 4
DEFAULT_PREFIX = "default_"
_SIMPLE = frozenset({str, int, float, bool, type(None)})
_INDEX = re.compile(r"\[[^\]]*\]")
_ABSENT: Tree = {}


class FieldFacts(NamedTuple):
    """What has to be known of a model's fields to mask their values.

    :param names: all of them.
    :param hidden: those whose values the log does not keep.
    :param files: those that hold files.
    :param relations: those that lead to records, with their model.
    """

    names: frozenset[str]
    hidden: frozenset[str]
    files: frozenset[str]
    relations: Mapping[str, str]


class Place(NamedTuple):
    """Where a value stands: in which model, and above which masked paths."""

    model: str | None
    tree: Tree | None


def split_path(path: str) -> list[str]:
    """Return the keys of a path, without the places in lists: ``a[2].b`` is a, b."""
    return [key for key in _INDEX.sub("", path).split(".") if key]


def make_tree(paths: Iterable[Sequence[str]]) -> Tree:
    """Return paths as a tree. A path includes all that lies below it."""
    tree: Tree = {}
    for path in sorted(paths, key=len):
        node = tree
        for key in path[:-1]:
            below = node.setdefault(key, {})
            if below is None:
                break
            node = below
        else:
            node.setdefault(path[-1], None)
    return tree


class FieldMasker:
    """One walk through JSON; notes the values it masks.

    :param get_facts: model -> its ``FieldFacts``; None for a model there is not.
    """

    def __init__(self, get_facts: Callable[[str], FieldFacts | None]) -> None:
        self._get_facts = get_facts
        self._facts: dict[str, FieldFacts | None] = {}
        self._followed: dict[tuple, tuple[Place, bool]] = {}
        #: Texts and numbers that were masked, as text.
        self.found: set[str] = set()

    def walk(self, value: object, place: Place) -> object:
        """Return ``value`` masked: the same object where nothing was."""
        if isinstance(value, dict):
            return self._walk_dict(value, place)
        if isinstance(value, list) and not _SIMPLE.issuperset(map(type, value)):
            return self._walk_list(value, lambda item: self.walk(item, place))
        return value

    def follow(self, key: str, place: Place) -> tuple[Place, bool]:
        """Return the place a key leads to, dots included, and whether that is masked.

        A key that is no field stays in its model: ``records``, ``parameter``.
        """
        # Rows of an answer say the same keys thousands of times.
        known = key, place.model, id(place.tree)
        if known not in self._followed:
            self._followed[known] = self._follow(key, place)
        return self._followed[known]

    def _follow(self, key: str, place: Place) -> tuple[Place, bool]:
        model, tree = place
        for name in key.split("."):
            facts = self._know(model) if model else None
            if tree is not None and name in tree:
                tree = tree[name]
                if tree is None:
                    return Place(None, None), True
            elif name not in TRANSPARENT or (facts and name in facts.names):
                tree = None
            if facts and name in facts.names:
                if name in facts.hidden:
                    return Place(None, None), True
                model = facts.relations.get(name)
        return Place(model, tree), False

    def follow_anywhere(self, key: str, place: Place) -> list[Place]:
        """Return where a key may lead that stands for a field of any level."""
        below, _is_masked = self.follow(key, place)
        if below.model != place.model:
            return [below]
        models = {
            facts.relations[key]
            for facts in self._facts.values()
            if facts and key in facts.relations
        }
        return [below, *(Place(model, None) for model in sorted(models))]

    def mask(self, value: object) -> object:
        """Return the mask for a value, and note it; nothing stays nothing."""
        if value is None or value is False or value in ("", MASK, [], {}):
            return value
        self.note(value)
        return MASK

    def note(self, value: object) -> None:
        """Remember a value that was masked: each text and number in it."""
        if len(self.found) >= MAX_NOTED:
            return
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, (list, tuple)):
            for item in value:
                self.note(item)
        elif isinstance(value, str):
            self.found |= {value, value.strip()} - {""}
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            self.found.add(json.dumps(value))

    def walk_domain(self, domain: object, place: Place) -> object:
        """Mask what a search domain compares masked fields with.

        :param domain: conditions in a list, or 18.0's text of a Python literal.
        """
        if isinstance(domain, str):
            return self._walk_domain_text(domain, place)
        if not isinstance(domain, (list, tuple)):
            return domain
        return self._walk_list(domain, lambda item: self._walk_condition(item, place))

    def walk_context(self, context: object, place: Place) -> object:
        """Mask the defaults a context gives to masked fields."""
        if not isinstance(context, dict):
            return context
        changes = {}
        for key, item in context.items():
            name = key.removeprefix(DEFAULT_PREFIX)
            masked = self._walk_item(name, item, place) if name != key else item
            if masked is not item:
                changes[key] = masked
        return {**context, **changes} if changes else context

    # -- steps ----------------------------------------------------------------

    def _walk_dict(self, value: dict, place: Place) -> dict:
        model, tree = place
        facts = self._know(model) if model else None
        if facts is None and not tree:
            return value
        hidden, files = (facts.hidden, facts.files) if facts else ((), ())
        tree = tree or _ABSENT
        changes = {}
        for key, item in value.items():
            # Rows of an answer are mostly plain values of harmless fields.
            if type(item) in _SIMPLE:
                known = key in hidden or key in files or key in tree
                if not known and "." not in key:
                    continue
            masked = self._walk_item(key, item, place)
            if masked is not item:
                changes[key] = masked
        if not changes:
            return value
        return _mask_repeated(value, {**value, **changes})

    def _walk_item(self, key: str, item: object, place: Place) -> object:
        below, is_masked = self.follow(key, place)
        if is_masked:
            return self.mask(item)
        if isinstance(item, str):
            facts = self._know(place.model) if place.model else None
            if item and facts and key in facts.files:
                return describe_file("datas", item) or item
            return item
        if below.tree and _is_named(item):
            # What a record is called tells its masked fields.
            return [item[0], self.mask(item[1])]
        return self.walk(item, below)

    def _walk_list(self, value: Sequence, step: Callable) -> Sequence:
        masked = [step(item) for item in value]
        if all(map(lambda new, old: new is old, masked, value)):
            return value
        return tuple(masked) if isinstance(value, tuple) else masked

    def _walk_condition(self, item: object, place: Place) -> object:
        if not isinstance(item, (list, tuple)):
            return item
        if len(item) != 3 or not isinstance(item[0], str):
            return self.walk_domain(item, place)
        below, is_masked = self.follow(item[0], place)
        if is_masked or (below.tree and _holds_text(item[2])):
            value = self.mask(item[2])
        elif str(item[1]).lower() in ("any", "not any"):
            value = self.walk_domain(item[2], below)
        else:
            return item
        return item if value is item[2] else [item[0], item[1], value]

    def _walk_domain_text(self, text: str, place: Place) -> object:
        if not text or len(text) > MAX_DOMAIN_TEXT:
            return text
        try:
            domain = ast.literal_eval(text.strip())
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            # No domain, so nothing is searched: what it meant is anybody's guess.
            return self.mask(text) if place.tree else text
        masked = self.walk_domain(domain, place)
        return text if masked is domain else repr(masked)

    def _know(self, model: str) -> FieldFacts | None:
        try:
            return self._facts[model]
        except KeyError:
            facts = self._facts[model] = self._get_facts(model)
            return facts


def _mask_repeated(before: dict, after: dict) -> dict:
    """Mask what was masked in a record where its other texts repeat it, its name."""
    secrets = [
        value
        for key, value in before.items()
        if after[key] == MASK and isinstance(value, str) and len(value) >= REPEATED
    ]
    for key, value in after.items() if secrets else ():
        if isinstance(value, str) and value != MASK:
            for secret in secrets:
                value = value.replace(secret, MASK)
            after[key] = value
    return after


def _is_named(value: object) -> bool:
    """Tell a many2one's ``[id, name]``."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    return type(value[0]) is int and isinstance(value[1], str)


def _holds_text(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_text, value))
    return isinstance(value, str)
