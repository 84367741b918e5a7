# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.url_origin import get_origin
from .webhook_outbound_remake import LOST

MANAGER = "usability_webhooks.group_api_manager"


class WebhookOutboundDelivery(models.Model):
    """One event on its way to one endpoint: the outbox.

    Rows are written in SQL by ``webhook.outbound.outbox``, in the transaction of the
    change they tell of, and by the sender afterwards. Nobody, the superuser's
    automations included, writes one through the ORM.
    """

    _name = "webhook.outbound.delivery"
    _description = "Webhook Delivery"
    _order = "id desc"
    _rec_name = "message_id"
    _log_access = False
    _allow_sudo_commands = False

    message_id = fields.Char("Message ID", required=True, readonly=True)
    rule_id = fields.Many2one(
        "webhook.outbound.rule", "Rule", ondelete="set null", readonly=True
    )
    endpoint_id = fields.Many2one(
        "webhook.endpoint", "Endpoint", required=True, ondelete="cascade", readonly=True
    )
    event_type = fields.Char("Event", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("created", "Created"),
            ("updated", "Updated"),
            ("deleted", "Deleted"),
            ("archived", "Archived"),
            ("unarchived", "Unarchived"),
            ("due", "Time Reached"),
            ("test", "Test"),
        ],
        required=True,
        readonly=True,
    )
    res_model = fields.Char("Record Model", required=True, readonly=True)
    res_id = fields.Integer("Record ID", required=True, readonly=True, aggregator=None)
    company_id = fields.Many2one(
        "res.company", "Company", ondelete="set null", readonly=True
    )
    occurred_at = fields.Datetime("Changed", required=True, readonly=True)
    transaction = fields.Char(
        required=True,
        readonly=True,
        help="The database transaction of the change.",
    )
    url = fields.Char(
        "URL",
        required=True,
        readonly=True,
        groups=MANAGER,
    )
    body = fields.Text(
        required=True,
        readonly=True,
        prefetch=False,
        groups=MANAGER,
    )
    body_size = fields.Integer(
        "Size", required=True, readonly=True, aggregator="avg", help="In bytes."
    )
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("sending", "Sending"),
            ("delivered", "Delivered"),
            ("dead", "Dead"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
    )
    attempt_count = fields.Integer(
        "Attempts", required=True, readonly=True, default=0, aggregator="max"
    )
    next_attempt_at = fields.Datetime("Next Attempt", readonly=True)
    lease_until = fields.Datetime(readonly=True)
    lease_token = fields.Char(readonly=True)
    last_attempt_at = fields.Datetime("Last Attempt", readonly=True)
    last_status = fields.Integer("HTTP Status", readonly=True, aggregator=None)
    last_error = fields.Char(readonly=True)
    last_response = fields.Text(
        readonly=True,
        prefetch=False,
        groups=MANAGER,
        help="The first 64 KiB of the last answer.",
    )
    delivered_at = fields.Datetime("Delivered On", readonly=True)
    latency = fields.Float(
        "Latency (s)",
        digits=(12, 3),
        readonly=True,
        aggregator="avg",
        help="From the change to its delivery.",
    )

    log_ids = fields.One2many("api.log", "delivery_id", "Attempts Log", readonly=True)
    target = fields.Char("Where", compute="_compute_target", compute_sudo=True)
    body_formatted = fields.Text(
        "Body JSON", compute="_compute_formatted", groups=MANAGER
    )
    last_response_formatted = fields.Text(
        "Answer", compute="_compute_formatted", groups=MANAGER
    )
    is_resendable = fields.Boolean(compute="_compute_is_resendable", groups=MANAGER)

    _message_unique = models.UniqueIndex("(message_id)")
    # What the outbox coalesces by. An URL may be longer than an index entry.
    _event_unique = models.UniqueIndex(
        "(transaction, rule_id, endpoint_id, md5(url), res_model, res_id)"
        " WHERE rule_id IS NOT NULL"
    )
    # The sender's: what is due, what is under way, what waits for its turn.
    _pending_index = models.Index(
        "(endpoint_id, next_attempt_at, id) WHERE state = 'pending'"
    )
    _sending_index = models.Index("(endpoint_id, lease_until) WHERE state = 'sending'")
    _order_index = models.Index(
        "(endpoint_id, res_model, res_id, id) WHERE state IN ('pending', 'sending')"
    )
    # For endpoints' health.
    _dead_index = models.Index("(endpoint_id, occurred_at) WHERE state = 'dead'")
    _delivered_index = models.Index(
        "(endpoint_id, delivered_at) INCLUDE (latency) WHERE state = 'delivered'"
    )
    _error_index = models.Index(
        "(endpoint_id, last_attempt_at DESC NULLS LAST)"
        " WHERE last_error IS NOT NULL AND state IN ('pending', 'sending', 'dead')"
    )
    _rule_index = models.Index("(rule_id, id) WHERE rule_id IS NOT NULL")
    _record_index = models.Index("(res_model, res_id, id)")

    # For the vacuum, and lists of a day.
    _occurred_at_index = models.Index("(occurred_at)")

    @api.depends("event_type", "res_model", "res_id")
    def _compute_display_name(self) -> None:
        for delivery in self:
            delivery.display_name = f"{delivery.event_type} {delivery.res_id}"

    @api.depends("url")
    def _compute_target(self) -> None:
        """Show where it goes: the path of its URL may be a secret."""
        for delivery in self:
            delivery.target = get_origin(delivery.url)

    @api.depends("body", "last_response")
    def _compute_formatted(self) -> None:
        for delivery in self:
            delivery.body_formatted = delivery._format(delivery.body)
            delivery.last_response_formatted = delivery._format(delivery.last_response)

    @api.depends("state", "body", "rule_id", "last_attempt_at")
    def _compute_is_resendable(self) -> None:
        lost = self.filtered_domain(LOST)
        for delivery in self:
            has_body = delivery.body or delivery in lost
            delivery.is_resendable = delivery.state != "sending" and has_body

    @api.model
    def _format(self, text: str | bool) -> str | bool:
        """Return JSON indented, and everything else as it is."""
        with contextlib.suppress(ValueError):
            return json.dumps(json.loads(text or ""), indent=2, ensure_ascii=False)
        return text

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refused: a delivery is written by the outbox alone."""
        raise self._read_only_error()

    def write(self, vals):  # pylint: disable=method-required-super
        """Refused: a delivery is written by the outbox and the sender alone."""
        raise self._read_only_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise self._read_only_error()

    def _read_only_error(self) -> AccessError:
        return AccessError(
            self.env._("Deliveries are written by the gateway and cannot be changed.")
        )

    def action_send_again(self) -> dict:
        """Send the deliveries again: the same id, the same bytes.

        Where there are none, for they could not be made or were too large, they are
        made of the record as it is now.

        :raises AccessError: the caller is no manager, or may not see them.
        :raises UserError: none of them can be sent.
        """
        self.check_access("read")
        self._check_manager()
        domain = Domain("id", "in", self.ids)
        reason = self.env["webhook.outbound.remake"]._remake(domain)
        count = self._send_again(domain)
        if not count:
            raise UserError(reason or self.env._("Nothing to send: under way."))
        return self._notify(self.env._("%s deliveries are on their way.", count))

    def action_cancel(self) -> dict:
        """Do not send what has not been sent yet.

        :raises AccessError: the caller is no manager, or may not see them.
        :raises UserError: none of them is waiting.
        """
        self.check_access("read")
        count = self._change(
            Domain("id", "in", self.ids) & Domain("state", "=", "pending"),
            SQL("state = 'cancelled'"),
        )
        if not count:
            raise UserError(self.env._("None of them is waiting any more."))
        return self._notify(self.env._("%s deliveries were cancelled.", count))

    def action_open_record(self) -> dict:
        """Open the record that changed."""
        self.ensure_one()
        if self.res_model not in self.env:
            raise UserError(self.env._("There is no model %s.", self.res_model))
        if not self.env[self.res_model].browse(self.res_id).exists():
            raise UserError(self.env._("The record is gone."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _notify(self, message: str) -> dict:
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "success", "next": reload},
        }

    @api.model
    def _send_again(self, domain: Domain) -> int:
        """Have deliveries sent now, whatever became of them; a whole schedule anew.

        What is under way is left alone, and what is too large has no bytes to send.

        :returns: how many.
        """
        count = self._change(
            domain & Domain("state", "!=", "sending") & Domain("body", "!=", False),
            SQL(
                "state = 'pending', attempt_count = 0, delivered_at = NULL,"
                " latency = NULL, next_attempt_at = now() AT TIME ZONE 'utc'"
            ),
        )
        if count:
            self.env["webhook.outbound.sender"]._wake()
        return count

    def _check_manager(self) -> None:
        """:raises AccessError: the caller is no manager."""
        if not (self.env.su or self.env.user.has_group(MANAGER)):
            raise AccessError(self.env._("Only API administrators may do this."))

    def _change(self, domain: Domain, changes: SQL) -> int:
        """Change the deliveries of a domain that the caller sees, in one statement.

        :raises AccessError: the caller is no manager.
        """
        self._check_manager()
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_outbound_delivery SET %s WHERE id IN %s",
                changes,
                self._search(domain, order="id").subselect(),
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_model()
        return count
