# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.outbound_event import OutboundEvent
from ..tools.outbound_rule import RulePlan

MANAGERS = "usability_webhooks.group_api_manager"


class WebhookOutboundRule(models.Model):
    """What a rule's form shows besides the rule: a preview, a test, what it sent."""

    _inherit = "webhook.outbound.rule"

    preview_res_id = fields.Many2oneReference(
        "Example",
        model_field="model_name",
        store=False,
        groups=MANAGERS,
        help="The record to show the payload of. Empty: the newest.",
    )
    preview = fields.Text(compute="_compute_preview", groups=MANAGERS)
    delivery_count = fields.Integer(compute="_compute_delivery_counts")
    dead_count = fields.Integer(compute="_compute_delivery_counts")

    def _compute_delivery_counts(self) -> None:
        groups = self.env["webhook.outbound.delivery"]._read_group(
            [("rule_id", "in", self.ids)], ["rule_id", "state"], ["__count"]
        )
        counts: dict[int, dict[str, int]] = {}
        for rule, state, count in groups:
            counts.setdefault(rule.id, {})[state] = count
        for rule in self:
            of_rule = counts.get(rule._origin.id, {})
            rule.delivery_count = sum(of_rule.values())
            rule.dead_count = of_rule.get("dead", 0)

    # -- preview --------------------------------------------------------------

    @api.depends(
        *("model_id", "payload_fields", "body_format", "user_id", "lang"),
        *("preview_res_id", "event_type", "trigger"),
    )
    def _compute_preview(self) -> None:
        for rule in self:
            try:
                rule.preview = rule._make_preview() if rule.model_id else False
            except (UserError, ValidationError) as exc:
                rule.preview = str(exc.args[0])

    def _make_preview(self) -> str:
        """Return the body that would be sent of the example, as things are typed in.

        :raises UserError: it cannot be made, or not be shown to this user.
        """
        event = self._prepare_example()
        if event is None:
            return self.env._("There is no record yet to show.")
        body = event.to_body(fields.Datetime.now(), 1)
        return json.dumps(json.loads(body), ensure_ascii=False, indent=4)

    def _prepare_example(self, endpoint_id: int = 0, url: str = ""):
        """Return an event of the example record; None where there is no record.

        :raises UserError: see ``_make_preview``.
        """
        self.env["webhook.rule.check"]._check_reader(self)
        model = self.env["webhook.rule.check"]._get_model(self)
        templates = self.env["webhook.payload.template"].with_env(model.env)
        templates._check(model._name, self.payload_fields)
        record = self._find_example(model)
        if not record:
            return None
        plan = self._prepare_plan()
        kind = plan.get_kind(is_new=False)
        return OutboundEvent(
            rule_id=None,
            endpoint_id=endpoint_id,
            url=url,
            event_type=plan.get_event_type(kind),
            kind="test",
            res_model=record._name,
            res_id=record.id,
            company_id=self._get_company_id(record),
            data=templates._render(record, self.payload_fields)[0],
            body_format=self.body_format,
        )

    def _prepare_plan(self) -> RulePlan:
        """Return the rule as typed in, as far as its events are concerned."""
        return RulePlan(
            rule_id=self._origin.id or 0,
            automation_id=0,
            name=self.name or "",
            model=self.model_id.sudo().model,  # its name is no secret
            trigger=self.trigger,
            event_type=self.event_type or "",
        )

    def _find_example(self, model: models.BaseModel) -> models.BaseModel:
        """Return the chosen record, or the newest that its reader may read."""
        if self.preview_res_id:
            return model.browse(self.preview_res_id).exists()._filtered_access("read")
        return model.with_context(active_test=False).search(
            [], order="id desc", limit=1
        )

    def _get_company_id(self, record: models.BaseModel) -> int | None:
        has_company = "company_id" in record._fields
        return (record.sudo().company_id.id or None) if has_company else None  # its id

    # -- buttons --------------------------------------------------------------

    def action_send_test(self) -> dict:
        """Queue a delivery of the example record, as if it had just changed."""
        self.ensure_one()
        self.check_access("write")
        event = self._prepare_example()
        if event is None:
            raise UserError(self.env._("There is no record yet to send."))
        endpoint_id, url = self._get_target(event.res_id)
        self.env["webhook.endpoint"].browse(endpoint_id)._check_can_sign()
        event = self._prepare_example(endpoint_id, url)
        self.env["webhook.outbound.outbox"]._put([event])
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "A test is on its way: %(model)s %(id)s.",
                    model=event.res_model,
                    id=event.res_id,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_target(self, record_id: int) -> tuple[int, str]:
        """Return endpoint and URL of a test."""
        if self.endpoint_source == "static":
            return self.endpoint_id.id, self.endpoint_id.url
        # Rights of the button's user: administrators of the API.
        callbacks_sudo = self.env["webhook.callback"].sudo()  # write access was checked
        target = callbacks_sudo._find(self.model_name, [record_id]).get(record_id)
        if not target:
            raise UserError(
                self.env._("No request named a callback_url for this record.")
            )
        return target

    def action_check_again(self) -> None:
        """Forget past trouble, where the rule can work as things are now."""
        self.check_access("write")
        for rule in self:
            self.env["webhook.rule.check"]._check(rule)
        self.write({"problem": False, "told_problem": False})
        self.env["webhook.outbound.capture"]._close_book()

    def action_open_deliveries(self) -> dict:
        """Show what the rule sent, and sends."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.webhook_outbound_delivery_action"
        )
        return action | {
            "domain": [("rule_id", "=", self.id)],
            "context": {},
            "display_name": self.env._("Deliveries of %s", self.name),
        }

    def action_open_logs(self) -> dict:
        """Show the attempts to deliver, on the log."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "usability_webhooks.api_log_action"
        )
        return action | {
            "domain": [("delivery_id.rule_id", "=", self.id)],
            "context": {},
            "display_name": self.env._("Attempts of %s", self.name),
        }
