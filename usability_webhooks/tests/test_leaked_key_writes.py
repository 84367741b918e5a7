# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key that writes: fields, relations, lines, files, companies."""

from __future__ import annotations

import base64

from odoo.tests import new_test_user, tagged

from .leaked_key_case import DENIED, NO_ID, SECRETS, LeakedKeyCase

FILE = [{"name": "x.txt", "datas": base64.b64encode(b"x").decode()}]
WEB = {"ref": "WEB-1"}
#: Writable relations into models the profile leaves out.
RELATIONS = {
    "res.partner": {
        "may_create": True,
        "may_update": True,
        "readable": ["name", "ref"],
        "writable": [
            *("name", "ref", "user_id", "category_id", "bank_ids", "parent_id"),
            *("child_ids", "company_id", "country_id", "message_ids"),
        ],
    },
}
#: Contacts and their contacts, all that a shop may know of them.
FAMILY = {
    "res.partner": {
        "may_create": True,
        "may_update": True,
        "readable": ["name", "ref", "email", "child_ids"],
        "writable": ["name", "ref", "email", "child_ids"],
    },
}


@tagged("post_install", "-at_install")
class TestLeakedKeyWrites(LeakedKeyCase):
    def get_writes(
        self, model: str, payload: dict, **vals: object
    ) -> list[tuple[str, dict]]:
        """Return every request by which a payload can be written."""
        key = WEB if model == "res.partner" else {"client_order_ref": "SHOP-1"}
        item = {"search_key": key, "payload": payload}
        named = {"name": "New"} if model == "res.partner" else {"partner_id": WEB}
        new = {"payload": named | payload}
        upsert = {"search_key": {next(iter(key)): "NEW-1"}, "payload": named | payload}
        requests = [
            ("create_data", new),
            ("create_data", new | {"dry_run": True}),
            ("create_data", {"payload": [named, named | payload]}),
            ("create_data", {"records": [{"payload": named}, new]}),
            ("create_update_data", item),
            ("create_update_data", item | {"dry_run": True}),
            ("create_update_data", upsert),
            ("create_update_data", {"records": [item]}),
        ]
        return [(route, each | vals) for route, each in requests]

    def assertNotWritten(self, model: str, payload: dict, **vals: object) -> None:
        for route, each in self.get_writes(model, payload, **vals):
            with self.subTest(route=route, vals=each):
                answer = self.attack(route, model, each)
                self.assertFalse(answer["is_success"], answer)
                found = {error["code"] for error in answer["errors"]}
                self.assertTrue(found <= set(DENIED), answer)

    def test_no_field_outside_the_profile_is_written(self) -> None:
        for model, payloads in {
            "res.partner": (
                *({"comment": "x"}, {"vat": "x"}, {"active": False}),
                *({"parent_id": self.parent.id}, {"company_id": self.branch.id}),
                *({"company_id": {"name": "Own Second Company"}}, {"user_ids": []}),
                *({"bank_ids": [{"acc_number": "x"}]}, {"category_id": []}),
                *({"category_id": {"mode": "add", "records": []}}, {"credit_limit": 9}),
                *({"name": "ok", "ref": "ok", "comment": None},),
            ),
            "sale.order": (
                *({"state": "sale"}, {"user_id": 1}, {"company_id": self.branch.id}),
                *({"tag_ids": [{"name": "x"}]}, {"pricelist_id": None}),
                *({"locked": True}, {"fiscal_position_id": {"name": "x"}}),
                {
                    "order_line": [
                        {"product_id": {"default_code": "MUG"}, "discount": 99}
                    ]
                },
                {"order_line": [{"name": "x", "price_unit": 0}]},
                {"order_line": [{"name": "x", "order_id": self.order.id}]},
                {"order_line": [{"name": "x", "tax_ids": []}]},
            ),
        }.items():
            for payload in payloads:
                self.assertNotWritten(model, payload)

    def test_no_translation_of_a_field_outside_the_profile_is_written(self) -> None:
        self.assertNotWritten("res.partner", {"comment": {"en_US": "x"}})
        self.assertNotWritten("sale.order", {"note": "y", "state": {"en_US": "sale"}})

    def test_a_line_of_a_batch_is_no_way_round(self) -> None:
        records = [
            {"ref": 1, "payload": {"name": "Good"}},
            {"ref": 2, "payload": {"name": "Bad", "comment": "x"}},
        ]
        vals = {"records": records, "on_error": "continue"}
        _status, answer = self.call("create_data", "res.partner", vals)
        verdicts = answer["result"]["result"]
        self.assertEqual([row["is_success"] for row in verdicts], [True, False])
        self.assertEqual(verdicts[1]["errors"][0]["code"], "field_denied")
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Bad")]))

    def test_a_record_is_looked_up_by_the_profiles_fields_only(self) -> None:
        for payload in (
            *({"partner_id": {"vat": "XX-VAT-4711"}}, {"partner_id": {"comment": "x"}}),
            *({"partner_id": {"parent_id": {"name": "x"}}},),
            *({"partner_id": {"parent_id.name": "x"}},),
            *({"partner_id": {"bank_ids": {"acc_number": "x"}}},),
            *({"partner_id": {"country_id": {"phone_code": 34}}},),
            {"order_line": [{"product_id": {"barcode": "BARCODE-4711"}}]},
            {"order_line": [{"product_id": {"standard_price": 1.0}}]},
            {"order_line": [{"product_id": {"product_tmpl_id": {"name": "Web Mug"}}}]},
        ):
            for route, vals in self.get_writes("sale.order", payload):
                with self.subTest(route=route, vals=vals):
                    self.assertDenied(route, "sale.order", vals)

    def test_a_company_is_no_oracle(self) -> None:
        # The payload's company is looked up before all else.
        for guesses in (
            ({"name": "Own Second Company"}, {"name": "No Such Company"}),
            ({"id": self.branch.id}, {"id": NO_ID}),
            ({"id": self.foreign.id}, {"id": NO_ID}),
        ):
            for model in ("res.partner", "sale.order"):
                for (route, right), (_route, wrong) in zip(
                    self.get_writes(model, {"company_id": guesses[0]}),
                    self.get_writes(model, {"company_id": guesses[1]}),
                    strict=True,
                ):
                    values = [next(iter(guess.values())) for guess in guesses]
                    answers = [
                        self.attack(route, model, each) for each in (right, wrong)
                    ]
                    with self.subTest(route=route, model=model, vals=right):
                        self.assertEqual(
                            *map(self.strip, answers, values), "tells companies apart"
                        )
                        codes = {error["code"] for error in answers[0]["errors"]}
                        self.assertTrue(codes <= set(DENIED), answers[0])

    def test_relations_into_unlisted_models_are_refused(self) -> None:
        headers = self.bearer(self.make_other_key("relations", RELATIONS))
        tag, user, bank = self.tag.id, self.env.uid, self.bank.id
        for name, right, wrong in (
            ("category_id", [tag], [NO_ID]),
            ("category_id", [{"id": tag}], [{"id": NO_ID}]),
            ("category_id", {"mode": "add", "records": [tag]}, {"records": [NO_ID]}),
            ("category_id", {"mode": "remove", "records": [tag]}, []),
            ("category_id", [], None),
            ("category_id", [{"name": "Bronze"}], [{"name": "Nothing"}]),
            ("user_id", user, NO_ID),
            ("user_id", {"login": "admin"}, {"login": "nobody"}),
            ("user_id", {"xml_id": "base.user_admin"}, {"xml_id": "base.nobody"}),
            ("country_id", {"code": "ES"}, {"code": "??"}),
            ("country_id", {"xml_id": "base.es"}, {"xml_id": "base.atlantis"}),
            ("company_id", self.company.id, NO_ID),
            ("bank_ids", [{"acc_number": "1"}], []),
            ("bank_ids", {"mode": "add", "records": [{"acc_number": "1"}]}, []),
            (
                "bank_ids",
                {"mode": "merge", "key": ["id"], "records": [], "delete": [bank]},
                {"mode": "merge", "key": ["id"], "records": [], "delete": [NO_ID]},
            ),
            (
                "bank_ids",
                {"mode": "merge", "key": ["id"], "records": [{"id": bank}]},
                {"mode": "merge", "key": ["id"], "records": [{"id": NO_ID}]},
            ),
        ):
            for value in (right, wrong):
                if value is None:
                    continue
                for route, vals in self.get_writes("res.partner", {name: value}):
                    with self.subTest(name=name, value=value, route=route, vals=vals):
                        self.assertDenied(route, "res.partner", vals, headers=headers)

    def test_making_what_is_missing_is_no_way_round(self) -> None:
        order = {"partner_id": {"ref": "MISSING"}}
        country = {"name": "x", "country_id": {"code": "QQ"}}
        line = {"order_line": [{"product_id": {"default_code": "MISSING"}}]}
        for model, payload, auto_create in (
            ("sale.order", order, {"partner_id": {"name": "x", "comment": "x"}}),
            (
                "sale.order",
                order,
                {"partner_id": {"name": "x", "bank_ids": [{"acc_number": "1"}]}},
            ),
            ("sale.order", order, {"partner_id": {"name": "x", "user_ids": []}}),
            (
                "sale.order",
                order,
                {"partner_id": {"name": "x", "attachment_ids": FILE}},
            ),
            (
                "sale.order",
                {"partner_id": WEB} | line,
                {"order_line.product_id": {"name": "x"}},
            ),
            ("sale.order", {"partner_id": WEB} | line, {"product_id": [{"name": "x"}]}),
            ("res.partner", country, {"country_id": {"name": "x", "code": "QQ"}}),
        ):
            for vals in (
                {"payload": payload, "auto_create": auto_create},
                {"payload": payload, "auto_create": auto_create, "dry_run": True},
                {"records": [{"payload": payload, "auto_create": auto_create}]},
                {"records": [{"payload": payload}], "auto_create": auto_create},
            ):
                with self.subTest(model=model, vals=vals):
                    answer = self.attack("create_data", model, vals)
                    self.assertFalse(answer["is_success"], answer)
                    codes = {error["code"] for error in answer["errors"]}
                    self.assertTrue(codes <= {*DENIED, "not_found"}, answer)
                    self.assertNotIn("created", answer)

    def test_files_are_not_put_anywhere(self) -> None:
        for model, payload in (
            ("res.partner", {"attachment_ids": FILE}),
            ("sale.order", {"attachment_ids": FILE}),
            ("sale.order", {"attachment_ids": [{"name": "x", "url": "http://x"}]}),
            ("sale.order", {"attachment_ids": [self.attachment.id]}),
            ("sale.order", {"order_line": [{"name": "x", "attachment_ids": FILE}]}),
            ("res.partner", {"child_ids": [{"name": "x", "attachment_ids": FILE}]}),
        ):
            self.assertNotWritten(model, payload)

    def test_lines_are_not_deleted_where_lines_may_only_be_made(self) -> None:
        line = self.order.order_line
        new = {"product_id": {"default_code": "MUG"}}
        for value in (
            [new],
            [],
            None,
            {"mode": "replace", "records": [new]},
            {"mode": "merge", "key": ["id"], "records": [], "delete": [line.id]},
            {
                "mode": "merge",
                "key": ["product_id"],
                "records": [],
                "delete": [{"product_id": {"default_code": "MUG"}}],
            },
            {
                "mode": "merge",
                "key": ["product_id"],
                "records": [new | {"product_uom_qty": 99}],
            },
            {
                "mode": "merge",
                "key": ["id"],
                "records": [{"id": line.id, "product_uom_qty": 99}],
            },
        ):
            for more in ({}, {"dry_run": True}):
                vals = {
                    "search_key": {"client_order_ref": "SHOP-1"},
                    "payload": {"order_line": value},
                }
                with self.subTest(value=value, more=more):
                    vals |= more
                    self.assertDenied("create_update_data", "sale.order", vals)
        self.assertTrue(line.exists())

    def test_lines_are_not_told_apart_by_fields_outside_the_profile(self) -> None:
        for key in ("discount", "price_subtotal", "company_id", "order_id", "sequence"):
            value = {"mode": "merge", "key": [key], "records": [{key: 1}]}
            self.assertNotWritten("sale.order", {"order_line": value})
        delete = [{"order_id": {"note": "x"}}, {"discount": 0.0}]
        value = {"mode": "merge", "key": ["product_id"], "records": []}
        self.assertNotWritten("sale.order", {"order_line": value | {"delete": delete}})

    def test_a_contact_of_a_contact_is_as_narrow(self) -> None:
        for child in (
            {"name": "x", "comment": "x"},
            {"name": "x", "parent_id": self.parent.id},
            {"name": "x", "child_ids": [{"name": "y", "vat": "1"}]},
            {"name": "x", "bank_ids": [{"acc_number": "1"}]},
        ):
            self.assertNotWritten("res.partner", {"child_ids": [child]})

    def test_the_address_of_a_login_is_not_changed(self) -> None:
        """Odoo sends a new password there: it would be the whole user's key."""
        portal = new_test_user(self.env, "shopper", groups="base.group_portal")
        portal.partner_id.write({"ref": "SHOPPER", "parent_id": self.customer.id})
        gone = new_test_user(self.env, "gone", groups="base.group_portal")
        gone.partner_id.ref = "LEFT"
        gone.active = False
        self.user.partner_id.ref = "SELF"
        headers = self.bearer(self.make_other_key("family", FAMILY))
        child = {"ref": "SHOPPER", "email": "evil@example.com"}
        merge = {"mode": "merge", "key": ["ref"], "records": [child]}
        for ref, payload in (
            ("SELF", {"email": "evil@example.com"}),
            ("SHOPPER", {"email": "evil@example.com"}),
            ("LEFT", {"name": "x", "email": None}),
            ("WEB-1", {"child_ids": merge}),
        ):
            item = {"search_key": {"ref": ref}, "payload": payload}
            for route in ("update_data", "create_update_data"):
                for vals in (item, item | {"dry_run": True}, {"records": [item]}):
                    with self.subTest(route=route, vals=vals):
                        codes = ("access_denied",)
                        answer = self.assertDenied(
                            route, "res.partner", vals, codes, headers
                        )
                        path = answer["errors"][0]["path"]
                        self.assertTrue(path.endswith(".email"), path)

    def test_other_addresses_are_changed(self) -> None:
        headers = self.bearer(self.make_other_key("family", FAMILY))
        vals = {"search_key": {"ref": "WEB-1"}, "payload": {"email": "new@example.com"}}
        self.call_ok("update_data", "res.partner", vals, headers=headers)
        self.user.partner_id.ref = "SELF"
        same = {"search_key": {"ref": "SELF"}, "payload": {"name": "Renamed"}}
        self.call_ok("update_data", "res.partner", same, headers=headers)
        users = {"may_update": True, "writable": ["login"]}
        listed = self.make_other_key("users too", FAMILY | {"res.users": users})
        vals = {"search_key": {"ref": "SELF"}, "payload": {"email": "me@example.com"}}
        headers = self.bearer(listed)
        self.call_ok("update_data", "res.partner", vals, headers=headers)
        self.assertEqual(self.user.partner_id.email, "me@example.com")

    def test_raw_commands_are_no_lines(self) -> None:
        for value in (
            [[6, 0, [self.order.order_line.id]]],
            [[2, self.order.order_line.id]],
            [[1, self.order.order_line.id, {"price_unit": 0}]],
            [[5]],
        ):
            for route, vals in self.get_writes("sale.order", {"order_line": value}):
                answer = self.attack(route, "sale.order", vals)
                self.assertFalse(answer["is_success"], answer)

    def test_a_note_is_written_and_never_read_back(self) -> None:
        # It is writable, not readable: whether it is this already is an answer.
        vals = {"search_key": {"client_order_ref": "SHOP-1"}, "dry_run": True}
        stored = self.order.note
        answers = [
            self.attack(
                "create_update_data", "sale.order", vals | {"payload": {"note": note}}
            )
            for note in (stored, "<p>something else</p>")
        ]
        self.assertEqual(*(self.strip(answer, "?") for answer in answers))
        self.assertIn(SECRETS["order note"], stored)

    def test_the_time_of_a_change_is_not_told(self) -> None:
        for moment in ("2020-01-01 00:00:00", str(self.order.write_date)):
            vals = {
                "search_key": {"client_order_ref": "SHOP-1"},
                "payload": {"client_order_ref": "SHOP-1"},
                "expected_write_date": moment,
            }
            self.assertDenied("create_update_data", "sale.order", vals)
