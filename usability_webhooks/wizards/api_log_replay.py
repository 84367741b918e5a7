# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.api_request import ROUTES

#: Routes that change nothing: sending them twice needs no second thought.
READING_ROUTES = frozenset({"/api/search_data"})


class ApiLogReplay(models.TransientModel):
    """Asks before a stored request is sent again."""

    _name = "api.log.replay"
    _description = "API Log Replay"
    _allow_sudo_commands = False

    log_id = fields.Many2one(
        "api.log", "Request", required=True, readonly=True, ondelete="cascade"
    )
    is_edit = fields.Boolean(readonly=True)
    user_id = fields.Many2one(
        related="log_id.user_id", related_sudo=False, string="Runs As"
    )
    body = fields.Text(
        "Request Body",
        compute="_compute_body",
        # In the rights of who asks: whoever may not read the row may not either.
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    done_date = fields.Datetime(
        compute="_compute_done_date",
        help="When this request, or a replay of it, was done first. Empty: it was"
        " never done, or it only reads.",
    )
    refusal = fields.Char(compute="_compute_refusal")
    is_confirmed = fields.Boolean("Do the work a second time")

    @api.depends("log_id")
    def _compute_body(self) -> None:
        for wizard in self:
            text = wizard.log_id._get_text("data") if wizard.log_id else ""
            try:
                wizard.body = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
            except ValueError:
                wizard.body = text

    @api.depends("log_id")
    def _compute_done_date(self) -> None:
        """Find when the work was done first, by the original or by a replay."""
        for wizard in self:
            log = wizard.log_id
            original = log.replay_of_id or log
            done = (original | original.replay_ids | log | log.replay_ids).filtered(
                lambda row: row.state == "done"
            )
            dates = done.mapped("create_date")
            is_writing = log.route not in READING_ROUTES
            wizard.done_date = min(dates) if dates and is_writing else False

    @api.depends("log_id", "is_edit")
    def _compute_refusal(self) -> None:
        for wizard in self:
            wizard.refusal = wizard._get_refusal()

    def action_replay(self) -> dict:
        """Send the request again, as its user, and open the log of that.

        :raises UserError: it cannot be replayed, or was done and nobody confirmed
            that it shall be done a second time.
        """
        self.ensure_one()
        if refusal := self._get_refusal():
            raise UserError(refusal)
        if self.done_date and not self.is_confirmed:
            raise UserError(
                self.env._(
                    "This was done already. Tick the confirmation to do it a second"
                    " time."
                )
            )
        # Unchanged means unchanged: not what parsing and printing made of it.
        body = self.body if self.is_edit else self.log_id._get_text("data")
        new_log_id = self.env["api.replay"]._replay(self.log_id, body or "")
        return {
            "type": "ir.actions.act_window",
            "res_model": "api.log",
            "res_id": new_log_id,
            "views": [(False, "form")],
        }

    def _get_refusal(self) -> str | bool:
        """Return the sentence that says why this cannot be replayed, or False."""
        self.ensure_one()
        return self._get_request_refusal() or self._get_caller_refusal()

    def _get_request_refusal(self) -> str | bool:
        """Return what about the stored request forbids to send it again."""
        log = self.log_id
        if log.log_type != "receive":
            return self.env._("Only requests this server received can be replayed.")
        if log.state == "received":
            return self.env._("The request is still in progress.")
        if log.route not in {f"/api/{name}" for name in ROUTES}:
            return self.env._("The route of the request is unknown.")
        if log.is_masked:
            return self.env._(
                "The request held secrets or files, which are not stored."
            )
        if not log._get_text("data"):
            return self.env._("The request was not stored.")
        return False

    def _get_caller_refusal(self) -> str | bool:
        """Return what about the user or the API key forbids to act for them."""
        log = self.log_id
        if not log.user_id:
            return self.env._("The user of the request does not exist any more.")
        if not log.user_id.active:
            return self.env._("The user of the request is archived.")
        if log.api_key_id and not self._has_api_key(log.api_key_id):
            return self.env._("The API key of the request was revoked or has expired.")
        # Whoever writes a request for somebody else acts with that one's rights:
        # an API administrator must not become a system administrator by it.
        if self.is_edit and log.user_id != self.env.user and not self.env.is_system():
            return self.env._(
                "Only a system administrator may change a request that runs as"
                " another user."
            )
        return False

    @api.model
    def _has_api_key(self, key_id: int) -> bool:
        """Tell whether the key is there and has not expired."""
        keys_sudo = self.env["res.users.apikeys"].sudo()  # others' keys are hidden
        valid = ["|", ("expiration_date", "=", False), ("expiration_date", ">=", "now")]
        return bool(keys_sudo.search_count([("id", "=", key_id), *valid], limit=1))
