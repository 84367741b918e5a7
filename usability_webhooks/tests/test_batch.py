# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Batches: many records in one request, each with a verdict of its own."""

from __future__ import annotations

from odoo.exceptions import ValidationError
from odoo.tests import mute_logger, tagged

from .common import ApiCase

SQL_LOG = "odoo.sql_db"


class BatchCase(ApiCase):
    def batch(self, route: str, records: list, model: str = "res.partner", **vals):
        return self.perform(route, model, {"records": records, **vals})

    def create_all(self, *payloads: dict, **vals) -> dict:
        records = [{"ref": n, "payload": item} for n, item in enumerate(payloads)]
        return self.batch("create_data", records, **vals)

    def upsert(self, *pairs: tuple, **vals) -> dict:
        """Upsert partners by ref: ``(ref, payload)``."""
        records = [{"search_key": {"ref": ref}, "payload": item} for ref, item in pairs]
        return self.batch("create_update_data", records, **vals)

    def count(self, *refs: str) -> int:
        return self.env["res.partner"].search_count([("ref", "in", refs)])

    def refuse_bad_names(self) -> None:
        """Have the ORM itself refuse partners called "bad"."""

        def check(partners) -> None:
            if any(partner.name == "bad" for partner in partners):
                raise ValidationError("No partner is bad.")  # pylint: disable=translation-required

        cls = self.registry["res.partner"]
        original = cls.create

        def create(model, vals_list):
            partners = original(model, vals_list)
            check(partners)
            return partners

        self.patch(cls, "create", create)

    def outcomes(self, answer: dict) -> list:
        return [
            row["operation"] if row["is_success"] else row["errors"][0]["code"]
            for row in answer["result"]
        ]


@tagged("post_install", "-at_install")
class TestBatchAbort(BatchCase):
    def test_verdicts_come_in_the_order_of_the_records(self) -> None:
        answer = self.create_all(
            {"name": "B1", "ref": "B1"}, {"name": "B0", "ref": "B0"}
        )
        rows = self.assertSuccess(answer)
        self.assertEqual([row["ref"] for row in rows], [0, 1])
        partners = self.env["res.partner"].browse(row["id"] for row in rows)
        self.assertEqual(partners.mapped("ref"), ["B1", "B0"])
        for row, partner in zip(rows, partners, strict=True):
            self.assertEqual(row["operation"], "created")
            self.assertEqual(row["ids"], partner.ids)
        self.assertEqual(answer["messages"], "2 records: 2 created.")

    def test_every_error_of_every_record_is_told_with_its_place(self) -> None:
        answer = self.create_all(
            {"name": "ok", "ref": "B-A"},
            {"name": "B", "nmae": "x", "country_id": {"code": "??"}},
            {"name": "C", "child_ids": [{"name": "x"}, {"name": "y", "color": "z"}]},
        )
        self.assertFailure(answer, "unknown_field")
        self.assertEqual(
            [(error["path"], error["code"]) for error in answer["errors"]],
            [
                ("records[1].payload.nmae", "unknown_field"),
                ("records[1].payload.country_id", "not_found"),
                ("records[2].payload.child_ids[1].color", "invalid_value"),
            ],
        )
        self.assertEqual(self.count("B-A"), 0)

    def test_what_the_orm_refuses_is_named_by_its_record(self) -> None:
        self.refuse_bad_names()
        payloads = [{"name": f"n{n}", "ref": "B-NONE"} for n in range(9)]
        payloads[6]["name"] = "bad"
        error = self.assertFailure(
            self.create_all(*payloads), "validation_error", "records[6]"
        )
        self.assertEqual(error["message"], "No partner is bad.")
        self.assertEqual(self.count("B-NONE"), 0)

    @mute_logger(SQL_LOG)
    def test_what_postgresql_refuses_is_named_by_its_record(self) -> None:
        records = [{"payload": {"name": f"c{n}", "code": f"Q{n}"}} for n in range(4)]
        del records[2]["payload"]["name"]
        answer = self.batch("create_data", records, "res.country")
        self.assertFailure(answer, "missing_required", "records[2].payload.name")
        domain = [("code", "in", ["Q0", "Q1", "Q2", "Q3"])]
        self.assertFalse(self.env["res.country"].search(domain))

    def test_two_records_that_only_clash_with_each_other(self) -> None:
        records = [{"payload": {"name": f"c{n}", "code": "QQ"}} for n in range(2)]
        with mute_logger(SQL_LOG):
            answer = self.batch("create_data", records, "res.country")
        self.assertFailure(answer, "validation_error", "records[1]")
        self.assertFalse(self.env["res.country"].search([("code", "=", "QQ")]))

    def test_updates_by_key_and_all_of_a_key(self) -> None:
        self.create_all({"name": "a", "ref": "B-1"}, {"name": "b", "ref": "B-2"})
        many = {"search_key": {"ref": ["B-1", "B-2"]}, "payload": {"street": "S"}}
        one = {"search_key": {"ref": "B-1"}, "payload": {"city": "C"}}
        rows = self.assertSuccess(self.batch("update_data", [many]))
        self.assertIsNone(rows[0]["id"])
        self.assertEqual(len(rows[0]["ids"]), 2)
        rows = self.assertSuccess(self.batch("update_data", [one, many]))
        self.assertEqual(
            [row["operation"] for row in rows], ["updated", "unchanged"], rows
        )
        partners = self.env["res.partner"].search([("ref", "=like", "B-_")])
        self.assertEqual(partners.mapped("street"), ["S", "S"])

    def test_an_update_of_what_is_not_there(self) -> None:
        records = [{"search_key": {"ref": "B-404"}, "payload": {"name": "x"}}]
        answer = self.batch("update_data", records)
        self.assertFailure(answer, "not_found", "records[0].search_key")

    def test_upserts_say_what_they_did(self) -> None:
        self.upsert(("B-1", {"name": "one"}), ("B-2", {"name": "two"}))
        answer = self.upsert(
            ("B-1", {"name": "one"}), ("B-2", {"name": "TWO"}), ("B-3", {"name": "3"})
        )
        self.assertSuccess(answer)
        self.assertEqual(self.outcomes(answer), ["unchanged", "updated", "created"])
        self.assertEqual(
            answer["messages"], "3 records: 1 created, 1 updated, 1 unchanged."
        )

    def test_one_key_twice_in_a_batch_makes_one_record(self) -> None:
        answer = self.upsert(
            ("B-1", {"name": "first"}),
            ("B-2", {"name": "x"}),
            ("B-1", {"name": "last"}),
        )
        self.assertSuccess(answer)
        self.assertEqual(self.outcomes(answer), ["created", "created", "updated"])
        partner = self.env["res.partner"].search([("ref", "=", "B-1")])
        self.assertEqual(partner.mapped("name"), ["last"])

    def test_two_keys_of_one_record_are_written_one_after_the_other(self) -> None:
        self.create_all({"name": "Two keys", "ref": "B-1"})
        records = [
            {"search_key": {"ref": "B-1"}, "payload": {"street": "first"}},
            {"search_key": {"name": "Two keys"}, "payload": {"street": "last"}},
        ]
        self.assertSuccess(self.batch("update_data", records))
        partner = self.env["res.partner"].search([("ref", "=", "B-1")])
        self.assertEqual(partner.street, "last")

    def test_an_archived_match_is_told_by_its_record(self) -> None:
        self.env["res.partner"].create({"name": "x", "ref": "B-1", "active": False})
        pairs = [("B-0", {"name": "0"}), ("B-1", {"name": "1"})]
        answer = self.upsert(*pairs)
        self.assertFailure(answer, "ambiguous", "records[1].search_key")
        records = [
            {"search_key": {"ref": ref}, "payload": item, "on_archived": "update"}
            for ref, item in pairs
        ]
        answer = self.batch("create_update_data", records)
        self.assertEqual(self.outcomes(answer), ["created", "updated"])

    def test_expected_write_date_is_each_record_s_own(self) -> None:
        self.create_all({"name": "a", "ref": "B-1"}, {"name": "b", "ref": "B-2"})
        records = [
            {
                "search_key": {"ref": ref},
                "payload": {"name": "c"},
                "expected_write_date": expected,
            }
            for ref, expected in (
                ("B-1", str(self.env.cr.now()).partition(".")[0]),
                ("B-2", "2020-01-01 00:00:00"),
            )
        ]
        answer = self.batch("update_data", records)
        path = "records[1].expected_write_date"
        self.assertFailure(answer, "conflict", path)
        self.assertEqual(len(answer["errors"]), 1)

    def test_files_land_on_their_own_record(self) -> None:
        payloads = [
            {"name": f"p{n}", "attachment_ids": [{"name": f"f{n}", "datas": "eA=="}]}
            for n in range(3)
        ]
        rows = self.assertSuccess(self.create_all(*payloads))
        for n, row in enumerate(rows):
            domain = [("res_model", "=", "res.partner"), ("res_id", "=", row["id"])]
            files = self.env["ir.attachment"].search(domain)
            self.assertEqual(files.mapped("name"), [f"f{n}"])

    def test_result_fields_are_answered_per_record(self) -> None:
        answer = self.create_all(
            {"name": "a", "country_id": {"code": "ES"}},
            {"name": "b"},
            result_field=["name", "country_id{code}"],
        )
        rows = self.assertSuccess(answer)
        self.assertEqual([row["name"] for row in rows], ["a", "b"])
        self.assertEqual(rows[0]["country_id"][0]["code"], "ES")
        self.assertFalse(rows[1]["country_id"])


@tagged("post_install", "-at_install")
class TestBatchRequest(BatchCase):
    def test_records_must_be_a_list_with_something_in_it(self) -> None:
        for records, code in (({}, "invalid_value"), ([], "invalid_value")):
            with self.subTest(records=records):
                answer = self.batch("create_data", records)
                self.assertFailure(answer, code, "records")

    def test_the_cap_is_a_setting(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_records", "2")
        answer = self.create_all({"name": "a"}, {"name": "b"}, {"name": "c"})
        error = self.assertFailure(answer, "limit_exceeded", "records")
        self.assertIn("2", error["message"])

    def test_keys_of_a_record_stand_in_the_record(self) -> None:
        vals = {"records": [{"payload": {"name": "a"}}], "payload": {"name": "b"}}
        answer = self.perform("create_data", "res.partner", vals)
        self.assertFailure(answer, "invalid_value", "payload")

    def test_a_record_s_own_name_is_a_text_or_a_number(self) -> None:
        for ref in ({}, ["a"], True):
            with self.subTest(ref=ref):
                vals = {"records": [{"ref": ref, "payload": {"name": "a"}}]}
                answer = self.perform("create_data", "res.partner", vals)
                self.assertFailure(answer, "invalid_value", "records[0].ref")

    def test_what_is_not_needed_is_checked_too(self) -> None:
        route, model = "create_update_data", "res.partner"
        vals = {"search_key": {"ref": "B-NEW"}, "payload": {"name": "a"}}
        for key in ("on_archived", "expected_write_date"):
            for value in ("later", {}, [], 0):
                with self.subTest(key=key, value=value):
                    wrong = vals | {key: value}
                    answer = self.perform(route, model, wrong)
                    self.assertFailure(answer, "invalid_value", key)
                    answer = self.perform(route, model, {"records": [wrong]})
                    self.assertFailure(answer, "invalid_value", f"records[0].{key}")

    def test_on_error_is_one_of_two_and_for_batches(self) -> None:
        answer = self.create_all({"name": "a"}, on_error="ignore")
        self.assertFailure(answer, "invalid_value", "on_error")
        for value in ("continue", {}, [], 0):
            vals = {"payload": {"name": "a"}, "on_error": value}
            with self.subTest(vals=vals):
                answer = self.perform("create_data", "res.partner", vals)
                self.assertFailure(answer, "invalid_value", "on_error")
        answer = self.create_all({"name": "a"}, on_error=[])
        self.assertFailure(answer, "invalid_value", "on_error")
        self.assertSuccess(self.create_all({"name": "a"}, on_error=False))

    def test_a_bad_result_field_fails_the_whole_batch(self) -> None:
        answer = self.create_all(
            {"name": "a", "ref": "B-R"}, on_error="continue", result_field=["nope"]
        )
        self.assertFailure(answer, "unknown_field")
        self.assertEqual(self.count("B-R"), 0)

    def test_other_routes_take_no_batch(self) -> None:
        for route in ("search_data", "call_function"):
            with self.subTest(route=route):
                answer = self.batch(route, [{"payload": {}}])
                self.assertFailure(answer, "unknown_key", "records")
