# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A public method of a model can be called by everybody with a login.

So each one is listed here. A new one is a decision: is it safe in the hands of a
portal user, with any arguments? If not, its name begins with an underscore.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import mute_logger, new_test_user, tagged
from odoo.tests.common import JsonRpcException

from .common import ApiHttpCase

OURS = "odoo.addons.usability_webhooks."
PUBLIC_METHODS = {
    # All three refuse, whoever asks.
    "api.log": {
        "create",
        "write",
        # Buttons: read the row in the caller's rights.
        "action_edit_and_replay",
        "action_open_delivery",
        "action_open_console",
        "action_erase",
        "action_open_payload",
        "action_open_records",
        "action_open_replays",
        "action_replay",
    },
    # Their access rights are the managers'.
    "api.access.preset": {"action_create_profile"},
    "api.access.profile": {"action_open_keys"},
    "api.log.erasure": {"action_erase"},
    "api.log.replay": {"action_replay"},
    # For internal users, in the caller's rights; they read, and nothing else.
    "api.console": {"get_completions", "get_request", "get_starters"},
    # For readers of the log, which it checks, in the caller's rights; it reads only.
    "api.dashboard": {"get_figures"},
    # Buttons: read the row in the caller's rights; revoking asks core.
    "api.key": {"action_open_logs", "action_revoke", "action_rotate"},
    # Each asks for the password, and then whether the caller may.
    "api.key.issue": {"make_key"},
    "api.key.rotate": {"make_key"},
    "res.users": {"action_api_issue_key"},
    "res.users.apikeys.description": {"make_key"},
    # Overrides of core's own, which do what core does.
    "base": {"create", "unlink"},
    # The same; what belongs to a webhook rule is refused.
    "base.automation": {"create", "write", "unlink"},
    "ir.module.module": {"button_uninstall"},
    "res.config.settings": {"get_values", "set_values"},
    # Its access rights are the managers'; `copy_data` names copies.
    "webhook.endpoint": {
        "action_disable",
        "action_enable",
        "action_send_test",
        "copy_data",
        "write",
    },
    # They refuse where a rule reads in the rights of others.
    "webhook.endpoint.guard": {"create", "write"},
    "webhook.endpoint.home": {"action_send_from_here"},
    "webhook.endpoint.signing": {
        "action_new_key_pair",
        "action_new_secret",
        "action_revoke_replaced",
        "write",
    },
    # They put the value where nothing reads it; rights are the managers'.
    "webhook.endpoint.header": {"create", "unlink", "write"},
    # The first two refuse, whoever asks; the others ask whether the caller is a
    # manager, or read in the caller's rights.
    # Access rights are the managers', who read as themselves only. Buttons ask for
    # write access, or show what the caller may see.
    "webhook.outbound.rule": {
        "action_check_again",
        "action_open_deliveries",
        "action_open_logs",
        "action_send_test",
        "copy_data",
        "create",
        "unlink",
        "write",
    },
    "webhook.outbound.delivery": {
        "create",
        "write",
        "action_cancel",
        "action_open_record",
        "action_send_again",
    },
    "webhook.resend": {"action_resend"},
}


@tagged("post_install", "-at_install")
class TestPublicSurface(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "api_portal", groups="base.group_portal")

    def our_classes(self) -> Iterator[tuple[str, type]]:
        """Yield model name and class of all that the addon defines or extends."""
        for registry_class in self.registry.values():
            for cls in registry_class.__mro__:
                if cls.__module__.startswith(OURS):
                    yield (getattr(cls, "_name", None) or cls._inherit), cls

    def our_methods(self) -> Iterator[tuple[str, str]]:
        for model, cls in self.our_classes():
            for name, value in vars(cls).items():
                if inspect.isroutine(value) and not hasattr(value, "_api_private"):
                    yield model, name

    def test_public_methods_are_those_listed(self) -> None:
        found: dict[str, set] = {}
        for model, name in self.our_methods():
            if not name.startswith("_"):
                found.setdefault(model, set()).add(name)
        self.assertEqual(found, PUBLIC_METHODS)

    def test_no_model_of_ours_takes_commands_under_somebody_else_s_sudo(self) -> None:
        ours = {
            name
            for name, cls in self.registry.items()
            if cls._original_module == "usability_webhooks" and not cls._abstract
        }
        self.assertIn("api.log", ours)
        lax = {name for name in ours if self.env[name]._allow_sudo_commands}
        self.assertFalse(lax)

    def test_engine_methods_are_private_to_core(self) -> None:
        private = {
            (model, name)
            for model, name in self.our_methods()
            if name.startswith("_") and not name.startswith("__")
        }
        self.assertIn(("api.service", "_perform"), private)
        self.assertIn(("api.transaction", "_run"), private)
        self.assertIn(("api.log.row", "_insert"), private)
        for model, name in sorted(private):
            with self.subTest(model=model, method=name):
                with self.assertRaises(AccessError):
                    get_public_method(self.env[model], name)

    def test_engine_is_out_of_reach_by_rpc(self) -> None:
        calls = [
            ("api.service", "_perform", [{}]),
            ("api.transaction", "_run", [{}]),
            ("api.replay", "_replay", [1, "{}"]),
            ("api.log.writer", "_insert", [{}, "{}"]),
            ("api.log.eraser", "_erase", [[1], []]),
            ("api.log.housekeeping", "_gc_logs", []),
            ("api.log.housekeeping", "_cron_mark_interrupted", []),
            ("api.settings", "_get", ["webhook.max_depth"]),
            ("res.users.apikeys", "_find_key", ["0" * 40]),
        ]
        for user in (self.portal, self.user):
            self.authenticate(user.login, user.login)
            for model, method, args in calls:
                with self.subTest(user=user.login, model=model, method=method):
                    params = {"model": model, "method": method, "args": args}
                    with (
                        mute_logger("odoo.http"),
                        self.assertRaises(JsonRpcException) as caught,
                    ):
                        self.make_jsonrpc_request(
                            "/web/dataset/call_kw", params | {"kwargs": {}}
                        )
                    self.assertIn("AccessError", str(caught.exception))

    def test_engine_is_out_of_reach_through_the_gateway_itself(self) -> None:
        for model, method in (
            ("api.service", "_perform"),
            ("api.replay", "_replay"),
            ("api.log.writer", "_insert"),
        ):
            vals = {"payload": {"method": method}}
            _status, answer = self.call("call_function", model, vals)
            self.assertFailure(answer["result"], "method_denied")

    def test_log_cannot_be_read_or_changed_through_the_gateway(self) -> None:
        log = self.get_log(
            self.call("search_data", "res.partner", {})[1]["result"]["request_id"]
        )
        key = {"search_key": {"id": log.id}}
        for route, vals in (
            ("search_data", {"payload": {"search_field": ["data_preview"]}}),
            ("create_data", {"payload": {"request_id": "forged"}}),
            ("update_data", key | {"payload": {"state": "failed"}}),
            ("call_function", key | {"payload": {"method": "unlink"}}),
            ("call_function", key | {"payload": {"method": "action_replay"}}),
        ):
            with self.subTest(route=route, vals=vals):
                _status, answer = self.call(route, "api.log", vals)
                self.assertFalse(answer["result"]["is_success"], answer)
                codes = {error["code"] for error in answer["result"]["errors"]}
                self.assertEqual(codes, {"unknown_model"})
        self.assertFalse(self.get_log("forged"))
        self.assertTrue(log.exists())
