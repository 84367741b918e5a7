# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from markupsafe import Markup

from odoo import models

from ..tools.access_grant import FieldSet, Grant, ModelGrant
from ..tools.api_request import ROUTES

CREATING = frozenset({"create_data", "create_update_data", "update_data"})
UPDATING = frozenset({"update_data", "create_update_data"})
#: Which routes an operation takes, one of them: lines are created by updating, too.
WAYS = {
    "create": CREATING,
    "update": UPDATING,
    "call": frozenset({"call_function"}),
    "print": frozenset({"call_function"}),
}


class ApiAccessSummary(models.AbstractModel):
    """Says in plain words what a grant allows.

    Written from the grant a request is checked against, not from the form's fields:
    what it says is what holds.
    """

    _name = "api.access.summary"
    _description = "Access Profile in Plain Words"

    def _render(self, grant: Grant) -> Markup:
        """Return a page of HTML for people."""
        values = {
            "routes": self._get_routes(grant),
            "rules": self._get_rules(grant),
            "limits": self._get_limits(grant),
            "origin": self._get_origin(grant),
            "companies": self._get_companies(grant),
            "files": grant.may("ir.attachment", "create"),
            "demands_key": grant.needs_idempotency_key,
        }
        return self.env["ir.qweb"]._render("usability_webhooks.access_summary", values)

    def _get_routes(self, grant: Grant) -> list[tuple[str, str]]:
        """Return the open routes, each with its name for people."""
        fields = self.env["api.access.profile"]._fields
        return [
            (route, fields[f"allow_{route}"]._description_string(self.env))
            for route in ROUTES
            if route in grant.routes
        ]

    def _get_rules(self, grant: Grant) -> list[dict]:
        """Return a dict of sentences for each model; those that change come first."""
        rules = [
            self._get_rule(grant, model, rule) for model, rule in grant.models.items()
        ]
        return sorted(
            rules, key=lambda rule: (rule["writes"] is None, rule["label"].lower())
        )

    def _get_rule(self, grant: Grant, model: str, rule: ModelGrant) -> dict:
        may = rule.operations
        writes = bool(may & {"create", "update"})
        return {
            "model": model,
            "label": self.env["ir.model"]._get(model).name or model,
            "reads": self._say_fields(model, rule.readable) if "read" in may else None,
            "creates": "create" in may,
            "updates": "update" in may,
            "writes": self._say_fields(model, rule.writable) if writes else None,
            "methods": sorted(rule.methods) if "call" in may else [],
            "prints": "print" in may,
            "is_missing": model not in self.env,
            "blocked": self._get_blocked(grant, rule),
        }

    def _say_fields(self, model: str, fields: FieldSet) -> dict:
        """Return which fields: ``mode`` and pairs of name and label, sorted."""
        labels = self.env["ir.model.fields"].get_field_string(model)
        pairs = [(name, labels.get(name) or name) for name in fields.names]
        pairs.sort(key=lambda pair: pair[1].lower())
        return {"mode": fields.mode, "fields": pairs}

    def _get_blocked(self, grant: Grant, rule: ModelGrant) -> list[str]:
        """Return what the rule allows and no open route can carry out."""
        verbs = {
            "create": self.env._("Create"),
            "update": self.env._("Update"),
            "call": self.env._("Call"),
            "print": self.env._("Print"),
        }
        return [
            verbs[operation]
            for operation, ways in WAYS.items()
            if operation in rule.operations and not ways & grant.routes
        ]

    def _get_limits(self, grant: Grant) -> list[str]:
        texts = []
        if number := grant.requests_per_minute:
            texts.append(self.env._("%s requests a minute", f"{number:,}"))
        if number := grant.rows_per_minute:
            texts.append(
                self.env._("%s records a minute, read or written", f"{number:,}")
            )
        if number := grant.max_records:
            texts.append(self.env._("%s records in one request", f"{number:,}"))
        if number := grant.max_body_size:
            size = f"{number // 1024:,}"
            texts.append(self.env._("requests of up to %s KiB", size))
        return texts

    def _get_origin(self, grant: Grant) -> str:
        return ", ".join(map(str, grant.networks))

    def _get_companies(self, grant: Grant) -> str:
        """Return the names of the companies, empty for all of the user's."""
        companies = self.env["res.company"].browse(sorted(grant.company_ids))
        names = companies.exists().sudo().mapped("name")  # the profile names them
        return ", ".join(names)
