# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import base64
from collections.abc import Mapping

from odoo import models
from odoo.tools.safe_eval import safe_eval, time

from ..exceptions import ApiError, InvalidValue
from ..tools import access_grant
from ..tools.api_outcome import ApiOutcome
from ..tools.api_request import unknown_key

PRINT_KEYS = frozenset({"report", "context"})
MIMETYPE = "application/pdf"
#: States of wkhtmltopdf in which core can print
#: (odoo/addons/base/models/ir_actions_report.py, ``get_wkhtmltopdf_state``).
WORKING_STATES = ("ok", "upgrade")


class ApiReportPrint(models.AbstractModel):
    """Prints records as the PDF of a report, in the caller's own rights."""

    _name = "api.report.print"
    _description = "API Report Print"

    def _print(self, records: models.BaseModel, payload: Mapping) -> ApiOutcome:
        """Return the PDF of a report for some records.

        :param payload: ``{"report": "<xml id or report name>"}``.
        :returns: ``{"name", "mimetype", "datas"}``, the last in base64.
        :raises ApiError: ``unknown_key``, ``not_found`` no such report,
            ``invalid_value`` a report of another model, ``access_denied``,
            ``user_error`` this server cannot print.
        """
        for key in payload:
            if key not in PRINT_KEYS:
                raise unknown_key(key, PRINT_KEYS, path=f"payload.{key}")
        records.check_access("read")
        report_sudo = self._get_report(records, payload["report"])
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() not in WORKING_STATES:
            message = self.env._("This server cannot print: it has no wkhtmltopdf.")
            raise ApiError("user_error", message, path="payload.report")
        content, kind = reports._render_qweb_pdf(report_sudo, records.ids)
        if kind != "pdf":
            message = self.env._("The report came out as %s, not as PDF.", kind)
            raise ApiError("user_error", message, path="payload.report")
        result = {
            "name": self._get_name(report_sudo, records),
            "mimetype": MIMETYPE,
            "datas": base64.b64encode(content).decode("ascii"),
        }
        message = self.env._("Report '%s' printed successfully", report_sudo.name)
        return ApiOutcome(result, message, records.ids)

    def _check_grant(self, model: models.BaseModel) -> None:
        """:raises ApiError: ``access_denied``: the profile has nothing about printing.
        Before the records are looked for, which would tell of them."""
        grant = access_grant.current()
        if grant and not grant.may(model._name, "print"):
            message = self.env._("You may not print these records.")
            raise ApiError("access_denied", message, path="payload.report")

    def _get_report(self, records: models.BaseModel, ref: object) -> models.BaseModel:
        """Return the report, with the superuser's rights, once the caller's are
        checked."""
        path = "payload.report"
        if not isinstance(ref, str) or not ref:
            message = self.env._("must be the xml id or the name of a report.")
            raise InvalidValue(message, path=path)
        try:
            report_sudo = self.env["ir.actions.report"]._get_report(ref)
        except ValueError as exc:
            message = self.env._("There is no report '%s'.", ref)
            raise ApiError("not_found", message, path=path, value=ref) from exc
        groups = report_sudo.group_ids
        if groups and not groups & self.env.user.all_group_ids:
            message = self.env._("You may not print '%s'.", ref)
            raise ApiError("access_denied", message, path=path)
        if report_sudo.model != records._name or report_sudo.report_type != "qweb-pdf":
            message = self.env._(
                "'%(report)s' is no PDF report of %(model)s.",
                report=ref,
                model=records._name,
            )
            raise InvalidValue(message, path=path, value=ref)
        return report_sudo

    def _get_name(
        self, report_sudo: models.BaseModel, records: models.BaseModel
    ) -> str:
        """Return the file name Odoo's own download would give."""
        name = report_sudo.name
        if report_sudo.print_report_name and len(records) == 1:
            # Written by administrators, evaluated as core's own download does.
            variables = {"object": records, "time": time}
            name = safe_eval(report_sudo.print_report_name, variables)
        return f"{name}.pdf"
