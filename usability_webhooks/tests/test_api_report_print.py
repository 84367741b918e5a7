# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""call_function prints reports; the PDF program itself is stood in for."""

from __future__ import annotations

import base64
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from .common import ApiCase

PDF = b"%PDF-1.4 test"


@tagged("post_install", "-at_install")
class TestApiReportPrint(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.view = cls.env["ir.ui.view"].create(
            {
                "name": "api_print_test",
                "type": "qweb",
                "key": "usability_webhooks.api_print_test",
                "arch": "<t t-name='api_print_test'>"
                "<p t-foreach='docs' t-as='doc' t-out='doc.name'/></t>",
            }
        )
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "Print Test",
                "model": "res.partner",
                "report_type": "qweb-pdf",
                "report_name": "usability_webhooks.api_print_test",
                "print_report_name": "'Partner %s' % object.name",
            }
        )
        cls.partner = cls.env["res.partner"].create({"name": "Printed"})

    def print(self, report: object, user=None, state: str = "ok", **more) -> dict:
        vals = {
            "search_key": {"id": self.partner.id},
            "payload": {"report": report, **more},
        }
        with (
            patch.object(IrActionsReport, "get_wkhtmltopdf_state", lambda self: state),
            patch.object(
                IrActionsReport,
                "_render_qweb_pdf",
                lambda self, ref, ids=None, data=None: (PDF, "pdf"),
            ),
        ):
            return self.perform("call_function", "res.partner", vals, user=user)

    def test_pdf_comes_with_its_name_and_type(self):
        result = self.assertSuccess(self.print("usability_webhooks.api_print_test"))
        self.assertEqual(result["name"], "Partner Printed.pdf")
        self.assertEqual(result["mimetype"], "application/pdf")
        self.assertEqual(base64.b64decode(result["datas"]), PDF)

    def test_report_is_found_by_xml_id_too(self):
        self.env["ir.model.data"].create(
            {
                "module": "usability_webhooks",
                "name": "print_test_action",
                "model": "ir.actions.report",
                "res_id": self.report.id,
            }
        )
        self.assertSuccess(self.print("usability_webhooks.print_test_action"))

    def test_what_is_no_report_of_the_model_is_refused(self):
        for report, code in (
            ("usability_webhooks.nothing", "not_found"),
            ("base.th", "not_found"),
            ("", "invalid_value"),
            (5, "invalid_value"),
            (["x"], "invalid_value"),
        ):
            with self.subTest(report=report):
                self.assertFailure(self.print(report), code, "payload.report")
        self.report.model = "res.users"
        answer = self.print("usability_webhooks.api_print_test")
        self.assertFailure(answer, "invalid_value", "payload.report")

    def test_server_without_the_pdf_program_says_so(self):
        answer = self.print("usability_webhooks.api_print_test", state="install")
        error = self.assertFailure(answer, "user_error", "payload.report")
        self.assertIn("wkhtmltopdf", error["message"])

    def test_report_of_other_groups_is_denied(self):
        self.report.group_ids = self.env.ref("base.group_system")
        user = new_test_user(self.env, "api_printer", groups="base.group_user")
        answer = self.print("usability_webhooks.api_print_test", user=user)
        self.assertFailure(answer, "access_denied", "payload.report")

    def test_report_needs_records_and_known_keys(self):
        vals = {"payload": {"report": "usability_webhooks.api_print_test"}}
        answer = self.perform("call_function", "res.partner", vals)
        self.assertFailure(answer, "invalid_value", "search_key")
        answer = self.print("usability_webhooks.api_print_test", method="read")
        self.assertFailure(answer, "unknown_key", "payload.method")
