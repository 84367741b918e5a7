# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key against routes, models and operations its profile leaves out."""

from __future__ import annotations

from odoo.tests import tagged

from .leaked_key_case import DENIED, NO_ID, UNKNOWN, LeakedKeyCase, search

#: Readable for the user, not in the profile; and some no user of ours may read.
UNLISTED = (
    *("res.partner.bank", "res.users", "res.company", "account.move", "crm.tag"),
    *("product.template", "product.supplierinfo", "res.currency", "mail.message"),
    *("ir.attachment", "ir.config_parameter", "ir.model", "ir.model.fields"),
    *("res.users.apikeys", "api.access.profile", "api.access.key", "api.log"),
    *("ir.cron", "ir.actions.server", "res.groups", "ir.model.data", "ir.rule"),
    *("base", "mail.thread", "ir.http", "api.service", "api.record.lookup"),
    *("res.config.settings", "mail.compose.message", "sale.order.discount"),
)


@tagged("post_install", "-at_install")
class TestLeakedKeyModels(LeakedKeyCase):
    def unknown(self, route: str, model: str, vals: dict) -> str:
        """Return the refusal of a model, the model's name left out."""
        answer = self.assertDenied(route, model, vals, UNKNOWN)
        return self.strip(answer, model)

    def test_the_shop_itself_works(self) -> None:
        # Else all that follows would be refused for a reason of its own.
        payload = {
            "partner_id": {"ref": "WEB-1"},
            "client_order_ref": "SHOP-2",
            "note": "leave at the door",
            "order_line": [
                {"product_id": {"default_code": "MUG"}, "product_uom_qty": 2}
            ],
        }
        vals = {"payload": payload, "result_field": ["name", "partner_id", "state"]}
        made = self.call_ok("create_data", "sale.order", vals)
        self.assertEqual(made["partner_id"], [self.customer.id, "Web Customer"])
        vals = {
            "search_key": {"id": made["id"]},
            "payload": {"method": "action_confirm"},
        }
        self.assertIs(self.call_ok("call_function", "sale.order", vals), True)
        fields = ["state", "amount_total", "order_line{product_id{name}, price_unit}"]
        domain = [["client_order_ref", "=", "SHOP-2"]]
        vals = search(domain, search_field=fields)
        (row,) = self.call_ok("search_data", "sale.order", vals)
        self.assertEqual(row["state"], "sale")
        self.assertEqual(row["order_line"][0]["product_id"][0]["name"], "Web Mug")

    def test_customers_are_kept_up_to_date(self) -> None:
        for email in ("new@example.com", "newer@example.com"):
            vals = {
                "search_key": {"ref": "WEB-9"},
                "payload": {
                    "name": "Ninth",
                    "email": email,
                    "country_id": {"code": "ES"},
                },
            }
            self.call_ok("create_update_data", "res.partner", vals)
        vals = search(
            [["ref", "=", "WEB-9"]], search_field=["email", "country_id{code}"]
        )
        (row,) = self.call_ok("search_data", "res.partner", vals)
        self.assertEqual(row["email"], "newer@example.com")
        self.assertEqual(row["country_id"][0]["code"], "ES")

    def test_a_product_is_found_by_inherited_fields(self) -> None:
        # name and list_price are the template's, a model the profile leaves out.
        vals = search(
            [["name", "=", "Web Mug"]], search_field=["list_price"], order="name"
        )
        (row,) = self.call_ok("search_data", "product.product", vals)
        self.assertEqual(row["list_price"], 12.0)

    def test_the_plain_key_of_the_same_user_is_not_narrowed(self) -> None:
        headers = self.bearer(self.full_key)
        vals = search([["id", "=", self.customer.id]], search_field=["comment"])
        rows = self.call_ok("search_data", "res.partner", vals, headers=headers)
        self.assertIn("owes-us-money", rows[0]["comment"])
        self.answers.clear()  # he is allowed to know

    def test_a_route_the_profile_leaves_out_is_refused(self) -> None:
        before = self.take_fingerprint()
        vals = {"search_key": {"ref": "WEB-1"}, "payload": {"name": "Pwned"}}
        for model in ("res.partner", "ir.cron", "no.such.model"):
            for more in ({}, {"dry_run": True}):
                status, answer = self.call("update_data", model, vals | more)
                self.assertEqual(status, 403, answer)
                self.assertEqual(answer["error"]["data"]["code"], "access_denied_route")
                self.assertNotIn("result", answer)
        self.assertEqual(self.take_fingerprint(), before)

    def test_a_route_is_refused_however_it_is_spelt(self) -> None:
        body = {"params": {"model": "res.partner", "vals": search()}}
        for route in ("update_data/", "./update_data", "//update_data", "UPDATE_DATA"):
            with self.subTest(route=route):
                response = self.post(route, body)
                self.assertIn(response.status_code, (301, 308, 403, 404))
        response = self.post("search_data/../update_data", body)
        self.assertIn(response.status_code, (403, 404))

    def test_an_unlisted_model_reads_like_one_that_is_not_there(self) -> None:
        requests = {
            "search_data": search(),
            "create_data": {"payload": {"name": "Pwned"}},
            "create_update_data": {
                "search_key": {"id": 1},
                "payload": {"name": "Pwned"},
            },
            "call_function": {"payload": {"method": "create"}},
        }
        for route, vals in requests.items():
            expected = self.unknown(route, "no.such.model", vals)
            for model in UNLISTED:
                with self.subTest(route=route, model=model):
                    self.assertEqual(self.unknown(route, model, vals), expected)

    def test_names_that_are_nearly_a_listed_model_are_unknown(self) -> None:
        for model in (
            *("res.partner ", " res.partner", "Res.Partner", "res.partner,1"),
            *("res_partner", "res.partner\n", "res.partner\u200b", "__class__"),
        ):
            with self.subTest(model=model):
                answer = self.attack("search_data", model, search())
                self.assertEqual(answer["errors"][0]["code"], "unknown_model")

    def assertNotDone(self, route: str, model: str, vals: dict) -> None:
        """Check that a listed model is refused for what it is not listed for."""
        answer = self.attack(route, model, vals)
        self.assertFalse(answer["is_success"], answer)
        codes = {error["code"] for error in answer["errors"]}
        self.assertTrue(codes <= {*DENIED, *UNKNOWN, "method_denied"}, answer)
        for verdict in answer.get("result", ()):
            self.assertFalse(verdict["is_success"], answer)

    def test_a_model_listed_for_reading_is_not_written(self) -> None:
        payload = {"name": "Pwned", "code": "PW"}
        key = {"search_key": {"name": "Web Mug"}}
        for model in ("product.product", "res.country"):
            for route, vals in (
                ("create_data", {"payload": payload}),
                ("create_data", {"payload": {}}),
                ("create_data", {"payload": payload, "dry_run": True}),
                ("create_data", {"payload": [payload]}),
                ("create_data", {"records": [{"payload": payload}]}),
                (
                    "create_data",
                    {"records": [{"payload": payload}], "on_error": "continue"},
                ),
                ("create_update_data", key | {"payload": payload}),
                ("create_update_data", key | {"payload": {}}),
            ):
                with self.subTest(route=route, model=model, vals=vals):
                    self.assertNotDone(route, model, vals)

    def test_a_model_listed_without_calls_is_not_called(self) -> None:
        for model, method in (
            ("res.partner", "action_archive"),
            ("res.partner", "create"),
            ("product.product", "action_archive"),
            ("sale.order.line", "unlink"),
        ):
            answers = set()
            for record_id in (self.env[model].search([], limit=1).id, NO_ID):
                vals = {"search_key": {"id": record_id}, "payload": {"method": method}}
                with self.subTest(model=model, record_id=record_id):
                    self.assertNotDone("call_function", model, vals)
                    answer = self.attack("call_function", model, vals)
                    answers.add(self.strip(answer, record_id))
            self.assertEqual(len(answers), 1, answers)

    def test_an_upsert_of_lines_may_not_change_one(self) -> None:
        line = self.order.order_line
        vals = {
            "search_key": {"id": line.id},
            "payload": {"product_uom_qty": 99},
        }
        codes = (*DENIED, *UNKNOWN)
        self.assertDenied("create_update_data", "sale.order.line", vals, codes)

    def test_what_is_listed_for_writing_alone_is_not_read(self) -> None:
        rule = {"may_read": False, "may_create": True, "writable": ["name"]}
        key = self.make_other_key("write only", {"res.partner": rule})
        headers = self.bearer(key)
        for vals in (search(), search([["id", ">", 0]], count=True)):
            codes = (*DENIED, *UNKNOWN)
            self.assertDenied("search_data", "res.partner", vals, codes, headers)
        vals = {"payload": {"name": "Mail Slot"}, "result_field": ["name"]}
        self.assertDenied("create_data", "res.partner", vals, headers=headers)
        del vals["result_field"]
        made = self.call_ok("create_data", "res.partner", vals, headers=headers)
        self.assertEqual(set(made), {"id"})

    def test_a_profile_without_models_opens_nothing(self) -> None:
        headers = self.bearer(self.make_other_key("nothing", {}))
        for model in ("res.partner", "sale.order", "res.lang", "res.users"):
            for route in ("search_data", "call_function", "create_data"):
                vals = {"payload": {"search_field": ["id"]}}
                if route == "call_function":
                    vals = {"payload": {"method": "name_search"}}
                with self.subTest(model=model, route=route):
                    self.assertDenied(route, model, vals, UNKNOWN, headers)
