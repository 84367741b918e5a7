# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: A request slower than this is listed by the "Slow" filter.
SLOW_MILLISECONDS = 2_000
#: The form pretty-prints payloads up to this many characters; longer ones open
#: in a view of their own, so that a row of 10 MiB still opens at once.
FORMATTED_LIMIT = 100_000


class ApiLog(models.Model):
    """One row per request (type Receive) or delivery (type Send).

    Rows are written by ``api.log.writer`` in SQL, never through the ORM: the
    business transaction must be able to flip a row as its very last statement,
    and nobody, the superuser's automations included, may edit an audit trail.
    """

    _name = "api.log"
    _description = "API Log"
    _order = "id desc"
    _rec_name = "request_id"
    _allow_sudo_commands = False

    log_type = fields.Selection(
        [("receive", "Received"), ("send", "Sent")], "Type", default="receive"
    )
    state = fields.Selection(
        [
            ("received", "In Progress"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("rejected", "Rejected"),
            ("tried", "Tried"),
            ("replayed", "Answered Again"),
            ("interrupted", "Interrupted"),
        ],
        help="In Progress: work has begun and is not committed.\n"
        "Done: the data is committed.\n"
        "Failed: the operation said no; nothing was written.\n"
        "Rejected: refused before any operation ran.\n"
        "Tried: a dry run, done and rolled back; nothing was written.\n"
        "Answered Again: its idempotency key was done before; the stored answer was"
        " sent and nothing was done.\n"
        "Interrupted: its worker died; nothing was written.",
    )
    request_id = fields.Char("Request ID")
    route = fields.Char(
        help="Where the request came in; of a delivery, the host it went to."
    )
    model = fields.Char(help="Technical name of the model the request named.")
    method = fields.Char(help="The method call_function was asked for.")
    res_model = fields.Char("Record Model")
    res_id = fields.Integer("Record ID", aggregator=None)
    res_ids = fields.Json("Record IDs", help="All records the request touched.")
    record_count = fields.Integer("Records")
    user_id = fields.Many2one("res.users", "User", ondelete="set null")
    company_id = fields.Many2one("res.company", "Company", ondelete="set null")
    api_key_id = fields.Integer("API Key ID", aggregator=None)
    api_key_name = fields.Char("API Key")
    profile_id = fields.Many2one(
        "api.access.profile", "Access Profile", ondelete="set null"
    )
    remote_addr = fields.Char("Address")
    user_agent = fields.Char("Client")
    worker = fields.Char(help="Host and process that served the request.")
    http_status = fields.Integer("HTTP Status", aggregator=None)
    error_code = fields.Char()
    error_path = fields.Char()
    error_message = fields.Char()
    traceback = fields.Text(
        groups="usability_webhooks.group_api_manager", prefetch=False
    )
    duration = fields.Float("Duration (ms)", digits=(12, 1), aggregator="avg")
    query_count = fields.Integer("Queries", aggregator="avg")
    attempts = fields.Integer(
        aggregator="max",
        help="More than one: PostgreSQL asked for the work to be done again, because"
        " somebody changed the same data meanwhile.",
    )
    data_preview = fields.Text("Request")
    data_size = fields.Integer("Request Size", help="In characters.")
    result_preview = fields.Text("Response")
    result_size = fields.Integer("Response Size", help="In characters.")
    is_masked = fields.Boolean(
        "Request Masked",
        help="The request held secrets or files, which are not stored."
        " It cannot be replayed.",
    )
    callback_url = fields.Char("Callback URL")
    idempotency_key = fields.Char()
    delivery_id = fields.Many2one(
        "webhook.outbound.delivery",
        "Delivery",
        ondelete="set null",
        help="What this attempt was to deliver.",
    )
    replay_of_id = fields.Many2one("api.log", "Replay Of", ondelete="set null")
    replay_ids = fields.One2many("api.log", "replay_of_id", "Replays")
    replay_count = fields.Integer(compute="_compute_replay_count")
    payload_ids = fields.One2many("api.log.payload", "log_id")
    data_formatted = fields.Text("Request JSON", compute="_compute_formatted")
    result_formatted = fields.Text("Response JSON", compute="_compute_formatted")
    is_slow = fields.Boolean(compute="_compute_is_slow")
    progress = fields.Char(compute="_compute_progress")

    _request_id_index = models.Index("(request_id)")
    _create_date_index = models.Index("(create_date)")
    _api_key_index = models.Index(
        "(api_key_id, create_date) WHERE api_key_id IS NOT NULL"
    )
    _replay_of_index = models.Index("(replay_of_id) WHERE replay_of_id IS NOT NULL")
    _delivery_index = models.Index("(delivery_id) WHERE delivery_id IS NOT NULL")
    _received_index = models.Index("(id) WHERE state = 'received'")

    @api.depends("route", "model", "request_id")
    def _compute_display_name(self) -> None:
        for log in self:
            parts = (log.route, log.model, f"#{log.id}" if log.id else "")
            log.display_name = " ".join(part for part in parts if part)

    @api.depends("replay_ids")
    def _compute_replay_count(self) -> None:
        counts = dict(
            self._read_group(
                [("replay_of_id", "in", self.ids)], ["replay_of_id"], ["__count"]
            )
        )
        for log in self:
            log.replay_count = counts.get(log, 0)

    @api.depends("duration")
    def _compute_is_slow(self) -> None:
        for log in self:
            log.is_slow = log.duration >= SLOW_MILLISECONDS

    @api.depends("state")
    def _compute_progress(self) -> None:
        """Say how far a request in progress has got, if anybody is at work on it."""
        running = {}
        if any(log.state == "received" for log in self):
            running = self.env["api.progress"]._get_all()
        for log in self:
            log.progress = False
            if log.id not in running:
                continue
            log.progress = self.env._("at work")
            if numbers := running[log.id]:
                done, total = numbers
                log.progress = self.env._(
                    "%(done)s of %(total)s records", done=done, total=total
                )

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

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refused: a log row is written by the gateway alone."""
        raise self._read_only_error()

    def write(self, vals):  # pylint: disable=method-required-super
        """Refused: a log row is written by the gateway alone."""
        raise self._read_only_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise self._read_only_error()

    def _read_only_error(self) -> AccessError:
        return AccessError(
            self.env._("API logs are written by the gateway and cannot be changed.")
        )

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
