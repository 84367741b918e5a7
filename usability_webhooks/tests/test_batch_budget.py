# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a batch may cost in queries: what a small one does, and the ORM's own."""

from __future__ import annotations

from collections.abc import Callable

from odoo.tests import mute_logger, tagged

from .test_query_budget import QueryCase

FEW, MANY = 10, 1_000


@tagged("post_install", "-at_install")
class TestBatchBudget(QueryCase):
    def setUp(self) -> None:
        super().setUp()
        self.round = 0

    def get_payloads(self, size: int) -> list[dict]:
        """Return payloads nobody sent before."""
        self.round += 1
        return [
            {
                "name": f"R{self.round} {n}",
                "ref": f"R{self.round}-{n}",
                "country_id": {"code": "ES"},
            }
            for n in range(size)
        ]

    def create_all(self, payloads: list[dict], **vals) -> Callable[[], None]:
        records = [{"payload": payload} for payload in payloads]

        def work() -> None:
            answer = self.perform(
                "create_data", "res.partner", {"records": records, **vals}
            )
            self.assertEqual(len(self.assertSuccess(answer)), len(records))

        return work

    def create_bare(self, payloads: list[dict]) -> Callable[[], None]:
        country_id = self.env.ref("base.es").id
        vals_list = [payload | {"country_id": country_id} for payload in payloads]

        def work() -> None:
            self.env["res.partner"].create(vals_list)

        return work

    def upsert(self, payloads: list[dict]) -> Callable[[], None]:
        records = [
            {"search_key": {"ref": payload["ref"]}, "payload": payload}
            for payload in payloads
        ]

        def work() -> None:
            vals = {"records": records}
            answer = self.perform("create_update_data", "res.partner", vals)
            self.assertEqual(len(self.assertSuccess(answer)), len(records))

        return work

    def test_a_thousand_cost_what_ten_do_and_create_s_own(self) -> None:
        self.create_all(self.get_payloads(3))()
        self.create_bare(self.get_payloads(3))()
        few = self.count(self.create_all(self.get_payloads(FEW)))
        many = self.count(self.create_all(self.get_payloads(MANY)))
        bare_few = self.count(self.create_bare(self.get_payloads(FEW)))
        bare_many = self.count(self.create_bare(self.get_payloads(MANY)))
        told = f"ours {few} and {many}, bare ORM {bare_few} and {bare_many}"
        self.assertEqual(many - few, bare_many - bare_few, told)

    @mute_logger("odoo.sql_db")
    def test_a_bad_one_costs_little_more_than_the_good_ones(self) -> None:
        good, spoilt = self.get_payloads(MANY), self.get_payloads(MANY)
        spoilt[MANY // 2]["name"] = False  # refused by a constraint of PostgreSQL
        spoilt[MANY // 2]["type"] = "contact"
        self.create_all(self.get_payloads(3), on_error="continue")()
        records = [{"payload": payload} for payload in spoilt]

        def work() -> None:
            vals = {"records": records, "on_error": "continue"}
            answer = self.perform("create_data", "res.partner", vals)
            verdicts = [row["is_success"] for row in answer["result"]]
            self.assertEqual(verdicts.count(False), 1)
            self.assertFalse(verdicts[MANY // 2])

        all_good = self.count(self.create_all(good, on_error="continue"))
        one_bad = self.count(work)
        self.assertLess(one_bad, all_good * 2, f"{all_good} good, {one_bad} with a bad")

    def test_upserts_search_once_and_read_once(self) -> None:
        half = self.get_payloads(MANY)
        self.upsert(half[: MANY // 2])()
        for payload in half:
            payload["street"] = "The same for all"

        def work_bare() -> None:
            with self.env.cr.savepoint():  # flushes, so that changes are tracked
                refs = [payload["ref"] for payload in bare]
                partners = self.env["res.partner"].search([("ref", "in", refs)])
                known = set(partners.mapped("ref"))
                partners.write({"street": "The same for all"})
                new = [payload for payload in bare if payload["ref"] not in known]
                self.create_bare(new)()

        bare = self.get_payloads(MANY)
        self.upsert(bare[: MANY // 2])()
        ours, orm = self.count(self.upsert(half)), self.count(work_bare)
        # Two savepoints, the guard, a report, three searches; reading what is there.
        self.assertLess(ours - orm, 20, f"ours {ours}, bare ORM {orm}")
        again = self.count(self.upsert(half))
        self.assertLess(again, 20, "nothing changes, so nothing but reading is paid")
