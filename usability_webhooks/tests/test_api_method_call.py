# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Public methods called from outside, and what their results become."""

from __future__ import annotations

from datetime import date, datetime
from unittest.mock import patch

from odoo import api
from odoo.tests import tagged

from ..exceptions import ApiError
from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiMethodCall(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create(
            [{"name": "Call one", "ref": "CALL1"}, {"name": "Call two", "ref": "CALL2"}]
        )

    def call(self, method: object, model: str = "res.partner", **vals) -> dict:
        """Call a method on the first partner, unless ``search_key`` says otherwise."""
        payload = {"method": method}
        if "parameter" in vals:
            payload["parameter"] = vals.pop("parameter")
        vals = {"search_key": {"ref": "CALL1"}, "payload": payload, **vals}
        if vals["search_key"] is None:
            del vals["search_key"]
        return self.perform("call_function", model, vals)

    def returning(self, result: object, model: str = "res.partner"):
        """Give the model a method that renames its records and returns ``result``."""

        def api_test_method(records):
            records.name = "renamed"
            return result(records) if callable(result) else result

        return patch.object(
            type(self.env[model]), "api_test_method", api_test_method, create=True
        )

    # -- which methods --------------------------------------------------------

    def test_a_public_method_is_called_on_the_records_named(self) -> None:
        answer = self.call("write", parameter={"vals": {"name": "Written"}})
        self.assertIs(self.assertSuccess(answer), True)
        self.assertEqual(self.partners.mapped("name"), ["Written", "Call two"])

    def test_several_records_are_named_by_a_list(self) -> None:
        key = {"ref": ["CALL1", "CALL2"]}
        answer = self.call(
            "write", search_key=key, parameter={"vals": {"name": "Both"}}
        )
        self.assertSuccess(answer)
        self.assertEqual(self.partners.mapped("name"), ["Both", "Both"])

    def test_private_methods_are_denied(self) -> None:
        for name in ("_write", "__init__", "sudo", "browse", "with_user", "_cr"):
            with self.subTest(name=name):
                answer = self.call(name)
                self.assertFailure(answer, "method_denied", "payload.method")

    def test_what_is_no_method_is_unknown(self) -> None:
        for name in ("wirte", "name", "env", "no_such_method", "ids"):
            with self.subTest(name=name):
                answer = self.call(name)
                self.assertFailure(answer, "unknown_method", "payload.method")
        hint = self.call("wirte")["errors"][0]["hint"]
        self.assertIn("write", hint)

    def test_a_method_without_a_name_is_refused(self) -> None:
        for name in (None, "", 5, ["write"]):
            with self.subTest(name=name):
                answer = self.call(name)
                self.assertFailure(answer, "invalid_value", "payload.method")

    def test_a_method_that_asks_for_a_password_is_refused(self) -> None:
        before = self.env["res.users.apikeys"].search([])
        for model, name in (
            ("res.users.apikeys.description", "make_key"),
            ("res.users", "api_key_wizard"),
        ):
            with self.subTest(model=model):
                key = {"id": [self.env.uid]}
                answer = self.call(name, model, search_key=key)
                self.assertFailure(answer, "identity_check_required", "payload.method")
        self.assertEqual(self.env["res.users.apikeys"].search([]), before)

    def test_a_model_that_does_not_exist_is_unknown(self) -> None:
        answer = self.call("write", "res.prtner")
        self.assertFailure(answer, "unknown_model", "model")

    # -- which records --------------------------------------------------------

    def test_a_model_method_needs_no_search_key(self) -> None:
        answer = self.call(
            "name_search", search_key=None, parameter={"name": "Call one"}
        )
        ids = [row[0] for row in self.assertSuccess(answer)]
        self.assertEqual(ids, self.partners[0].ids)

    def test_a_record_method_without_search_key_is_refused(self) -> None:
        answer = self.call("write", search_key=None, parameter={"vals": {}})
        self.assertFailure(answer, "invalid_arguments", "search_key")

    def test_records_that_are_not_there_are_not_found(self) -> None:
        answer = self.call("write", search_key={"ref": "?"}, parameter={"vals": {}})
        self.assertFailure(answer, "not_found", "search_key")

    def test_an_ambiguous_search_key_calls_nothing(self) -> None:
        self.partners.write({"ref": "SAME"})
        answer = self.call(
            "write", search_key={"ref": "SAME"}, parameter={"vals": {"name": "x"}}
        )
        self.assertFailure(answer, "ambiguous", "search_key")
        self.assertNotIn("x", self.partners.mapped("name"))

    # -- arguments ------------------------------------------------------------

    def test_arguments_are_bound_before_the_call(self) -> None:
        for parameter in (
            {},
            {"values": {"name": "x"}},
            {"vals": {"name": "x"}, "more": 1},
            {"self": [1], "vals": {"name": "x"}},
            ["x"],
            "x",
            [],
            0,
        ):
            with self.subTest(parameter=parameter):
                answer = self.call("write", parameter=parameter)
                self.assertFailure(answer, "invalid_arguments", "payload.parameter")
        self.assertEqual(self.partners[0].name, "Call one")

    def test_the_context_reaches_the_method(self) -> None:
        payload = {"method": "default_get", "parameter": {"fields": ["ref"]}}
        payload["context"] = {"default_ref": "from context"}
        answer = self.perform("call_function", "res.partner", {"payload": payload})
        self.assertEqual(self.assertSuccess(answer), {"ref": "from context"})

    def test_a_private_context_key_is_refused(self) -> None:
        payload = {"method": "default_get", "parameter": {"fields": ["ref"]}}
        payload["context"] = {"_x": 1}
        answer = self.perform("call_function", "res.partner", {"payload": payload})
        self.assertFailure(answer, "invalid_value", "payload.context._x")
        for context in ([], 0, "x"):
            with self.subTest(context=context):
                vals = {"payload": payload | {"context": context}}
                answer = self.perform("call_function", "res.partner", vals)
                self.assertFailure(answer, "invalid_value", "payload.context")

    # -- results --------------------------------------------------------------

    def test_results_become_plain_values(self) -> None:
        partners = self.partners
        for result, expected in (
            (None, None),
            (True, True),
            (0, 0),
            ("text", "text"),
            (1.5, 1.5),
            (date(2026, 1, 31), "2026-01-31"),
            (datetime(2026, 1, 31, 10, 5), "2026-01-31 10:05:00"),
            (lambda records: records, partners[0].ids),
            (lambda records: records.browse(), []),
            ((1, "a"), [1, "a"]),
            ({"ids": partners, 5: [date(2026, 1, 1)]}, None),
            (b"QQ==", "QQ=="),
        ):
            if isinstance(result, dict):
                expected = {"ids": partners.ids, "5": ["2026-01-01"]}
            with self.subTest(result=result), self.returning(result):
                answer = self.call("api_test_method")
                self.assertEqual(self.assertSuccess(answer), expected)
                self.assertEqual(partners[0].name, "renamed")

    def test_an_action_is_returned_as_it_is(self) -> None:
        action = {"type": "ir.actions.act_window", "res_model": "res.partner"}
        with self.returning(action | {"views": [(False, "list")]}):
            answer = self.call("api_test_method")
        self.assertEqual(
            self.assertSuccess(answer), action | {"views": [[False, "list"]]}
        )

    def test_what_json_cannot_say_is_refused_and_undone(self) -> None:
        for result in (
            {1, 2},
            object(),
            float("nan"),
            [1, {"a": float("inf")}],
            b"\xff",
        ):
            with self.subTest(result=result), self.returning(result):
                answer = self.call("api_test_method")
                error = self.assertFailure(answer, "invalid_value")
                self.assertTrue(error["path"].startswith("result"), error)
                self.assertEqual(self.partners[0].name, "Call one")

    def test_a_method_that_answers_with_a_password_prompt_is_refused(self) -> None:
        prompt = {
            "type": "ir.actions.act_window",
            "res_model": "res.users.identitycheck",
        }
        with self.returning(prompt):
            answer = self.call("api_test_method")
        self.assertFailure(answer, "identity_check_required", "payload.method")
        self.assertEqual(self.partners[0].name, "Call one")

    # -- commit ---------------------------------------------------------------

    def test_a_commit_of_the_methods_own_is_refused(self) -> None:
        # Of its own cursor: the test's own one may not be committed at all.
        with self.registry.cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            with env["api.cursor.guard"]._guarded():
                with self.assertRaises(ApiError) as caught:
                    cr.commit()  # pylint: disable=invalid-commit
            self.assertEqual(caught.exception.code, "method_denied")
            cr.commit()  # pylint: disable=invalid-commit
