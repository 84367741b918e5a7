# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Threats of docs/security.md that no other test file is about."""

from __future__ import annotations

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, mute_logger, new_test_user, tagged

from ..controllers.api import ApiController
from ..tools.api_request import ROUTES
from .common import ApiHttpCase, make_key, make_profile


@tagged("post_install", "-at_install")
class TestNothingIsRemembered(ApiHttpCase):
    """18.0 kept what lookups found in a cache that all users shared (T12 to T14)."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Another Company"})
        cls.insider = new_test_user(
            cls.env,
            "insider",
            groups="base.group_user,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.insider_key = make_key(cls.insider, "insider")
        cls.hidden = cls.env["res.partner"].create(
            {"name": "Hidden", "ref": "HID-1", "company_id": cls.company.id}
        )

    def look_up(self, ref: str, key: str | None = None) -> dict:
        """Return the answer to a dry run that looks a parent up."""
        payload = {"name": "Child", "parent_id": {"ref": ref}}
        vals = {"payload": payload, "dry_run": True}
        headers = self.bearer(key)
        return self.call("create_data", "res.partner", vals, headers)[1]["result"]

    def test_what_one_user_found_another_does_not_find(self) -> None:
        self.assertSuccess(self.look_up("HID-1", self.insider_key))
        self.assertFailure(self.look_up("HID-1"), "not_found", "payload.parent_id")
        self.assertSuccess(self.look_up("HID-1", self.insider_key))

    def test_what_was_found_is_not_found_once_it_is_renamed_or_gone(self) -> None:
        partner = self.env["res.partner"].create({"name": "Moves", "ref": "MOVE-1"})
        self.assertSuccess(self.look_up("MOVE-1"))
        partner.ref = "MOVE-2"
        self.env.flush_all()
        self.assertFailure(self.look_up("MOVE-1"), "not_found")
        self.assertSuccess(self.look_up("MOVE-2"))
        partner.unlink()
        self.env.flush_all()
        self.assertFailure(self.look_up("MOVE-2"), "not_found")

    def test_what_was_made_and_undone_is_not_found(self) -> None:
        vals = {
            "payload": {
                "name": "Child",
                "parent_id": {"ref": "UNDONE-1"},
                "company_registry": 5,
            },
            "auto_create": {"parent_id": {"name": "Undone", "ref": "UNDONE-1"}},
        }
        _status, answer = self.call("create_data", "res.partner", vals)
        self.assertFailure(answer["result"], "invalid_value")
        self.assertFailure(self.look_up("UNDONE-1"), "not_found")

    def test_no_request_empties_the_caches_of_all_workers(self) -> None:
        self.look_up("HID-1")
        with patch.object(type(self.registry), "clear_cache") as clear:
            for index in range(5):
                vals = {"payload": {"name": f"New {index}", "ref": f"CACHE-{index}"}}
                self.call_ok("create_data", "res.partner", vals)
                self.look_up(f"CACHE-{index}")
                self.look_up("NOBODY")
        clear.assert_not_called()


@tagged("post_install", "-at_install")
class TestContextOfNestedRecords(ApiHttpCase):
    """18.0 put the payload and a default company into every context (T17)."""

    #: The user's own; ``guest`` is the mail addon's of every HTTP request, and
    #: ``active_test`` that of the field ``child_ids``.
    ALLOWED = frozenset(
        {"lang", "tz", "uid", "allowed_company_ids", "guest", "active_test"}
    )

    def test_lines_are_made_in_the_caller_s_context_alone(self) -> None:
        seen: list[dict] = []
        partners = self.env.registry["res.partner"]
        create = partners.create

        def spy(records, vals_list):
            seen.append(dict(records.env.context))
            return create(records, vals_list)

        payload = {
            "name": "Parent",
            "child_ids": [{"name": "Child", "child_ids": [{"name": "Grandchild"}]}],
        }
        with patch.object(partners, "create", spy):
            self.call_ok("create_data", "res.partner", {"payload": payload})
        self.assertTrue(seen)
        for context in seen:
            strange = {
                key
                for key in context.keys() - self.ALLOWED
                if not key.startswith("usability_webhooks_")
            }
            self.assertFalse(strange)
            self.assertNotIn("Grandchild", repr(context))


@tagged("post_install", "-at_install")
class TestSessionForms(ApiHttpCase):
    """What another site's page can have a browser send with the session (T41)."""

    #: Media types that need no preflight, as a form or ``fetch(mode: no-cors)``
    #: sends them, and one that is no media type at all.
    SIMPLE = (
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "application/jsonp",
    )
    BODY = (
        '{"params": {"model": "res.partner", "vals":'
        ' {"payload": {"name": "Forged"}}}, "x": "="}'
    )

    def setUp(self) -> None:
        super().setUp()
        self.authenticate(self.user.login, self.user.login)

    def assertNothingWritten(self) -> None:
        self.env.invalidate_all()
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Forged")]))

    def test_no_form_is_a_request(self) -> None:
        for media_type in self.SIMPLE:
            for more in ({}, {"Origin": "https://evil.example"}):
                with self.subTest(media_type=media_type, more=more):
                    headers = {"Content-Type": media_type} | more
                    response = self.post("create_data", self.BODY, headers)
                    self.assertEqual(response.status_code, 415, response.text)
        self.assertNothingWritten()

    def test_no_preflight_is_answered_with_leave(self) -> None:
        headers = {
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,authorization",
        }
        for route in ROUTES:
            response = self.post(route, "", headers, method="OPTIONS")
            self.assertEqual(response.status_code, 405)
            granted = [
                name
                for name in response.headers
                if name.lower().startswith("access-control-")
            ]
            self.assertFalse(granted)

    def test_the_session_of_another_site_is_refused_whatever_the_header(self) -> None:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site", "Origin": self.base_url()},
            {"Sec-Fetch-Site": "CROSS-SITE"},
            {"Sec-Fetch-Site": "x"},
        ):
            with self.subTest(headers=headers):
                response = self.post("create_data", self.BODY, headers)
                self.assertEqual(response.status_code, 403, response.text)
                self.assertEqual(response.json()["error"]["data"]["code"], "csrf")
        self.assertNothingWritten()

    def test_somebody_else_s_key_in_either_header_is_refused(self) -> None:
        other = new_test_user(self.env, "other_key_owner", groups="base.group_user")
        key = make_key(other, "other")
        for headers in ({"x-api-key": key}, self.bearer(key)):
            response = self.post("create_data", self.BODY, headers)
            self.assertEqual(response.status_code, 403, response.text)
            code = response.json()["error"]["data"]["code"]
            self.assertEqual(code, "auth_mismatch")
        self.assertNothingWritten()


@tagged("post_install", "-at_install")
class TestDesign(TransactionCase):
    """What holds because of how things are declared."""

    def test_no_route_runs_on_a_read_only_copy_of_the_database(self) -> None:
        for route in ROUTES:
            routing = getattr(ApiController, route).original_routing
            self.assertIs(routing["readonly"], False, route)
            self.assertIs(routing["save_session"], False, route)

    def test_the_log_sends_no_mail(self) -> None:
        for model in ("api.log", "api.log.payload", "api.key", "api.access.profile"):
            self.assertNotIn("message_ids", self.env[model]._fields, model)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_lines_are_not_written_under_another_addon_s_sudo(self) -> None:
        """Commands of a parent that is written with sudo run as the real user."""
        profile = make_profile(self.env, "parent", {"res.country": {}})
        employee = new_test_user(self.env, "sudoer", groups="base.group_user")
        parent_sudo = profile.with_user(employee).sudo()  # as another addon does
        # As the request of a user has it; that of a test is the superuser's.
        transaction = self.env.transaction
        self.patch(transaction, "default_env", self.env(user=employee))
        partner = self.env["ir.model"]._get_id("res.partner")
        for command in (
            Command.create({"model_id": partner}),
            Command.update(profile.rule_ids.id, {"may_create": True}),
            Command.delete(profile.rule_ids.id),
        ):
            with self.subTest(command=command), self.assertRaises(AccessError):
                with self.env.cr.savepoint():
                    parent_sudo.write({"rule_ids": [command]})
        self.env.invalidate_all()
        self.assertEqual(profile.rule_ids.mapped("model"), ["res.country"])
        self.assertFalse(profile.rule_ids.may_create)
