# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import re

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.outbound_event import OutboundEvent
from ..tools.url_origin import get_origin
from ..tools.webhook_policy import Policy
from ..tools.webhook_target import TargetRefused, parse

MANAGER = "usability_webhooks.group_api_manager"
#: All hosts below a domain; one of the first level would be half the internet.
WILDCARD = re.compile(r"^\*\.(?=[^.]+\.[^.])")
#: What a rule's plan says of its endpoint.
ROUTING = frozenset({"active", "url"})
#: Field -> what is allowed, in the field's unit.
LIMITS = {"max_parallel": range(1, 65), "timeout_seconds": range(1, 61)}


class WebhookEndpoint(models.Model):
    """Where deliveries go: one address, or the hosts that callers may name."""

    _name = "webhook.endpoint"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "webhook.endpoint.guard",
        "webhook.endpoint.health",
        "webhook.endpoint.home",
        "webhook.endpoint.signing",
    ]
    _description = "Webhook Endpoint"
    _order = "name, id"
    _allow_sudo_commands = False

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        [("static", "One Address"), ("callback", "Addresses of Callers")],
        "Goes To",
        required=True,
        default="static",
        tracking=True,
        help="One Address: all deliveries go to it.\n"
        "Addresses of Callers: requests may name a callback_url on the allowed host.",
    )
    url = fields.Char("URL", groups=MANAGER)
    host = fields.Char(
        "Allowed Host",
        tracking=True,
        help="hooks.example.com, or *.example.com for all hosts below it.",
    )
    target = fields.Char("Where", compute="_compute_target", compute_sudo=True)
    company_id = fields.Many2one(
        "res.company",
        "Company",
        ondelete="cascade",
        index=True,
        help="Empty: of all companies.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Is told when deliveries fail for good.",
    )
    state = fields.Selection(
        [("enabled", "Enabled"), ("throttled", "Throttled"), ("disabled", "Disabled")],
        required=True,
        readonly=True,
        default="enabled",
        copy=False,
        tracking=True,
        help="Throttled: it failed or asked for patience; deliveries wait.\n"
        "Disabled: nothing is sent. What happens meanwhile is kept as dead deliveries,"
        " which can be sent later.",
    )
    state_reason = fields.Char("Reason", readonly=True, copy=False)
    throttled_until = fields.Datetime(readonly=True, copy=False)
    failure_count = fields.Integer(
        "Failures in a Row", readonly=True, copy=False, default=0, aggregator="max"
    )
    max_parallel = fields.Integer(
        "At Once",
        required=True,
        default=4,
        aggregator=None,
        help="Deliveries under way at the same time.",
    )
    is_ordered = fields.Boolean(
        "Keep Order",
        help="The deliveries of one record wait for each other. Slower, and one that"
        " fails holds up those behind it.",
    )
    timeout_seconds = fields.Integer(
        "Timeout",
        required=True,
        default=15,
        aggregator=None,
        help="Seconds from connecting to the end of the answer.",
    )
    allow_http = fields.Boolean(
        "Allow Plain HTTP", help="Anybody on the way can read and change it."
    )
    header_ids = fields.One2many("webhook.endpoint.header", "endpoint_id", "Headers")

    @api.depends("kind", "url", "host")
    def _compute_target(self) -> None:
        for endpoint in self:
            endpoint.target = endpoint.host if endpoint.kind == "callback" else False
            if endpoint.kind == "static" and endpoint.url:
                endpoint.target = get_origin(endpoint.url)

    @api.constrains("kind", "url", "host", "allow_http")
    def _check_target(self) -> None:
        """Refuse what no delivery could ever be sent to."""
        for endpoint in self:
            is_callback = endpoint.kind == "callback"
            name = endpoint.host if is_callback else endpoint.url
            if not name:
                raise ValidationError(
                    self.env._("%s: say which hosts callers may name.", endpoint.name)
                    if is_callback
                    else self.env._("%s: say which URL to call.", endpoint.name)
                )
            policy = endpoint._get_policy()
            try:
                if is_callback:
                    endpoint._check_host(policy)
                else:
                    parse(name, policy)
            except TargetRefused as exc:
                message = self.env._(
                    "%(endpoint)s: %(reason)s",
                    endpoint=endpoint.name,
                    reason=exc.message,
                )
                raise ValidationError(message) from exc

    def _check_host(self, policy: Policy) -> None:
        """Check the host pattern of a callback endpoint.

        :raises TargetRefused: it is no host name, or a whole top-level domain.
        """
        name = WILDCARD.sub("", self.host)
        if parse(f"https://{name}/", policy).netloc != name:
            reason = self.env._("write the host only, in lower case: hooks.example.com")
            raise TargetRefused("invalid_url", reason)

    @api.constrains("kind", "header_ids")
    def _check_headers(self) -> None:
        """Refuse static headers where the address comes from outside."""
        if any(
            endpoint.kind == "callback" and endpoint.header_ids for endpoint in self
        ):
            raise ValidationError(
                self.env._(
                    "Headers are for one address: callers could name a host of theirs"
                    " and read them."
                )
            )

    @api.constrains("max_parallel", "timeout_seconds")
    def _check_limits(self) -> None:
        for name, allowed in LIMITS.items():
            if any(endpoint[name] not in allowed for endpoint in self):
                raise ValidationError(
                    self.env._(
                        "%(limit)s: give a number from %(least)s to %(most)s.",
                        limit=self._fields[name].get_description(self.env)["string"],
                        least=allowed[0],
                        most=allowed[-1],
                    )
                )

    def write(self, vals):
        """Change endpoints; rules are read anew, which know where they send to."""
        result = super().write(vals)
        if not ROUTING.isdisjoint(vals):
            self.env["webhook.outbound.capture"]._close_book()
        return result

    def copy_data(self, default=None):
        """Name the copies; secrets and header values stay where they are."""
        return [
            vals | {"name": self.env._("%s (copy)", endpoint.name)}
            for endpoint, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self) -> None:
        """Keep what deliveries tell of."""
        deliveries = self.env["webhook.outbound.delivery"].sudo()  # of all companies
        if deliveries.search_count([("endpoint_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This endpoint has deliveries: archive it instead.")
            )

    def action_enable(self) -> None:
        """Send again, beginning with what waits."""
        self.check_access("write")
        self.write(
            {
                "state": "enabled",
                "state_reason": False,
                "throttled_until": False,
                "failure_count": 0,
            }
        )
        self.env["webhook.outbound.sender"]._wake()

    def action_disable(self) -> None:
        """Send nothing until somebody enables the endpoints again."""
        reason = self.env._("Disabled by %s.", self.env.user.name)
        self.write({"state": "disabled", "state_reason": reason})

    def action_send_test(self) -> dict:
        """Queue a test for the endpoints' own address and say so."""
        self.check_access("write")
        self._check_can_sign()
        self.env["webhook.outbound.outbox"]._put(
            [endpoint._prepare_test() for endpoint in self]
        )
        return self._notify(self.env._("A test is on its way."))

    def _prepare_test(self) -> OutboundEvent:
        return OutboundEvent(
            rule_id=None,
            endpoint_id=self.id,
            url=self.url,
            event_type="webhook.test",
            kind="test",
            res_model=self._name,
            res_id=self.id,
            company_id=self.company_id.id or None,
            data={"message": self.env._("A test of the endpoint %s.", self.name)},
        )

    def _notify(self, message: str) -> dict:
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "success"},
        }

    def _get_policy(self) -> Policy:
        """Return where this endpoint's deliveries may go."""
        settings = self.env["api.settings"]
        return settings._get_outbound_policy(allow_http=self.allow_http)

    def _get_headers(self) -> dict[str, str]:
        """Return the extra headers; none where the address is a caller's."""
        self.ensure_one()
        if self.kind == "callback":
            return {}
        return self.env["webhook.endpoint.header"]._get_values(self)

    def _note_dead(self, reason: str) -> None:
        """Tell the owners, once until they have seen to it, of dead deliveries.

        :param reason: why the latest of them was given up.
        """
        kind = self.env.ref("mail.mail_activity_data_warning")
        # One sender after the other: the second sees what the first has told.
        self.env.execute_query(
            SQL(
                "SELECT id FROM webhook_endpoint WHERE id IN %s ORDER BY id"
                " FOR NO KEY UPDATE",
                tuple(self.ids) or (0,),
            )
        )
        self.invalidate_recordset(["activity_ids"])
        for endpoint in self.sudo():  # whoever runs the sender
            is_open = endpoint.activity_ids.filtered(
                lambda activity: activity.automated
                and activity.activity_type_id == kind
            )
            if is_open:
                continue
            owner = endpoint.user_id if endpoint.user_id.active else endpoint.create_uid
            texts = endpoint.with_context(lang=owner.lang).env
            endpoint.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=texts._("Deliveries failed for good"),
                note=escape(reason),
                user_id=owner.id,
            )
