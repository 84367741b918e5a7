# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterator, Mapping

from psycopg2 import DataError, ProgrammingError
from psycopg2.errors import DatatypeMismatch, UndefinedFunction

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..exceptions import ApiError, ApiErrors, InvalidValue, LimitExceeded
from ..tools import access_grant
from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import is_left_out, unknown_key

SEARCH_KEYS = frozenset(
    {
        "search_field",
        "search_domain",
        "limit",
        "offset",
        "order",
        "count",
        "include_archived",
        "format",
    }
)
#: PostgreSQL's words for a value of another type than its column.
VALUE_ERRORS = (DataError, UndefinedFunction, DatatypeMismatch)
FORMATS = ("plain", "odoo")
#: A domain's text longer than this is no domain a person wrote. Python's parser
#: takes 100 times the text's size in memory.
MAX_DOMAIN_TEXT = 100_000
ORDER_TERM = re.compile(
    r"^(?P<field>[a-z_][a-z0-9_]*)(\.[a-z_]\w*)?( (asc|desc))?( nulls (first|last))?$",
    re.IGNORECASE | re.ASCII,
)


class ApiRecordSearch(models.AbstractModel):
    """Searches records as search_data's payload says, and pages through them."""

    _name = "api.record.search"
    _description = "API Record Search"

    def _search_records(self, model: models.BaseModel, payload: Mapping) -> ApiOutcome:
        """Search and read.

        :param payload: keys of ``SEARCH_KEYS``.
        :raises ApiErrors: unknown keys and fields, wrong types, a bad domain.
        :raises LimitExceeded: more rows than ``webhook.max_search``, no limit given.
        """
        self._check_keys(payload)
        self.env["api.access"]._check(model._name, "read")
        reader = self.env["api.record.reader"]
        items = payload.get("search_field") or []
        spec = reader._parse_spec(model._name, items, "payload.search_field")
        if payload.get("include_archived"):
            model = model.with_context(active_test=False)
        with self._domain_errors():
            domain = self._parse_domain(model, payload.get("search_domain"))
        with self._value_errors():
            records = self._search_page(model, domain, payload, ["id", *spec])
            total = model.search_count(domain) if payload.get("count") else None
        plain = payload.get("format") == "plain"
        rows = (
            reader._format(records, spec, plain=plain)
            if spec
            else self.env["api.record.whole"]._read(records, plain=plain)
        )
        return ApiOutcome(
            rows,
            self.env._("Record search successfully"),
            records.ids,
            {"total": total},
        )

    def _check_keys(self, payload: Mapping) -> None:
        errors: list[ApiError] = []
        ignore = self.env["api.settings"]._ignores_unknown()
        for key in payload if not ignore else ():
            if key not in SEARCH_KEYS:
                errors.append(unknown_key(key, SEARCH_KEYS, path=f"payload.{key}"))
        errors += self._check_types(payload)
        if errors:
            raise ApiErrors(errors)

    def _check_types(self, payload: Mapping) -> Iterator[ApiError]:
        """Yield an error for each key of the wrong JSON type."""
        for key in ("limit", "offset"):
            value = payload.get(key)
            wrong = isinstance(value, bool) or not isinstance(value, int) or value < 0
            if value not in (None, False) and wrong:
                message = self.env._("must be a number of records, 0 or more.")
                yield InvalidValue(message, path=f"payload.{key}", value=value)
        for key in ("count", "include_archived"):
            if payload.get(key) is not None and not isinstance(payload[key], bool):
                message = self.env._("must be true or false.")
                yield InvalidValue(message, path=f"payload.{key}")
        order = payload.get("order")
        if not is_left_out(order) and not isinstance(order, str):
            message = self.env._("must be a text such as 'name desc'.")
            yield InvalidValue(message, path="payload.order")
        if payload.get("format", "odoo") not in FORMATS:
            message = self.env._("must be one of %s.", ", ".join(FORMATS))
            yield InvalidValue(message, path="payload.format")
        names = payload.get("search_field")
        if not is_left_out(names) and not isinstance(names, list):
            message = self.env._("must be a list of field names.")
            yield InvalidValue(message, path="payload.search_field")

    def _parse_domain(self, model: models.BaseModel, value: object) -> Domain:
        """Read a domain as data: a JSON list, or 18.0's text of a Python literal."""
        if isinstance(value, str):
            value = self._parse_literal(value)
        if value is None or value is False or value in ([], ()):  # not 0
            return Domain.TRUE
        if not isinstance(value, (list, tuple)):
            raise ValueError(self.env._("a domain is a list of conditions"))
        domain = Domain(self._as_conditions(value))
        # Before core compiles it: searching some fields runs their own code.
        self.env["api.access.search"]._check_domain(model, domain)
        domain.validate(model)
        return domain

    @contextlib.contextmanager
    def _domain_errors(self) -> Iterator[None]:
        """Word what is wrong with a domain, read or compiled inside.

        :raises ApiError: ``invalid_domain``, ``field_denied``.
        """
        try:
            yield
        except AccessError as exc:
            message = self.env._("You may not search by a field of this domain.")
            raise ApiError(
                "field_denied", message, path="payload.search_domain"
            ) from exc
        except ApiError as exc:
            raise exc.at("payload.search_domain") from exc
        except (ValueError, TypeError, KeyError, AttributeError, UserError) as exc:
            reason = str(exc.args[0] if exc.args else exc).splitlines() or [""]
            message = self.env._("the domain cannot be read: %s", reason[0][:200])
            raise ApiError(
                "invalid_domain", message, path="payload.search_domain"
            ) from exc

    @contextlib.contextmanager
    def _value_errors(self) -> Iterator[None]:
        """Word what PostgreSQL says of a value that is nothing for its field.

        :raises ApiError: ``invalid_domain``.
        """
        try:
            yield
        except (DataError, ProgrammingError) as exc:
            # Without a code it is the driver, which cannot even send the value.
            if exc.pgcode and not isinstance(exc, VALUE_ERRORS):
                raise
            reason = (exc.diag.message_primary or str(exc)).splitlines()[0][:200]
            message = self.env._("the domain compares what cannot be: %s", reason)
            raise ApiError(
                "invalid_domain", message, path="payload.search_domain"
            ) from exc

    def _parse_literal(self, text: str) -> object:
        if not text.strip():
            return []
        if len(text) > MAX_DOMAIN_TEXT:
            raise ValueError(self.env._("it is too long"))
        try:
            return ast.literal_eval(text.strip())
        except (SyntaxError, ValueError, MemoryError, RecursionError) as exc:
            raise ValueError(self.env._("it is not a list of conditions")) from exc

    def _as_conditions(self, value: list | tuple) -> list:
        """Return the domain with its conditions as tuples, text free of NUL."""
        if "\x00" in repr(value) or "\\x00" in repr(value):
            raise ValueError(self.env._("text may not hold a NUL character"))
        try:
            json.dumps(value, ensure_ascii=False, default=self._as_json).encode()
        except UnicodeEncodeError as exc:  # \ud800 in the text of a literal
            message = self.env._("text may not hold half a surrogate pair")
            raise ValueError(message) from exc
        return [
            tuple(item) if isinstance(item, list) and len(item) == 3 else item
            for item in value
        ]

    def _as_json(self, value: object) -> object:
        """Return a value of a literal that JSON has not; bytes and the like are no
        value of a field."""
        if isinstance(value, (set, tuple)):
            return list(value)
        message = self.env._("a value is a %s", type(value).__name__)
        raise ValueError(message)

    def _search_page(
        self,
        model: models.BaseModel,
        domain: Domain,
        payload: Mapping,
        names: list[str],
    ) -> models.BaseModel:
        """Search and fetch in one statement, as ``search_fetch`` does.

        Compiling every condition shows a bad value; done apart from running the
        search, or trouble there would be blamed on the domain.
        """
        order = self._get_order(model, payload.get("order"))
        limit, offset = payload.get("limit") or None, payload.get("offset") or 0
        most = self._get_most()
        if (limit or 0) > most and access_grant.current():
            raise self._too_many(most)
        with self._domain_errors():
            size = limit or most + 1
            query = model._search(domain, offset=offset, limit=size, order=order)
        fetched = model._determine_fields_to_fetch(names)
        records = model.browse()
        if not query.is_empty():
            records = model._fetch_query(query, fetched)
        if not limit and len(records) > most:
            raise self._too_many(most)
        return records

    def _get_most(self) -> int:
        """Return how many rows a request may have without saying a limit; with a
        profile that has a limit of its own, at all."""
        most = self.env["api.settings"]._get("webhook.max_search")
        grant = access_grant.current()
        return min(most, grant.max_records) if grant and grant.max_records else most

    def _too_many(self, most: int) -> LimitExceeded:
        message = self.env._(
            "no more than %s records at once; say limit and offset to page.", most
        )
        return LimitExceeded(message, path="payload.limit")

    def _get_order(self, model: models.BaseModel, value: object) -> str:
        """Return an order that ends in ``id``, so that pages never overlap."""
        if is_left_out(value):
            value = self.env["api.access.search"]._get_default_order(model)
        if not isinstance(value, str):
            message = self.env._("must be text such as 'name desc, id'.")
            raise InvalidValue(message, path="payload.order")
        terms = [" ".join(term.split()) for term in value.split(",")]
        for term in terms:
            match = ORDER_TERM.match(term)
            if not match:
                message = self.env._("cannot order by '%s'.", term[:80])
                raise InvalidValue(message, path="payload.order")
            field = self._get_order_field(model, match["field"])
            is_stored = field.store or field.inherited
            if not is_stored or field.type in ("one2many", "many2many"):
                message = self.env._("'%s' is not stored: no order by it.", field.name)
                raise InvalidValue(message, path="payload.order")
        if not any(term.split()[0] == "id" for term in terms):
            terms.append("id")
        return ", ".join(terms)

    def _get_order_field(self, model: models.BaseModel, name: str) -> fields.Field:
        """:raises ApiError: ``unknown_field``, ``field_denied``."""
        try:
            field = self.env["api.access"]._get_field(model, name, "read")
            self.env["api.access.search"]._check_order(model, field)
        except ApiError as exc:
            raise exc.at("payload.order") from exc
        return field
