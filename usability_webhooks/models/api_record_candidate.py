# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from difflib import SequenceMatcher

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..exceptions import ApiError
from ..tools.payload_plan import Lookup
from ..tools.sensitive_names import DEFAULT as SENSITIVE
from ..tools.sentence import shorten

#: Records shown with ``ambiguous`` and ``not_found``.
CANDIDATE_LIMIT = 5
#: Records among which the nearest are chosen.
NEAR_LIMIT = 50


class ApiRecordCandidate(models.AbstractModel):
    """Words a lookup that found none or several, with what may have been meant."""

    _name = "api.record.candidate"
    _description = "API Record Candidate"

    def _missing_errors(self, lookup: Lookup, *, with_hint: bool) -> list[ApiError]:
        """Return a ``not_found`` for each place that named the lookup.

        :param with_hint: search for near misses too; costs up to two queries.
        """
        message = self.env._(
            "no %(model)s has %(lookup)s.",
            model=lookup.model,
            lookup=self._describe(lookup),
        )
        hint, candidates = self._get_near_misses(lookup) if with_hint else (None, None)
        error = ApiError("not_found", message, hint=hint, candidates=candidates)
        return self._at_places(error, lookup)

    def _ambiguous_errors(self, lookup: Lookup) -> list[ApiError]:
        """Return an ``ambiguous`` for each place, with the records that match."""
        found = self.env[lookup.model].browse(lookup.ids)
        message = self.env._(
            "%(count)s %(model)s records have %(lookup)s.",
            count=len(found),
            model=lookup.model,
            lookup=self._describe(lookup),
        )
        hint = self.env._("add a field that tells them apart, or use the id")
        candidates = self._get_candidates(found)
        error = ApiError("ambiguous", message, hint=hint, candidates=candidates)
        return self._at_places(error, lookup)

    def _describe(self, lookup: Lookup) -> str:
        """Return the lookup in words: ``code 'AV', country_id.code 'ES'``."""
        return ", ".join(
            f"{key} {'***' if key in SENSITIVE else shorten(value)}"
            for key, value in self._get_said(lookup)
        )

    def _get_said(self, lookup: Lookup) -> list[tuple[str, object]]:
        """Return keys and values as the caller said them: an xml id stays one, or
        its record's id would be told even where the record is hidden."""
        pairs = list(lookup.pairs())
        if isinstance(lookup.raw, dict) and "xml_id" in lookup.raw:
            pairs = [pair for pair in pairs if pair[0] != "id"]
            return [("xml_id", lookup.raw["xml_id"]), *pairs]
        return pairs

    def _at_places(self, error: ApiError, lookup: Lookup) -> list[ApiError]:
        """Return the error once for each place that named the lookup."""
        key, value = self._get_said(lookup)[0]
        details = {
            "model": lookup.model,
            "field": key,
            "value": value if key not in SENSITIVE else None,
        }
        return [
            ApiError(
                error.code,
                error.message,
                **{"path": place.path} | details | error.details,
            )
            for place in lookup.places
        ]

    def _get_candidates(self, records: models.BaseModel) -> list[dict]:
        shown = records[:CANDIDATE_LIMIT]
        if not self.env["api.access"]._shows_names(records._name):
            return [{"id": rec.id} for rec in shown]
        return [{"id": rec.id, "display_name": rec.display_name} for rec in shown]

    def _get_near_misses(self, lookup: Lookup) -> tuple[str | None, list[dict] | None]:
        """Look for an archived match, then for text that contains the value."""
        model = self.env[lookup.model]
        try:
            if self._may_tell_archived(model) and lookup.keys != ("id",):
                archived = model.with_context(active_test=False).search(
                    Domain(lookup.conditions()), limit=CANDIDATE_LIMIT
                )
                if archived:
                    hint = self.env._("an archived record matches")
                    if all(archived.mapped(model._active_name)):
                        hint = self.env._("a record of another company matches")
                    return hint, self._get_candidates(archived)
            return self._get_similar(lookup, model)
        except (AccessError, UserError, ValueError):
            return None, None  # a hint is a courtesy, the error itself stands

    def _may_tell_archived(self, model: models.BaseModel) -> bool:
        access, name = self.env["api.access"], model._active_name
        return bool(name) and access._may_field(model, model._fields[name], "read")

    def _get_similar(
        self, lookup: Lookup, model: models.BaseModel
    ) -> tuple[str | None, list[dict] | None]:
        for key, value in zip(lookup.keys, lookup.values, strict=True):
            field = model._fields.get(key)
            if field is None or field.type not in ("char", "text") or not value:
                continue
            stem = value[: max(3, len(value) * 2 // 3)]
            near = model.search(Domain(key, "ilike", stem), limit=NEAR_LIMIT)
            if near:
                near = near.sorted(
                    lambda rec, key=key, value=value: SequenceMatcher(
                        None, str(rec[key]), value
                    ).ratio(),
                    reverse=True,
                )
                names = ", ".join(str(rec[key]) for rec in near[:3])
                return self.env._("did you mean %s?", names), self._get_candidates(near)
        return None, None
