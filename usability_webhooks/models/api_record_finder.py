# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from odoo import fields, models
from odoo.fields import Domain

from ..exceptions import ApiError, ApiErrors, InvalidValue
from ..tools.payload_plan import Lookup
from ..tools.redaction import redact
from ..tools.sentence import shorten
from ..tools.values import convert_value
from ..tools.write_job import WriteItem


class ApiRecordFinder(models.AbstractModel):
    """Finds the records a ``search_key`` names."""

    _name = "api.record.finder"
    _description = "API Record Finder"

    def _find_by_key(
        self, model: models.BaseModel, search_key: Mapping, *, multi: bool
    ) -> models.BaseModel:
        """Return the records a search key names, in the caller's own rights.

        :param search_key: ``{field: value}``, ANDed. A scalar or a lookup dict asks
            for exactly one record, a list for all matches.
        :param multi: all matches are wanted, whatever the values.
        :returns: none, one, or where several were asked for, several.
        :raises ApiErrors: unknown fields and values of the wrong type, all of them.
        :raises ApiError: ``ambiguous`` when one was asked for and several match.
        """
        branches = self._get_branches(model, search_key)
        if multi or self._has_list(search_key):
            domains = (
                Domain.OR(Domain(lookup.conditions()) for lookup in lookups)
                for lookups in branches
            )
            return self._see_archived_ids(model, search_key).search(Domain.AND(domains))
        lookup = self._join(model, branches)
        self.env["api.record.lookup"]._find([lookup])
        return self._get_one(model, search_key, lookup)

    def _find_items(self, model: models.BaseModel, items: Sequence[WriteItem]) -> None:
        """Find what each item's search key names, as ``_find_by_key`` would.

        Cost: one search for all keys of the same fields, and one each for those
        that ask for several records. Fills ``item.ids``; what is wrong with a key
        is its item's error.
        """
        single = [item for item in items if item.key]
        self.env["api.record.lookup"]._find([item.key for item in single])
        for item in items:
            try:
                if item.key:
                    found = self._get_one(model, item.search_key, item.key)
                else:
                    found = self._find_by_key(model, item.search_key, multi=True)
            except (ApiError, ApiErrors) as exc:
                item.plan.refuse(exc)
            else:
                item.ids = found.ids

    def _find_archived_items(
        self, model: models.BaseModel, items: Sequence[WriteItem]
    ) -> None:
        """Find the archived records that upserts of unknown keys may update.

        A record nobody said anything about is told as ``ambiguous``: a new one
        would be its duplicate.
        """
        wanted = []
        for item in items:
            if model._active_name and item.vals.get("on_archived") != "create":
                wanted.append(item)
        if not wanted:
            return
        hidden = self.with_context(active_test=False)
        hidden._find_items(model.with_context(active_test=False), wanted)
        for item in wanted:
            if item.ids and not item.vals.get("on_archived"):
                item.plan.refuse(self._archived_error(model.browse(item.ids)))
                item.ids = []

    def _prepare_key(self, model: models.BaseModel, item: WriteItem) -> None:
        """Read an item's search key; what is wrong with it is its error."""
        try:
            branches = self._get_branches(model, item.search_key)
        except (ApiError, ApiErrors) as exc:
            item.plan.refuse(exc)
        else:
            if not (item.vals.get("multi") or self._has_list(item.search_key)):
                item.key = self._join(model, branches)

    def _has_list(self, search_key: Mapping) -> bool:
        return any(isinstance(value, list) for value in search_key.values())

    def _get_one(
        self, model: models.BaseModel, search_key: Mapping, lookup: Lookup
    ) -> models.BaseModel:
        """Return what a lookup found, none or one.

        :raises ApiError: ``ambiguous``.
        """
        found = model.browse(lookup.ids)
        lookup_model = self.env["api.record.lookup"]
        if len(found) > 1:
            found = lookup_model._prefer_company(found, self.env.company.id)
        if len(found) > 1:
            raise ApiError(
                "ambiguous",
                self.env._(
                    "several %(model)s records match %(key)s.",
                    model=model._name,
                    key=shorten(dict(search_key)),
                ),
                path="search_key",
                model=model._name,
                hint=self.env._("narrow the key, or say multi: true to mean them all"),
                candidates=self.env["api.record.candidate"]._get_candidates(found),
            )
        return found

    def _not_found(self, model: models.BaseModel, search_key: Mapping) -> ApiError:
        return ApiError(
            "not_found",
            self.env._("no %s matches the search key.", model._name),
            path="search_key",
            model=model._name,
            value=redact(search_key)[0],
        )

    def _archived_error(self, archived: models.BaseModel) -> ApiError:
        return ApiError(
            "ambiguous",
            self.env._("an archived record matches the search key."),
            path="search_key",
            model=archived._name,
            candidates=self.env["api.record.candidate"]._get_candidates(archived),
            hint=self.env._("say on_archived: update, or on_archived: create"),
        )

    def _check_write_date(
        self, records: models.BaseModel, expected: object
    ) -> list[ApiError]:
        """Return a ``conflict`` for each record that moved on since it was read.

        Whoever compares a date learns it, so that takes the right to read it.

        :param expected: the ``write_date`` the caller saw. Without fractions of a
            second it is compared to the second, as search_data answers it.
        """
        path = "expected_write_date"
        if "write_date" not in records._fields:
            message = self.env._("%s records have no write_date.", records._name)
            return [InvalidValue(message, path=path)]
        try:
            self.env["api.access"]._get_field(records, "write_date", "read")
            wanted = convert_value("datetime", expected)
        except ApiError as exc:
            return [exc.at(path)]
        errors = []
        for record in records:
            found = record.write_date
            if found and not wanted.microsecond:
                found = found.replace(microsecond=0)
            if found != wanted:
                message = self.env._(
                    "%(model)s %(id)s was changed in the meantime.",
                    model=record._name,
                    id=record.id,
                )
                value = fields.Datetime.to_string(record.write_date) or None
                error = ApiError("conflict", message, path=path, value=value)
                errors.append(error)
        return errors

    def _get_branches(
        self, model: models.BaseModel, search_key: Mapping
    ) -> list[list[Lookup]]:
        """Return a lookup per value of each key: the values ORed, the keys ANDed.

        With no company: the record rules alone limit a search key.
        """
        if not search_key:
            message = self.env._("search_key is missing: which records are meant?")
            raise InvalidValue(message, path="search_key")
        lookup_model = self.env["api.record.lookup"]
        errors: list[ApiError] = []
        branches: list[list[Lookup]] = []
        for key, value in search_key.items():
            branches.append([])
            for item in value if isinstance(value, list) else [value]:
                try:
                    lookup = lookup_model._prepare_lookup(model._name, {key: item}, 0)
                except ApiError as exc:
                    errors.append(exc.at(f"search_key.{key}", model=model._name))
                else:
                    branches[-1].append(lookup)
        if errors:
            raise ApiErrors(errors)
        return branches

    def _join(self, model: models.BaseModel, branches: list[list[Lookup]]) -> Lookup:
        """Return the one lookup of a search key whose values are all single."""
        pairs = sorted(
            (pair for (lookup,) in branches for pair in lookup.pairs()),
            key=itemgetter(0),
        )
        keys = tuple(key for key, _value in pairs)
        return Lookup(model._name, keys, tuple(value for _key, value in pairs), {}, 0)

    def _see_archived_ids(
        self, model: models.BaseModel, search_key: Mapping
    ) -> models.BaseModel:
        """Return the model, archived records shown where records are named by id."""
        by_id = set(search_key) <= {"id", "xml_id"}
        return model.with_context(active_test=False) if by_id else model

    def _get_key_values(self, model: models.BaseModel, search_key: Mapping) -> dict:
        """Return the part of a search key a new record can be given.

        :raises ApiError: ``not_found`` for a key by id: no record can be made to
            have a given one.
        """
        for key in ("id", "xml_id"):
            if key in search_key:
                raise ApiError(
                    "not_found",
                    self.env._("no %s has this id.", model._name),
                    path=f"search_key.{key}",
                    model=model._name,
                    value=search_key[key],
                )
        return {
            key: value
            for key, value in search_key.items()
            if key in model._fields and not isinstance(value, list)
        }
