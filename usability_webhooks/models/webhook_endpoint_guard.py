# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: What says who receives what is sent, and by what they know it.
GUARDED = frozenset({"kind", "url", "host", "allow_http", "header_ids", "is_signed"})
#: What makes a host one that callers may name.
OPENING = frozenset({"active", "company_id"})


class WebhookEndpointGuard(models.AbstractModel):
    """Keeps what rules read in somebody's rights going where it was meant to go.

    A rule reads with all the rights of its user, so only this user and administrators
    say where it sends to; see ``webhook.rule.check``. Who could change the address of
    its endpoint would say so too. For ``webhook.endpoint`` only.
    """

    _name = "webhook.endpoint.guard"
    _description = "Webhook Endpoint Guard"

    @api.model_create_multi
    def create(self, vals_list):
        """Create endpoints; hosts of callers only where no rule of others sends."""
        endpoints = super().create(vals_list)
        if endpoints._has_hosts():
            self._check_hosts_are_ours()
        return endpoints

    def write(self, vals):
        """Change endpoints, where they go only if no rule of others sends there."""
        if not GUARDED.isdisjoint(vals):
            self._check_is_ours()
        is_opening = not OPENING.isdisjoint(vals) and vals.get("active", True)
        if vals.get("kind") == "callback" or (is_opening and self._has_hosts()):
            self._check_hosts_are_ours()
        return super().write(vals)

    def _has_hosts(self) -> bool:
        return any(endpoint.kind == "callback" for endpoint in self)

    def _check_is_ours(self) -> None:
        """Refuse to change where rules of others send to, and how.

        :raises AccessError: to all but administrators.
        """
        if self._has_hosts():
            self._check_hosts_are_ours()
        if rule_sudo := self._find_rule_of_others(
            Domain("endpoint_source", "=", "static")
            & Domain("endpoint_id", "in", self.ids)
        ):
            raise AccessError(
                self.env._(
                    "The rule '%(rule)s' sends there what %(user)s may read. Only an"
                    " administrator may change address, headers and signing: ask one,"
                    " or make an endpoint of your own.",
                    rule=rule_sudo.name,
                    user=rule_sudo.user_id.name,
                )
            )

    def _check_hosts_are_ours(self) -> None:
        """Refuse to change which hosts callers may name, to whom rules of others send.

        :raises AccessError: to all but administrators.
        """
        if rule_sudo := self._find_rule_of_others(
            Domain("endpoint_source", "=", "record")
        ):
            raise AccessError(
                self.env._(
                    "The rule '%(rule)s' sends what %(user)s may read to the hosts that"
                    " callers may name. Only an administrator may add or change one.",
                    rule=rule_sudo.name,
                    user=rule_sudo.user_id.name,
                )
            )

    def _find_rule_of_others(self, domain: Domain) -> models.BaseModel:
        """Return a rule that reads as somebody else; none where that may be changed."""
        # Of all companies, archived ones too: their owners may switch them on.
        rules_sudo = self.env["webhook.outbound.rule"].sudo()  # who reads, no more
        user = self.env.user
        if self.env.su or user.has_group("base.group_system"):
            return rules_sudo.browse()
        others = domain & Domain("user_id", "!=", user.id)
        return rules_sudo.with_context(active_test=False).search(others, limit=1)
