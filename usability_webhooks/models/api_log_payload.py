# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models


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

    log_id = fields.Many2one("api.log", required=True, index=True, ondelete="cascade")
    data = fields.Text("Request", prefetch=False)
    result = fields.Text("Response", prefetch=False)
    data_formatted = fields.Text("Request JSON", compute="_compute_formatted")
    result_formatted = fields.Text("Response JSON", compute="_compute_formatted")

    @api.depends("data", "result")
    def _compute_formatted(self) -> None:
        for payload in self:
            for side in ("data", "result"):
                text = payload[side] or payload.log_id[f"{side}_preview"] or ""
                payload[f"{side}_formatted"] = self.env["api.log"]._format_json(text)
