# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
from collections.abc import Mapping

from odoo import models
from odoo.fields import NO_ACCESS
from odoo.tools import ormcache

from ..tools.api_outcome import ApiReply
from ..tools.api_request import ApiCaller, ApiRequest
from ..tools.envelope import to_json
from ..tools.field_masks import FieldFacts, split_path
from ..tools.redaction import redact_text
from ..tools.request_masks import RequestMasks
from ..tools.sensitive_names import SensitiveNames

READER_GROUP = "usability_webhooks.group_api_reader"


class ApiLogContent(models.AbstractModel):
    """Says what of a request and its answer the log may keep.

    No more than every reader of the log may read: a field with groups is kept only
    where log readers have one of them by being log readers.
    """

    _name = "api.log.content"
    _description = "API Log Content"

    def _get_masks(self, request: ApiRequest) -> RequestMasks:
        """Return the masks of one request; they cost something when first used."""
        grant = request.caller.grant
        return RequestMasks(
            request.vals,
            request.model,
            self._get_facts,
            grant.masked_paths if grant else (),
        )

    def _get_stored_data(
        self, request: ApiRequest, masks: RequestMasks
    ) -> tuple[str, bool]:
        """Return the request's text fit to be stored, and whether it was masked."""
        if not masks.is_masked and request.body.text:
            return request.body.text, False
        envelope = {"params": {"model": request.model, "vals": masks.vals}}
        return json.dumps(envelope, ensure_ascii=False), masks.is_masked

    def _mask_body(self, body: str, caller: ApiCaller) -> str:
        """Return a body nobody could read as a request, as it is kept.

        Its places are unknown, so a profile's paths count by their last name.
        """
        paths = caller.grant.masked_paths if caller.grant else ()
        names = frozenset(keys[-1] for path in paths if (keys := split_path(path)))
        return redact_text(body, SensitiveNames(names))

    def _prepare_reply(
        self, request: ApiRequest, envelope: Mapping, text: str, masks: RequestMasks
    ) -> ApiReply:
        """Return an envelope's text with what the log keeps of it.

        Made from the envelope itself: reading the text again would cost as much
        as writing it, and hold every value twice.

        :param text: the envelope's JSON.
        """
        failed = not envelope.get("is_success")
        if not request.log_mode.keeps_content(failed=failed):
            return ApiReply(text, None)
        kept = masks.mask_answer(envelope, text)
        return ApiReply(text, text if kept is envelope else to_json(kept))

    def _get_facts(self, model: str) -> FieldFacts | None:
        """Return what masking has to know of a model's fields; None for no model."""
        if model not in self.env:
            return None
        return self._read_facts(model, self._get_reader_group_ids())

    @ormcache("model", "group_ids", cache="stable")
    def _read_facts(self, model: str, group_ids: frozenset[int]) -> FieldFacts:
        fields = self.env[model]._fields
        return FieldFacts(
            names=frozenset(fields),
            hidden=frozenset(
                name
                for name, field in fields.items()
                if field.groups and not self._may_all_read(field.groups, group_ids)
            ),
            files=frozenset(
                name for name, field in fields.items() if field.type == "binary"
            ),
            relations={
                name: field.comodel_name
                for name, field in fields.items()
                if field.relational
            },
        )

    def _may_all_read(self, groups: str, group_ids: frozenset[int]) -> bool:
        """Tell whether every reader of the log is in a field's groups."""
        if groups == NO_ACCESS:
            return False
        definitions = self.env["res.groups"]._get_group_definitions()
        expression = definitions.parse(groups, raise_if_not_found=False)
        return expression.matches(group_ids)

    @ormcache(cache="groups")
    def _get_reader_group_ids(self) -> frozenset[int]:
        """Return the groups every reader of the log has."""
        definitions = self.env["res.groups"]._get_group_definitions()
        reader_id = definitions.get_id(READER_GROUP)
        if not reader_id:
            return frozenset()
        return frozenset([reader_id, *definitions.get_superset_ids([reader_id])])
