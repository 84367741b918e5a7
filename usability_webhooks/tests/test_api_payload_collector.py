# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the collector says about a payload before anything is looked for."""

from __future__ import annotations

from datetime import datetime

from odoo.tests import new_test_user, tagged

from .common import ApiCase


@tagged("post_install", "-at_install")
class TestApiPayloadCollector(ApiCase):
    def create_partner(self, **payload) -> dict:
        payload = {"name": "Collected", **payload}
        return self.perform("create_data", "res.partner", {"payload": payload})

    def assertRefused(self, field: str, value: object, code: str = "invalid_value"):
        """Check that one value alone makes a partner impossible."""
        before = self.env["res.partner"].search_count([])
        error = self.assertFailure(
            self.create_partner(**{field: value}), code, f"payload.{field}"
        )
        self.assertEqual(error["field"], field)
        self.assertEqual(error["model"], "res.partner")
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        return error

    def errors_of(self, answer: dict) -> set[tuple[str, str]]:
        self.assertFalse(answer["is_success"], answer)
        return {(error["path"], error["code"]) for error in answer["errors"]}

    # -- values ---------------------------------------------------------------

    def test_values_are_never_coerced(self) -> None:
        for field, value in (
            ("color", "3"),
            ("color", 1.5),
            ("color", True),
            ("is_company", "false"),
            ("is_company", 1),
            ("partner_latitude", "1.5"),
            ("name", {"en": "x"}),
            ("comment", ["x"]),
            ("type", "no such type"),
            ("image_1920", "not base64!"),
        ):
            with self.subTest(field=field, value=value):
                self.assertRefused(field, value)

    def test_a_selection_that_is_nearly_right_gets_a_hint(self) -> None:
        error = self.assertRefused("type", "delivry")
        self.assertIn("delivery", error["hint"])

    def test_iso_datetimes_are_stored_in_utc(self) -> None:
        for text, expected in (
            ("2026-03-01T10:00:00+07:00", datetime(2026, 3, 1, 3)),
            ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10)),
            ("2026-03-01 10:00:00", datetime(2026, 3, 1, 10)),
        ):
            with self.subTest(text=text):
                vals = {"payload": {"name": "cron", "nextcall": text}}
                vals["payload"] |= {
                    "model_id": {"model": "res.partner"},
                    "interval_number": 1,
                    "interval_type": "days",
                }
                result = self.perform("create_data", "ir.cron", vals)
                record_id = self.assertSuccess(result)["id"]
                cron = self.env["ir.cron"].browse(record_id)
                self.assertEqual(cron.nextcall, expected)

    def test_null_and_false_empty_a_field_of_any_type(self) -> None:
        partner = self.env["res.partner"].create(
            {
                "name": "Full",
                "ref": "R",
                "country_id": self.env.ref("base.es").id,
                "category_id": [(0, 0, {"name": "tag"})],
                "child_ids": [(0, 0, {"name": "child"})],
                "partner_latitude": 1.5,
            }
        )
        for empty in (None, False):
            with self.subTest(empty=empty):
                names = ("ref", "country_id", "category_id", "child_ids")
                vals = {
                    "search_key": {"id": partner.id},
                    "payload": dict.fromkeys((*names, "partner_latitude"), empty),
                }
                self.assertSuccess(self.perform("update_data", "res.partner", vals))
                for name in names:
                    self.assertFalse(partner[name], name)
                self.assertEqual(partner.partner_latitude, 0.0)
                partner.write({"ref": "R", "country_id": self.env.ref("base.es").id})

    # -- fields ---------------------------------------------------------------

    def test_fields_the_orm_sets_are_readonly(self) -> None:
        for field, value in (
            ("id", 5),
            ("create_uid", 1),
            ("write_date", "2026-01-01 00:00:00"),
            ("display_name", "x"),
            ("commercial_partner_id", {"name": "x"}),
        ):
            with self.subTest(field=field):
                self.assertRefused(field, value, "readonly_field")

    def test_a_field_kept_for_a_group_is_denied_to_others(self) -> None:
        field = self.env["res.partner"]._fields["barcode"]
        self.patch(field, "groups", "base.group_system")
        user = new_test_user(
            self.env, "collector", "base.group_user,base.group_partner_manager"
        )
        for payload, path in (
            ({"name": "x", "barcode": "1"}, "payload.barcode"),
            (
                {"name": "x", "child_ids": [{"barcode": "1"}]},
                "payload.child_ids[0].barcode",
            ),
            ({"name": "x", "parent_id": {"barcode": "1"}}, "payload.parent_id"),
        ):
            with self.subTest(path=path):
                answer = self.perform(
                    "create_data", "res.partner", {"payload": payload}, user=user
                )
                self.assertEqual(self.errors_of(answer), {(path, "field_denied")})

    def test_a_model_the_caller_may_not_create_is_named_once(self) -> None:
        user = new_test_user(self.env, "reader_only", "base.group_user")
        payload = {"name": "x", "child_ids": [{"name": "a"}, {"name": "b"}]}
        answer = self.perform(
            "create_data", "res.partner", {"payload": payload}, user=user
        )
        self.assertEqual(self.errors_of(answer), {("payload", "access_denied")})
        self.assertEqual(len(answer["errors"]), 1)

    def test_an_unknown_field_gets_a_hint(self) -> None:
        error = self.assertRefused("emial", "x@example.com", "unknown_field")
        self.assertIn("email", error["hint"])

    def test_unknown_fields_become_warnings_where_the_setting_says_so(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.unknown_fields", "ignore")
        answer = self.create_partner(emial="x", child_ids=[{"name": "c", "zpi": "1"}])
        self.assertSuccess(answer)
        text = " ".join(answer["warnings"])
        self.assertIn("payload.emial", text)
        self.assertIn("payload.child_ids[0].zpi", text)

    # -- all at once ----------------------------------------------------------

    def test_every_mistake_is_reported_with_its_path_at_any_depth(self) -> None:
        before = self.env["res.partner"].search_count([])
        answer = self.create_partner(
            nmae="x",
            color="3",
            country_id={"code": "QQ"},
            child_ids=[
                {"name": "b", "zip": 5},
                {
                    "name": "c",
                    "state_id": {"code": "AV", "contry_id": {"code": "ES"}},
                    "child_ids": [
                        {"name": "d", "category_id": [{"name": "nope"}], "foo": 1},
                        "not an object",
                    ],
                },
            ],
        )
        self.assertEqual(
            self.errors_of(answer),
            {
                ("payload.nmae", "unknown_field"),
                ("payload.color", "invalid_value"),
                ("payload.country_id", "not_found"),
                ("payload.child_ids[0].zip", "invalid_value"),
                ("payload.child_ids[1].state_id", "unknown_field"),
                ("payload.child_ids[1].child_ids[0].category_id[0]", "not_found"),
                ("payload.child_ids[1].child_ids[0].foo", "unknown_field"),
                ("payload.child_ids[1].child_ids[1]", "invalid_value"),
            },
        )
        self.assertEqual(len(answer["errors"]), 8)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_mistakes_of_a_list_payload_carry_their_index(self) -> None:
        payload = [
            {"name": "ok"},
            {"name": 5},
            {"name": "x", "parent_id": {"ref": "?"}},
        ]
        answer = self.perform("create_data", "res.partner", {"payload": payload})
        self.assertEqual(
            self.errors_of(answer),
            {
                ("payload[1].name", "invalid_value"),
                ("payload[2].parent_id", "not_found"),
            },
        )
        self.assertFalse(self.env["res.partner"].search([("name", "=", "ok")]))

    def test_raw_commands_are_no_lines_and_no_links(self) -> None:
        other = self.env["res.partner"].create({"name": "untouched"})
        for field, value in (
            ("child_ids", [[2, other.id]]),
            ("child_ids", [[0, 0, {"name": "x"}]]),
            ("category_id", [[6, 0, [1]]]),
            ("category_id", "1"),
            ("child_ids", {"name": "x"}),
        ):
            with self.subTest(field=field, value=value):
                answer = self.create_partner(**{field: value})
                self.assertFalse(answer["is_success"])
                codes = {error["code"] for error in answer["errors"]}
                self.assertLessEqual(codes, {"invalid_value", "unknown_key"})
        self.assertTrue(other.exists())

    # -- references -----------------------------------------------------------

    def create_menu(self, action: object) -> dict:
        payload = {"name": "API menu", "action": action}
        return self.perform("create_data", "ir.ui.menu", {"payload": payload})

    def test_a_reference_takes_text_or_a_lookup_with_its_model(self) -> None:
        action = self.env.ref("base.action_partner_form")
        for value in (
            f"{action._name},{action.id}",
            {"model": action._name, "id": action.id},
            {"model": action._name, "xml_id": "base.action_partner_form"},
        ):
            with self.subTest(value=value):
                record_id = self.assertSuccess(self.create_menu(value))["id"]
                self.assertEqual(
                    self.env["ir.ui.menu"].browse(record_id).action, action
                )

    def test_a_reference_to_a_model_the_field_does_not_allow_is_refused(self) -> None:
        for value in ("res.partner,1", {"model": "res.partner", "id": 1}, {"id": 1}):
            with self.subTest(value=value):
                answer = self.create_menu(value)
                self.assertFailure(answer, "invalid_value", "payload.action")

    def test_too_many_lines_are_refused_before_they_are_read(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.max_lines", "3")
        lines = [{"name": str(index)} for index in range(4)]
        answer = self.create_partner(child_ids=lines)
        self.assertFailure(answer, "limit_exceeded", "payload.child_ids")
        answer = self.perform("create_data", "res.partner", {"payload": lines})
        self.assertFailure(answer, "limit_exceeded", "payload")
