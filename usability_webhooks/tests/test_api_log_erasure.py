# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the log holds of a record can be erased; that it was, stays."""

from __future__ import annotations

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..models import api_log_eraser, api_log_writer
from .common import ApiHttpCase
from .webhook_case import WebhookCase

CONTENT = ("data_preview", "result_preview", "error_message", "traceback")
EMAIL = "jane.doe@example.com"


class ErasureCase(ApiHttpCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM api_log")
        group = "usability_webhooks.group_api_"
        cls.manager = new_test_user(
            cls.env,
            "log_manager",
            groups=f"{group}manager,base.group_partner_manager",
        )
        cls.reader = new_test_user(cls.env, "log_reader", groups=f"{group}reader")

    def send(self, vals: dict, route: str = "create_data", **headers: str):
        """Send one request about partners; return its envelope and its row."""
        sent = self.bearer() | headers
        _status, answer = self.call(route, "res.partner", vals, sent)
        return answer["result"], self.get_log(answer["result"]["request_id"])

    def make_jane(self, **headers: str):
        vals = {"payload": {"name": "Jane Doe", "email": EMAIL}}
        answer, log = self.send(vals, **headers)
        return self.env["res.partner"].browse(answer["result"]["id"]), log

    def make_wizard(self, **values):
        wizards = self.env["api.log.erasure"].with_user(self.manager)
        return wizards.create(values)

    def erase(self, **values):
        wizard = self.make_wizard(is_confirmed=True, **values)
        action = wizard.action_erase()
        self.env.invalidate_all()
        return self.env["api.log"].browse(action["domain"][0][2])

    def is_empty(self, log) -> bool:
        self.env.invalidate_all()
        return not any(log[name] for name in CONTENT) and not log.payload_ids


@tagged("post_install", "-at_install")
class TestErasure(ErasureCase):
    def test_rows_of_a_record_are_emptied_and_stay(self) -> None:
        jane, made = self.make_jane()
        key = {"search_key": {"id": jane.id}, "payload": {"phone": "123456"}}
        _answer, updated = self.send(key, "update_data")
        domain = {"search_domain": [["id", "in", [jane.id, 1]]]}
        _answer, found = self.send({"payload": domain}, "search_data")
        _answer, other = self.send({"payload": {"name": "Somebody Else"}})
        rows = made | updated | found
        erased = self.erase(res_model="res.partner", res_id=jane.id, mentions=False)
        self.assertEqual(erased, rows)
        for row in rows:
            self.assertTrue(self.is_empty(row))
            self.assertEqual(row.content_gone, "erased")
            self.assertEqual(row.erase_uid, self.manager)
            self.assertTrue(row.erase_date)
            self.assertEqual((row.state, row.user_id), ("done", self.user))
        self.assertEqual(made.res_ids, [jane.id])
        self.assertFalse(self.is_empty(other))

    def test_long_payloads_go_too(self) -> None:
        vals = {"payload": {"name": "Jane", "comment": "x" * 5000}}
        answer, log = self.send(vals)
        self.assertTrue(log.payload_ids)
        record_id = answer["result"]["id"]
        self.erase(res_model="res.partner", res_id=record_id, mentions=False)
        self.assertTrue(self.is_empty(log))
        self.env.cr.execute("SELECT 1 FROM api_log_payload WHERE log_id = %s", [log.id])
        self.assertFalse(self.env.cr.fetchall())

    def test_mentions_find_what_no_record_leads_to(self) -> None:
        failed = self.send({"payload": {"name": "J", "email": EMAIL, "nope": 1}})[1]
        vals = {"payload": {"name": "J", "comment": "y" * 5000 + EMAIL.upper()}}
        tried = self.send(vals | {"dry_run": True})[1]
        quoted = self.send({"payload": {"name": 'Jane "Q" Doé', "x": 1}})[1]
        other = self.send({"payload": {"name": "Somebody Else"}})[1]
        find = self.env["api.log.eraser"].with_user(self.manager)._find
        self.assertEqual(find("", 0, [EMAIL]), failed | tried)
        self.assertEqual(find("", 0, ['Jane "Q" Doé']), quoted)
        self.assertFalse(find("", 0, ["ab", "  "]))
        self.erase(mentions=f"{EMAIL}\n")
        self.assertTrue(self.is_empty(failed) and self.is_empty(tried))
        self.assertEqual(failed.error_code, "unknown_field")
        self.assertFalse(self.is_empty(other))

    def test_record_beyond_the_kept_ids_is_found_in_the_answer(self) -> None:
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}"} for n in range(60)]
        )
        self.patch(api_log_writer, "MAX_RECORD_IDS", 5)
        self.patch(api_log_eraser, "MAX_RECORD_IDS", 5)
        payload = {
            "search_field": ["name", "email", "phone", "street", "city"],
            "search_domain": [["id", "in", partners.ids]],
        }
        _answer, log = self.send({"payload": payload}, "search_data")
        self.assertEqual(len(log.res_ids), 5)
        self.assertTrue(log.payload_ids.result)
        find = self.env["api.log.eraser"]._find
        absent = set(partners.ids) - set(log.res_ids)
        self.assertEqual(find("res.partner", max(absent)), log)
        self.assertFalse(find("res.partner", max(partners.ids) * 10 + 1))

    def test_replays_and_repeated_answers_belong_together(self) -> None:
        key = {"Idempotency-Key": "jane-1"}
        jane, made = self.make_jane(**key)
        self.make_jane(**key, **{"X-Request-Id": "jane-again"})
        again = self.get_log("jane-again")
        self.assertEqual(again.state, "replayed")
        self.erase(res_model="res.partner", res_id=jane.id, mentions=False)
        self.assertTrue(self.is_empty(made) and self.is_empty(again))

    def test_stored_answer_is_erased_and_nothing_is_done_twice(self) -> None:
        key = {"Idempotency-Key": "jane-2"}
        vals = {
            "payload": {"name": "Jane Doe", "email": EMAIL},
            "result_field": ["email"],
        }
        answer, _log = self.send(vals, **key)
        record_id = answer["result"]["id"]
        wizard = self.make_wizard(res_model="res.partner", res_id=record_id)
        self.assertEqual(wizard.answer_count, 1)
        self.erase(res_model="res.partner", res_id=record_id)
        again, _log = self.send(vals, **key)
        self.assertTrue(again["is_success"])
        self.assertEqual(again["request_id"], answer["request_id"])
        self.assertNotIn(EMAIL, json.dumps(again))
        found = self.env["res.partner"].search_count([("email", "=", EMAIL)])
        self.assertEqual(found, 1)

    def test_stored_answer_without_a_row_is_found_by_mention(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.create_data_log", "off")
        vals = {"payload": {"name": "J", "email": EMAIL}, "result_field": ["email"]}
        self.send(vals, **{"Idempotency-Key": "jane-3"})
        self.erase(mentions=EMAIL)
        again, _log = self.send(vals, **{"Idempotency-Key": "jane-3"})
        self.assertNotIn(EMAIL, json.dumps(again))

    def test_request_in_progress_is_left_alone_and_told(self) -> None:
        vals = {"state": "received", "res_model": "res.partner", "res_id": 7}
        log_id = self.env["api.log.writer"]._insert(vals, EMAIL)
        wizard = self.make_wizard(mentions=EMAIL, is_confirmed=True)
        self.assertEqual((wizard.row_count, wizard.running_count), (0, 1))
        wizard.action_erase()
        self.env.invalidate_all()
        log = self.env["api.log"].browse(log_id)
        self.assertEqual((log.data_preview, log.content_gone), (EMAIL, False))

    def test_erased_row_cannot_be_replayed(self) -> None:
        jane, made = self.make_jane()
        self.erase(res_model="res.partner", res_id=jane.id)
        wizard = self.env["api.log.replay"].create({"log_id": made.id})
        self.assertTrue(wizard.refusal)


@tagged("post_install", "-at_install")
class TestErasureWizard(ErasureCase):
    def test_record_is_chosen_and_its_texts_are_proposed(self) -> None:
        jane, made = self.make_jane()
        with Form(self.env["api.log.erasure"].with_user(self.manager)) as form:
            form.record = f"res.partner,{jane.id}"
            self.assertEqual(form.res_model, "res.partner")
            self.assertEqual(form.mentions, f"Jane Doe\n{EMAIL}")
            self.assertEqual(form.row_count, 1)
            self.assertFalse(form.is_confirmed)
            form.is_confirmed = True
        form.record.action_erase()
        self.assertTrue(self.is_empty(made))
        self.assertFalse(form.record.mentions)

    def test_it_opens_from_a_row(self) -> None:
        jane, made = self.make_jane()
        action = made.with_user(self.manager).action_erase()
        self.assertEqual(action["res_model"], "api.log.erasure")
        wizards = self.env[action["res_model"]].with_user(self.manager)
        form = Form(wizards.with_context(**action["context"]))
        self.assertEqual((form.res_model, form.res_id), ("res.partner", jane.id))
        failed = self.send({"payload": {"nope": 1}})[1]
        action = failed.with_user(self.manager).action_erase()
        form = Form(wizards.with_context(**action["context"]))
        self.assertEqual(form.row_count, 1)
        form.is_confirmed = True
        form.save().action_erase()
        self.assertTrue(self.is_empty(failed))

    def test_record_that_is_gone_is_named_by_its_number(self) -> None:
        jane, made = self.make_jane()
        record_id = jane.id
        jane.unlink()
        wizard = self.make_wizard(res_model="res.partner", res_id=record_id)
        self.assertFalse(wizard.mentions)
        self.assertEqual(wizard.row_count, 1)

    def test_it_has_to_be_confirmed_and_to_find_something(self) -> None:
        jane, made = self.make_jane()
        wizard = self.make_wizard(res_model="res.partner", res_id=jane.id)
        with self.assertRaises(UserError):
            wizard.action_erase()
        self.assertFalse(self.is_empty(made))
        with self.assertRaises(UserError):
            self.make_wizard(is_confirmed=True).action_erase()

    def test_rows_of_other_companies_are_counted_and_left(self) -> None:
        jane, made = self.make_jane()
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute(
            "UPDATE api_log SET company_id = %s WHERE id = %s", [other.id, made.id]
        )
        mine = self.send({"payload": {"name": "x", "email": EMAIL}})[1]
        wizard = self.make_wizard(res_model="res.partner", res_id=jane.id)
        self.assertEqual((wizard.row_count, wizard.hidden_count), (1, 1))
        wizard.is_confirmed = True
        wizard.action_erase()
        self.assertFalse(self.is_empty(made))
        self.assertTrue(self.is_empty(mine))

    def test_readers_cannot_erase(self) -> None:
        _jane, made = self.make_jane()
        with self.assertRaises(AccessError):
            self.env["api.log.erasure"].with_user(self.reader).create({})
        with self.assertRaises(AccessError):
            wizard = self.make_wizard(is_confirmed=True, mentions=EMAIL)
            wizard.with_user(self.reader).action_erase()
        self.assertFalse(self.is_empty(made))

    def test_caller_is_told_nothing_he_may_not_read(self) -> None:
        partner = self.env["res.partner"].create({"name": "Hidden", "email": EMAIL})
        plain = new_test_user(
            self.env, "plain", groups="usability_webhooks.group_api_manager"
        )
        rule = self.env["ir.rule"].create(
            {
                "name": "nobody",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {partner.id})]",
            }
        )
        self.assertTrue(rule)
        wizards = self.env["api.log.erasure"].with_user(plain)
        wizard = wizards.create({"res_model": "res.partner", "res_id": partner.id})
        self.assertFalse(wizard.mentions)


@tagged("post_install", "-at_install")
class TestErasedDeliveries(WebhookCase):
    def test_deliveries_that_are_over_are_emptied_and_others_sent(self) -> None:
        by_record = self.make_event(res_id=7)
        by_mention = self.make_event(res_id=8, data={"email": EMAIL})
        waiting = self.make_event(res_id=10, data={"email": EMAIL})
        other = self.make_event(res_id=9)
        rows = self.put(by_record, by_mention, waiting, other)
        self.assertEqual(len(rows), 4)
        over = rows[0] | rows[1] | rows[3]
        self.env.cr.execute(
            "UPDATE webhook_outbound_delivery SET state = 'delivered',"
            " last_attempt_at = now(), last_response = body WHERE id = ANY(%s)",
            [over.ids],
        )
        self.env.invalidate_all()
        wizard = self.env["api.log.erasure"].create(
            {"res_model": "res.partner", "res_id": 7, "is_confirmed": True}
        )
        wizard.mentions = EMAIL
        self.assertEqual(wizard.delivery_count, 2)
        wizard.action_erase()
        self.env.invalidate_all()
        kept = [bool(row.body) for row in rows]
        self.assertEqual(kept, [False, False, True, True])
        self.assertFalse((rows[0] | rows[1]).filtered("last_response"))
        self.assertFalse(rows[0].is_resendable)
        self.assertEqual(wizard.delivery_count, 0)
