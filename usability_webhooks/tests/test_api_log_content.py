# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fields not every log reader may read, and a profile's paths, are not on the log."""

from __future__ import annotations

import json
import uuid

from odoo.exceptions import ValidationError
from odoo.fields import NO_ACCESS
from odoo.tests import mute_logger, new_test_user, tagged

from .common import ApiHttpCase, make_key, make_narrow_key, make_profile

ENGINE = "odoo.addons.usability_webhooks.models.api_transaction"


class ContentCase(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "api_admin", groups="base.group_system")
        cls.admin_key = make_key(cls.admin)

    def setUp(self) -> None:
        super().setUp()
        self.secret = f"hush{uuid.uuid4().hex}"

    def restrict(self, name: str, groups: str) -> None:
        """Give a field of partners groups, for the time of the test."""
        self.patch(self.registry["res.partner"]._fields[name], "groups", groups)
        self.registry.clear_all_caches()
        self.addCleanup(self.registry.clear_all_caches)

    def send(self, route: str, vals: dict, key: str | None = None, model="res.partner"):
        """Send one request as an administrator; return its envelope and its row."""
        headers = self.bearer(key or self.admin_key)
        _status, answer = self.call(route, model, vals, headers)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(len(log), 1)
        return answer["result"], log

    def assertUnlogged(self, log, *, is_masked: bool = True) -> None:
        self.env.cr.execute(
            "SELECT to_jsonb(l)::text || coalesce(to_jsonb(p)::text, '')"
            " FROM api_log l LEFT JOIN api_log_payload p ON p.log_id = l.id"
            " WHERE l.id = %s",
            [log.id],
        )
        self.assertNotIn(self.secret, self.env.cr.fetchone()[0])
        self.assertIs(log.is_masked, is_masked)


@tagged("post_install", "-at_install")
class TestFieldsWithGroups(ContentCase):
    def setUp(self) -> None:
        super().setUp()
        self.restrict("ref", "base.group_system")

    def test_value_is_masked_in_the_request_and_arrives(self) -> None:
        for vals in (
            {"payload": {"name": "a", "ref": self.secret}},
            {
                "payload": {
                    "name": "a",
                    "child_ids": [{"name": "b", "ref": self.secret}],
                }
            },
            {"records": [{"payload": {"name": "a", "ref": self.secret}}]},
        ):
            with self.subTest(vals=vals):
                answer, log = self.send("create_data", vals)
                self.assertSuccess(answer)
                self.assertUnlogged(log)
                found = self.env["res.partner"].search_count(
                    [("ref", "=", self.secret)]
                )
                self.assertTrue(found)

    def test_value_is_masked_in_what_is_looked_up(self) -> None:
        parent = self.env["res.partner"].create({"name": "a", "ref": self.secret})
        vals = {"payload": {"name": "b", "parent_id": {"ref": self.secret}}}
        answer, log = self.send("create_data", vals)
        self.assertEqual(parent.child_ids.id, self.assertSuccess(answer)["id"])
        self.assertUnlogged(log)
        for route in ("update_data", "create_update_data"):
            key = {"ref": self.secret}
            answer, log = self.send(
                route, {"search_key": key, "payload": {"name": "c"}}
            )
            self.assertIn(self.secret, json.dumps(answer))
            self.assertUnlogged(log)

    def test_value_is_masked_in_what_is_found(self) -> None:
        self.env["res.partner"].create({"name": "a", "ref": self.secret})
        for fields in (["name", "ref"], ["ref", "commercial_partner_id{ref}"]):
            for domain in (
                [["ref", "=", self.secret]],
                f"[('ref','=','{self.secret}')]",
            ):
                payload = {"search_field": fields, "search_domain": domain}
                answer, log = self.send("search_data", {"payload": payload})
                self.assertEqual(answer["result"][0]["ref"], self.secret)
                self.assertUnlogged(log)
                shown = json.loads(log._get_text("result"))["result"][0]
                self.assertEqual(shown["ref"], "***")

    def test_answer_alone_can_be_masked_and_the_request_replayed(self) -> None:
        partner = self.env["res.partner"].create({"name": "a", "ref": self.secret})
        payload = {"search_field": ["ref"], "search_domain": [["id", "=", partner.id]]}
        _answer, log = self.send("search_data", {"payload": payload})
        self.assertUnlogged(log, is_masked=False)

    def test_value_is_masked_in_errors(self) -> None:
        vals = {"payload": {"name": "b", "parent_id": {"ref": self.secret}}}
        answer, log = self.send("create_data", vals)
        self.assertFailure(answer, "not_found", "payload.parent_id")
        self.assertIn(self.secret, answer["messages"])
        self.assertUnlogged(log)
        self.assertIn("***", log.error_message)

    def test_value_is_masked_in_what_business_code_says(self) -> None:
        def refuse(this, vals_list):
            taken = vals_list[0]["ref"]
            raise ValidationError(this.env._("%s is taken", taken))

        self.patch(self.registry["res.partner"], "create", refuse)
        answer, log = self.send(
            "create_data", {"payload": {"name": "b", "ref": self.secret}}
        )
        self.assertEqual(answer["messages"], f"{self.secret} is taken")
        self.assertEqual(log.error_message, "*** is taken")
        self.assertUnlogged(log)

    def test_value_is_masked_in_tracebacks_and_in_the_server_log(self) -> None:
        def break_down(this, vals_list):
            raise KeyError(vals_list[0]["ref"])

        self.patch(self.registry["res.partner"], "create", break_down)
        for mode in ("full", "off"):
            self.env["ir.config_parameter"].set_param("webhook.create_data_log", mode)
            vals = {"payload": {"name": "b", "ref": self.secret}}
            with self.assertLogs(ENGINE, "ERROR") as logs:
                _status, answer = self.call(
                    "create_data", "res.partner", vals, self.bearer(self.admin_key)
                )
            self.assertIn("KeyError", "".join(logs.output))
            self.assertNotIn(self.secret, "".join(logs.output))
            log = self.get_log(answer["result"]["request_id"])
            if mode == "full":
                self.assertIn("KeyError", log.traceback)
                self.assertUnlogged(log)

    def test_stored_answer_is_whole_and_its_second_row_is_masked(self) -> None:
        vals = {"payload": {"name": "b", "ref": self.secret}, "result_field": ["ref"]}
        body = {"params": {"model": "res.partner", "vals": vals}}
        headers = self.bearer(self.admin_key) | {"Idempotency-Key": self.secret[:9]}
        for state in ("done", "replayed"):
            answer = self.post("create_data", body, headers | {"X-Request-Id": state})
            self.assertIn(self.secret, answer.text)
            log = self.get_log(state)
            self.assertEqual(log.state, state)
            self.assertUnlogged(log)

    def test_field_all_log_readers_may_read_is_kept(self) -> None:
        for groups in ("base.group_user", "base.group_portal,base.group_user"):
            self.restrict("ref", groups)
            vals = {"payload": {"name": "b", "ref": self.secret}}
            _answer, log = self.send("create_data", vals)
            self.assertIn(self.secret, log.data_preview)
            self.assertFalse(log.is_masked)

    def test_hidden_are_those_some_log_reader_may_not_read(self) -> None:
        content = self.env["api.log.content"]
        for groups, is_hidden in (
            ("base.group_system", True),
            ("base.group_portal", True),
            ("base.group_system,base.group_portal", True),
            (NO_ACCESS, True),
            ("no_such.group", True),
            ("base.group_user", False),
            ("usability_webhooks.group_api_reader", False),
            ("usability_webhooks.group_api_manager", True),
            ("!base.group_system", False),
        ):
            with self.subTest(groups=groups):
                self.restrict("ref", groups)
                hidden = content._get_facts("res.partner").hidden
                self.assertIs("ref" in hidden, is_hidden)

    def test_group_that_all_users_get_counts_at_once(self) -> None:
        group = self.env["res.groups"].create({"name": "Feature"})
        self.env["ir.model.data"].create(
            {
                "module": "usability_webhooks",
                "name": "test_feature",
                "model": "res.groups",
                "res_id": group.id,
            }
        )
        self.restrict("ref", "usability_webhooks.test_feature")
        facts = self.env["api.log.content"]._get_facts
        self.assertIn("ref", facts("res.partner").hidden)
        self.env.ref("base.group_user").implied_ids += group
        self.assertNotIn("ref", facts("res.partner").hidden)


@tagged("post_install", "-at_install")
class TestProfilePaths(ContentCase):
    def make_key(self, *paths: str) -> str:
        rule = {"may_create": True, "may_update": True}
        models = {"res.partner": rule, "res.country": {}}
        text = "\n".join(paths)
        profile = make_profile(self.env, text, models, masked_paths=text)
        return make_narrow_key(self.user, profile, text)

    def test_listed_field_is_masked_wherever_it_stands(self) -> None:
        key = self.make_key("payload.name", "payload.child_ids.email")
        lines = [{"name": "c", "email": f"{self.secret}@example.com"}]
        vals = {"payload": {"name": f"n{self.secret}", "child_ids": lines}}
        vals["result_field"] = ["name", "display_name", "child_ids{email}"]
        answer, log = self.send("create_data", vals, key)
        self.assertIn(self.secret, json.dumps(self.assertSuccess(answer)))
        self.assertUnlogged(log)
        payload = {"search_domain": [["name", "=", f"n{self.secret}"]]}
        payload["search_field"] = ["name", "child_ids{email}", "commercial_partner_id"]
        answer, log = self.send("search_data", {"payload": payload}, key)
        self.assertEqual(len(answer["result"]), 1)
        stored = json.loads(log._get_text("result"))["result"][0]
        self.assertEqual(stored["child_ids"][0]["email"], "***")

    def test_error_at_a_listed_path_says_code_and_path_only(self) -> None:
        key = self.make_key("payload.color", "payload.country_id.code")
        for payload, path in (
            ({"name": "a", "color": self.secret}, "payload.color"),
            (
                {"name": "a", "country_id": {"code": self.secret[:12]}},
                "payload.country_id",
            ),
        ):
            answer, log = self.send("create_data", {"payload": payload}, key)
            self.assertFailure(answer, answer["errors"][0]["code"], path)
            self.assertEqual(log.error_path, path)
            stored = log._get_text("result") + log.error_message + log.data_preview
            self.assertNotIn(self.secret[:12], stored)

    def test_keys_without_the_profile_are_not_concerned(self) -> None:
        self.make_key("payload.name")
        _answer, log = self.send("create_data", {"payload": {"name": self.secret}})
        self.assertIn(self.secret, log.data_preview)

    def test_refused_body_is_masked_by_the_last_name_of_a_path(self) -> None:
        key = self.make_key("payload.line_ids.note")
        body = f'{{"params": {{"vals": {{"note": "{self.secret}", '
        refused = self.post("create_data", body, self.bearer(key))
        self.assertEqual(refused.status_code, 400)
        self.assertUnlogged(self.get_log(refused.headers["X-Request-Id"]))

    @mute_logger("odoo.sql_db")
    def test_path_that_is_none_is_refused(self) -> None:
        profile = make_profile(self.env)
        for path in ("payload note", "payload..note", "payload.", "$.note", "a b.c"):
            with self.subTest(path=path), self.assertRaises(ValidationError):
                profile.masked_paths = f"payload.ok\n{path}"
        profile.masked_paths = "note\npayload.order_line[].name\n\ncontext.tz"
