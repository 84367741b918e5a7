# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The text of a payload template to a frozen tree, without a look at any model.

The text is JSON, in one of three forms::

    {"code": "{name}", "order_line": [{"sku": "{product_id.default_code}"}]}
    ["name", "order_line{product_id{name}, qty}"]        the list form
                                                         empty: {"id": "{id}"}

What a text inside an object may be::

    {partner_id.name}         the raw value at the end of the path
    {state:label}             converted; the words are in ``FORMS``
    {@_webhook_total(a, b)}   what a method of the record returns
    anything else             itself, without white space at its ends
"""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator

from odoo.tools.translate import LazyTranslate

from ..exceptions import ApiError
from .field_spec import parse_field_spec
from .json_body import JsonLimits, parse_json
from .sentence import SOURCE_LANG, Sentence, say

_lt = LazyTranslate(__name__)

#: What may follow the colon.
FORMS = ("label", "join", "date", "text")
#: Characters of a template; a person who writes them all has other worries.
MAX_TEXT = 50_000
#: Steps of one path: each may cost a query.
MAX_STEPS = 10
LIMITS = JsonLimits(max_depth=16, max_nodes=2_000, max_keys=500)

_PATH = re.compile(r"\{([\w.]+)(?::(\w+))?\}")
_CALL = re.compile(r"\{@(_webhook_\w+)(?:\((.*)\))?\}")
#: Looks like one of the two and is none: ``{ name }``, ``{name:}``, ``{@unlink}``.
_NEARLY = re.compile(r"\{\s*(?:@.*|[\w.]+\s*(?::\s*\w*\s*)?)\}", re.DOTALL)


class TemplateError(Exception):
    """A template that cannot be read.

    :param place: where in the template, ``data.lines[0].sku``; empty where the
        message says it by line and column, or where it is about the whole.
    """

    def __init__(self, message: Sentence, place: str = "") -> None:
        self.message = message
        self.place = place
        super().__init__(self.say(SOURCE_LANG))

    def say(self, lang: str | None) -> str:
        """Return what is wrong, and where, in a language."""
        message = say(self.message, lang)
        return f"{self.place}: {message}" if self.place else message


@dataclasses.dataclass(frozen=True, slots=True)
class Literal:
    """A value sent as it is: text, number, boolean or null."""

    value: object


@dataclasses.dataclass(frozen=True, slots=True)
class Nearly:
    """A text that looks like a path or a call and is none; sent as it is."""

    text: str
    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class FieldValue:
    """``{path}`` or ``{path:form}``; ``form`` is empty for the raw value."""

    path: tuple[str, ...]
    form: str
    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class MethodCall:
    """``{@name(args)}``, the arguments being texts."""

    name: str
    args: tuple[str, ...]
    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class Items:
    """An array. With one item, under a key that names lines, it is made per line."""

    values: tuple[Node, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Entries:
    """An object: keys and what is made for them, in order."""

    entries: tuple[tuple[str, Node], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class FieldList:
    """The list form: items of ``field_spec``, as search_data takes them."""

    items: tuple[str, ...]


Node = Literal | Nearly | FieldValue | MethodCall | Items | Entries | FieldList

#: What an empty template asks for.
ID_ALONE = Entries((("id", FieldValue(("id",), "", "id")),))


@functools.lru_cache(maxsize=512)
def parse_template(text: str) -> Node:
    """Return the tree of a template.

    :raises TemplateError: no JSON or not strictly so (a key twice, ``NaN``), too
        long, too deep, neither object nor list of field names.
    """
    if len(text) > MAX_TEXT:
        raise TemplateError(
            _lt(
                "%(count)s characters; at most %(limit)s are taken.",
                count=len(text),
                limit=MAX_TEXT,
            )
        )
    if not text.strip():
        return ID_ALONE
    try:
        value = parse_json(text, LIMITS)
    except ApiError as error:
        raise TemplateError(_locate(text, error)) from None
    if isinstance(value, list):
        return _build_list(value)
    if isinstance(value, dict):
        return _build(value, "")
    raise TemplateError(_lt("An object or a list of field names is expected."))


def iter_nodes(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    if isinstance(node, Entries):
        for _key, child in node.entries:
            yield from iter_nodes(child)
    elif isinstance(node, Items):
        for child in node.values:
            yield from iter_nodes(child)


def _locate(text: str, error: ApiError) -> Sentence:
    """Return what is wrong, with the line of a word that JSON does not know.

    The parser says it of anything else.
    """
    word = str(error).split(" ", 1)[0]
    if word not in ("NaN", "Infinity", "-Infinity"):
        return error.message
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: " " * len(match[0]), text)
    offset = bare.find(word)
    column = offset - bare.rfind("\n", 0, offset)
    line = bare.count("\n", 0, offset) + 1
    return _lt(
        "%(reason)s Line %(line)s, column %(column)s.",
        reason=error.message,
        line=line,
        column=column,
    )


def _build_list(value: list) -> FieldList:
    try:
        parse_field_spec(value, max_depth=LIMITS.max_depth)
    except ApiError as error:
        place = f"[{error.item_index}]"
        raise TemplateError(error.message, place) from None
    return FieldList(tuple(value))


def _build(value: object, place: str) -> Node:
    if isinstance(value, dict):
        below = f"{place}." if place else ""
        return Entries(
            tuple((key, _build(child, f"{below}{key}")) for key, child in value.items())
        )
    if isinstance(value, list):
        return Items(
            tuple(
                _build(child, f"{place}[{index}]") for index, child in enumerate(value)
            )
        )
    return (
        _build_text(value.strip(), place) if isinstance(value, str) else Literal(value)
    )


def _build_text(text: str, place: str) -> Node:
    if match := _PATH.fullmatch(text):
        path = tuple(match[1].split("."))
        if len(path) > MAX_STEPS:
            message = _lt("More than %(limit)s steps in one path.", limit=MAX_STEPS)
            raise TemplateError(message, place)
        return FieldValue(path, match[2] or "", place)
    if match := _CALL.fullmatch(text):
        args = match[2].split(",") if match[2] else ()
        return MethodCall(match[1], tuple(arg.strip() for arg in args), place)
    if _NEARLY.fullmatch(text):
        return Nearly(text, place)
    return Literal(text)
