# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: A request slower than this is listed by the "Slow" filter.
SLOW_MILLISECONDS = 2_000


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
    content_gone = fields.Selection(
        [("skipped", "Not Kept"), ("expired", "Expired"), ("erased", "Erased")],
        "Content",
        help="Why request, response and error message are not here. Empty: they are.\n"
        "Not Kept: the settings or the access profile say so.\n"
        "Expired: they were kept for as long as the settings say.\n"
        "Erased: an administrator erased them.",
    )
    erase_uid = fields.Many2one("res.users", "Erased By", ondelete="set null")
    erase_date = fields.Datetime("Erased On")
    unlogged_count = fields.Integer(aggregator=None)
    more_count = fields.Integer(
        "More Like It",
        compute="_compute_more_count",
        help="Failed authentications from this address, or one that shares its"
        " counter, after this one. They have no rows of their own.",
    )
    callback_url = fields.Char("Callback URL")
    idempotency_key = fields.Char()
    delivery_id = fields.Many2one(
        "webhook.outbound.delivery",
        "Delivery",
        ondelete="set null",
        help="What this attempt was to deliver.",
    )
    answer = fields.Text(
        groups="usability_webhooks.group_api_manager",
        prefetch=False,
        help="What a receiver answered, its first characters. Administrators alone read"
        " it: whoever may type a URL could otherwise read what is behind it.",
    )
    replay_of_id = fields.Many2one("api.log", "Replay Of", ondelete="set null")
    replay_ids = fields.One2many("api.log", "replay_of_id", "Replays")
    replay_count = fields.Integer(compute="_compute_replay_count")
    payload_ids = fields.One2many("api.log.payload", "log_id")
    is_slow = fields.Boolean(compute="_compute_is_slow")
    progress = fields.Char(compute="_compute_progress")

    _request_id_index = models.Index("(request_id)")
    # With all the dashboard adds up: it reads no row then. An entry holds 2.7 kB, and
    # those who write rows cut route (300 characters) and model (200) to fit.
    _create_date_index = models.Index(
        "(create_date) INCLUDE (log_type, state, company_id, error_code, duration,"
        " route, model)"
    )
    _api_key_index = models.Index(
        "(api_key_id, create_date) WHERE api_key_id IS NOT NULL"
    )
    _replay_of_index = models.Index("(replay_of_id) WHERE replay_of_id IS NOT NULL")
    _delivery_index = models.Index("(delivery_id) WHERE delivery_id IS NOT NULL")
    _content_index = models.Index("(create_date) WHERE content_gone IS NULL")
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

    @api.depends("unlogged_count", "state", "remote_addr")
    def _compute_more_count(self) -> None:
        failures = self.filtered(lambda log: log.state == "rejected")
        fresh = self.env["api.auth.failure"]._count_unlogged(failures)
        for log in self:
            log.more_count = fresh.get(log.id, log.unlogged_count)

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
