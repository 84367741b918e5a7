# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A value that would be kept nowhere is an error, not a success."""

from __future__ import annotations

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..exceptions import ApiError
from ..tools.payload_plan import Place
from .common import ApiCase, requires


class FateCase(ApiCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin = cls.env.ref("base.user_admin")
        cls.fate = cls.env["api.field.fate"]

    def send(self, route: str, model: str, **vals) -> dict:
        return self.perform(route, model, vals, user=self.admin)

    def is_lost(self, model: str, name: str) -> bool:
        return self.fate._is_lost(self.env[model], self.env[model]._fields[name])

    def is_read_only(self, model: str, name: str) -> bool:
        describe = self.env["api.openapi.field"].with_user(self.admin)._describe
        record = self.env[model].with_user(self.admin)
        return "readOnly" in describe(record, record._fields[name])


@tagged("post_install", "-at_install")
class TestApiFieldFate(FateCase):
    def test_an_input_of_forms_is_refused_with_its_name(self) -> None:
        payload = {"name": "Fate", "login": "fate", "role": "group_user"}
        for dry_run in (False, True):
            with self.subTest(dry_run=dry_run):
                answer = self.send(
                    "create_data", "res.users", payload=payload, dry_run=dry_run
                )
                error = self.assertFailure(answer, "readonly_field", "payload.role")
                self.assertEqual(error["model"], "res.users")
                self.assertEqual(error["field"], "role")
        self.assertFalse(self.env["res.users"].search([("login", "=", "fate")]))

    def test_so_it_is_on_an_update_and_in_lines(self) -> None:
        answer = self.send(
            "update_data",
            "res.partner",
            search_key={"id": self.admin.partner_id.id},
            payload={"user_ids": {"mode": "add", "records": [{"role": "group_user"}]}},
        )
        path = "payload.user_ids.records[0].role"
        paths = [error["path"] for error in answer["errors"]]
        self.assertIn(path, paths, answer)

    def test_what_is_stored_or_inverted_is_kept(self) -> None:
        for model, name in (
            ("res.partner", "name"),
            ("res.partner", "company_type"),  # has an inverse
            ("res.partner", "child_ids"),
            ("res.partner", "image_1920"),  # a file, no column
            ("res.users", "email"),  # of the contact
            ("res.users", "password"),
        ):
            with self.subTest(model=model, field=name):
                self.assertFalse(self.is_lost(model, name))

    def test_a_field_of_the_parent_is_what_it_is_there(self) -> None:
        """A user is a contact: Odoo computes the commercial entity of both."""
        payload = {"name": "Fate", "login": "fate", "commercial_partner_id": 1}
        answer = self.send("create_data", "res.users", payload=payload)
        path = "payload.commercial_partner_id"
        self.assertFailure(answer, "readonly_field", path)
        self.assertTrue(self.is_read_only("res.users", "commercial_partner_id"))
        self.assertFalse(self.is_read_only("res.users", "email"))

    def test_a_field_the_model_s_own_code_takes_is_kept(self) -> None:
        """Our own: ``create`` and ``write`` take it, it has no column."""
        field = self.env["webhook.endpoint.header"]._fields["value"]
        self.assertFalse(field.store or field.inverse)
        self.assertFalse(self.is_lost("webhook.endpoint.header", "value"))

    def test_the_document_says_the_same_of_every_field(self) -> None:
        """What a payload may not name is ``readOnly``, and the other way round."""
        env = self.env(user=self.admin)
        collector, describe = env["api.payload.collector"], env["api.openapi.field"]
        place, seen = Place("payload"), set()
        for model in env.values():
            if model._abstract or not (
                model.has_access("create") or model.has_access("write")
            ):
                continue
            level = type("Level", (), {"model": model._name})
            for name, field in model._fields.items():
                try:
                    collector._get_field(level, name, place)
                    taken = True
                except (ApiError, AccessError):
                    taken = False
                with self.subTest(model=model._name, field=name):
                    self.assertIs(describe._may_write(model, field), taken)
                seen.add(taken)
        self.assertEqual(seen, {True, False})


@requires("sale.order")
@tagged("post_install", "-at_install")
class TestFateOfSaleLines(FateCase):
    def test_the_template_of_a_line_is_no_value(self) -> None:
        product = self.env["product.product"].create({"name": "Fate"})
        line = {"product_template_id": product.product_tmpl_id.id}
        payload = {"partner_id": self.admin.partner_id.id, "order_line": [line]}
        answer = self.send("create_data", "sale.order", payload=payload)
        path = "payload.order_line[0].product_template_id"
        error = self.assertFailure(answer, "readonly_field", path)
        self.assertEqual(error["model"], "sale.order.line")
        line |= {"product_id": product.id}
        answer = self.send("create_data", "sale.order", payload=payload)
        self.assertFailure(answer, "readonly_field", path)
        del line["product_template_id"]
        answer = self.send("create_data", "sale.order", payload=payload)
        self.assertSuccess(answer)
        self.assertTrue(self.is_read_only("sale.order.line", "product_template_id"))
        self.assertFalse(self.is_read_only("sale.order.line", "product_id"))


@requires("project.task")
@tagged("post_install", "-at_install")
class TestFateOfTasks(FateCase):
    """Computed and not stored; Odoo's own ``create`` takes them to other records."""

    def test_what_create_takes_has_its_effect(self) -> None:
        payload = {"name": "Fate", "is_favorite": True}
        answer = self.send("create_data", "project.project", payload=payload)
        project = self.env["project.project"].browse(self.assertSuccess(answer)["id"])
        self.assertTrue(project.with_user(self.admin).is_favorite)
        repeat = {"repeat_interval": 3, "repeat_unit": "week"}
        payload = {"name": "Again", "project_id": project.id, "recurring_task": True}
        answer = self.send("create_data", "project.task", payload=payload | repeat)
        task = self.env["project.task"].browse(self.assertSuccess(answer)["id"])
        self.assertEqual(task.recurrence_id.repeat_interval, 3)
        self.assertEqual(task.recurrence_id.repeat_unit, "week")
        for name in repeat:
            self.assertFalse(self.is_read_only("project.task", name))
