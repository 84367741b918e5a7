# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import json

from odoo import api, fields, models

from ..error_help import HELP

#: The form pretty-prints payloads up to this many characters; longer ones open
#: in a view of their own, so that a row of 10 MiB still opens at once.
FORMATTED_LIMIT = 100_000


class ApiLog(models.Model):
    """What the form of a row shows of its texts, and what its buttons open."""

    _inherit = "api.log"

    data_formatted = fields.Text("Request JSON", compute="_compute_formatted")
    result_formatted = fields.Text("Response JSON", compute="_compute_formatted")
    error_help = fields.Text("What to Do", compute="_compute_error_help")

    @api.depends("error_code", "result_preview", "payload_ids")
    @api.depends_context("lang")
    def _compute_error_help(self) -> None:
        """Say what each code of the answer means, the first one first."""
        for log in self:
            parts = [
                f"{code}: {self.env._(HELP[code])}"  # pylint: disable=W8301
                for code in log._get_error_codes()
                if code in HELP
            ]
            log.error_help = "\n\n".join(parts)

    def _get_error_codes(self) -> list[str]:
        """Return the distinct codes of what the request was answered."""
        self.ensure_one()
        codes = [self.error_code] if self.error_code else []
        if codes and self.result_size and self.result_size <= FORMATTED_LIMIT:
            # A cut answer still has its first code in the column.
            with contextlib.suppress(ValueError, TypeError, KeyError):
                errors = json.loads(self._get_text("result"))["errors"]
                codes += [error["code"] for error in errors]
        return list(dict.fromkeys(codes))

    @api.depends("data_preview", "result_preview", "payload_ids")
    def _compute_formatted(self) -> None:
        for log in self:
            log.data_formatted = self._format_json(log._get_text("data"))
            log.result_formatted = self._format_json(log._get_text("result"))

    def _get_text(self, side: str) -> str:
        """Return the whole stored text of ``data`` or ``result``."""
        self.ensure_one()
        payload = self.payload_ids[:1]
        return payload[side] or self[f"{side}_preview"] or ""

    @api.model
    def _format_json(self, text: str) -> str:
        """Return ``text`` indented if it is JSON, cut to what a form can show."""
        if len(text) > FORMATTED_LIMIT * 10:
            return f"{text[:FORMATTED_LIMIT]} ..."
        # A cut preview, or a body that was no JSON, is shown as it is.
        with contextlib.suppress(ValueError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        if len(text) > FORMATTED_LIMIT:
            return f"{text[:FORMATTED_LIMIT]} ..."
        return text

    def action_open_records(self):
        """Open the records the request created, updated, found or called."""
        self.ensure_one()
        ids = self.res_ids or ([self.res_id] if self.res_id else [])
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Records of request %s", self.request_id),
            "res_model": self.res_model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"active_test": False},
        }
        if len(ids) == 1:
            action |= {"views": [(False, "form")], "res_id": ids[0]}
        return action

    def action_open_payload(self):
        """Open the whole request and response, longer than the previews."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Full payload of %s", self.request_id),
            "res_model": "api.log.payload",
            "res_id": self.payload_ids[:1].id,
            "views": [(False, "form")],
        }

    def action_open_delivery(self):
        """Open what this attempt was to deliver."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Delivery %s", self.request_id),
            "res_model": "webhook.outbound.delivery",
            "res_id": self.delivery_id.id,
            "views": [(False, "form")],
        }

    def action_open_console(self):
        """Open the console with the request filled in."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id(
            "usability_webhooks.api_console_action"
        )
        return action | {"params": {"log_id": self.id}}

    def action_open_replays(self):
        """List the requests that replayed this one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.api_log_action"
        )
        return action | {"domain": [("replay_of_id", "=", self.id)], "context": {}}

    def action_replay(self):
        """Ask, then send the stored request again."""
        return self._open_replay_wizard(edit=False)

    def action_edit_and_replay(self):
        """Send a changed copy of the stored request."""
        return self._open_replay_wizard(edit=True)

    def action_erase(self):
        """Ask, then erase what the log holds of this request and its record."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.api_log_erasure_action"
        )
        return action | {"context": {"default_log_id": self.id}}

    def _open_replay_wizard(self, *, edit: bool) -> dict:
        self.ensure_one()
        self.check_access("read")
        wizard = self.env["api.log.replay"].create({"log_id": self.id, "is_edit": edit})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Edit and Replay") if edit else self.env._("Replay"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }
