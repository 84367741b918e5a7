# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from lxml import etree

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..exceptions import ApiError, ApiRefused
from ..tools.api_request import ROUTES, read_envelope
from ..tools.json_body import parse_json

#: Records offered while somebody types.
COMPLETIONS = 8
#: What a view says of a field nobody is to see or change.
ALWAYS = ("1", "True", "true")
#: Widgets of fields that are no input.
NO_INPUTS = ("handle", "statusbar", "statinfo", "image", "many2many_binary")
#: Types a form of plain inputs has no input for.
NO_TYPES = ("binary", "properties_definition", "json")


class ApiConsole(models.AbstractModel):
    """Serves the console: what to offer in its form, record by record.

    Everything in the rights of the user who looks at it. What fields there are, the
    console reads in the OpenAPI document, as everybody else.
    """

    _name = "api.console"
    _description = "API Console"

    @api.model
    @api.readonly
    def get_starters(self, model: str) -> dict:
        """Return the fields people fill in for a model, as its form has them.

        :returns: ``{"fields": names, "lines": {one2many: names of its list}}``; no
            names where the model has no form.
        """
        target = self._get_model(model)
        try:
            arch = etree.fromstring(target.get_view(view_type="form")["arch"])
        except (UserError, ValueError):  # a broken view is not the console's to mend
            return {"fields": [], "lines": {}}
        names, lines = [], {}
        for node in arch.iterfind(".//field"):
            field = target._fields.get(node.get("name"))
            if next(node.iterancestors("field"), None) is not None or field is None:
                continue
            if not self._is_input(target, node):
                continue
            names.append(field.name)
            if field.type == "one2many":
                lines[field.name] = self._get_columns(node, field.comodel_name)
        return {"fields": [*dict.fromkeys(names)], "lines": lines}

    def _get_columns(self, node: etree._Element, model: str) -> list[str]:
        """Return the inputs of the list that shows the lines of a form."""
        target = self._get_model(model)
        names = [
            column.get("name")
            for column in node.iterfind("./list/field")
            if self._is_input(target, column)
        ]
        return [*dict.fromkeys(names)]

    def _is_input(self, model: models.BaseModel, node: etree._Element) -> bool:
        """Tell whether a node of a view is a field people fill in."""
        field = model._fields.get(node.get("name"))
        if field is None or field.type in NO_TYPES:
            return False
        hidden = (node.get("invisible"), node.get("column_invisible"))
        if node.get("widget") in NO_INPUTS or any(said in ALWAYS for said in hidden):
            return False
        if node.get("readonly") in ALWAYS or field.readonly:
            return False
        return self.env["api.openapi.field"]._may_write(model, field)

    @api.model
    @api.readonly
    def get_completions(self, model: str, text: str) -> list[dict]:
        """Return the records a text may mean, with a lookup that finds each.

        :returns: ``{"id", "label", "lookup"}`` of at most ``COMPLETIONS`` records.
        """
        target = self._get_model(model)
        found = target.name_search(text, limit=COMPLETIONS)
        records = target.browse(record_id for record_id, _label in found)
        lookups = self.env["api.openapi.identity"]._get_lookups(records)
        return [
            {"id": record_id, "label": label, "lookup": lookups[record_id]}
            for record_id, label in found
        ]

    @api.model
    @api.readonly
    def get_request(self, log_id: int) -> dict:
        """Return what a row of the log asked for.

        :returns: ``{"route", "model", "vals"}``.
        :raises UserError: its body is not there any more, or was no request.
        """
        self._check_user()
        log = self.env["api.log"].browse(log_id)
        log.check_access("read")
        try:
            limits = self.env["api.settings"]._get_json_limits()
            parsed = parse_json(log._get_text("data"), limits)
            model, vals, _jsonrpc_id = read_envelope(parsed)
        except (ApiError, ApiRefused) as exc:
            message = self.env._("The log has no whole request here: %s", exc.message)
            raise UserError(message) from exc
        route = (log.route or "").rpartition("/")[2]
        if route not in ROUTES:
            raise UserError(self.env._("This was no request to one of the routes."))
        return {"route": route, "model": model, "vals": vals}

    def _get_model(self, name: str) -> models.BaseModel:
        """Return a model.

        :raises UserError: there is none the user may see.
        """
        self._check_user()
        try:
            return self.env["api.access"]._get_model(name)
        except ApiError as exc:
            raise UserError(exc.say(self.env.lang)) from exc

    def _check_user(self) -> None:
        """:raises AccessError: the console is part of the backend."""
        if not self.env.user._is_internal():
            raise AccessError(self.env._("The console is for internal users."))
