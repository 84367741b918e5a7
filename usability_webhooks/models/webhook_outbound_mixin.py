# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import fields, models
from odoo.tools import SQL

#: State of a delivery that is over -> state in the words of 18.0.
STATES = {"delivered": "done", "dead": "failed"}


class WebhookOutboundMixin(models.AbstractModel):
    """For models that show what became of their webhooks; rules need no mixin.

    An heir gains:

    - ``callback_url``, what the request that last wrote the record named, which rules
      that send to the record's callback URL ask first;
    - ``webhook_last_state`` and ``webhook_last_sent_date``, read from the deliveries:
      nothing is ever written on the record for them.

    It may define methods called ``_webhook_*``, which payload templates may call with
    texts: ``{@_webhook_total(THB)}``. What they return must be fit for JSON.
    """

    _name = "webhook.outbound.mixin"
    _description = "Outbound Webhook Mixin"

    callback_url = fields.Char("Callback URL", readonly=True, copy=False)
    webhook_last_state = fields.Selection(
        [("done", "Success"), ("failed", "Failed")],
        "Last Webhook",
        compute="_compute_webhook_last",
        help="Of the last delivery that was made or given up.",
    )
    webhook_last_sent_date = fields.Datetime(
        "Last Webhook On", compute="_compute_webhook_last"
    )

    def _compute_webhook_last(self) -> None:
        found = self._get_webhook_last()
        for record in self:
            state, date = found.get(record._origin.id, (False, False))
            record.webhook_last_state = STATES.get(state, False)
            record.webhook_last_sent_date = date

    def _get_webhook_last(self) -> Mapping[int, tuple]:
        """Return state and time of the last finished delivery, by record."""
        if not self._origin:
            return {}
        # Who sees the record sees how its webhooks went, not what they said: SQL,
        # for deliveries are the log readers'.
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ON (res_id) res_id, state,"
                " COALESCE(delivered_at, last_attempt_at, occurred_at)"
                " FROM webhook_outbound_delivery WHERE res_model = %s"
                " AND res_id = ANY(%s) AND state IN ('delivered', 'dead')"
                " AND kind != 'test' ORDER BY res_id, id DESC",
                self._name,
                self._origin.ids,
            )
        )
        return {
            res_id: (state, date.replace(microsecond=0)) for res_id, state, date in rows
        }

    def _set_callback_url(self, named: Mapping[int, str]) -> None:
        """Show on records what a request named for them."""
        by_url: dict[str, list[int]] = {}
        for record in self.browse(named):
            if record.callback_url != named[record.id]:
                by_url.setdefault(named[record.id], []).append(record.id)
        for url, ids in by_url.items():
            self.browse(ids).write({"callback_url": url})
