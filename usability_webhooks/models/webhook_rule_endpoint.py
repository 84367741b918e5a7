# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from urllib.parse import urlsplit

from odoo import models
from odoo.exceptions import ValidationError

AUTHORIZATION = "Authorization"


class WebhookRuleEndpoint(models.AbstractModel):
    """Finds or makes the endpoint for the address and the header typed into a rule.

    A rule of 18.0 had an address and a header of its own. They are an endpoint's now,
    which has a state, a secret and limits.
    """

    _name = "webhook.rule.endpoint"
    _description = "Webhook Rule Endpoint"

    def _find_url(self, vals: dict) -> dict:
        """Return a rule's values with an endpoint in the place of an address.

        :raises ValidationError: webhook.endpoint finds the address unfit.
        """
        if "endpoint_url" not in vals:
            return vals
        vals = dict(vals)
        url = (vals.pop("endpoint_url") or "").strip()
        if url and not vals.get("endpoint_id"):
            vals["endpoint_id"] = self._find(url).id
        return vals

    def _find(self, url: str) -> models.BaseModel:
        """Return the active static endpoint of an address, made if there is none."""
        endpoints = self.env["webhook.endpoint"]
        domain = [("kind", "=", "static"), ("url", "=", url)]
        found = endpoints.search(
            [*domain, ("company_id", "in", [False, *self.env.companies.ids])], limit=1
        )
        return found or endpoints.create(self._prepare_vals(url))

    def _prepare_vals(self, url: str) -> dict:
        try:
            parts = urlsplit(url)
            name = parts.hostname or url
        except ValueError:
            raise ValidationError(self.env._("'%s' is no URL.", url)) from None
        return {
            "name": name,
            "kind": "static",
            "url": url,
            # Both as 18.0 did; the endpoint shows that it is so.
            "allow_http": parts.scheme.lower() == "http",
            "is_signed": False,
        }

    def _authorize(self, rule: models.BaseModel, value: str) -> None:
        """Have the rule's endpoint send an Authorization header.

        Another rule's endpoint keeps the header it has: this rule gets its own.

        :raises ValidationError: there is no endpoint, or the value is no header's.
        """
        endpoint = rule.endpoint_id
        if not endpoint or rule.endpoint_source != "static":
            raise ValidationError(
                self.env._("A header is sent to an endpoint only: say which.")
            )
        header = endpoint.header_ids.filtered(
            lambda line: line.name.lower() == AUTHORIZATION.lower()
        )
        if header and endpoint._get_headers().get(header.name) == value:
            return
        others = rule.with_context(active_test=False).search_count(
            [("endpoint_id", "=", endpoint.id), ("id", "!=", rule.id)], limit=1
        )
        if others:
            vals = self._prepare_vals(endpoint.url) | {
                "name": f"{endpoint.name} ({rule.name})",
                "company_id": endpoint.company_id.id,
            }
            endpoint = endpoint.create(vals)
            rule.endpoint_id = endpoint
            header = endpoint.header_ids
        if header:
            header.value = value
        else:
            header.create(
                {"endpoint_id": endpoint.id, "name": AUTHORIZATION, "value": value}
            )
