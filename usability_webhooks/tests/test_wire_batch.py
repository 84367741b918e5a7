# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Batches over HTTP: the answer on the wire, the log row, the stored answer."""

from __future__ import annotations

import json

from odoo.tests import tagged

from .common import ApiHttpCase


@tagged("post_install", "-at_install")
class TestWireBatch(ApiHttpCase):
    def upsert(self, *pairs: tuple, **headers) -> dict:
        records = [
            {"ref": f"row {ref}", "search_key": {"ref": ref}, "payload": payload}
            for ref, payload in pairs
        ]
        params = {
            "model": "res.partner",
            "vals": {"records": records, "on_error": "continue"},
        }
        body = json.dumps({"params": params})
        return self.post("create_update_data", body, headers=self.bearer() | headers)

    def test_some_fail_and_the_rest_is_done(self) -> None:
        response = self.upsert(("WB-1", {"name": "one"}), ("WB-2", {"nmae": "two"}))
        answer = response.json()["result"]
        self.assertEqual(response.status_code, 200)
        self.assertFalse(answer["is_success"])
        partner = self.env["res.partner"].search([("ref", "like", "WB-")])
        path = "records[1].payload.nmae"
        good, bad = answer["result"]
        self.assertEqual(
            good,
            {
                "ref": "row WB-1",
                "is_success": True,
                "operation": "created",
                "id": partner.id,
                "ids": partner.ids,
            },
        )
        self.assertEqual((bad["ref"], bad["is_success"]), ("row WB-2", False))
        self.assertEqual(bad["errors"][0]["path"], path)
        self.assertEqual(answer["errors"], bad["errors"])

    def test_the_row_is_done_and_says_what_failed(self) -> None:
        answer = self.upsert(("WB-1", {"name": "one"}), ("WB-2", {"name": 2})).json()
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual((log.state, log.record_count), ("done", 1))
        self.assertEqual(log.error_code, "invalid_value")
        self.assertEqual(log.error_path, "records[1].payload.name")
        self.assertEqual(log.error_message, "2 records: 1 created, 1 failed.")
        self.assertFalse(log.traceback)

    def test_when_all_fail_the_row_has_failed(self) -> None:
        answer = self.upsert(("WB-1", {"name": 1}), ("WB-2", {"name": 2})).json()
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(log.state, "failed")
        verdicts = [row["is_success"] for row in answer["result"]["result"]]
        self.assertEqual(verdicts, [False, False])

    def test_an_internal_error_keeps_its_trace_on_the_row_alone(self) -> None:
        cls = self.registry["res.partner"]
        original = cls.create

        def create(model, vals_list):
            if any(vals.get("name") == "bug" for vals in vals_list):
                raise KeyError("inner detail")
            return original(model, vals_list)

        self.patch(cls, "create", create)
        response = self.upsert(("WB-1", {"name": "one"}), ("WB-2", {"name": "bug"}))
        self.assertNotIn("inner detail", response.text)
        log = self.get_log(response.json()["result"]["request_id"])
        self.assertEqual((log.state, log.error_code), ("done", "internal_error"))
        self.assertIn("inner detail", log.traceback)

    def test_a_part_that_was_done_is_done_once(self) -> None:
        pairs = (("WB-1", {"name": "one"}), ("WB-2", {"name": 2}))
        headers = {"Idempotency-Key": "batch-1"}
        first = self.upsert(*pairs, **headers)
        second = self.upsert(*pairs, **headers)
        self.assertEqual(second.headers["Idempotency-Replayed"], "true")
        self.assertEqual(first.json(), second.json())
        domain = [("ref", "like", "WB-")]
        self.assertEqual(self.env["res.partner"].search_count(domain), 1)
