# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import shlex

from odoo import api, fields, http, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_users import check_identity

from ..tools.access_grant import Grant

#: Stands for the key where the key itself is not known any more.
KEY_PLACEHOLDER = "YOUR_API_KEY"
#: Asks for little and changes nothing: fit to be pasted by anybody.
EXAMPLE_ROUTE = "/api/search_data"
EXAMPLE_MODEL = "res.partner"
EXAMPLE_FIELD = "name"
EXAMPLE_LIMIT = 3  # records


class ResUsers(models.Model):
    _inherit = "res.users"

    api_example_call = fields.Text(
        "Example Call", compute="_compute_api_example_call", compute_sudo=False
    )

    @property
    def SELF_READABLE_FIELDS(self) -> list[str]:
        return super().SELF_READABLE_FIELDS + ["api_example_call"]

    def _compute_api_example_call(self) -> None:
        # The same for all of them, and of nobody: an address is of one record or none.
        example = self.browse()._get_api_example_call(KEY_PLACEHOLDER)
        self.api_example_call = example

    @api.model
    def _get_api_example_call(self, key: str, grant: Grant | None = None) -> str | bool:
        """Return a curl command that works when pasted into a shell.

        :param key: the API key it is sent with.
        :param grant: what the key's profile allows; False is returned where the
            environment's user may search nothing with it.
        """
        request = self._prepare_example_request(grant)
        if not request:
            return False
        headers = [f"Authorization: Bearer {key}", "Content-Type: application/json"]
        # A server of several databases needs to be told which one is meant.
        if http.request and len(http.db_list(force=True)) > 1:
            headers.append(f"X-Odoo-Database: {self.env.cr.dbname}")
        lines = [
            f"curl {shlex.quote(self.get_base_url() + EXAMPLE_ROUTE)}",
            *(f"  -H {shlex.quote(header)}" for header in headers),
            f"  -d {shlex.quote(json.dumps(request))}",
        ]
        return " \\\n".join(lines)

    @api.model
    def _prepare_example_request(self, grant: Grant | None) -> dict | None:
        """Return the request of the example, None where a grant allows no search."""
        model, field = EXAMPLE_MODEL, EXAMPLE_FIELD
        if grant:
            readable = [
                name
                for name in sorted(grant.models, key=lambda name: (name != model, name))
                if grant.may(name, "read")
                and name in self.env
                and self.env[name].has_access("read")
            ]
            if "search_data" not in grant.routes or not readable:
                return None
            model = readable[0]
            if field not in self.env[model]._fields or not grant.may_read(model, field):
                field = "id"
        payload = {"search_field": [field], "search_domain": [], "limit": EXAMPLE_LIMIT}
        return {"params": {"model": model, "vals": {"payload": payload}}}

    @check_identity
    def action_api_issue_key(self) -> dict:
        """Open the dialog in which an administrator makes a key of this user.

        :raises AccessError: the caller is no system administrator.
        :raises UserError: the user is archived.
        """
        self.ensure_one()
        if not self.env.user._is_system():
            raise AccessError(
                self.env._("Only system administrators issue keys for others.")
            )
        if not self.active:
            raise UserError(self.env._("%s is archived.", self.name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Issue API Key"),
            "res_model": "api.key.issue",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_user_id": self.id},
        }
