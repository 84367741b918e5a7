# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import shlex

from odoo import api, fields, http, models

#: Stands for the key where the key itself is not known any more.
KEY_PLACEHOLDER = "YOUR_API_KEY"
#: Asks for little and changes nothing: fit to be pasted by anybody.
EXAMPLE_ROUTE = "/api/search_data"
EXAMPLE_REQUEST = {
    "params": {
        "model": "res.partner",
        "vals": {
            "payload": {"search_field": ["name"], "search_domain": [], "limit": 3}
        },
    }
}


class ResUsers(models.Model):
    _inherit = "res.users"

    api_example_call = fields.Text(
        "Example Call", compute="_compute_api_example_call", compute_sudo=False
    )

    @property
    def SELF_READABLE_FIELDS(self) -> list[str]:
        return super().SELF_READABLE_FIELDS + ["api_example_call"]

    def _compute_api_example_call(self) -> None:
        self.api_example_call = self._get_api_example_call(KEY_PLACEHOLDER)

    @api.model
    def _get_api_example_call(self, key: str) -> str:
        """Return a curl command that works when pasted into a shell.

        :param key: the API key it is sent with.
        """
        headers = [f"Authorization: Bearer {key}", "Content-Type: application/json"]
        # A server of several databases needs to be told which one is meant.
        if http.request and len(http.db_list(force=True)) > 1:
            headers.append(f"X-Odoo-Database: {self.env.cr.dbname}")
        lines = [
            f"curl {shlex.quote(self.get_base_url() + EXAMPLE_ROUTE)}",
            *(f"  -H {shlex.quote(header)}" for header in headers),
            f"  -d {shlex.quote(json.dumps(EXAMPLE_REQUEST))}",
        ]
        return " \\\n".join(lines)
