# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Journal entries and invoices as integrations send them."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiCase, requires


@tagged("post_install", "-at_install")
@requires("account.move", "account.chart.template")
class TestBusinessAccount(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.env.company
        )
        cls.other = cls.env["res.company"].create({"name": "Account Other"})
        cls.env.user.company_ids |= cls.other
        accounts = cls.env["account.account"]
        cls.cash, cls.sales = accounts.create(
            [
                {"name": "API cash", "code": "990001", "account_type": "asset_current"},
                {"name": "API sales", "code": "990002", "account_type": "income"},
            ]
        )
        # The same code in another company is another account.
        cls.other_cash = accounts.with_company(cls.other).create(
            {
                "name": "Other cash",
                "code": "990001",
                "account_type": "asset_current",
                "company_ids": [(6, 0, cls.other.ids)],
            }
        )
        cls.env["account.tax"].create(
            {"name": "API 20%", "amount": 20, "type_tax_use": "sale"}
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Debtor", "ref": "DEBTOR"}
        )

    def entry(self, debit: float = 100, credit: float = 100, **payload) -> dict:
        payload = {
            "move_type": "entry",
            "ref": "API-ENTRY",
            "journal_id": {"type": "general", "code": "MISC"},
            "line_ids": [
                {"account_id": {"code": "990001"}, "debit": debit},
                {"account_id": {"code": "990002"}, "credit": credit},
            ],
            **payload,
        }
        return self.perform("create_data", "account.move", {"payload": payload})

    def invoice(self, **payload) -> dict:
        lines = [
            {
                "name": name,
                "quantity": 2,
                "price_unit": 50,
                "account_id": {"code": "990002"},
                "tax_ids": [{"name": "API 20%", "type_tax_use": "sale"}],
                "attachment_ids": [{"name": f"{name}.txt", "datas": "cA=="}],
            }
            for name in ("first", "second")
        ]
        payload = {
            "move_type": "out_invoice",
            "partner_id": {"ref": "DEBTOR"},
            "invoice_date": "2026-04-01",
            "ref": "API-INV",
            "invoice_line_ids": lines,
            **payload,
        }
        return self.perform("create_data", "account.move", {"payload": payload})

    def get(self, answer: dict):
        return self.env["account.move"].browse(self.assertSuccess(answer)["id"])

    def test_an_entry_is_made_by_account_codes(self) -> None:
        move = self.get(self.entry())
        self.assertRecordValues(
            move.line_ids.sorted("debit"),
            [
                {"account_id": self.sales.id, "debit": 0.0, "credit": 100.0},
                {"account_id": self.cash.id, "debit": 100.0, "credit": 0.0},
            ],
        )
        self.assertEqual(move.journal_id.code, "MISC")

    def test_an_unbalanced_entry_is_refused_and_leaves_nothing(self) -> None:
        before = self.env["account.move"].search_count([])
        answer = self.entry(debit=100, credit=90)
        self.assertFalse(answer["is_success"])
        self.assertIn(answer["errors"][0]["code"], ("user_error", "validation_error"))
        self.assertEqual(self.env["account.move"].search_count([]), before)

    def test_an_entry_is_posted_by_its_method(self) -> None:
        move = self.get(self.entry())
        vals = {
            "search_key": {"ref": "API-ENTRY"},
            "payload": {"method": "action_post"},
        }
        answer = self.perform("call_function", "account.move", vals)
        self.assertIn(self.assertSuccess(answer), (False, None))
        self.assertEqual(move.state, "posted")

    def test_a_posted_entry_keeps_its_lines(self) -> None:
        move = self.get(self.entry())
        move.action_post()
        lines = move.line_ids
        vals = {
            "search_key": {"ref": "API-ENTRY"},
            "payload": {
                "line_ids": [
                    {"account_id": {"code": "990001"}, "debit": 1},
                    {"account_id": {"code": "990002"}, "credit": 1},
                ]
            },
        }
        answer = self.perform("update_data", "account.move", vals)
        self.assertFailure(answer, "user_error")
        self.assertEqual(move.line_ids, lines)

    def test_a_draft_entrys_lines_are_replaced(self) -> None:
        move = self.get(self.entry())
        vals = {
            "search_key": {"ref": "API-ENTRY"},
            "payload": {
                "line_ids": [
                    {"account_id": {"code": "990001"}, "debit": 7},
                    {"account_id": {"code": "990002"}, "credit": 7},
                ]
            },
        }
        self.assertSuccess(self.perform("update_data", "account.move", vals))
        self.assertEqual(sorted(move.line_ids.mapped("balance")), [-7.0, 7.0])

    def test_an_invoice_is_made_with_its_taxes(self) -> None:
        move = self.get(self.invoice())
        self.assertEqual(move.partner_id, self.customer)
        self.assertEqual((move.amount_untaxed, move.amount_total), (200.0, 240.0))
        self.assertEqual(str(move.invoice_date), "2026-04-01")

    def test_files_land_on_invoice_lines_among_lines_odoo_adds(self) -> None:
        move = self.get(self.invoice())
        # Odoo adds a tax line and a receivable one.
        self.assertGreater(len(move.line_ids), len(move.invoice_line_ids))
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "account.move.line"),
                ("res_id", "in", move.line_ids.ids),
            ]
        )
        by_line = {file.res_id: file.name for file in files}
        expected = {line.id: f"{line.name}.txt" for line in move.invoice_line_ids}
        self.assertEqual(by_line, expected)

    def test_a_mistake_in_an_invoice_line_leaves_no_invoice(self) -> None:
        line = {"name": "x", "account_id": {"code": "99000?"}}
        answer = self.invoice(invoice_line_ids=[line])
        path = "payload.invoice_line_ids[0].account_id"
        self.assertFailure(answer, "not_found", path)
        domain = [("ref", "=", "API-INV")]
        self.assertFalse(self.env["account.move"].search(domain))

    # -- companies ------------------------------------------------------------

    def test_an_account_code_is_looked_for_in_the_target_company(self) -> None:
        lookup_model = self.env["api.record.lookup"]
        for company, account in (
            (self.env.company, self.cash),
            (self.other, self.other_cash),
        ):
            with self.subTest(company=company.name):
                lookup = lookup_model._prepare_lookup(
                    "account.account", {"code": "990001"}, company.id
                )
                lookup_model._find([lookup])
                self.assertEqual(lookup.ids, account.ids)
        lookup = lookup_model._prepare_lookup(
            "account.account", {"code": "990002"}, self.other.id
        )
        lookup_model._find([lookup])
        self.assertEqual(lookup.ids, [])

    def test_many_account_codes_cost_as_many_queries_as_one(self) -> None:
        accounts = self.env["account.account"].create(
            [
                {"name": f"A{n}", "code": f"98{n:04}", "account_type": "asset_current"}
                for n in range(40)
            ]
        )
        lookup_model = self.env["api.record.lookup"]

        def count(codes: list[str]) -> int:
            lookups = [
                lookup_model._prepare_lookup(
                    "account.account", {"code": code}, self.env.company.id
                )
                for code in codes
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lookup_model._find(lookups)
            self.assertEqual(
                [lookup.ids for lookup in lookups],
                [account.ids for account in accounts[: len(codes)]],
            )
            return self.env.cr.sql_log_count - before

        codes = accounts.mapped("code")
        count(codes)
        self.assertEqual(count(codes[:2]), count(codes))

    def test_a_partners_accounts_and_terms_are_per_company(self) -> None:
        receivable = self.env["account.account"]
        values = {}
        for company in (self.env.company, self.other):
            account = receivable.with_company(company).create(
                {
                    "name": "Receivable",
                    "code": "991000",
                    "account_type": "asset_receivable",
                    "company_ids": [(6, 0, company.ids)],
                }
            )
            term = self.env["account.payment.term"].create(
                {"name": "API term", "company_id": company.id}
            )
            values[company] = (account, term)
            vals = {
                "search_key": {"ref": "DEBTOR"},
                "payload": {
                    "property_account_receivable_id": {"code": "991000"},
                    "property_payment_term_id": {"name": "API term"},
                },
                "company": {"id": company.id},
            }
            self.assertSuccess(self.perform("update_data", "res.partner", vals))
        for company, (account, term) in values.items():
            with self.subTest(company=company.name):
                partner = self.customer.with_company(company)
                self.assertEqual(partner.property_account_receivable_id, account)
                self.assertEqual(partner.property_payment_term_id, term)
                payload = {
                    "search_field": ["property_payment_term_id{name}"],
                    "search_domain": [["ref", "=", "DEBTOR"]],
                }
                vals = {"payload": payload, "company": {"id": company.id}}
                answer = self.perform("search_data", "res.partner", vals)
                row = self.assertSuccess(answer)[0]
                self.assertEqual(row["property_payment_term_id"][0]["id"], term.id)
