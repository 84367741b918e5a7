# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

#: Fields that say whom a record is about, in requests about others too.
TELLING_FIELDS = ("name", "email", "login", "phone", "mobile", "vat")
#: Rows the form shows; all of them are erased.
SHOWN_ROWS = 40


class ApiLogErasure(models.TransientModel):
    """Asks before what the log holds of a record is erased."""

    _name = "api.log.erasure"
    _description = "API Log Erasure"
    _allow_sudo_commands = False

    log_id = fields.Many2one("api.log", "Request", readonly=True, ondelete="cascade")
    record = fields.Reference(selection="_selection_models")
    res_model = fields.Char(
        "Model",
        compute="_compute_res",
        store=True,
        readonly=False,
        help="Technical name, for a record that does not exist any more.",
    )
    res_id = fields.Integer(
        "Record ID", compute="_compute_res", store=True, readonly=False
    )
    mentions = fields.Text(
        "Also Rows That Mention",
        compute="_compute_mentions",
        # In the rights of who asks: whoever may not read the record may not either.
        compute_sudo=False,
        store=True,
        readonly=False,
        help="One text a line, in capitals or not. Requests that failed, and those"
        " about other records, are found by nothing else.",
    )
    log_ids = fields.Many2many("api.log", compute="_compute_found", string="Rows")
    row_count = fields.Integer("Rows Found", compute="_compute_found")
    answer_count = fields.Integer("Stored Answers", compute="_compute_found")
    delivery_count = fields.Integer("Deliveries", compute="_compute_found")
    hidden_count = fields.Integer(
        "Out of Reach",
        compute="_compute_found",
        help="Rows of companies that are not selected. They stay as they are.",
    )
    running_count = fields.Integer("In Progress", compute="_compute_found")
    is_confirmed = fields.Boolean("Erase them for good")

    @api.model
    def _selection_models(self) -> list[tuple[str, str]]:
        models_sudo = self.env["ir.model"].sudo()  # names only
        found = models_sudo.search(
            [("transient", "=", False), ("abstract", "=", False)], order="name"
        )
        return [
            (model.model, model.name)
            for model in found
            if model.model in self.env and self.env[model.model].has_access("read")
        ]

    @api.depends("record", "log_id")
    def _compute_res(self) -> None:
        for wizard in self:
            log, record = wizard.log_id, wizard.record
            if record:
                wizard.res_model, wizard.res_id = record._name, record.id
            elif log.record_count == 1:
                wizard.res_model, wizard.res_id = log.res_model, log.res_id
            else:
                wizard.res_model, wizard.res_id = wizard.res_model, wizard.res_id

    @api.depends("res_model", "res_id")
    def _compute_mentions(self) -> None:
        for wizard in self:
            wizard.mentions = "\n".join(wizard._get_telling_texts()) or wizard.mentions

    def _get_telling_texts(self) -> list[str]:
        """Return what the record is known by, as far as the caller may read it."""
        if self.res_model not in self.env or not self.res_id:
            return []
        record = self.env[self.res_model].browse(self.res_id).exists()
        if record._abstract or not record or not record.has_access("read"):
            return []
        names = [
            name
            for name in TELLING_FIELDS
            if name in record._fields
            and record._has_field_access(record._fields[name], "read")
        ]
        values = [record[name] for name in names]
        return list(dict.fromkeys(v for v in values if v and isinstance(v, str)))

    @api.depends("log_id", "res_model", "res_id", "mentions")
    def _compute_found(self) -> None:
        for wizard in self:
            logs = wizard._get_logs()
            running = logs.filtered(lambda log: log.state == "received")
            everywhere = wizard.sudo()._get_logs()  # to be counted, no more
            wizard.log_ids = (logs - running)[:SHOWN_ROWS]
            wizard.row_count = len(logs - running)
            wizard.running_count = len(running)
            wizard.hidden_count = len(everywhere - logs)
            wizard.answer_count = len(wizard._get_key_ids(logs))
            wizard.delivery_count = len(wizard._get_deliveries())

    def _get_mentions(self) -> list[str]:
        return (self.mentions or "").splitlines()

    def _get_logs(self) -> models.BaseModel:
        """Return the rows to erase: the one asked from, and what is found."""
        eraser = self.env["api.log.eraser"]
        found = eraser._find(self.res_model, self.res_id, self._get_mentions())
        return self.log_id._origin | found

    def _get_key_ids(self, logs: models.BaseModel) -> list[int]:
        return self.env["api.log.eraser"]._find_answers(logs, self._get_mentions())

    def _get_deliveries(self) -> models.BaseModel:
        eraser = self.env["api.log.eraser"]
        mentions = self._get_mentions()
        return eraser._find_deliveries(self.res_model, self.res_id, mentions)

    def action_erase(self) -> dict:
        """Erase the content of the rows found, and show them as they are now.

        :raises UserError: nobody confirmed it, or there is nothing to erase.
        """
        self.ensure_one()
        if not self.is_confirmed:
            raise UserError(
                self.env._(
                    "What is erased cannot be brought back. Tick the confirmation."
                )
            )
        logs = self._get_logs()
        key_ids, deliveries = self._get_key_ids(logs), self._get_deliveries()
        if not logs and not key_ids and not deliveries:
            raise UserError(self.env._("Nothing was found that could be erased."))
        count = self.env["api.log.eraser"]._erase(logs, key_ids)
        self.env["api.log.eraser"]._erase_deliveries(deliveries)
        _logger.info("user %s erased %s rows of the API log", self.env.uid, count)
        # The wizard's own row, until it is vacuumed, is one more copy.
        self.write({"mentions": False})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erased"),
            "res_model": "api.log",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", logs.ids)],
        }
