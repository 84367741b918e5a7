# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import fields, models
from odoo.fields import Domain

from ..exceptions import ApiError, ApiErrors, InvalidValue
from ..tools.values import convert_value, shorten

#: What to do with an upsert whose only matches are archived.
ON_ARCHIVED = ("update", "create")


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
        if not search_key:
            message = self.env._("search_key is missing: which records are meant?")
            raise InvalidValue(message, path="search_key")
        domain = self._get_key_domain(model, search_key)
        if multi or any(isinstance(value, list) for value in search_key.values()):
            return model.search(domain)
        found = model.search(domain, limit=20)
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

    def _find_archived(
        self,
        model: models.BaseModel,
        search_key: Mapping,
        choice: object,
        *,
        multi: bool,
    ) -> models.BaseModel:
        """Return the archived records an upsert may update.

        :param choice: what the caller said: ``update``, ``create`` or nothing.
        :raises InvalidValue: said something else.
        :raises ApiError: ``ambiguous`` when some exist and nothing was said: a new
            record would be a duplicate.
        """
        if choice is not None and choice not in ON_ARCHIVED:
            message = self.env._("must be one of %s.", ", ".join(ON_ARCHIVED))
            raise InvalidValue(message, path="on_archived", value=choice)
        if not model._active_name or choice == "create":
            return model.browse()
        hidden = model.with_context(active_test=False)
        archived = self._find_by_key(hidden, search_key, multi=multi)
        if archived and choice is None:
            raise ApiError(
                "ambiguous",
                self.env._("an archived record matches the search key."),
                path="search_key",
                model=model._name,
                candidates=self.env["api.record.candidate"]._get_candidates(archived),
                hint=self.env._("say on_archived: update, or on_archived: create"),
            )
        return archived.with_env(self.env)

    def _check_write_date(
        self, records: models.BaseModel, expected: object
    ) -> list[ApiError]:
        """Return a ``conflict`` for each record that moved on since it was read.

        :param expected: the ``write_date`` the caller saw. Without fractions of a
            second it is compared to the second, as search_data answers it.
        """
        path = "expected_write_date"
        if "write_date" not in records._fields:
            message = self.env._("%s records have no write_date.", records._name)
            return [InvalidValue(message, path=path)]
        try:
            wanted = convert_value("datetime", expected)
        except InvalidValue as exc:
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
                value = fields.Datetime.to_string(record.write_date)
                error = ApiError("conflict", message, path=path, value=value)
                errors.append(error)
        return errors

    def _get_key_domain(self, model: models.BaseModel, search_key: Mapping) -> Domain:
        lookup_model = self.env["api.record.lookup"]
        errors: list[ApiError] = []
        domain = Domain.TRUE
        for key, value in search_key.items():
            items = value if isinstance(value, list) else [value]
            branches = []
            for item in items:
                try:
                    # With no company: the record rules alone limit a search key.
                    lookup = lookup_model._prepare_lookup(model._name, {key: item}, 0)
                except ApiError as exc:
                    errors.append(exc.at(f"search_key.{key}", model=model._name))
                    continue
                branches.append(Domain(lookup.conditions()))
            domain &= Domain.OR(branches)
        if errors:
            raise ApiErrors(errors)
        return domain

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
