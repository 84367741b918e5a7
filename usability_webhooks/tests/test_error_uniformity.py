# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Errors say nothing of what the caller may not know, profile or none.

An unknown model and one the user has no rights on, a record hidden by a rule and
one that is not there, read the same.
"""

from __future__ import annotations

import json
import re

from odoo.fields import Command
from odoo.tests import tagged

from .common import ApiHttpCase

NO_ID = 2_000_000_011
HIDDEN = "Hidden by a record rule"
#: Models an employee who keeps contacts has no rights on, and none at all.
FORBIDDEN = (
    "ir.config_parameter",
    "ir.rule",
    "api.log",
    "res.users.apikeys.description",
)
#: Of a message that says who may, instead of that the caller may not.
TELLTALES = (
    *("following groups", "Administration", "Settings", "administrator to request"),
    *("top-secret", "record rule", "cookies", "(id=", "Blame the following"),
    *("Implicitly accessed", "suggested_company", "Operation:", "Records:"),
)


@tagged("post_install", "-at_install")
class TestErrorUniformity(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Elsewhere Limited"})
        cls.hidden, cls.shown = cls.env["res.partner"].create(
            [
                {"name": HIDDEN, "ref": "HIDDEN-1", "company_id": cls.other.id},
                {"name": "Shown", "ref": "SHOWN-1"},
            ]
        )
        cls.env["ir.model.data"].create(
            {
                "module": "test_attack",
                "name": "hidden",
                "model": "res.partner",
                "res_id": cls.hidden.id,
            }
        )
        cls.tag = cls.env["res.partner.category"].create({"name": "Seen Tag"})
        cls.env["ir.rule"].create(
            {
                "name": "attack",
                "model_id": cls.env["ir.model"]._get_id("res.partner.category"),
                "domain_force": f"[('id', '!=', {cls.tag.id})]",
                "groups": [Command.link(cls.env.ref("base.group_user").id)],
            }
        )

    def say(self, route: str, model: str, vals: dict) -> str:
        """Return a refusal as text, without its request id."""
        status, answer = self.call(route, model, vals)
        self.assertEqual(status, 200, answer)
        self.assertFalse(answer["result"]["is_success"], answer)
        text = json.dumps({**answer["result"], "request_id": ""}, sort_keys=True)
        for telltale in (*TELLTALES, HIDDEN, "Elsewhere"):
            self.assertNotIn(telltale, text)
        return text

    def blank(self, text: str, word: object) -> str:
        return re.sub(rf"(?<!\w){re.escape(str(word))}(?!\w)", "?", text)

    # pylint: disable-next=too-many-arguments
    def assertAlike(self, route: str, model: str, make_vals, real, wrong) -> None:
        """Check that naming ``real`` is answered like naming ``wrong``."""
        found, expected = (
            self.blank(self.say(route, model, make_vals(word)), word)
            for word in (real, wrong)
        )
        self.assertEqual(found, expected)

    def test_a_forbidden_model_reads_like_an_unknown_one(self) -> None:
        payload = {"payload": {"name": "x"}}
        for route, vals in {
            "search_data": {"payload": {"search_field": ["id"]}},
            "create_data": payload,
            "update_data": {"search_key": {"id": 1}} | payload,
            "create_update_data": {"search_key": {"id": 1}} | payload,
            "call_function": {
                "search_key": {"id": 1},
                "payload": {"method": "read"},
            },
        }.items():
            unknown = "no.such.model"
            expected = self.blank(self.say(route, unknown, vals), unknown)
            for model in FORBIDDEN:
                if self.env[model].with_user(self.user).has_access("read"):
                    continue
                with self.subTest(route=route, model=model):
                    found = self.blank(self.say(route, model, vals), model)
                    self.assertEqual(found, expected)

    def test_a_hidden_record_reads_like_a_missing_one_in_a_search_key(self) -> None:
        for route, payload in {
            "update_data": {"name": "x"},
            "create_update_data": {"name": "x"},
            "call_function": {"method": "read"},
        }.items():
            with self.subTest(route=route):
                self.assertAlike(
                    route,
                    "res.partner",
                    lambda rid, payload=payload: {
                        "search_key": {"id": rid},
                        "payload": payload,
                    },
                    self.hidden.id,
                    NO_ID,
                )
        for multi in (True, False):
            self.assertAlike(
                "update_data",
                "res.partner",
                lambda ref, multi=multi: {
                    "search_key": {"ref": ref},
                    "payload": {"name": "x"},
                    "multi": multi,
                },
                "HIDDEN-1",
                "HIDDEN-2",
            )

    def test_a_hidden_record_reads_like_a_missing_one_in_a_lookup(self) -> None:
        for make_value, real, wrong in (
            (lambda rid: rid, self.hidden.id, NO_ID),
            (lambda rid: {"id": rid}, self.hidden.id, NO_ID),
            (lambda ref: {"ref": ref}, "HIDDEN-1", "HIDDEN-2"),
            (lambda ref: {"parent_id": {"ref": ref}}, "HIDDEN-1", "HIDDEN-2"),
            (
                lambda ref: {"xml_id": ref},
                "test_attack.hidden",
                "test_attack.missing",
            ),
        ):
            with self.subTest(wrong=wrong):
                self.assertAlike(
                    "create_data",
                    "res.partner",
                    lambda word, make_value=make_value: {
                        "payload": {"name": "x", "parent_id": make_value(word)}
                    },
                    real,
                    wrong,
                )

    def test_a_hidden_record_reads_like_a_missing_one_in_links(self) -> None:
        for mode in ("replace", "add", "remove"):
            with self.subTest(mode=mode):
                self.assertAlike(
                    "update_data",
                    "res.partner",
                    lambda rid, mode=mode: {
                        "search_key": {"ref": "SHOWN-1"},
                        "payload": {"category_id": {"mode": mode, "records": [rid]}},
                    },
                    self.tag.id,
                    NO_ID,
                )

    def test_a_hidden_line_reads_like_a_missing_one_in_a_merge(self) -> None:
        self.hidden.parent_id = self.shown
        self.assertAlike(
            "update_data",
            "res.partner",
            lambda rid: {
                "search_key": {"ref": "SHOWN-1"},
                "payload": {
                    "child_ids": {
                        "mode": "merge",
                        "key": ["id"],
                        "records": [{"id": rid, "name": "x"}],
                    }
                },
            },
            self.hidden.id,
            NO_ID,
        )

    def test_a_company_of_others_reads_like_none(self) -> None:
        for make in (
            lambda cid: {"company": {"id": cid}},
            lambda cid: {"company": cid},
            lambda cid: {"context": {"allowed_company_ids": [cid]}},
        ):
            self.assertAlike(
                "search_data",
                "res.partner",
                lambda cid, make=make: {"payload": {"search_field": ["id"]}}
                | make(cid),
                self.other.id,
                NO_ID,
            )

    def test_a_refused_write_names_no_groups_and_no_records(self) -> None:
        key = {"search_key": {"id": self.env.ref("base.es").id}}
        write = {"method": "write", "parameter": {"vals": {"name": "x"}}}
        domain = [["company_id.partner_id.ref", "=", 1]]
        search = {"method": "search_read", "parameter": {"domain": domain}}
        hidden = {"search_key": {"id": self.hidden.id}}
        for route, model, vals in (
            ("create_data", "res.country", {"payload": {"name": "x", "code": "QQ"}}),
            ("update_data", "res.country", key | {"payload": {"name": "x"}}),
            ("call_function", "res.country", key | {"payload": write}),
            ("call_function", "res.partner", hidden | {"payload": search}),
            (
                "search_data",
                "res.partner",
                {"payload": {"search_field": ["signup_type"]}},
            ),
        ):
            with self.subTest(route=route, model=model):
                self.say(route, model, vals)

    def test_business_code_that_stumbles_on_a_hidden_record_does_not_name_it(
        self,
    ) -> None:
        # get_partner-like methods browse what they are told and read it.
        vals = {
            "search_key": {"id": self.shown.id},
            "payload": {
                "method": "write",
                "parameter": {"vals": {"parent_id": self.hidden.id}},
            },
        }
        _status, answer = self.call("call_function", "res.partner", vals)
        text = json.dumps(answer)
        for telltale in (*TELLTALES, HIDDEN, "Elsewhere"):
            self.assertNotIn(telltale, text)
