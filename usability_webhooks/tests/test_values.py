# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import base64
import random
from datetime import date, datetime, timedelta, timezone

from odoo.tests import BaseCase

from ..exceptions import InvalidValue
from ..tools.sentence import say, shorten
from ..tools.values import convert_value, decode_base64

TEXT_TYPES = ("char", "text", "html")
ALL_TYPES = (
    "char text html selection integer float monetary boolean date datetime json "
    "properties properties_definition binary reference many2one_reference"
).split()


class ValuesCase(BaseCase):
    def assertConverts(self, ttype, value, expected, **options):
        with self.subTest(ttype=ttype, value=shorten(value)):
            converted = convert_value(ttype, value, **options)
            self.assertEqual(converted, expected)
            self.assertIs(type(converted), type(expected))

    def assertRefuses(self, ttype, value, pattern="", **options):
        with self.subTest(ttype=ttype, value=shorten(value)):
            with self.assertRaisesRegex(InvalidValue, pattern) as caught:
                convert_value(ttype, value, **options)
            self.assertEqual(caught.exception.code, "invalid_value")
            self.assertLess(len(str(caught.exception)), 250)
        return caught.exception

    def hint(self, error: InvalidValue) -> str:
        return say(error.details["hint"], None)


class TestEveryType(ValuesCase):
    def test_null_and_false_empty_the_field(self):
        for ttype in ALL_TYPES:
            self.assertConverts(ttype, None, False)
            self.assertConverts(ttype, False, False)

    def test_an_object_is_taken_by_json_types_only(self):
        takers = {"json", "properties", "properties_definition"}
        for ttype in ALL_TYPES:
            for value in ({"en_US": "x"}, ["x"], {}, []):
                if ttype in takers:
                    self.assertConverts(ttype, value, value)
                else:
                    self.assertRefuses(ttype, value)

    def test_true_is_taken_by_boolean_and_json_only(self):
        for ttype in ALL_TYPES:
            if ttype in ("boolean", "json"):
                self.assertConverts(ttype, True, True)
            else:
                self.assertRefuses(ttype, True)

    def test_a_relation_is_the_callers_mistake(self):
        for ttype in ("many2one", "one2many", "many2many", "nonsense"):
            with self.subTest(ttype=ttype), self.assertRaises(ValueError):
                convert_value(ttype, 1)

    def test_a_long_value_is_cut_in_the_message(self):
        for ttype in ("integer", "boolean", "date", "datetime", "reference"):
            error = self.assertRefuses(ttype, "x" * 1_000_000)
            self.assertIn("...", str(error))


class TestTexts(ValuesCase):
    def test_a_text_is_kept_as_it_is(self):
        for ttype in TEXT_TYPES:
            for value in ("", " a ", "กรุงเทพ", "🚚", "false", "12", "a\n\tb"):
                self.assertConverts(ttype, value, value)

    def test_a_number_is_no_text(self):
        for ttype in TEXT_TYPES:
            self.assertRefuses(ttype, 12, "Expected a text, got 12")

    def test_a_character_no_database_stores_is_refused(self):
        for ttype in (*TEXT_TYPES, "selection"):
            self.assertRefuses(ttype, "a\0b", "NUL")
            self.assertRefuses(ttype, "a\ud800b", "surrogate pair at character 2")

    def test_a_too_long_text_is_refused_not_cut(self):
        self.assertConverts("char", "12345", "12345", size=5)
        self.assertConverts("char", "ก" * 5, "ก" * 5, size=5)
        self.assertRefuses("char", "123456", "6 characters.*at most 5", size=5)


class TestNumbers(ValuesCase):
    def test_a_whole_number_is_an_integer(self):
        for ttype in ("integer", "many2one_reference"):
            for value in (0, -7, 5.0, 2**31 - 1, -(2**31)):
                self.assertConverts(ttype, value, int(value))

    def test_a_fraction_is_no_integer(self):
        for value in (5.5, -0.1):
            self.assertRefuses("integer", value, "whole number")

    def test_an_integer_beyond_the_column_is_refused(self):
        for value in (2**31, -(2**31) - 1, 2**63, 1e18, 10**400):
            self.assertRefuses("integer", value, "-2147483648 to 2147483647")

    def test_a_number_is_a_float(self):
        for ttype in ("float", "monetary"):
            for value, expected in ((1.25, 1.25), (3, 3.0), (0, 0.0), (-1e300, -1e300)):
                self.assertConverts(ttype, value, expected)

    def test_a_float_that_is_none_is_refused(self):
        for ttype in ("float", "monetary", "integer"):
            for value in (float("nan"), float("inf"), float("-inf")):
                self.assertRefuses(ttype, value, "finite")

    def test_a_number_a_float_would_change_is_refused(self):
        self.assertConverts("float", 2**53, 2.0**53)
        self.assertRefuses("float", 2**53 + 1, "exactly")
        self.assertRefuses("float", 10**400)

    def test_a_quoted_number_is_refused_with_a_hint(self):
        for ttype in ("integer", "float", "monetary"):
            for value in ("5", "5.0", "", "x"):
                error = self.assertRefuses(ttype, value)
                self.assertEqual(self.hint(error), "send it without quotes")

    def test_only_true_and_false_are_booleans(self):
        for value in ("false", "true", "", 0, 1, 1.0, 0.0, "0"):
            self.assertRefuses("boolean", value, "true or false")


class TestDates(ValuesCase):
    def test_a_day_of_the_calendar_is_a_date(self):
        for text in ("2026-01-31", "2024-02-29", "0001-01-01", "9999-12-31"):
            self.assertConverts("date", text, date.fromisoformat(text))

    def test_what_is_no_day_is_refused(self):
        for text in ("2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01"):
            self.assertRefuses("date", text, "calendar")
        for text in (
            *("", "2026-1-2", "26-01-02", "20260102", "02/01/2026", "2026-W01-1"),
            *("2026-001", " 2026-01-02", "2026-01-02 ", "2026-01-02\n"),
            *("2026-01-02garbage", "٢٠٢٦-01-02", "12026-01-02", 20260102),
        ):
            self.assertRefuses("date", text, "YYYY-MM-DD")

    def test_a_time_of_day_is_never_cut_from_a_date(self):
        for text in ("2026-01-02 00:00:00", "2026-01-02T23:30:00+07:00"):
            error = self.assertRefuses("date", text)
            self.assertIn("time of day", self.hint(error))


class TestDatetimes(ValuesCase):
    def test_odoo_and_iso_forms_are_the_same_moment_in_utc(self):
        nine = datetime(2026, 1, 31, 9, 30)
        for text in (
            *("2026-01-31 09:30:00", "2026-01-31 09:30", "2026-01-31T09:30"),
            *("2026-01-31T09:30:00Z", "2026-01-31t09:30:00z", "2026-01-31 09:30Z"),
            *("2026-01-31T16:30:00+07:00", "2026-01-31T16:30+0700"),
            *("2026-01-31T16:30:00+07", "2026-01-31T00:00:00-09:30"),
            *("2026-01-31T09:30:00-00:00", "2026-01-31T09:30:00.000000000Z"),
        ):
            self.assertConverts("datetime", text, nine)

    def test_an_offset_may_change_the_day_and_a_date_is_midnight(self):
        for text, expected in (
            ("2024-03-01T01:00:00+07:00", datetime(2024, 2, 29, 18)),
            ("2025-12-31T23:00:00-08:00", datetime(2026, 1, 1, 7)),
            ("2026-01-31", datetime(2026, 1, 31)),
        ):
            self.assertConverts("datetime", text, expected)

    def test_microseconds_are_kept(self):
        for text, microsecond in (
            *((".5", 500000), (",25", 250000), (".123456", 123456)),
            *((".123456000", 123456), (".000001Z", 1)),
        ):
            expected = datetime(2026, 1, 31, 9, 30, 1, microsecond)
            self.assertConverts("datetime", f"2026-01-31T09:30:01{text}", expected)

    def test_what_is_finer_than_a_microsecond_is_refused(self):
        for fraction in ("1234567", "0000001", "1234560001"):
            self.assertRefuses("datetime", f"2026-01-31T09:30:01.{fraction}", "cut")

    def test_what_is_on_no_clock_or_calendar_is_refused(self):
        for text in (
            *("2026-02-30 10:00:00", "2026-01-31 24:00:00", "2026-01-31 23:59:60"),
            *("2026-01-31 10:60:00", "0000-01-01 00:00:00", "2026-01-31 25:00"),
            *("2026-01-31T10:00:00+24:00", "2026-01-31T10:00:00+07:60"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-00:01"),
        ):
            self.assertRefuses("datetime", text, "calendar")

    def test_any_other_notation_is_refused(self):
        for text in (
            *("", "2026-01-31T", "2026-01-31 10", "2026-01-31T10:00:00.", "now"),
            *("2026-01-31  10:00", "2026-01-31 10:00:00 +07:00", "2026-01-31Z"),
            *("20260131T100000Z", "2026-W05-6T10:00", "2026-031T10:00"),
            *("2026-01-31 10:00:00garbage", "2026-01-31 10:00:00\n", " 2026-01-31"),
            *("2026-01-31T10:00:00+7", "2026-01-31T10:00+07:0", "2026-01-31 1:00"),
            *("2026-01-31 10:00 PM", "٢٠٢٦-01-31 10:00", "2026-01-31T10:00.5"),
            *(1769855400, "1769855400", "2026-01-31T10:00:00[Asia/Bangkok]"),
        ):
            self.assertRefuses("datetime", text, "Expected a date and time")

    def test_a_moment_survives_every_offset(self):
        pick = random.Random(19)
        for _round in range(300):
            moment = datetime(
                *(pick.randint(1900, 2100), pick.randint(1, 12), pick.randint(1, 28)),
                *(pick.randint(0, 23), pick.randint(0, 59), pick.randint(0, 59)),
                microsecond=pick.choice((0, pick.randint(0, 999999))),
                tzinfo=timezone(timedelta(minutes=pick.randint(-1439, 1439))),
            )
            expected = moment.astimezone(timezone.utc).replace(tzinfo=None)
            self.assertConverts("datetime", moment.isoformat(), expected)


class TestSelections(ValuesCase):
    states = ("draft", "sent", "sale")

    def test_a_value_of_the_list_is_taken(self):
        self.assertConverts("selection", "sent", "sent", selection=self.states)
        self.assertConverts("selection", "anything", "anything")

    def test_another_value_is_refused_with_the_list(self):
        error = self.assertRefuses("selection", "zzz", "'zzz'", selection=self.states)
        self.assertEqual(self.hint(error), "allowed: 'draft', 'sent', 'sale'")
        for value in ("", "sent ", 1, "x" * 9_999):
            self.assertRefuses("selection", value, selection=self.states)

    def test_a_near_miss_is_named(self):
        for value in ("Sent", "SENT", "snet"):
            error = self.assertRefuses("selection", value, selection=self.states)
            self.assertIn("did you mean 'sent'?", self.hint(error))

    def test_a_list_of_any_length_fits_the_hint(self):
        zones = [f"zone{number}" for number in range(500)]
        error = self.assertRefuses("selection", "x", selection=zones[:20])
        self.assertTrue(self.hint(error).endswith("'zone19'"))
        error = self.assertRefuses("selection", "nowhere", selection=zones)
        self.assertIn("'zone19' and 480 more", self.hint(error))
        self.assertNotIn("'zone20'", self.hint(error))
        error = self.assertRefuses("selection", "x", selection=())
        self.assertEqual(self.hint(error), "allowed: nothing")


class TestBinariesAndReferences(ValuesCase):
    def test_base64_is_taken_without_its_whitespace(self):
        self.assertConverts("binary", "aGVs bG8=\r\n", "aGVsbG8=")
        self.assertConverts("binary", "", "")

    def test_decoding_returns_the_bytes_that_were_encoded(self):
        pick = random.Random(19)
        for content in map(pick.randbytes, range(200)):
            lines = base64.encodebytes(content).decode()
            for text in (lines, lines.replace("\n", "")):
                self.assertEqual(decode_base64(text), content)

    def test_what_is_not_strict_base64_is_refused(self):
        for text in (
            *("aGVsbG8", "aGVsbG8==", "aGVsbG=8", "aGVs*G8=", "====", "=", "A==="),
            *("aGVs_G8-", "aGVsbG8=aGVsbG8=", "hello world!", "aGVs\u00a0bG8=", "กกกก"),
            *("aGVsbG8=====", "aGVs\0bG8", "aGVsbG8\ud800"),
        ):
            self.assertRefuses("binary", text, "base64")
            self.assertRaises(InvalidValue, decode_base64, text)
        for value in (5, None, ["aGVsbG8="], b"aGVsbG8="):
            self.assertRaises(InvalidValue, decode_base64, value)

    def test_a_data_url_is_refused_with_a_hint(self):
        error = self.assertRefuses("binary", "data:image/png;base64,aGVsbG8=")
        self.assertIn("base64,", self.hint(error))

    def test_a_reference_is_a_model_and_an_id(self):
        for text in ("res.partner,5", "x_thing,2147483647", "l10n_th.tax_2,1"):
            self.assertConverts("reference", text, text)
        for text in (
            *("res.partner", "res.partner,", "res.partner,0", "res.partner,-1", ",5"),
            *("res.partner, 5", "res.partner,5 ", "res..partner,5", "Res.Partner,5"),
            *("res.partner,2147483648", "res.partner,05", "res.partner,5,6", "", 5),
        ):
            self.assertRefuses("reference", text, "model.name,ID")


class TestShorten(BaseCase):
    def test_a_short_value_is_its_repr(self):
        for value in ("a", 5, None, [1, 2], {"a": 1}, "it's"):
            with self.subTest(value=value):
                self.assertEqual(shorten(value), repr(value))

    def test_no_value_is_longer_than_the_limit(self):
        deep: list = []
        for _level in range(5_000):
            deep = [deep]
        for value in ("x" * 10**6, "\0" * 100, list(range(10**5)), deep, 10**5000):
            for limit in (20, 80):
                shown = shorten(value, limit)
                with self.subTest(shown=shown):
                    self.assertLessEqual(len(shown), limit)
