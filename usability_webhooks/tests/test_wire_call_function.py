# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""call_function over HTTP: what may be called, and how results are told."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestWireCallFunction(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Old Customer", "ref": "C-OLD"}
        )

    def run_method(self, payload: dict, search_key: dict | None = None) -> dict:
        vals = {"payload": payload}
        if search_key is not None:
            vals["search_key"] = search_key
        status, answer = self.call("call_function", "res.partner", vals)
        self.assertEqual(status, 200, answer)
        return answer["result"]

    def test_golden_request_has_its_golden_answer(self):
        result = self.assertGolden("call_function", "call_function")["result"]
        self.assertEqual(set(result.values()), {self.partner.id})

    def test_records_are_answered_as_ids(self):
        answer = self.run_method({"method": "copy"}, {"ref": "C-OLD"})
        ids = self.assertSuccess(answer)
        self.assertEqual(len(ids), 1)
        self.assertNotEqual(ids, self.partner.ids)
        self.assertTrue(self.env["res.partner"].browse(ids).exists())

    def test_model_method_needs_no_search_key(self):
        parameter = {"name": "Old Custom", "limit": 1}
        answer = self.run_method({"method": "name_search", "parameter": parameter})
        self.assertEqual(
            self.assertSuccess(answer), [[self.partner.id, "Old Customer"]]
        )

    def test_record_method_without_search_key_is_refused(self):
        answer = self.run_method({"method": "action_archive"})
        self.assertFailure(answer, "invalid_arguments", "search_key")

    def test_search_key_that_matches_nothing_is_not_found(self):
        answer = self.run_method({"method": "action_archive"}, {"ref": "C-NONE"})
        self.assertFailure(answer, "not_found", "search_key")

    def test_method_that_returns_nothing_is_a_success(self):
        answer = self.run_method({"method": "action_archive"}, {"ref": "C-OLD"})
        self.assertSuccess(answer)
        self.partner.invalidate_recordset()
        self.assertFalse(self.partner.active)

    def test_wrong_arguments_are_told_before_the_call(self):
        for parameter in ({"nonsense": 1}, {"vals": {}, "more": 1}, {}):
            with self.subTest(parameter=parameter):
                payload = {"method": "write", "parameter": parameter}
                answer = self.run_method(payload, {"ref": "C-OLD"})
                self.assertFailure(answer, "invalid_arguments", "payload.parameter")

    def test_context_of_the_payload_reaches_the_method(self):
        payload = {
            "method": "default_get",
            "parameter": {"fields": ["ref"]},
            "context": {"default_ref": "FROM-CONTEXT"},
        }
        self.assertEqual(
            self.assertSuccess(self.run_method(payload)), {"ref": "FROM-CONTEXT"}
        )

    def test_error_of_the_method_undoes_what_it_did(self):
        # Writes a name, then trips over a parent that would be its own child.
        parameter = {"vals": {"name": "Half Done", "parent_id": self.partner.id}}
        payload = {"method": "write", "parameter": parameter}
        answer = self.run_method(payload, {"ref": "C-OLD"})
        self.assertFailure(answer, "validation_error")
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.name, "Old Customer")

    def test_unknown_method_is_named(self):
        answer = self.run_method({"method": "no_such_method"}, {"ref": "C-OLD"})
        error = self.assertFailure(answer, "unknown_method", "payload.method")
        self.assertEqual(error["value"], "no_such_method")
