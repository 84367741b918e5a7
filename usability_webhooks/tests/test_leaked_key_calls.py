# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key that calls: methods, reports, contexts, companies."""

from __future__ import annotations

import json

from odoo.tests import tagged

from .leaked_key_case import DENIED, NO_ID, LeakedKeyCase, search

SHOP_1 = {"client_order_ref": "SHOP-1"}
CALL = (*DENIED, "method_denied", "unknown_method")
CONTEXT = (*DENIED, "invalid_value")
METHODS = (
    # The ORM's own: each would undo what the profile says of fields and records.
    *("create", "write", "unlink", "copy", "read", "search", "search_read", "load"),
    *("export_data", "browse", "sudo", "with_user", "with_context", "with_company"),
    *("mapped", "filtered", "name_search", "name_create", "read_group", "web_read"),
    *("web_save", "web_search_read", "search_count", "fields_get", "default_get"),
    *("get_views", "get_metadata", "copy_data", "update", "flush_recordset"),
    *("formatted_read_group", "onchange", "web_read_group", "search_fetch"),
    *("invalidate_recordset", "ensure_one", "exists", "get_external_id"),
    *("update_field_translations", "get_field_translations", "check_access"),
    # Business and mail, public, the user's own.
    *("action_cancel", "action_draft", "action_lock", "message_post", "action_archive"),
    *("action_unarchive", "message_subscribe", "action_quotation_send"),
    *("get_portal_url", "activity_schedule", "action_preview_sale_order"),
    # Private, and none at all.
    *("_create_invoices", "_action_confirm", "__init__", "__class__", "env", "_fields"),
    *("_write_multi", "no_such_method", "action_confirmed", "Action_Confirm", "ids"),
    *("action_confirm ", "action_confirm.__func__", "action_confirm\u200b"),
)


@tagged("post_install", "-at_install")
class TestLeakedKeyCalls(LeakedKeyCase):
    def call_vals(self, payload: dict, key: dict | None = None, **vals: object) -> dict:
        return {"search_key": key or SHOP_1, "payload": payload, **vals}

    def test_no_method_outside_the_profile_is_called(self) -> None:
        expected = None
        for method in METHODS:
            for parameter in ({}, {"vals": {"state": "sale"}}):
                vals = self.call_vals({"method": method, "parameter": parameter})
                with self.subTest(method=method, parameter=parameter):
                    answer = self.assertDenied(
                        "call_function", "sale.order", vals, CALL
                    )
                    text = self.strip(answer, json.dumps(method)[1:-1])
                    if method.isidentifier():
                        expected = expected or text
                        self.assertEqual(text, expected)

    def test_no_method_is_called_without_records_either(self) -> None:
        for method in ("search", "create", "name_search", "fields_get", "get_views"):
            vals = {"payload": {"method": method}}
            with self.subTest(method=method):
                self.assertDenied("call_function", "sale.order", vals, CALL)

    def test_a_refused_method_does_not_tell_which_records_there_are(self) -> None:
        self.assertBlind(
            "call_function",
            "sale.order",
            lambda ref: self.call_vals(
                {"method": "action_cancel"}, {"client_order_ref": ref}
            ),
            ("SHOP-1", "SHOP-0"),
        )

    def test_a_refused_method_gives_no_hint(self) -> None:
        for method in ("action_confirmed", "action_cance", "message_pos"):
            vals = self.call_vals({"method": method})
            answer = self.assertDenied("call_function", "sale.order", vals, CALL)
            hint = answer["errors"][0].get("hint") or ""
            for name in ("action_cancel", "message_post"):
                self.assertNotIn(name, hint)

    def test_arguments_nobody_takes_are_told_before_the_call(self) -> None:
        payload = {"method": "action_confirm", "parameter": {"force": True}}
        answer = self.attack("call_function", "sale.order", self.call_vals(payload))
        self.assertEqual(answer["errors"][0]["code"], "invalid_arguments")

    def test_no_report_is_printed(self) -> None:
        for guesses in (
            ("sale.action_report_saleorder", "sale.no_such_report"),
            ("account.account_invoices", "account.no_such_report"),
        ):
            answer = self.assertBlind(
                "call_function",
                "sale.order",
                lambda report: self.call_vals({"report": report}),
                guesses,
            )
            self.assertIn(answer["errors"][0]["code"], DENIED)
        vals = self.call_vals({"report": "sale.action_report_saleorder"})
        self.assertDenied("call_function", "sale.order", vals)
        vals["payload"]["method"] = "action_confirm"
        answer = self.attack("call_function", "sale.order", vals)
        self.assertFalse(answer["is_success"])

    def test_the_context_is_no_lever(self) -> None:
        contexts = (
            *({"active_test": False}, {"force_delete": True}, {"tracking_disable": 1}),
            *({"default_user_id": 1}, {"default_note": "x"}, {"default_state": "sale"}),
            *({"show_vat": True}, {"show_address": True}, {"show_email": True}),
            *({"uid": 1}, {"su": True}, {"_force": 1}, {"check_move_validity": False}),
            *({"usability_webhooks_level": 1}, {"bin_size": True}, {"install_mode": 1}),
            *({"lang": "en_US", "mail_create_nosubscribe": True}, {"sudo": 1}),
            *({"from_orderpoint": 1}, {"partner_id": 1}, {"display_website": True}),
            *({"prefetch_fields": False}, {"no_reset_password": True}, {"": 1}),
        )
        new = {"payload": {"name": "New"}}
        upsert = {"search_key": {"ref": "WEB-1"}, "payload": {"email": "x@example.com"}}
        for context in contexts:
            confirm = {"method": "action_confirm"}
            for route, model, vals in (
                ("search_data", "res.partner", search() | {"context": context}),
                ("create_data", "res.partner", new | {"context": context}),
                ("create_update_data", "res.partner", upsert | {"context": context}),
                (
                    "call_function",
                    "sale.order",
                    self.call_vals(confirm, context=context),
                ),
                (
                    "call_function",
                    "sale.order",
                    self.call_vals(confirm | {"context": context}),
                ),
            ):
                with self.subTest(context=context, route=route):
                    self.assertDenied(route, model, vals, CONTEXT)

    def test_language_and_time_zone_may_be_chosen(self) -> None:
        context = {"lang": "en_US", "tz": "Asia/Bangkok"}
        context["allowed_company_ids"] = self.company.ids
        vals = search([["ref", "=", "WEB-1"]]) | {"context": context}
        self.assertEqual(len(self.call_ok("search_data", "res.partner", vals)), 1)

    def test_no_company_outside_the_profile_is_worked_in(self) -> None:
        company, branch = self.company.id, self.branch.id
        for ids in (
            *([branch], [company, branch], [branch, company], [self.foreign.id]),
            *([NO_ID], [company, NO_ID], [0], [-1], [True], [str(branch)], "1"),
        ):
            context = {"allowed_company_ids": ids}
            with self.subTest(ids=ids):
                vals = search() | {"context": context}
                self.assertDenied("search_data", "res.partner", vals, CONTEXT)
                vals = {"payload": {"name": "New"}, "context": context}
                self.assertDenied("create_data", "res.partner", vals, CONTEXT)
                payload = {"method": "action_confirm", "context": context}
                vals = self.call_vals(payload)
                self.assertDenied("call_function", "sale.order", vals, CONTEXT)

    def test_a_foreign_company_reads_like_a_missing_one(self) -> None:
        for make in (
            lambda cid: search() | {"context": {"allowed_company_ids": [cid]}},
            lambda cid: search() | {"company": {"id": cid}},
            lambda cid: search() | {"company": cid},
        ):
            for cid in (self.branch.id, self.foreign.id):
                answer = self.assertBlind(
                    "search_data", "res.partner", make, (cid, NO_ID)
                )
                self.assertFalse(answer["is_success"])

    def test_the_company_is_no_oracle(self) -> None:
        # A lookup on res.company, which the profile does not list.
        own = self.company
        for make, guesses in (
            (lambda name: {"name": name}, (own.name, "No Such Company")),
            (lambda name: {"name": name}, (self.branch.name, "No Such Company")),
            (lambda name: {"partner_id": {"name": name}}, (own.name, "Nobody")),
            (lambda name: {"partner_id.name": name}, (self.branch.name, "Nobody")),
            (lambda cid: {"currency_id": cid}, (own.currency_id.id, NO_ID)),
            (lambda cid: {"account_fiscal_country_id": cid}, (1, NO_ID)),
            (lambda ref: {"xml_id": ref}, ("base.main_company", "base.no_company")),
        ):
            with self.subTest(guesses=guesses):
                self.assertBlind(
                    "search_data",
                    "res.partner",
                    lambda guess, make=make: search() | {"company": make(guess)},
                    guesses,
                )

    def test_records_of_another_company_are_not_there(self) -> None:
        # The user may see them; the profile's company may not.
        domain = [["ref", "=", "FOREIGN-1"]]
        self.assertEqual(self.call_ok("search_data", "res.partner", search(domain)), [])
        headers = self.bearer(self.full_key)
        vals = search(domain)
        self.assertTrue(
            self.call_ok("search_data", "res.partner", vals, headers=headers)
        )
        partner = self.other_customer
        for key in ({"ref": "FOREIGN-1"}, {"id": partner.id}):
            vals = {"payload": {"partner_id": key}}
            answer = self.attack("create_data", "sale.order", vals)
            self.assertEqual(answer["errors"][0]["code"], "not_found")
        self.assertBlind(
            "create_data",
            "sale.order",
            lambda pid: {"payload": {"partner_id": pid}},
            (partner.id, NO_ID),
        )
        self.assertBlind(
            "create_update_data",
            "res.partner",
            lambda pid: {"search_key": {"id": pid}, "payload": {"name": "x"}},
            (partner.id, NO_ID),
        )

    def test_a_user_who_works_elsewhere_does_not_take_the_key_along(self) -> None:
        self.user.company_id = self.branch
        rows = self.call_ok("search_data", "res.partner", search([["id", ">", 0]]))
        self.assertNotIn(self.other_customer.id, [row["id"] for row in rows])
        made = self.call_ok(
            "create_data", "sale.order", {"payload": {"partner_id": {"ref": "WEB-1"}}}
        )
        order = self.env["sale.order"].browse(made["id"])
        self.assertEqual(order.company_id, self.company)

    def test_a_profile_of_none_of_the_users_companies_opens_nothing(self) -> None:
        models = {"res.partner": {"may_create": True}}
        key = self.make_other_key("foreign", models, company_ids=self.foreign.ids)
        vals = {"payload": {"name": "New"}}
        for route, each in (("search_data", search()), ("create_data", vals)):
            before = self.take_fingerprint()
            status, answer = self.call(route, "res.partner", each, self.bearer(key))
            self.assertEqual(self.take_fingerprint(), before)
            self.assertFalse(status == 200 and answer["result"]["is_success"], answer)
            self.assertNotIn(self.foreign.name, json.dumps(answer))

    def test_a_callback_is_not_called(self) -> None:
        vals = search() | {"callback_url": "http://127.0.0.1:1/steal"}
        _status, answer = self.call("search_data", "res.partner", vals)
        self.assertNotIn("steal", json.dumps(answer).replace("callback_url", ""))
