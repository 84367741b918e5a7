# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Wire contract, section 2: the keys of an answer and the closed list of codes."""

from __future__ import annotations

from unittest.mock import patch

from psycopg2 import DatabaseError, InterfaceError, OperationalError, errors
from psycopg2.errors import SerializationFailure

from odoo.exceptions import LockError, RedirectWarning, UserError
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..exceptions import (
    OPERATION_CODES,
    REFUSAL_STATUS,
    ApiError,
    ApiErrors,
    GivenUp,
)
from ..tools import envelope
from ..tools.api_outcome import ApiOutcome
from .common import TEST_GROUPS, ApiCase, ApiHttpCase

FAILURE_KEYS = {"is_success", "messages", "request_id", "errors", "retryable"}
TRANSACTION = "odoo.addons.usability_webhooks.models.api_transaction"


@tagged("post_install", "-at_install")
class TestEnvelope(BaseCase):
    def test_success_leaves_empty_extras_out(self):
        extra = {"total": None, "created": [], "warnings": ["w"]}
        answer = envelope.success(ApiOutcome(5, "Done", extra=extra), "r-1", None)
        expected = {
            "is_success": True,
            "result": 5,
            "messages": "Done",
            "request_id": "r-1",
            "warnings": ["w"],
        }
        self.assertEqual(answer, expected)

    def test_total_of_zero_is_told(self):
        outcome = ApiOutcome([], "m", extra={"total": 0})
        self.assertEqual(envelope.success(outcome, "r", None)["total"], 0)

    def test_a_lost_connection_may_be_tried_again(self):
        for exc in (
            OperationalError("terminating connection"),
            InterfaceError("connection already closed"),
            DatabaseError("server closed the connection unexpectedly"),
            GivenUp("conflict", "given up"),
        ):
            with self.subTest(exc=exc):
                answer = envelope.failure(exc, "r", None)
                self.assertEqual(answer["errors"][0]["code"], "conflict")
                self.assertTrue(answer["retryable"])

    def test_what_postgresql_itself_says_is_no_lost_connection(self):
        for exc in (errors.UndefinedTable("x"), errors.InternalError_("x")):
            with self.subTest(exc=exc):
                self.assertFalse(envelope.failure(exc, "r", None)["retryable"])

    def test_failure_lists_every_error_in_order(self):
        found = [
            ApiError("not_found", "no such country.", path="payload.country_id"),
            ApiError("unknown_field", "no field 'x'.", path="payload.x", hint="y?"),
        ]
        answer = envelope.failure(ApiErrors(found), "r-2", None)
        self.assertEqual(answer.keys(), FAILURE_KEYS)
        self.assertIs(answer["is_success"], False)
        self.assertIs(answer["retryable"], False)
        self.assertEqual(
            answer["messages"], "payload.country_id: no such country. (and 1 more)"
        )
        self.assertEqual(
            answer["errors"],
            [
                {
                    "code": "not_found",
                    "message": "no such country.",
                    "path": "payload.country_id",
                },
                {
                    "code": "unknown_field",
                    "message": "no field 'x'.",
                    "path": "payload.x",
                    "hint": "y?",
                },
            ],
        )

    def test_only_what_may_pass_off_is_retryable(self):
        for exc, retryable in (
            (SerializationFailure("x"), True),
            (ApiError("conflict", "x"), False),
            (UserError("x"), False),
            (ValueError("x"), False),
        ):
            with self.subTest(exc=exc):
                answer = envelope.failure(exc, "r", None)
                self.assertIs(answer["retryable"], retryable)

    def test_bug_is_told_by_its_request_id_alone(self):
        for exc in (KeyError("secret"), RuntimeError("secret"), ApiErrors([])):
            with self.subTest(exc=exc):
                answer = envelope.failure(exc, "r-3", None)
                self.assertEqual(answer["errors"][0]["code"], "internal_error")
                self.assertIn("r-3", answer["messages"])
                self.assertNotIn("secret", str(answer))

    def test_code_outside_the_closed_list_never_leaves(self):
        answer = envelope.failure(ApiError("made_up", "secret"), "r-4", None)
        self.assertEqual(answer["errors"][0]["code"], "internal_error")
        self.assertNotIn("secret", str(answer))

    def test_json_cannot_say_nan(self):
        for value in (float("nan"), float("inf"), -float("inf")):
            with self.assertRaises(ValueError):
                envelope.to_json({"result": value})

    def test_refusals_use_their_own_codes(self):
        # internal_error is in both: a bug may strike before an operation, too.
        self.assertEqual(OPERATION_CODES & REFUSAL_STATUS.keys(), {"internal_error"})


@tagged("post_install", "-at_install")
class TestOperationCodes(ApiCase):
    """Each code of the closed list is provoked by a request of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user = new_test_user(cls.env, "api_tester", groups=TEST_GROUPS)
        cls.partner = cls.env["res.partner"].create({"name": "Coded", "ref": "E-1"})
        cls.env["res.partner"].create([{"name": "T1", "ref": "TWIN"}] * 2)

    # pylint: disable-next=too-many-arguments
    def assertCode(self, code: str, route: str, model: str, vals: dict, path=None):
        answer = self.perform(route, model, vals, user=self.user, request_id="r-9")
        error = self.assertFailure(answer, code, path)
        self.assertEqual(answer.keys(), FAILURE_KEYS)
        self.assertEqual(answer["request_id"], "r-9")
        self.assertTrue(error["message"].strip())
        self.assertTrue(answer["messages"].strip())
        return error

    # pylint: disable-next=method-required-super
    def create(self, code: str, payload: dict, path: str | None = None, **vals):
        vals["payload"] = {"name": "Never Made", **payload}
        return self.assertCode(code, "create_data", "res.partner", vals, path)

    def call(self, code: str, payload: dict, path: str | None = None):
        vals = {"search_key": {"ref": "E-1"}, "payload": payload}
        return self.assertCode(code, "call_function", "res.partner", vals, path)

    def search(self, code: str, payload: dict, path: str | None = None):
        vals = {"payload": payload}
        return self.assertCode(code, "search_data", "res.partner", vals, path)

    def test_values(self):
        self.create("invalid_value", {"is_company": "false"}, "payload.is_company")
        self.create("invalid_value", {"color": "5"}, "payload.color")
        self.search("invalid_value", {"limit": -1}, "payload.limit")

    def test_names(self):
        vals = {"payload": {}}
        path = "model"
        self.assertCode("unknown_model", "create_data", "res.partnr", vals, path)
        error = self.create("unknown_field", {"nmae": "x"}, "payload.nmae")
        self.assertIn("name", error["hint"])
        self.create("unknown_key", {}, "paylod", paylod={})
        self.search("unknown_key", {"domain": []}, "payload.domain")
        self.search("unknown_field", {"search_field": ["nmae"]})
        self.search("unknown_field", {"order": "nmae desc"}, "payload.order")

    def test_fields_of_odoo_itself(self):
        self.create("readonly_field", {"create_uid": 1}, "payload.create_uid")
        self.create("readonly_field", {"id": 5}, "payload.id")

    def test_required_fields_are_named_with_their_label(self):
        vals = {"payload": {"color": 1}}
        model = "res.partner.category"
        with mute_logger("odoo.sql_db"):
            error = self.assertCode("missing_required", "create_data", model, vals)
        self.assertEqual((error["field"], error["path"]), ("name", "payload.name"))

    def test_lookups(self):
        payload = {"country_id": {"code": "T9"}}
        error = self.create("not_found", payload, "payload.country_id")
        expected = {"model": "res.country", "field": "code", "value": "T9"}
        self.assertEqual({key: error[key] for key in expected}, expected)
        payload = {"parent_id": {"ref": "TWIN"}}
        error = self.create("ambiguous", payload, "payload.parent_id")
        self.assertEqual(len(error["candidates"]), 2)
        self.assertEqual(error["candidates"][0].keys(), {"id", "display_name"})

    def test_rights(self):
        vals = {"payload": {"key": "a", "value": "b"}}
        model = "ir.config_parameter"
        self.assertCode("unknown_model", "create_data", model, vals)
        self.assertCode("unknown_model", "search_data", model, {"payload": {}})
        vals = {"payload": {"name": "Utopia", "code": "UT"}}
        self.assertCode("access_denied", "create_data", "res.country", vals)
        field = self.env["res.partner"]._fields["vat"]
        with patch.object(field, "groups", "base.group_system"):
            self.create("field_denied", {"vat": "x"}, "payload.vat")
            self.search("field_denied", {"search_field": ["vat"]})
            self.search("field_denied", {"search_domain": [["vat", "=", "x"]]})
            self.search("field_denied", {"order": "vat"}, "payload.order")
            self.create("field_denied", {"parent_id": {"vat": "x"}})

    def test_methods(self):
        self.call("method_denied", {"method": "_write"}, "payload.method")
        self.call("unknown_method", {"method": "archive_it"}, "payload.method")
        payload = {"method": "write", "parameter": {"values": {}}}
        self.call("invalid_arguments", payload, "payload.parameter")
        vals = {
            "search_key": {"id": self.user.id},
            "payload": {"method": "api_key_wizard"},
        }
        self.assertCode("identity_check_required", "call_function", "res.users", vals)

    def test_domain(self):
        path = "payload.search_domain"
        self.search("invalid_domain", {"search_domain": "[('a'"}, path)
        self.search("invalid_domain", {"search_domain": [["nope", "=", 1]]}, path)

    def test_rules_of_the_model(self):
        vals = {
            "search_key": {"ref": "E-1"},
            "payload": {"parent_id": self.partner.id},
        }
        self.assertCode("validation_error", "update_data", "res.partner", vals)
        with mute_logger("odoo.sql_db"):
            self.create("validation_error", {"name": False})

        def refuse(records):
            raise UserError("Not now.")  # pylint: disable=translation-required

        with patch.object(type(self.partner), "address_get", refuse):
            error = self.call("user_error", {"method": "address_get"})
        self.assertEqual(error["message"], "Not now.")

        def redirect(records):
            message = "Set it up."
            raise RedirectWarning(message, 1, "Go there")

        with patch.object(type(self.partner), "address_get", redirect):
            error = self.call("user_error", {"method": "address_get"})
        self.assertEqual(error["message"], "Set it up.")

    def test_limits(self):
        self.env["ir.config_parameter"].set_param("webhook.max_lines", "1")
        lines = [{"name": "a"}, {"name": "b"}]
        self.create("limit_exceeded", {"child_ids": lines}, "payload.child_ids")
        vals = {"payload": lines}
        path = "payload"
        self.assertCode("limit_exceeded", "create_data", "res.partner", vals, path)

    def test_conflicts_and_bugs(self):
        service = type(self.env["api.service"])
        for exc, code in (
            (LockError("taken"), "conflict"),
            (SerializationFailure("x"), "conflict"),
            (ZeroDivisionError("secret"), "internal_error"),
        ):
            with (
                self.subTest(exc=exc),
                patch.object(service, "_write_data", side_effect=exc),
            ):
                error = self.create(code, {})
                self.assertNotIn("secret", str(error))

    def test_every_mistake_is_told_at_once(self):
        answer = self.perform(
            "update_data",
            "res.partner",
            {
                "search_key": {"reff": "E-1"},
                "payload": {
                    "nmae": "x",
                    "color": "red",
                    "country_id": {"code": "T9"},
                    "child_ids": [{"name": "a", "create_uid": 2}],
                },
                "result_field": ["namme"],
            },
            user=self.user,
        )
        found = {(error["code"], error["path"]) for error in answer["errors"]}
        expected = {
            ("unknown_field", "search_key.reff"),
            ("unknown_field", "payload.nmae"),
            ("invalid_value", "payload.color"),
            ("not_found", "payload.country_id"),
            ("readonly_field", "payload.child_ids[0].create_uid"),
            ("unknown_field", "result_field"),
        }
        self.assertEqual(found, expected)


@tagged("post_install", "-at_install")
class TestFailedOperation(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Kept", "ref": "E-1"})

    def call_patched(self, answer_with: object) -> dict:
        """Call a method that writes a name and then answers or raises."""

        def address_get(records, adr_pref=None):
            records.write({"name": "Half Done"})
            records.flush_recordset()
            if isinstance(answer_with, BaseException):
                raise answer_with
            return answer_with

        vals = {"search_key": {"ref": "E-1"}, "payload": {"method": "address_get"}}
        partners = type(self.env["res.partner"])
        with patch.object(partners, "address_get", address_get):
            status, answer = self.call("call_function", "res.partner", vals)
        self.assertEqual(status, 200)
        return answer["result"]

    def assertUndone(self) -> None:
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.name, "Kept")

    def test_internal_error_tells_its_request_id_and_logs_the_rest(self):
        with mute_logger(TRANSACTION):
            answer = self.call_patched(ZeroDivisionError("inner detail"))
        self.assertFailure(answer, "internal_error")
        self.assertUndone()
        self.assertIn(answer["request_id"], answer["messages"])
        self.assertNotIn("inner detail", str(answer))
        self.assertNotIn("ZeroDivisionError", str(answer))
        log = self.get_log(answer["request_id"])
        self.assertRecordValues(
            log, [{"state": "failed", "error_code": "internal_error"}]
        )
        self.assertIn("ZeroDivisionError: inner detail", log.traceback)
        self.assertIn("address_get", log.traceback)

    def test_result_json_cannot_say_is_invalid_value_and_undone(self):
        for value in (
            float("nan"),
            float("inf"),
            {"deep": [1, float("-inf")]},
            {1, 2},
            object(),
            b"\xff\xfe",
            {(1, 2): 3},
            "lone \ud800 surrogate",
        ):
            with self.subTest(value=value):
                answer = self.call_patched(value)
                self.assertFailure(answer, "invalid_value")
                self.assertUndone()
                log = self.get_log(answer["request_id"])
                self.assertEqual(log.state, "failed")

    def test_result_that_json_can_say_arrives(self):
        for value in (None, "ไทย", 1.5, [1, {"a": None}], {"1": True}, "a\x00b"):
            with self.subTest(value=value):
                answer = self.call_patched(value)
                self.assertEqual(self.assertSuccess(answer), value)
                log = self.get_log(answer["request_id"])
                self.assertEqual(log.state, "done")
