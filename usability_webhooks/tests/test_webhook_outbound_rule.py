# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which changes are told: every trigger, and only what happened."""

from __future__ import annotations

from .webhook_rule_case import WebhookRuleCase


class TestTriggers(WebhookRuleCase):
    def test_starting_to_match_is_told_once(self) -> None:
        self.make_rule(trigger_domain="[('ref', '=', 'GO')]")
        partner = self.make_partner()
        self.assertEvents()
        partner.ref = "GO"
        self.assertEvents(("updated", partner.id))
