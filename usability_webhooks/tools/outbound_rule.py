# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outbound rules as plain values: read once per registry, asked at every change."""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import ast
import dataclasses
import json
from collections.abc import Iterator, Mapping

from odoo.tools.translate import LazyTranslate

from .sentence import SOURCE_LANG, Sentence, say

_lt = LazyTranslate(__name__)

#: Trigger of a rule -> trigger of the core automation that watches for it.
CORE_TRIGGERS: Mapping[str, str] = {
    "matches": "on_create_or_write",
    "created": "on_create",
    "updated": "on_write",
    "created_or_updated": "on_create_or_write",
    "deleted": "on_unlink",
    "archived": "on_archive",
    "unarchived": "on_unarchive",
    "due": "on_time",
}
#: Triggers that tell what happened by themselves.
FIXED_KINDS: Mapping[str, str] = {
    name: name
    for name in ("created", "updated", "deleted", "archived", "unarchived", "due")
}
#: What nobody outside has seen happen to a record made in the same transaction.
HIDDEN_FOR_NEW = frozenset({"updated", "deleted", "archived", "unarchived"})
#: A domain's text longer than this is none a person wrote (characters).
MAX_DOMAIN_TEXT = 100_000


class UnreadableDomain(ValueError):
    """The text of a domain is not plain data.

    :ivar name: what it would have to compute, such as ``uid``; else empty.
    """

    def __init__(self, message: Sentence, name: str = "") -> None:
        super().__init__(say(message, SOURCE_LANG))
        self.message = message
        self.name = name


@dataclasses.dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule, as far as a change of a record is concerned.

    :param domain: which records it is for: an ``odoo.fields.Domain``, which knows
        no environment.
    :param context: what its payload is read in: language, time zone, companies.
    :param url: of the endpoint, where it is always the same.
    :param watched: only a change of one of these can make it fire; None: of any.
    :param problem: why it cannot work as things are; it then never fires.
    """

    rule_id: int
    automation_id: int
    name: str
    model: str
    trigger: str
    domain: object = None
    watched: frozenset[str] | None = None
    user_id: int = 0
    lang: str = ""
    context: Mapping[str, object] = dataclasses.field(default_factory=dict)
    endpoint_source: str = "static"
    endpoint_id: int = 0
    url: str = ""
    event_type: str = ""
    body_format: str = "standard"
    template: str = ""
    problem: str = ""

    @property
    def core_trigger(self) -> str:
        return CORE_TRIGGERS[self.trigger]

    def get_kind(self, is_new: bool) -> str:
        """Return what to call a change.

        :param is_new: the record was made in the same transaction.
        :returns: a kind of event; empty where nobody outside saw it happen.
        """
        kind = FIXED_KINDS.get(self.trigger) or ("created" if is_new else "updated")
        return "" if is_new and kind in HIDDEN_FOR_NEW else kind

    def get_event_type(self, kind: str) -> str:
        return self.event_type or f"{self.model}.{kind}"


@dataclasses.dataclass(frozen=True, slots=True)
class RuleBook:
    """All active rules of a database.

    :param by_automation: id of a core automation -> the rule it watches for.
    :param by_model: model -> its rules that work.
    :param shared_models: models that people have automations of their own on.
    """

    by_automation: Mapping[int, RulePlan]
    by_rule: Mapping[int, RulePlan]
    by_model: Mapping[str, tuple[RulePlan, ...]]
    shared_models: frozenset[str]


def make_book(plans: list[RulePlan], shared_models: frozenset[str]) -> RuleBook:
    """Return the book of some plans."""
    by_model: dict[str, tuple[RulePlan, ...]] = {}
    for plan in plans:
        if not plan.problem:
            by_model[plan.model] = (*by_model.get(plan.model, ()), plan)
    return RuleBook(
        {plan.automation_id: plan for plan in plans if plan.automation_id},
        {plan.rule_id: plan for plan in plans},
        by_model,
        shared_models,
    )


def read_domain(text: str | None) -> list:
    """Read a domain as data: a JSON list, or 18.0's text of a Python literal.

    :returns: its items, conditions as tuples.
    :raises UnreadableDomain: it is no list, or would have to be computed.
    """
    text = (text or "").strip()
    if not text:
        return []
    if len(text) > MAX_DOMAIN_TEXT:
        raise UnreadableDomain(_lt("it is too long"))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = _read_literal(text)
    if not isinstance(value, (list, tuple)):
        raise UnreadableDomain(_lt("it is not a list of conditions"))
    if "\\x00" in repr(value):
        raise UnreadableDomain(_lt("text may not hold a NUL character"))
    return [
        tuple(item) if isinstance(item, list) and len(item) == 3 else item
        for item in value
    ]


def _read_literal(text: str) -> object:
    try:
        tree = ast.parse(text, mode="eval")
        return ast.literal_eval(tree)
    except (SyntaxError, MemoryError, RecursionError) as exc:
        raise UnreadableDomain(_lt("it is not a list of conditions")) from exc
    except ValueError as exc:
        name = next(_find_names(tree), "")
        raise UnreadableDomain(_lt("it is not a list of plain values"), name) from exc


def _find_names(tree: ast.AST) -> Iterator[str]:
    """Yield what an expression would ask the server for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
