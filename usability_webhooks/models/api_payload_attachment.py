# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Iterable

from odoo import models
from odoo.fields import Command

from ..exceptions import InvalidValue
from ..tools.payload_plan import Level


class ApiPayloadAttachment(models.AbstractModel):
    """Puts the files of each payload level onto that level's own records."""

    _name = "api.payload.attachment"
    _description = "API Payload Attachment"

    def _attach(self, levels: Iterable[Level]) -> None:
        """Create the attachments of levels whose records exist, in one batch.

        A many2many ``attachment_ids`` of the model is filled too; a one2many one
        finds its files by ``res_id`` and needs nothing.
        """
        owners: list[tuple[Level, int]] = []
        vals_list: list[dict] = []
        for level in levels:
            if level.files and not level.record_ids:
                # An addon's create() made the line anew and lost its level.
                message = self.env._("these files find no record to lie on.")
                path = f"{level.place.path}.attachment_ids"
                raise InvalidValue(message, path=path, model=level.model)
            for record_id in level.record_ids if level.files else ():
                for vals in level.files:
                    owners.append((level, record_id))
                    vals_list.append(
                        vals | {"res_model": level.model, "res_id": record_id}
                    )
        if not vals_list:
            return
        attachments = self.env["ir.attachment"].create(vals_list)
        links: dict[tuple[str, int], list[int]] = {}
        for (level, record_id), attachment in zip(owners, attachments, strict=True):
            links.setdefault((level.model, record_id), []).append(attachment.id)
        for (model, record_id), attachment_ids in links.items():
            field = self.env[model]._fields.get("attachment_ids")
            if field is not None and field.type == "many2many" and field.store:
                self.env[model].browse(record_id).attachment_ids = [
                    Command.link(attachment_id) for attachment_id in attachment_ids
                ]
