# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, models


class IrAttachment(models.Model):
    """Keeps the filestore as it is while a request is only tried.

    A rollback takes rows back, no files: so new content goes into the row, and the
    files of deleted attachments are not even listed for the garbage collection.
    Reading needs nothing, since each attachment knows where its own content lies.
    """

    _inherit = "ir.attachment"

    @api.model
    def _storage(self):
        if self.env["api.dry.run"]._is_on():
            return "db"
        return super()._storage()

    @api.model
    def _file_delete(self, fname):
        if self.env["api.dry.run"]._is_on():
            return None
        return super()._file_delete(fname)
