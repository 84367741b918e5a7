# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a key's access profile lets its holder name, as a plain value.

A grant narrows what Odoo's own rights allow and never widens it. It is about what
the *caller* names: routes, models, fields, methods. What business code does of its
own accord while it carries that out runs with the user's rights, as in the browser.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import ipaddress
import json
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

#: What a rule of a profile may allow on a model.
OPERATIONS = ("read", "create", "update", "call", "print")
#: Which fields a rule is about.
FIELD_MODES = ("all", "only", "except")
#: Context keys a restricted caller may set: others steer business code.
GRANTED_CONTEXT = frozenset({"lang", "tz", "allowed_company_ids"})

_current: ContextVar[Grant | None] = ContextVar("usability_webhooks_grant")


@dataclasses.dataclass(frozen=True, slots=True)
class FieldSet:
    """Names of fields: all, only those listed, or all but those listed."""

    mode: str = "all"
    names: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return self.mode == "all" or (name in self.names) is (self.mode == "only")


@dataclasses.dataclass(frozen=True, slots=True)
class ModelGrant:
    """What may be done with one model.

    :param operations: some of ``OPERATIONS``.
    :param methods: names ``call_function`` may call.
    """

    operations: frozenset[str] = frozenset()
    readable: FieldSet = FieldSet()
    writable: FieldSet = FieldSet()
    methods: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """An access profile, compiled. Whatever it does not name is refused.

    :param routes: names of routes, ``create_data`` and so on.
    :param company_ids: companies to work in; empty for all of the user's.
    :param networks: where requests may come from; empty for anywhere.
    :param requests_per_minute: 0 for no limit; so are the other numbers.
    :param max_body_size: bytes.
    :param max_records: of one batch or list.
    :param log_mode: a ``LogMode``, empty for the route's own.
    :param masked_paths: what the log does not keep: ``payload.note``.
    """

    profile_id: int
    name: str = ""
    routes: frozenset[str] = frozenset()
    models: Mapping[str, ModelGrant] = dataclasses.field(default_factory=dict)
    company_ids: frozenset[int] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    requests_per_minute: int = 0
    rows_per_minute: int = 0
    max_body_size: int = 0
    max_records: int = 0
    needs_idempotency_key: bool = False
    log_mode: str = ""
    masked_paths: tuple[str, ...] = ()

    def may(self, model: str, operation: str) -> bool:
        """Tell whether an operation may be asked for on a model."""
        rule = self.models.get(model)
        return rule is not None and operation in rule.operations

    def may_read(self, model: str, name: str) -> bool:
        """Tell whether a field may be read, searched or sorted by."""
        rule = self.models.get(model)
        if rule is None or "read" not in rule.operations:
            return False
        return name == "id" or name in rule.readable

    def may_write(self, model: str, name: str) -> bool:
        """Tell whether a payload may name a field."""
        rule = self.models.get(model)
        return rule is not None and name in rule.writable

    def may_call(self, model: str, method: str) -> bool:
        """Tell whether ``call_function`` may call a method."""
        return self.may(model, "call") and method in self.models[model].methods

    def may_come_from(self, address: str) -> bool:
        """Tell whether a request may come from an address.

        An IPv4 address that arrives on an IPv6 socket is the IPv4 address it is.
        """
        if not self.networks:
            return True
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in network for network in self.networks)


@functools.lru_cache(maxsize=256)
def read_policy(profile_id: int, policy: str) -> Grant:
    """Return the grant a profile's stored policy describes.

    A pure function of its arguments, remembered: the text itself is read from the
    profile for each request, so a changed profile holds at once.

    :param policy: JSON, as ``write_policy`` made it.
    """
    data = json.loads(policy)
    models = {
        model: ModelGrant(
            operations=frozenset(rule["operations"]),
            readable=FieldSet(rule["read_mode"], frozenset(rule["readable"])),
            writable=FieldSet(rule["write_mode"], frozenset(rule["writable"])),
            methods=frozenset(rule["methods"]),
        )
        for model, rule in data.pop("models").items()
    }
    networks = tuple(ipaddress.ip_network(text) for text in data.pop("networks"))
    return Grant(
        profile_id=profile_id,
        models=models,
        networks=networks,
        routes=frozenset(data.pop("routes")),
        company_ids=frozenset(data.pop("company_ids")),
        masked_paths=tuple(data.pop("masked_paths")),
        **data,
    )


@contextlib.contextmanager
def held(grant: Grant | None) -> Iterator[None]:
    """Have ``current`` return a grant inside: that of the request carried out.

    Not in the environment's context: business code hands that on to jobs, actions
    and other people's records, and may replace it.
    """
    token = _current.set(grant)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Grant | None:
    """Return the grant of the request under way; None where nothing is narrowed."""
    return _current.get(None)
