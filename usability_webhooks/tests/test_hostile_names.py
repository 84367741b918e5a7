# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Hostile domains, orders, models, fields, methods and contexts."""

from __future__ import annotations

from odoo.tests import tagged

from .common import HostileCase

NUL = "a\x00b"
INTERNALS = ("__class__", "__init__", "_name", "_fields", "env", "ids", "pool")


@tagged("post_install", "-at_install")
class TestHostileSearch(HostileCase):
    def assertSearchRepelled(self, payload: dict, codes: str | tuple) -> None:
        with self.subTest(payload=str(payload)[:200]):
            vals = {"payload": {"search_field": ["name"], **payload}}
            params = {"model": "res.partner", "vals": vals}
            self.assertRepelled("search_data", params, codes)

    def test_payload_of_the_wrong_type(self):
        for payload in ("name", 5, [], [{}], True):
            with self.subTest(payload=payload):
                params = {"model": "res.partner", "vals": {"payload": payload}}
                self.assertRepelled("search_data", params, "invalid_value")

    def test_limits_that_are_no_number_of_records(self):
        for key in ("limit", "offset"):
            for value in (-1, "5", True, 1e9, 1.5, [5], {"a": 1}, "all", -(2**63)):
                self.assertSearchRepelled({key: value}, "invalid_value")
        for text in (b"1180591620717411303424", b"1e999"):
            body = (
                b'{"params": {"model": "res.partner", "vals": {"payload":'
                b' {"limit": %s}}}}' % text
            )
            self.assertRepelled("search_data", body, "parse_error")

    def test_orders_that_are_more_than_an_order(self):
        for order in (
            "name; drop table res_partner",
            "name desc; select pg_sleep(5)",
            "id desc, (select 1)",
            "(select login from res_users limit 1)",
            "name desc--",
            "name/**/desc",
            "name::text",
            '"name"',
            "1",
            "name,",
            ",",
            "name asc desc",
            "name nulls",
            "name\x00",
            "name\x00desc",
            "case when 1=1 then name end",
            "lower(name)",
            "res_partner.name;",
            "name collate C",
            5,
            True,
            ["name"],
            {"name": "desc"},
        ):
            self.assertSearchRepelled({"order": order}, "invalid_value")
        for order in ("__class__", "_order", "env", "nmae desc", "name, nmae"):
            self.assertSearchRepelled({"order": order}, "unknown_field")

    def test_domains_are_data_and_never_run(self):
        for text in (
            "__import__('os').system('true')",
            "[('id', '=', __import__('os').getpid())]",
            "[('name', '=', open('/etc/hostname').read())]",
            "[('id', '=', uid)]",
            "[('create_date', '<', datetime.datetime.now())]",
            "[x for x in ((1, '=', 1),)]",
            "(lambda: [])()",
            "[(0, '=', 1)] if True else []",
            "[('a', '=', 'b' * 9)]",
            "1 + 1",
            "{'name': 'x'}",
            "{'name'}",
            "'text'",
            "b'x'",
            "[('name', '=', 'a'",
            "[('name', '=', 'a')]; import os",
            "[\n('name', '=',",
            "(" * 5_000,
            "[" * 300 + "]" * 300,
            "-" * 50_000 + "1",
            "[('name', '=', '\\x00')]",
            "[('name', '=', '\\ud800')]",
            "[" + "('id', '=', 1)," * 100_000 + "]",
        ):
            self.assertSearchRepelled({"search_domain": text}, "invalid_domain")

    def test_domains_that_are_no_domains(self):
        for domain in (
            5,
            True,
            {"name": "x"},
            [1],
            ["name"],
            [["name"]],
            [["name", "="]],
            [["name", "=", "a", "b"]],
            [["name", "===", "a"]],
            [["name", "=; drop table x", "a"]],
            [["name", "any!", [["id", "=", 1]]]],
            [["child_ids", "any!", [["id", "=", 1]]]],
            [["child_ids", "not any!", [["id", "=", 1]]]],
            [["child_ids", "any", [["child_ids", "any!", [["id", "=", 1]]]]]],
            [["child_ids", "any", "SELECT id FROM res_users"]],
            [["id", "inselect", ["SELECT id FROM res_users", []]]],
            [["nope", "=", 1]],
            [["__class__", "=", 1]],
            [["parent_id.nope", "=", 1]],
            [["name.nope", "=", 1]],
            [[["name"], "=", 1]],
            [[5, "=", 1]],
            [["name", 5, 1]],
            [["name", ["="], 1]],
            ["&"],
            ["|", ["name", "=", "a"]],
            ["!"],
            ["x", ["name", "=", "a"]],
            [["name", "=", {"a": 1}]],
            [["name", "=", NUL]],
            [[NUL, "=", "a"]],
            [["create_date", ">", "no date"]],
        ):
            self.assertSearchRepelled({"search_domain": domain}, "invalid_domain")

    def test_more_conditions_than_values_allowed(self):
        domain = [["id", "=", 1]] * 100_000
        self.assertSearchRepelled({"search_domain": domain}, "invalid_request")

    def test_deep_domains_are_answered_either_way(self):
        nested: list = [["name", "=", "x"]]
        for _level in range(12):
            nested = [["child_ids", "any", nested]]
        text = "[('name', '=', 'x')]"
        for _level in range(60):
            text = f"[('child_ids', 'any', {text})]"
        for domain in (
            nested,
            text,
            ["!"] * 5_001 + [["name", "=", "x"]],
            [["parent_id." * 40 + "name", "=", "x"]],
            ["|"] * 4_999 + [["id", "=", -i] for i in range(5_000)],
        ):
            with self.subTest(domain=str(domain)[:80]):
                vals = {"payload": {"search_domain": domain, "limit": 1}}
                status, answer = self.call("search_data", "res.partner", vals)
                self.assertEqual(status, 200)
                result = answer["result"]
                if not result["is_success"]:
                    self.assertFailure(result, "invalid_domain")
                self.assertRuns()

    def assertRuns(self) -> None:
        response = self.post("search_data", self.GOOD)
        self.assertSuccess(response.json()["result"])

    def test_fields_of_python_and_of_nobody(self):
        for name in (*INTERNALS, "nmae"):
            spec = {"search_field": [name]}
            self.assertSearchRepelled(spec, "unknown_field")
            spec = {"search_field": [f"parent_id{{{name}}}"]}
            self.assertSearchRepelled(spec, "unknown_field")
        for items in (
            ["name.__class__"],
            ["name{"],
            ["parent_id{name"],
            ["}"],
            ["a{b}}"],
            [""],
            ["parent_id{" * 40 + "name" + "}" * 40],
            ["name;"],
            [NUL],
            [5],
            [None],
            "name",
            {"name": 1},
        ):
            codes = ("invalid_value", "unknown_field")
            self.assertSearchRepelled({"search_field": items}, codes)


@tagged("post_install", "-at_install")
class TestHostileModels(HostileCase):
    def test_models_that_are_none(self):
        for model in (
            "__class__",
            "res.partner; drop table res_partner",
            "res.partner ",
            " res.partner",
            "res_partner",
            "RES.PARTNER",
            "res.partner.",
            "../../etc/passwd",
            "ไทย.โมเดล",
            "\u202ereversed",
            NUL,
            "x" * 100_000,
            "base",
            "ir.http",
            "api.service",
            "api.transaction",
        ):
            for route in ("create_data", "update_data", "search_data"):
                with self.subTest(model=model[:40], route=route):
                    vals = {"payload": {"name": "Owned"}}
                    if route == "update_data":
                        vals["search_key"] = {"id": 1}
                    if route == "search_data":
                        vals = {"payload": {}}
                    params = {"model": model, "vals": vals}
                    self.assertRepelled(route, params, "unknown_model")

    def test_fields_of_python_and_of_nobody(self):
        for name in (*INTERNALS, "x" * 100_000, "ชื่อ", "name.__class__", "", NUL):
            with self.subTest(name=name[:40]):
                params = {"model": "res.partner", "vals": {"payload": {name: 1}}}
                self.assertRepelled("create_data", params, "unknown_field")
                vals = {"search_key": {name: 1}, "payload": {"name": "Owned"}}
                params = {"model": "res.partner", "vals": vals}
                self.assertRepelled("update_data", params, "unknown_field")

    def test_audit_trail_cannot_be_written(self):
        for model in ("api.log", "api.log.payload"):
            with self.subTest(model=model):
                params = {"model": model, "vals": {"payload": {"request_id": "x"}}}
                codes = ("unknown_model",)
                self.assertRepelled("create_data", params, codes)


@tagged("post_install", "-at_install")
class TestHostileCalls(HostileCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.victim = cls.env["res.partner"].create({"name": "Victim", "ref": "V-1"})

    def assertCallRepelled(
        self, payload: dict, codes: str | tuple, model: str = "res.partner"
    ) -> None:
        with self.subTest(payload=str(payload)[:200]):
            key = {"ref": "V-1"} if model == "res.partner" else {"id": self.user.id}
            vals = {"search_key": key, "payload": payload}
            params = {"model": model, "vals": vals}
            self.assertRepelled("call_function", params, codes)

    def test_private_methods(self):
        for method in (
            "_write",
            "_create",
            "_read_format",
            "_search",
            "__init__",
            "__class__",
            "__getattribute__",
            "_compute_display_name",
        ):
            self.assertCallRepelled({"method": method}, "method_denied")
        for method in ("_set_encrypted_password", "_check_credentials", "_login"):
            self.assertCallRepelled({"method": method}, "method_denied", "res.users")

    def test_methods_core_keeps_to_itself(self):
        for method in (
            "sudo",
            "with_user",
            "with_env",
            "with_context",
            "with_company",
            "browse",
            "mapped",
            "filtered",
            "sorted",
            "concat",
            "flush_recordset",
            "invalidate_recordset",
            "init",
        ):
            self.assertCallRepelled({"method": method}, "method_denied")

    def test_attributes_are_no_methods(self):
        for method in ("env", "ids", "pool", "id", "name", "display_name", "nope"):
            codes = ("unknown_method", "method_denied")
            self.assertCallRepelled({"method": method}, codes)

    def test_names_that_are_none(self):
        for method in (
            NUL,
            "write\x00",
            "write\n",
            "write ",
            "a.b",
            "child_ids.write",
            "ชื่อ",
            "x" * 100_000,
        ):
            codes = ("unknown_method", "method_denied")
            self.assertCallRepelled({"method": method}, codes)
        for method in ("", None, 5, True, [], ["write"], {"a": 1}):
            self.assertCallRepelled({"method": method}, "invalid_value")

    def test_parameters_that_do_not_fit(self):
        for parameter in (
            [1],
            "vals",
            5,
            True,
            {"self": 1, "vals": {}},
            {"vals": {}, "__class__": 1},
            {"vals": {}, NUL: 1},
            {"": 1, "vals": {}},
        ):
            payload = {"method": "write", "parameter": parameter}
            self.assertCallRepelled(payload, "invalid_arguments")

    def test_payload_of_the_wrong_type(self):
        for payload in ("write", 5, [], ["write"], True):
            with self.subTest(payload=payload):
                vals = {"search_key": {"ref": "V-1"}, "payload": payload}
                params = {"model": "res.partner", "vals": vals}
                self.assertRepelled("call_function", params, "invalid_value")

    def test_contexts_nobody_may_ask_for(self):
        for context, code in (
            ({"uid": 1}, "invalid_value"),
            ({"su": True}, "invalid_value"),
            ({"_force": 1}, "invalid_value"),
            ({"usability_webhooks_level": 1}, "invalid_value"),
            ({"lang": "xx_YY"}, "invalid_value"),
            ({"lang": ["en_US"]}, "invalid_value"),
            ({"lang": {"a": 1}}, "invalid_value"),
            ({"lang": 5}, "invalid_value"),
            ({"lang": NUL}, "invalid_value"),
            ({"tz": "Mars/Base"}, "invalid_value"),
            ({"tz": {"a": 1}}, "invalid_value"),
            ({"tz": ["UTC"]}, "invalid_value"),
            ({"allowed_company_ids": "1"}, "invalid_value"),
            ({"allowed_company_ids": [True]}, "invalid_value"),
            ({"allowed_company_ids": [[1]]}, "invalid_value"),
            ({"allowed_company_ids": {"1": 1}}, "invalid_value"),
            ({"allowed_company_ids": [2**62]}, "access_denied"),
            ("lang", "invalid_value"),
        ):
            payload = {"method": "address_get", "context": context}
            self.assertCallRepelled(payload, code)
            if isinstance(context, dict):
                with self.subTest(context=context):
                    vals = {"payload": {"name": "Owned"}, "context": context}
                    params = {"model": "res.partner", "vals": vals}
                    self.assertRepelled("create_data", params, code)
