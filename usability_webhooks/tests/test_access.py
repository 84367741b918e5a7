# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may see, press and change what."""

from __future__ import annotations

import json

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, mute_logger, new_test_user, tagged

EMPLOYEE_AND_UP = {"employee", "reader", "manager", "administrator"}
READER_AND_UP = {"reader", "manager", "administrator"}
MANAGER_AND_UP = {"manager", "administrator"}
OPERATIONS = ("read", "write", "create", "unlink")
#: Who may do what, by model. Everybody else may not.
MATRIX = {
    **{
        (model, operation): EMPLOYEE_AND_UP if operation == "read" else MANAGER_AND_UP
        for model in ("api.access.profile", "api.access.rule")
        for operation in OPERATIONS
    },
    **{
        (model, operation): MANAGER_AND_UP if operation == "read" else set()
        for model in ("api.access.key", "api.key")
        for operation in OPERATIONS
    },
    **{
        (model, operation): allowed
        for model, allowed in (
            ("api.access.preset", MANAGER_AND_UP),
            ("api.key.issue", {"administrator"}),
            ("api.key.rotate", EMPLOYEE_AND_UP),  # for keys of their own
        )
        for operation in OPERATIONS
    },
    **{
        (model, operation): set()
        for model in (
            "api.address.use",
            "api.idempotency.key",
            "api.key.use",
            "api.key.warning",
            "api.upsert.guard",
        )
        for operation in OPERATIONS
    },
    ("api.log", "read"): READER_AND_UP,
    ("api.log", "write"): set(),
    ("api.log", "create"): set(),
    ("api.log", "unlink"): set(),
    ("api.log.payload", "read"): READER_AND_UP,
    ("api.log.payload", "write"): set(),
    ("api.log.payload", "create"): set(),
    ("api.log.payload", "unlink"): set(),
    ("api.log.erasure", "read"): MANAGER_AND_UP,
    ("api.log.erasure", "write"): MANAGER_AND_UP,
    ("api.log.erasure", "create"): MANAGER_AND_UP,
    ("api.log.erasure", "unlink"): MANAGER_AND_UP,
    ("api.log.replay", "read"): MANAGER_AND_UP,
    ("api.log.replay", "write"): MANAGER_AND_UP,
    ("api.log.replay", "create"): MANAGER_AND_UP,
    ("api.log.replay", "unlink"): MANAGER_AND_UP,
}
MENUS = {
    "menu_api_root": READER_AND_UP,
    "menu_api_dashboard": READER_AND_UP,
    "menu_api_logs": READER_AND_UP,
    "menu_api_console": READER_AND_UP,
    "menu_api_log_erasure": MANAGER_AND_UP,
    "menu_webhook_rules": READER_AND_UP,
    # Below Settings > Technical, as in 18.0: for those who see Settings at all.
    "menu_action_api_logs": {"administrator"},
    "menu_action_webhook_outbound_rules": {"administrator"},
    "menu_api_configuration": {"administrator"},
    "menu_api_settings": {"administrator"},
    "menu_api_keys": {"administrator"},
    "menu_api_access_profiles": {"administrator"},
}
BUTTONS = {
    "action_replay": MANAGER_AND_UP,
    "action_edit_and_replay": MANAGER_AND_UP,
    "action_open_console": READER_AND_UP,
    "action_erase": MANAGER_AND_UP,
    "action_open_payload": READER_AND_UP,
    "action_open_records": READER_AND_UP,
}


class AccessCase(TransactionCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        groups = {
            "portal": "base.group_portal",
            "employee": "base.group_user",
            "reader": "usability_webhooks.group_api_reader",
            "manager": "usability_webhooks.group_api_manager",
            "administrator": "base.group_system",
        }
        cls.users = {
            name: new_test_user(cls.env, f"api_{name}", groups=group)
            for name, group in groups.items()
        } | {"public": cls.env.ref("base.public_user")}
        cls.log = cls.make_row(cls.env.company)

    @classmethod
    def make_row(cls, company):
        """Return a row of the company, with a payload of its own."""
        vals = {"state": "failed", "route": "/api/create_data", "log_type": "receive"}
        vals |= {"company_id": company.id or None, "traceback": "File x, line 1"}
        body = json.dumps({"params": "x" * 3000})
        log_id = cls.env["api.log.writer"]._insert(vals, body)
        return cls.env["api.log"].browse(log_id)

    def allowed(self, allows) -> set[str]:
        """Return the names of the users for whom ``allows(user)`` is true."""
        return {name for name, user in self.users.items() if allows(user)}


@tagged("post_install", "-at_install")
class TestMatrix(AccessCase):
    def test_access_rights_are_those_of_the_matrix(self) -> None:
        for (model, operation), expected in MATRIX.items():
            with self.subTest(model=model, operation=operation):
                found = self.allowed(
                    lambda user, model=model, operation=operation: (
                        self.env[model].with_user(user).has_access(operation)
                    )
                )
                self.assertEqual(found, expected)

    def test_matrix_leaves_nothing_out(self) -> None:
        ours = {name for name in self.env if name.startswith("api.")}
        tables = {name for name in ours if not self.env[name]._abstract}
        cells = {(name, operation) for name in tables for operation in OPERATIONS}
        self.assertEqual(cells, set(MATRIX))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_readers_read_and_others_do_not(self) -> None:
        for name, user in self.users.items():
            log = self.log.with_user(user)
            if name in READER_AND_UP:
                self.assertEqual(log.state, "failed")
                self.assertEqual(len(log.payload_ids.data), 3014)
                self.assertIn(log, log.search([]))
                continue
            for read in (
                lambda log=log: log.read(["state"]),
                lambda log=log: log.search([]),
                lambda log=log: log.search_count([]),
                lambda log=log: log._read_group([], ["state"], ["__count"]),
                lambda log=log: log.env["api.log.payload"].search_read([], ["data"]),
            ):
                with self.assertRaises(AccessError, msg=name):
                    read()

    def test_traceback_is_for_managers(self) -> None:
        found = self.allowed(lambda user: self.can_read(user, "traceback"))
        self.assertEqual(found, MANAGER_AND_UP)

    def can_read(self, user, field: str) -> bool:
        try:
            with mute_logger("odoo.addons.base.models.ir_model"):
                self.log.with_user(user).read([field])
        except AccessError:
            return False
        return True

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_changes_a_row_not_even_the_superuser(self) -> None:
        everybody = [*self.users.values(), self.env.ref("base.user_root")]
        for user in everybody:
            own = self.log.with_user(user)
            raised = own.sudo()  # as an automation of somebody's would have it
            for log in (own, raised):
                for change in (
                    lambda log=log: log.write({"state": "done"}),
                    lambda log=log: log.create({"request_id": "forged"}),
                    lambda log=log: log.unlink(),
                    lambda log=log: log.copy(),
                    lambda log=log: log.update({"state": "done"}),
                ):
                    with self.assertRaises(AccessError):
                        change()
        self.env.invalidate_all()
        self.assertEqual(self.log.state, "failed")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_payload_is_not_changed_by_users(self) -> None:
        payload = self.log.payload_ids
        for name, user in self.users.items():
            mine = payload.with_user(user)
            for change in (
                lambda mine=mine: mine.write({"data": "forged"}),
                lambda mine=mine: mine.create({"log_id": self.log.id}),
                lambda mine=mine: mine.unlink(),
            ):
                with self.assertRaises(AccessError, msg=name):
                    change()


@tagged("post_install", "-at_install")
class TestMenusAndButtons(AccessCase):
    def test_menus_are_those_of_the_matrix(self) -> None:
        for xml_id, expected in MENUS.items():
            menu = self.env.ref(f"usability_webhooks.{xml_id}")
            with self.subTest(menu=xml_id):
                found = self.allowed(lambda user, menu=menu: self.sees(user, menu))
                self.assertEqual(found, expected)

    def sees(self, user, menu) -> bool:
        # Portal and public users have no web client to see a menu in.
        if not user._is_internal():
            return False
        visible = menu.with_user(user)._visible_menu_ids(debug=True)
        path = [int(part) for part in menu.parent_path.strip("/").split("/")]
        return visible.issuperset(path)

    def test_buttons_are_those_of_the_matrix(self) -> None:
        for button, expected in BUTTONS.items():
            with self.subTest(button=button):
                found = {
                    name
                    for name in READER_AND_UP
                    if self.has_button(self.users[name], button)
                }
                self.assertEqual(found, expected)

    def has_button(self, user, name: str) -> bool:
        view = self.env["api.log"].with_user(user).get_view(view_type="form")
        arch = etree.fromstring(view["arch"])
        return bool(arch.findall(f".//button[@name='{name}']"))

    def test_views_offer_no_change(self) -> None:
        for kind in ("list", "form", "kanban"):
            view = self.env["api.log"].get_view(view_type=kind)
            arch = etree.fromstring(view["arch"])
            for action in ("create", "edit", "delete"):
                self.assertIn(arch.get(action), ("0", "False", "false"), (kind, action))


@tagged("post_install", "-at_install")
class TestCompanies(AccessCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.other_log = cls.make_row(cls.other)
        cls.no_log = cls.make_row(cls.env["res.company"])

    def visible(self, user, *companies):
        context = {"allowed_company_ids": [company.id for company in companies]}
        logs = self.env["api.log"].with_user(user).with_context(**context)
        rows = self.log | self.other_log | self.no_log
        return logs.search([("id", "in", rows.ids)])

    def test_row_is_seen_in_its_own_company_only(self) -> None:
        for name in READER_AND_UP:
            found = self.visible(self.users[name], self.env.company)
            self.assertEqual(found, self.no_log | self.log, name)

    def test_reader_of_two_companies_sees_those_that_are_chosen(self) -> None:
        reader = self.users["reader"]
        reader.company_ids += self.other
        self.assertEqual(self.visible(reader, self.other), self.no_log | self.other_log)
        both = self.visible(reader, self.env.company, self.other)
        self.assertEqual(both, self.no_log | self.other_log | self.log)

    def test_payload_follows_its_row(self) -> None:
        payloads = self.env["api.log.payload"].with_user(self.users["reader"])
        found = payloads.search([("log_id", "in", (self.log | self.other_log).ids)])
        self.assertEqual(found, self.log.payload_ids)
        with self.assertRaises(AccessError):
            self.other_log.payload_ids.with_user(self.users["reader"]).read(["data"])

    def test_row_of_another_company_cannot_be_replayed(self) -> None:
        log = self.other_log.with_user(self.users["manager"])
        with self.assertRaises(AccessError):
            log.action_replay()

    def test_wizard_shows_nothing_of_another_company(self) -> None:
        wizards = self.env["api.log.replay"].with_user(self.users["manager"])
        for values in ({}, {"is_edit": True}):
            with self.assertRaises(AccessError):
                wizard = wizards.create({"log_id": self.other_log.id, **values})
                wizard.invalidate_recordset()
                wizard.read(["body"])
