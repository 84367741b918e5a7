# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What callers are told is in their language; codes are the same in all of them."""

from __future__ import annotations

import json
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger
from odoo.tools.translate import LazyTranslate, code_translations

from ..exceptions import ApiError, ApiErrors, Unavailable
from ..tools import envelope
from ..tools.api_request import suggest
from ..tools.json_body import parse_json
from ..tools.sentence import say
from .common import ApiHttpCase, make_narrow_key, make_profile

MODULE = "usability_webhooks"
lazy = LazyTranslate(__name__)


class Marked(dict):
    """A language without a dictionary: each of our terms, in marks of its own."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang = lang

    def get(self, key: str, default: object = None) -> str:
        return f"<{self.lang[:2]} {key}>"


def mark_languages(test, *langs: str) -> None:
    """Have every term of ours translated, into some languages."""
    marked = {(MODULE, lang): Marked(lang) for lang in langs}
    patcher = patch.dict(code_translations.python_translations, marked)
    patcher.start()
    test.addClassCleanup(patcher.stop)


class TestSentence(BaseCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        mark_languages(cls, "fr_FR")

    def test_a_term_is_said_in_the_language_asked_for(self) -> None:
        term = lazy("Expected %(expected)s.", expected=lazy("a text"))
        self.assertEqual(say(term, "fr_FR"), "<fr Expected <fr a text>.>")
        self.assertEqual(say(term, "en_US"), "Expected a text.")
        self.assertEqual(say(term, None), "Expected a text.")

    def test_what_is_no_term_stays_what_it_is(self) -> None:
        for value in ("100 %(sure)s", 5, None, ["a"], {"b": 1}):
            self.assertIs(say(value, "fr_FR"), value)

    def test_an_error_is_english_as_text_and_itself_as_an_entry(self) -> None:
        with self.assertRaises(ApiError) as caught:
            parse_json("[NaN]")
        error = caught.exception
        self.assertEqual(str(error), "NaN is not a JSON value.")
        said = error.as_entry("fr_FR")["message"]
        self.assertEqual(said, "<fr NaN is not a JSON value.>")
        self.assertEqual(error.as_entry("fr_FR")["code"], "parse_error")

    def test_hints_are_said_too(self) -> None:
        hint = suggest("nam", ["name", "names"])
        entry = ApiError("unknown_field", "x", hint=hint).as_entry("fr_FR")
        self.assertEqual(entry["hint"], "<fr did you mean <fr name or names>?>")
        entry = ApiError("unknown_field", "x", hint=hint).as_entry(None)
        self.assertEqual(entry["hint"], "did you mean name or names?")

    def test_an_envelope_holds_texts_and_nothing_lazy(self) -> None:
        found = [ApiError("conflict", ""), ApiError("made_up", "secret")]
        for exc in (ApiErrors(found), KeyError("x"), Unavailable()):
            with self.subTest(exc=exc):
                answer = envelope.failure(exc, "r", "fr_FR")
                self.assertTrue(answer["messages"].startswith("<fr "))
                # Without a default: whatever is no JSON raises.
                self.assertIn("<fr ", json.dumps(answer))
        refused = envelope.refusal(Unavailable(), "r", None, "fr_FR")
        self.assertIn("<fr ", json.dumps(refused))


@tagged("post_install", "-at_install")
class TestCallersLanguage(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for code in ("fr_FR", "th_TH"):
            cls.env["res.lang"]._activate_lang(code)
        mark_languages(cls, "fr_FR", "th_TH")
        cls.user.lang = "fr_FR"

    #: Route, model and vals that fail, and the code they fail with.
    FAILURES = (
        # Said by tools before the context is known, and after; by models; by
        # PostgreSQL's own refusal.
        ("create_data", "res.partner", {"no_such_key": 1}, "unknown_key"),
        ("create_data", "res.partner", {"payload": {"color": "red"}}, "invalid_value"),
        ("create_data", "res.partner", {"payload": {"nam": "x"}}, "unknown_field"),
        ("create_data", "res.partner.category", {"payload": {}}, "missing_required"),
        ("update_data", "res.partner", {"records": [{"x": 1}]}, "unknown_key"),
        ("search_data", "res.partner", {"payload": {"limit": "x"}}, "invalid_value"),
        ("call_function", "res.partner", {"payload": {"method": 5}}, "invalid_value"),
    )

    def assertSaidIn(self, lang: str, answer: dict, code: str) -> None:
        result = answer["result"]
        self.assertIn(code, [error["code"] for error in result["errors"]], result)
        for text in (result["messages"], *(e["message"] for e in result["errors"])):
            self.assertIn(f"<{lang}", text) if lang else self.assertNotIn("<", text)
        other = {"fr": "<th", "th": "<fr", "": "<"}[lang]
        self.assertNotIn(other, json.dumps(result))

    @mute_logger("odoo.sql_db")
    def test_a_failure_is_told_in_the_users_language(self) -> None:
        for route, model, vals, code in self.FAILURES:
            with self.subTest(vals=vals):
                status, answer = self.call(route, model, vals)
                self.assertEqual(status, 200)
                self.assertSaidIn("fr", answer, code)

    @mute_logger("odoo.sql_db")
    def test_or_in_that_of_its_context(self) -> None:
        for lang, said in (("th_TH", "th"), ("en_US", ""), (False, "")):
            for route, model, vals, code in self.FAILURES:
                with self.subTest(vals=vals, lang=lang):
                    vals = {**vals, "context": {"lang": lang}}
                    _status, answer = self.call(route, model, vals)
                    self.assertSaidIn(said, answer, code)

    def test_or_in_that_of_the_method_it_calls(self) -> None:
        payload = {"method": "no_such_method", "context": {"lang": "th_TH"}}
        vals = {"payload": payload, "context": {"lang": "en_US"}}
        _status, answer = self.call("call_function", "res.partner", vals)
        self.assertSaidIn("th", answer, "unknown_method")

    def test_a_language_that_is_not_installed_is_said_in_the_users(self) -> None:
        for lang in ("de_DE", "xx", 5, ["fr_FR"], {"a": 1}):
            with self.subTest(lang=lang):
                vals = {"payload": {}, "context": {"lang": lang}}
                _status, answer = self.call("create_data", "res.partner", vals)
                self.assertSaidIn("fr", answer, "invalid_value")

    def test_the_log_has_what_was_said(self) -> None:
        vals = {"payload": {"color": "red"}, "context": {"lang": "th_TH"}}
        _status, answer = self.call("create_data", "res.partner", vals)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(log.error_message, answer["result"]["messages"])
        self.assertEqual(log.error_code, "invalid_value")

    def test_a_warning_is_told_in_the_callers_language(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.unknown_fields", "ignore")
        vals = {"payload": {"name": "x", "no_field": 1}, "no_key": 1}
        _status, answer = self.call("create_data", "res.partner", vals)
        warnings = answer["result"]["warnings"]
        self.assertEqual(len(warnings), 2)
        for warning in warnings:
            self.assertIn("<fr", warning)

    def test_a_batch_says_its_verdicts_in_the_callers_language(self) -> None:
        records = [{"payload": {"name": "x"}}, {"payload": {"color": "red"}}]
        vals = {"records": records, "on_error": "continue"}
        _status, answer = self.call("create_data", "res.partner", vals)
        verdict = answer["result"]["result"][1]
        self.assertIn("<fr", verdict["messages"])
        self.assertIn("<fr", verdict["errors"][0]["message"])
        self.assertIn("<fr", answer["result"]["errors"][0]["message"])

    # -- refusals -------------------------------------------------------------

    def refuse(self, code: str, body: object = None, **headers) -> str:
        """Return the sentence of a refusal."""
        body = json.dumps(body) if body is not None else "{"
        headers = {"Content-Type": "application/json", **headers}
        response = self.url_open("/api/create_data", body, headers=headers)
        error = response.json()["error"]
        self.assertEqual(error["data"]["code"], code, error)
        return error["message"]

    def test_a_refusal_is_told_in_the_users_language(self) -> None:
        for code, body in (
            ("parse_error", None),
            ("invalid_request", []),
            ("invalid_params", {"params": {"model": 5, "vals": {}}}),
        ):
            with self.subTest(code=code):
                message = self.refuse(code, body, **self.bearer())
                self.assertIn("<fr", message)
                log = self.env["api.log"].search([], limit=1, order="id desc")
                self.assertEqual(log.error_message, message)

    def test_a_key_that_has_done_enough_is_told_in_its_users_language(self) -> None:
        profile = make_profile(self.env, requests_per_minute=1)
        key = make_narrow_key(self.user, profile)
        headers = {**self.bearer(key), "Accept-Language": "th-TH"}
        self.refuse("invalid_params", {}, **headers)
        self.assertIn("<fr", self.refuse("rate_limited", {}, **headers))

    def test_a_stranger_is_told_in_the_language_he_accepts(self) -> None:
        for accepted, start in (
            ("th-TH,en;q=0.5", "<th "),
            ("en-US", "Send an API key"),
            ("de-DE", "Send an API key"),  # not installed
            ("*", "Send an API key"),
            ("no language at all", "Send an API key"),
        ):
            with self.subTest(accepted=accepted):
                message = self.refuse(
                    "auth_required", {}, **{"Accept-Language": accepted}
                )
                self.assertTrue(message.startswith(start), message)

    def test_what_a_user_accepts_does_not_change_what_he_is_told(self) -> None:
        headers = {**self.bearer(), "Accept-Language": "th-TH"}
        self.assertIn("<fr", self.refuse("parse_error", None, **headers))
