# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key and properties: fields that records of another model define."""

from __future__ import annotations

from odoo.tests import tagged

from .common import ApiHttpCase, make_narrow_key, make_profile, requires

#: Everything of tasks, nothing of the projects that define their properties.
TASKS = {"project.task": {"may_create": True, "may_update": True}}
OWNER = {"name": "owner", "string": "Owner", "type": "many2one", "comodel": "res.users"}


@requires("project.task")
@tagged("post_install", "-at_install")
class TestLeakedKeyProperties(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user.group_ids += cls.env.ref("project.group_project_manager")
        note = {"name": "note", "string": "Note", "type": "char"}
        cls.project = cls.env["project.project"].create(
            {"name": "Defining", "task_properties_definition": [note, OWNER]}
        )
        cls.task = cls.env["project.task"].create(
            {"name": "Defined", "project_id": cls.project.id}
        )
        cls.key = make_narrow_key(cls.user, make_profile(cls.env, "tasks", TASKS))

    def put(self, value: object, route: str = "update_data") -> dict:
        payload = {"task_properties": value}
        vals = {"search_key": {"id": self.task.id}, "payload": payload}
        if route == "create_data":
            payload |= {"name": "New"}
            vals = {"payload": payload}
        self.env.invalidate_all()
        return self.call(route, "project.task", vals)[1]["result"]

    def get_names(self) -> list[str]:
        self.env.invalidate_all()
        return [one["name"] for one in self.project.task_properties_definition]

    def test_which_properties_there_are_is_not_changed(self) -> None:
        bank = OWNER | {"name": "bank", "comodel": "res.partner.bank", "value": 1}
        for value in (
            [bank | {"definition_changed": True}],
            [bank | {"definition_deleted": True}],
            [OWNER | {"definition_deleted": True}],
            [OWNER | {"definition_changed": False}],
        ):
            for route in ("update_data", "create_data"):
                with self.subTest(route=route, value=value):
                    answer = self.put(value, route)
                    self.assertFailure(
                        answer, "access_denied", "payload.task_properties"
                    )
        self.assertEqual(self.get_names(), ["note", "owner"])

    def test_what_they_hold_is(self) -> None:
        self.assertSuccess(self.put({"note": "by name"}))
        self.assertEqual(self.task.task_properties["note"], "by name")
        listed = [{"name": "note", "type": "char", "string": "N", "value": "listed"}]
        self.assertSuccess(self.put(listed))
        self.env.invalidate_all()
        self.assertEqual(self.task.task_properties["note"], "listed")
        self.assertEqual(self.get_names(), ["note", "owner"])

    def test_whoever_may_change_the_project_may_change_them(self) -> None:
        both = TASKS | {"project.project": {"may_update": True}}
        self.key = make_narrow_key(self.user, make_profile(self.env, "both", both))
        new = {"name": "more", "string": "More", "type": "char", "value": "x"}
        self.assertSuccess(self.put([new | {"definition_changed": True}]))
        self.assertEqual(self.get_names(), ["more"])

    def test_no_question_is_put_to_what_a_property_leads_to(self) -> None:
        self.task.task_properties = {"owner": self.user.id}
        self.env.flush_all()
        path = "task_properties.owner"
        for condition in (
            [path, "any", [["login", "=", self.user.login]]],
            [path, "not any", [["login", "=", "nobody"]]],
            [f"{path}.login", "=", self.user.login],
            [path, "child_of", self.user.id],
        ):
            domain = [["id", "=", self.task.id], condition]
            vals = {"payload": {"search_field": ["id"], "search_domain": domain}}
            answer = self.call("search_data", "project.task", vals)[1]["result"]
            self.assertFailure(answer, "invalid_domain")
        for name in (self.user.name, self.user.login):
            for operator in ("=", "ilike"):
                domain = [["id", "=", self.task.id], [path, operator, name]]
                vals = {"payload": {"search_field": ["id"], "search_domain": domain}}
                self.assertEqual(self.call_ok("search_data", "project.task", vals), [])
