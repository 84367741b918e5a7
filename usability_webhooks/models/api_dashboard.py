# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.dashboard_window import get_days, get_hours
from .api_dashboard_log import MOST

READER = "usability_webhooks.group_api_reader"
PERIODS = {"day": get_hours, "month": get_days}
TROUBLE = [("state", "!=", "enabled")]
ENDING = [("state", "=", "soon")]


class ApiDashboard(models.AbstractModel):
    """Tells at a glance how the gateway fares, in figures that lead to their rows.

    All in the rights of the user who looks. A figure is ``{"count", "domain"}``.
    """

    _name = "api.dashboard"
    _description = "API Dashboard"

    @api.model
    @api.readonly
    def get_figures(self, period: str) -> dict:
        """Return what the dashboard shows.

        :param period: ``day``: 24 hours, by the hour. ``month``: 30 days, by the day.
        :returns: ``as_of``: the end of the period, UTC. ``is_new``: there is nothing
            on the log at all. ``traffic`` and ``latencies``: see
            ``api.dashboard.log``. ``deliveries``, ``endpoints``, ``keys``: see below;
            None where the user may not read them.
        :raises AccessError: the user is no log reader.
        :raises UserError: there is no such period.
        """
        if not self.env.user.has_group(READER):
            raise AccessError(self.env._("The dashboard is for readers of the log."))
        if not isinstance(period, str) or period not in PERIODS:
            raise UserError(self.env._("There is no period %s.", period))
        now = fields.Datetime.now()
        window = PERIODS[period](now, self.env.tz)
        log = self.env["api.dashboard.log"]
        traffic = log._get_traffic(window)
        is_quiet = not any(flow["total"]["count"] for flow in traffic.values())
        return {
            "as_of": fields.Datetime.to_string(now),
            "is_new": is_quiet and not log._has_rows(),
            "traffic": traffic,
            "latencies": log._get_latencies(window),
            "deliveries": self._get_deliveries(),
            "endpoints": self._get_rows(
                "webhook.endpoint", TROUBLE, ["name", "state", "state_reason"], "state"
            ),
            "keys": self._get_rows(
                "api.key",
                ENDING,
                ["name", "user_id", "expiration_date"],
                "expiration_date",
            ),
        }

    def _get_deliveries(self) -> dict | None:
        """Return a figure each of the deliveries that wait and that are dead."""
        deliveries = self.env["webhook.outbound.delivery"]
        if not deliveries.has_access("read"):
            return None
        domains = {
            "waiting": [("state", "in", ("pending", "sending"))],
            "dead": [("state", "=", "dead")],
        }
        return {
            name: {"count": deliveries.search_count(domain), "domain": domain}
            for name, domain in domains.items()
        }

    def _get_rows(
        self, model: str, domain: list, names: list[str], order: str
    ) -> dict | None:
        """Return a figure and, as ``rows``, the first records of a domain."""
        records = self.env[model]
        if not records.has_access("read"):
            return None
        rows = records.search_read(domain, names, limit=MOST, order=f"{order}, id")
        return {
            "count": records.search_count(domain) if len(rows) == MOST else len(rows),
            "domain": domain,
            "rows": rows,
        }
