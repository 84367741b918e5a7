# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import AccessError


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
        "webhook.endpoint",
        "Endpoint",
        required=True,
        ondelete="cascade",
        readonly=True,
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
        groups="usability_webhooks.group_api_manager",
    )
    body = fields.Text(
        required=True,
        readonly=True,
        prefetch=False,
        groups="usability_webhooks.group_api_manager",
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
        groups="usability_webhooks.group_api_manager",
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
        "(endpoint_id, delivered_at) WHERE state = 'delivered'"
    )
    _rule_index = models.Index("(rule_id, id) WHERE rule_id IS NOT NULL")
    _record_index = models.Index("(res_model, res_id, id)")
    _occurred_at_index = models.Index("(occurred_at)")

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
