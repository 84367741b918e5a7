# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An update says which state of the record it was made for."""

from __future__ import annotations

from odoo import fields
from odoo.tests import tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestExpectedWriteDate(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Dated", "ref": "DATED"})
        cls.env.flush_all()
        cls.seen = fields.Datetime.to_string(cls.partner.write_date)

    def update(self, expected: object, route: str = "update_data", **payload) -> dict:
        vals = {
            "search_key": {"ref": "DATED"},
            "payload": payload or {"name": "Changed"},
            "expected_write_date": expected,
        }
        return self.perform(route, "res.partner", vals)

    def test_record_that_stands_as_seen_is_updated(self):
        for route in ("update_data", "create_update_data"):
            for seen in (self.seen, self.seen.replace(" ", "T") + "Z"):
                with self.subTest(route=route, seen=seen):
                    self.assertSuccess(self.update(seen, route))
        self.assertEqual(self.partner.name, "Changed")

    def test_fractions_are_compared_where_given(self):
        exact = self.partner.write_date.isoformat()
        if self.partner.write_date.microsecond:
            self.assertSuccess(self.update(exact))
        off = self.partner.write_date.replace(microsecond=1).isoformat()
        self.assertFailure(self.update(off), "conflict", "expected_write_date")

    def test_record_that_moved_on_is_a_conflict_and_stays_as_it_is(self):
        for route in ("update_data", "create_update_data"):
            with self.subTest(route=route):
                answer = self.update("2020-01-02 03:04:05", route)
                error = self.assertFailure(answer, "conflict", "expected_write_date")
                self.assertEqual(error["value"], self.seen)
                self.assertFalse(answer["retryable"])
        self.assertEqual(self.partner.name, "Dated")

    def test_conflict_is_told_with_the_other_mistakes(self):
        answer = self.update("2020-01-02 03:04:05", nmae="Changed")
        codes = [error["code"] for error in answer["errors"]]
        self.assertEqual(codes, ["conflict", "unknown_field"])

    def test_what_is_no_datetime_is_invalid(self):
        for expected in ("yesterday", 5, ["x"], True, {}, [], 0):
            with self.subTest(expected=expected):
                answer = self.update(expected)
                self.assertFailure(answer, "invalid_value", "expected_write_date")

    def test_new_record_has_nothing_to_compare(self):
        vals = {
            "search_key": {"ref": "DATED-NEW"},
            "payload": {"name": "New"},
            "expected_write_date": "2020-01-02 03:04:05",
        }
        answer = self.perform("create_update_data", "res.partner", vals)
        self.assertEqual(self.assertSuccess(answer)["operation"], "created")
