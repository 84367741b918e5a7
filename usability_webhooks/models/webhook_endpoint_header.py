# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: What a header may be called (RFC 9110, "token").
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: What a header may say: visible ASCII and blanks between, nothing that ends a line.
VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
#: Written by the transport itself.
RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
RESERVED_PREFIXES = ("webhook-", "proxy-")


class WebhookEndpointHeader(models.Model):
    """A header sent to an endpoint along with every delivery, often a credential.

    Its value can be written and never read: it is kept in a column without a field.
    """

    _name = "webhook.endpoint.header"
    _description = "Webhook Endpoint Header"
    _order = "endpoint_id, name, id"
    _allow_sudo_commands = False

    endpoint_id = fields.Many2one(
        "webhook.endpoint", "Endpoint", required=True, ondelete="cascade", index=True
    )
    name = fields.Char("Header", required=True)
    value = fields.Char(
        compute="_compute_value",
        readonly=False,
        store=False,
        help="Kept where nobody can read it. Type a new one to replace it.",
    )

    is_stored = fields.Boolean(
        "Stored", compute="_compute_is_stored", help="There is a value to send."
    )

    _name_unique = models.UniqueIndex(
        "(endpoint_id, lower(name))", "An endpoint has one header of a name."
    )

    @api.private
    def init(self) -> None:
        self.env.cr.execute(
            SQL(
                "ALTER TABLE webhook_endpoint_header"
                " ADD COLUMN IF NOT EXISTS secret_value varchar"
            )
        )

    def _compute_value(self) -> None:
        """Say nothing: what was stored is not shown."""
        self.value = False

    def _compute_is_stored(self) -> None:
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM webhook_endpoint_header"
                " WHERE secret_value IS NOT NULL AND id IN %s",
                tuple(self.ids) or (0,),
            )
        )
        stored_ids = {header_id for (header_id,) in rows}
        for header in self:
            header.is_stored = header.id in stored_ids

    @api.constrains("name")
    def _check_name(self) -> None:
        for header in self:
            name = header.name.lower()
            if not TOKEN.fullmatch(name):
                raise ValidationError(
                    self.env._("%s cannot be the name of a header.", header.name)
                )
            if name in RESERVED or name.startswith(RESERVED_PREFIXES):
                raise ValidationError(
                    self.env._("%s is written by the gateway itself.", header.name)
                )

    @api.constrains("endpoint_id")
    def _check_endpoint(self) -> None:
        self.endpoint_id._check_headers()

    @api.model_create_multi
    def create(self, vals_list):
        values = [vals.get("value") for vals in vals_list]
        for value in values:
            self._check_value(value)
        headers = super().create(
            [
                {name: content for name, content in vals.items() if name != "value"}
                for vals in vals_list
            ]
        )
        headers.endpoint_id._check_is_ours()
        for header, value in zip(headers, values, strict=True):
            header._store_value(value)
        return headers

    def write(self, vals):
        endpoints = self.endpoint_id
        if endpoint_id := vals.get("endpoint_id"):
            endpoints |= endpoints.browse(endpoint_id)
        endpoints._check_is_ours()
        if "value" not in vals:
            return super().write(vals)
        self._check_value(vals["value"])
        result = super().write(
            {name: content for name, content in vals.items() if name != "value"}
        )
        self._store_value(vals["value"])
        return result

    def unlink(self):
        self.endpoint_id._check_is_ours()
        return super().unlink()

    def _check_value(self, value: str | bool | None) -> None:
        if not isinstance(value, str) or not VALUE.fullmatch(value):
            raise ValidationError(
                self.env._(
                    "A header needs a value of visible ASCII characters, in one line."
                )
            )

    def _store_value(self, value: str) -> None:
        """Put the value where only the sender finds it."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_endpoint_header SET secret_value = %s WHERE id IN %s",
                value,
                tuple(self.ids) or (0,),
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset(["value", "is_stored"])

    def _get_values(self, endpoint: models.BaseModel) -> dict[str, str]:
        """Return name and value of the headers of one endpoint, for the sender."""
        self.flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                "SELECT name, secret_value FROM webhook_endpoint_header"
                " WHERE endpoint_id = %s AND secret_value IS NOT NULL ORDER BY name",
                endpoint.id,
            )
        )
        return dict(rows)
