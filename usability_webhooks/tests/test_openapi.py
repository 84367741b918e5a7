# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The OpenAPI document: true, narrow, and cheap to ask for again."""

from __future__ import annotations

import json

from odoo.tests import new_test_user, tagged

from ..exceptions import OPERATION_CODES, REFUSAL_STATUS
from ..tools.api_request import COMMON_KEYS, ROUTE_KEYS, ROUTES
from .common import ApiHttpCase, make_key, make_narrow_key, make_profile

PATH = "/api/openapi.json"
PARTNER = "res.partner"
#: A profile's rule: two fields to read, one to write, no calls.
NARROW = {
    PARTNER: {
        "may_create": True,
        "readable": ["name", "ref", "country_id"],
        "writable": ["name", "country_id"],
    }
}


class OpenapiCase(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partner = cls.env[PARTNER].create({"name": "Openapi", "ref": "OA-1"})
        cls.profile = make_profile(
            cls.env,
            models=NARROW,
            allow_update_data=False,
            allow_create_update_data=False,
        )
        cls.narrow = {"Authorization": f"Bearer {cls.make_narrow()}"}

    @classmethod
    def make_narrow(cls) -> str:
        return make_narrow_key(cls.user, cls.profile)

    def ask(self, model: str = "", headers: dict | None = None, method: str = "GET"):
        """Return the response to a question for the document."""
        query = f"?model={model}" if model else ""
        headers = self.bearer() if headers is None else headers
        return self.url_open(f"{PATH}{query}", headers=headers, method=method)

    def get_document(self, model: str = "", headers: dict | None = None) -> dict:
        response = self.ask(model, headers)
        self.assertEqual(response.status_code, 200, response.text)
        return response.json()

    def get_schema(self, model: str, headers: dict | None = None) -> dict:
        document = self.get_document(model, headers)
        return document["components"]["schemas"][model]

    def assertRefused(self, response, status: int, code: str) -> None:
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.json()["error"]["data"]["code"], code)
        self.assertEqual(response.headers["Content-Type"], "application/json")


@tagged("post_install", "-at_install")
class TestOpenapiTransport(OpenapiCase):
    def test_refusals_are_the_wires_own(self) -> None:
        self.assertRefused(self.ask(headers={}), 401, "auth_required")
        bad = {"x-api-key": "nonsense"}
        self.assertRefused(self.ask(headers=bad), 401, "auth_invalid")
        for model in ("no.such.model", "api.service", "ir.cron", "\0", "a" * 5000):
            with self.subTest(model=model):
                response = self.ask(model)
                self.assertRefused(response, 404, "unknown_document")

    def test_other_methods_are_told_which_there_are(self) -> None:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            response = self.ask(method=method)
            self.assertRefused(response, 405, "method_not_allowed")
            self.assertEqual(response.headers["Allow"], "GET, HEAD")

    def test_session_gets_the_document_without_a_key(self) -> None:
        self.authenticate(self.user.login, self.user.login)
        document = self.get_document(headers={})
        self.assertIn(PARTNER, [entry["model"] for entry in document["x-models"]])

    def test_asking_leaves_no_log_row(self) -> None:
        response = self.ask(PARTNER, {**self.bearer(), "X-Request-Id": "openapi-1"})
        self.assertEqual(response.headers["X-Request-Id"], "openapi-1")
        self.assertFalse(self.get_log("openapi-1"))

    def test_unchanged_document_is_not_sent_again(self) -> None:
        for model in ("", PARTNER):
            first = self.ask(model)
            self.assertEqual(first.headers["Cache-Control"], "no-cache, private")
            known = {**self.bearer(), "If-None-Match": first.headers["ETag"]}
            again = self.ask(model, known)
            self.assertEqual((again.status_code, again.content), (304, b""))
            self.assertEqual(again.headers["ETag"], first.headers["ETag"])

    def test_etag_changes_with_rights_profile_and_newest_record(self) -> None:
        tags = [self.ask(PARTNER, self.narrow).headers["ETag"]]
        self.profile.rule_ids.may_create = False
        tags.append(self.ask(PARTNER, self.narrow).headers["ETag"])
        self.env[PARTNER].create({"name": "Newer"})
        tags.append(self.ask(PARTNER, self.narrow).headers["ETag"])
        self.user.lang = self.env["res.lang"]._activate_lang("fr_FR").code
        tags.append(self.ask(PARTNER, self.narrow).headers["ETag"])
        self.user.group_ids += self.env.ref("base.group_partner_manager")
        self.user.group_ids -= self.env.ref("base.group_partner_manager")
        tags.append(self.ask(PARTNER, self.narrow).headers["ETag"])
        self.assertEqual(len(set(tags)), len(tags), tags)

    def test_address_of_a_profile_counts_here_too(self) -> None:
        self.profile.networks = "203.0.113.0/24"
        self.assertRefused(self.ask(headers=self.narrow), 403, "ip_not_allowed")

    def test_questions_are_charged_to_the_key(self) -> None:
        self.profile.requests_per_minute = 2
        self.assertEqual(self.ask(headers=self.narrow).headers["RateLimit-Limit"], "2")
        self.ask(headers=self.narrow)
        self.assertRefused(self.ask(headers=self.narrow), 429, "rate_limited")


@tagged("post_install", "-at_install")
class TestOpenapiContent(OpenapiCase):
    def test_document_names_every_code_status_and_key_of_the_wire(self) -> None:
        document = self.get_document()
        schemas = document["components"]["schemas"]
        codes = schemas["Error"]["properties"]["code"]["enum"]
        self.assertEqual(set(codes), OPERATION_CODES)
        statuses: dict[str, set] = {}
        for code, (status, _number) in REFUSAL_STATUS.items():
            statuses.setdefault(str(status), set()).add(code)
        responses = document["components"]["responses"]
        for status, expected in statuses.items():
            self.assertIn(
                json.dumps([*expected][0]), json.dumps(responses[f"Refused{status}"])
            )
        for route in ROUTES:
            post = document["paths"][f"/api/{route}"]["post"]
            found = set(post["responses"]) - {"200"}
            if route != "search_data":
                self.assertEqual(found, set(statuses) - {"404"})
            body = post["requestBody"]["content"]["application/json"]["schema"]
            vals = body["properties"]["params"]["properties"]["vals"]
            self.assertEqual(set(vals["properties"]), COMMON_KEYS | ROUTE_KEYS[route])

    def test_fields_say_what_they_hold(self) -> None:
        fields = self.get_schema(PARTNER)["properties"]
        self.assertEqual(fields["name"]["type"], ["string", "null"])
        self.assertEqual(fields["name"]["title"], "Name")
        self.assertIn("contact", fields["type"]["enum"])
        self.assertEqual(fields["type"]["x-labels"]["invoice"], "Invoice")
        country = fields["country_id"]
        self.assertEqual(country["$ref"], "#/components/schemas/Lookup.res.country")
        self.assertEqual(country["x-relation"], "res.country")
        self.assertTrue(fields["create_date"]["readOnly"])
        self.assertNotIn("readOnly", fields["name"])

    def test_unique_fields_come_first_among_those_that_identify(self) -> None:
        document = self.get_document(PARTNER)
        schemas = document["components"]["schemas"]
        keys = schemas["Lookup.res.country"]["x-keys"]
        unique = [key["fields"] for key in keys if key["unique"]]
        self.assertEqual(sorted(unique), [["code"], ["name"]])
        self.assertTrue(keys[0]["unique"])
        names = [key["fields"] for key in schemas[PARTNER]["x-keys"]]
        self.assertEqual(names, [["barcode"], ["ref"], ["email"], ["name"]])

    def test_key_across_fields_leaves_the_company_out(self) -> None:
        self.env.cr.execute(
            "CREATE UNIQUE INDEX ON res_partner_category (name, parent_id)"
        )
        self.env.cr.execute(
            "CREATE UNIQUE INDEX ON res_partner (company_id, vat);"
            "CREATE UNIQUE INDEX ON res_partner (function) WHERE active;"
            "CREATE UNIQUE INDEX ON res_partner (lower(website))"
        )
        identity = self.env["api.openapi.identity"]
        keys = identity._get_keys([PARTNER, "res.partner.category"])
        unique = [key.names for key in keys[PARTNER] if key.is_unique]
        self.assertEqual(unique, [("vat",)])
        self.assertIn(
            (("name", "parent_id"), True),
            [(key.names, key.is_unique) for key in keys["res.partner.category"]],
        )

    def test_required_is_what_nobody_else_fills(self) -> None:
        model = "res.country.state"
        admin = new_test_user(self.env, "oa_admin", groups="base.group_system")
        headers = self.bearer(make_key(admin))
        schema = self.get_schema(model, headers)
        self.assertEqual(schema["x-required"], ["country_id", "name", "code"])

    def test_examples_are_true_for_this_database(self) -> None:
        document = self.get_document(PARTNER)
        for path, item in document["paths"].items():
            if "post" not in item:
                continue
            content = item["post"]["requestBody"]["content"]["application/json"]
            for example in content["examples"].values():
                with self.subTest(path=path):
                    body = json.loads(json.dumps(example["value"]))
                    body["params"]["vals"]["dry_run"] = True
                    answer = self.post(path.rpartition("/")[2], body).json()
                    self.assertSuccess(answer["result"])
        update = document["paths"]["/api/update_data"]["post"]["requestBody"]
        vals = update["content"]["application/json"]["examples"]["example"]["value"]
        newest = self.env[PARTNER].search([], order="id desc", limit=1)
        self.assertEqual(newest, self.partner)
        self.assertEqual(vals["params"]["vals"]["search_key"], {"ref": "OA-1"})

    def test_lookup_that_finds_two_is_not_shown(self) -> None:
        twins = self.env[PARTNER].create([{"name": "Twin", "ref": "T"}] * 2)
        other = self.env[PARTNER].create({"name": "Single", "ref": "T2"})
        lookups = self.env["api.openapi.identity"]._get_lookups(twins + other)
        expected = {rec.id: {"id": rec.id} for rec in twins} | {other.id: {"ref": "T2"}}
        self.assertEqual(lookups, expected)


@tagged("post_install", "-at_install")
class TestOpenapiNarrow(OpenapiCase):
    def test_profile_narrows_routes_models_and_fields(self) -> None:
        index = self.get_document(headers=self.narrow)
        self.assertEqual(
            index["x-models"],
            [{"model": PARTNER, "name": "Contact", "operations": ["read", "create"]}],
        )
        routes = {path.rpartition("/")[2] for path in index["paths"]}
        expected = {"create_data", "search_data", "call_function", "openapi.json"}
        self.assertEqual(routes, expected)
        document = self.get_document(PARTNER, self.narrow)
        self.assertNotIn("/api/call_function", document["paths"])
        self.assertEqual(document["x-methods"], [])
        fields = document["components"]["schemas"][PARTNER]["properties"]
        self.assertEqual(set(fields), {"id", "name", "ref", "country_id"})
        self.assertTrue(fields["ref"]["readOnly"])

    def test_nothing_out_of_reach_is_named(self) -> None:
        text = json.dumps(self.get_document(PARTNER, self.narrow))
        for hidden in ("res.country", "res.users", "email", "child_ids"):
            self.assertNotIn(f'"{hidden}', text.replace("Lookup.", ""), hidden)
        country = self.get_schema(PARTNER, self.narrow)["properties"]["country_id"]
        self.assertEqual(country["type"], "null")
        self.assertRefused(
            self.ask("res.country", self.narrow), 404, "unknown_document"
        )

    def test_field_of_other_groups_is_left_out(self) -> None:
        found = {}
        for name in ("reader", "manager"):
            group = f"usability_webhooks.group_api_{name}"
            user = new_test_user(self.env, f"oa_{name}", groups=group)
            document = self.get_document("api.log", self.bearer(make_key(user)))
            found[name] = document["components"]["schemas"]["api.log"]["properties"]
            self.assertNotIn("/api/create_data", document["paths"])
            self.assertTrue(found[name]["state"]["readOnly"])
        hidden = set(found["manager"]) - set(found["reader"])
        self.assertEqual(hidden, {"traceback", "answer"})

    def test_examples_keep_to_the_profile(self) -> None:
        document = self.get_document(PARTNER, self.narrow)
        for route in ("create_data", "search_data"):
            post = document["paths"][f"/api/{route}"]["post"]
            content = post["requestBody"]["content"]["application/json"]
            body = content["examples"]["example"]["value"]
            answer = self.post(route, body, self.narrow).json()
            self.assertSuccess(answer["result"])
        text = json.dumps(document["paths"])
        self.assertIn('"ref"', text)

    def test_key_that_must_be_idempotent_is_told_so(self) -> None:
        self.profile.needs_idempotency_key = True
        document = self.get_document(headers=self.narrow)
        create = document["paths"]["/api/create_data"]["post"]
        search = document["paths"]["/api/search_data"]["post"]
        wanted = {"$ref": "#/components/parameters/RequiredIdempotencyKey"}
        self.assertIn(wanted, create["parameters"])
        self.assertNotIn(wanted, search["parameters"])
