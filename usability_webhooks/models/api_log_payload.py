# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import fields, models


class ApiLogPayload(models.Model):
    """The whole request and response of a log row, where longer than its previews.

    A table of its own keeps the log's rows small: listing and counting a million
    requests must not read what they carried.
    """

    _name = "api.log.payload"
    _description = "API Log Payload"
    _rec_name = "log_id"
    _log_access = False
    _allow_sudo_commands = False

    log_id = fields.Many2one("api.log", required=True, ondelete="cascade")
    data = fields.Text("Request", prefetch=False)
    result = fields.Text("Response", prefetch=False)

    _log_unique = models.UniqueIndex("(log_id)")
