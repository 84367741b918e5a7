# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the document's judges found in the gateway, each once.

``scripts/system_tests openapi`` looks for more; what it found is kept here, where it
takes no minutes.
"""

from __future__ import annotations

from unittest.mock import patch

from odoo.tests import tagged

from .common import ApiCase, ApiHttpCase

PARTNER = "res.partner"


@tagged("post_install", "-at_install")
class TestWrongTypes(ApiCase):
    def test_wrong_types_are_not_taken_for_nothing(self) -> None:
        create = {"payload": {"name": "x"}}
        cases = (
            ("create_data", {**create, "company": {}}, "company"),
            ("create_data", {**create, "company": []}, "company"),
            ("create_data", {**create, "result_field": 0}, "result_field"),
            ("create_data", {**create, "context": 0}, "context"),
            ("search_data", {"payload": {"count": 1}}, "payload.count"),
            ("search_data", {"payload": {"order": 0}}, "payload.order"),
            ("search_data", {"payload": {"search_field": {}}}, "payload.search_field"),
            ("search_data", {"payload": {"search_field": 0}}, "payload.search_field"),
            (
                "search_data",
                {"payload": {"include_archived": {}}},
                "payload.include_archived",
            ),
        )
        for route, vals, path in cases:
            with self.subTest(route=route, path=path):
                answer = self.perform(route, PARTNER, vals)
                self.assertFailure(answer, "invalid_value", path)

    def test_number_is_no_domain(self) -> None:
        vals = {"payload": {"search_domain": 0}}
        self.assertFailure(self.perform("search_data", PARTNER, vals), "invalid_domain")

    def test_what_18_0_sends_for_nothing_is_nothing(self) -> None:
        for nothing in (None, False, ""):
            vals = {"payload": {"name": "x"}, "company": nothing, "context": nothing}
            answer = self.perform("create_data", PARTNER, vals)
            self.assertSuccess(answer)

    def test_every_model_can_be_asked_for_access(self) -> None:
        # A reference to any model has the gateway ask about each, its own included.
        for name in self.env.registry.models:
            with self.subTest(model=name):
                self.assertIn(self.env["api.access"]._may(name, "read"), (True, False))


@tagged("post_install", "-at_install")
class TestFieldTakenForGranted(ApiCase):
    """``create`` of a model reads ``vals["field"]`` before anything is checked."""

    model = "ir.embedded.actions"

    def create_actions(self, vals: dict) -> dict:
        admin = self.env.ref("base.user_admin")
        return self.perform("create_data", self.model, vals, user=admin)

    def test_it_is_missing_with_its_path(self) -> None:
        answer = self.create_actions({"payload": {}})
        error = self.assertFailure(answer, "missing_required", "payload.action_id")
        self.assertEqual((error["model"], error["field"]), (self.model, "action_id"))

    def test_so_it_is_in_a_batch(self) -> None:
        answer = self.create_actions({"records": [{"payload": {}}, {"payload": {}}]})
        path = "records[0].payload.action_id"
        self.assertFailure(answer, "missing_required", path)

    def test_so_it_is_where_a_comprehension_reads_it(self) -> None:
        admin, model = self.env.ref("base.user_admin"), "ir.model.fields.selection"
        answer = self.perform("create_data", model, {"payload": {}}, user=admin)
        self.assertFailure(answer, "missing_required", "payload.field_id")

    def test_another_key_is_a_fault(self) -> None:
        def create(records, vals_list):
            return vals_list[0]["no_field_of_it"]

        with patch.object(type(self.env[PARTNER]), "create", create):
            vals = {"payload": {"name": "x"}}
            answer = self.perform("create_data", PARTNER, vals)
        self.assertFailure(answer, "internal_error")


@tagged("post_install", "-at_install")
class TestRefusedId(ApiHttpCase):
    def test_id_that_is_none_comes_back_as_null(self) -> None:
        for wrong in (True, False, [1], {"a": 1}):
            body = {"id": wrong, "params": {"model": PARTNER, "vals": {}}}
            response = self.post("search_data", body)
            self.assertEqual(response.status_code, 400)
            self.assertIsNone(response.json()["id"])
