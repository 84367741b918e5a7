# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dry run's way through the transaction protocol: its hooks, row and retries."""

from __future__ import annotations

import contextlib

from psycopg2 import InterfaceError, errors

from odoo.exceptions import ValidationError
from odoo.tests import mute_logger, new_test_user, tagged
from odoo.tests.test_cursor import TestCursor

from ..models.api_dry_run import MARK
from .test_api_transaction import ENGINE, REF, TransactionCase

SAID = "said by an addon"


@tagged("post_install", "-at_install")
class TestDryRunProtocol(TransactionCase):
    def try_partner(self, headers: dict | None = None, **vals) -> dict:
        """Try to create a partner; return the envelope."""
        vals = {"payload": {"name": "New", "ref": REF}, "dry_run": True} | vals
        _status, answer = self.call("create_data", "res.partner", vals, headers)
        return answer["result"]

    def work_then(self, function) -> list:
        """Call ``function(env)`` once the work of each request is done."""

        def perform(original, this, request):
            outcome = original(this, request)
            function(this.env)
            return outcome

        return self.tamper("api.service", "_perform", perform)

    def run_commit_hooks(self) -> None:
        """Have the test cursor run the hooks it forgets by default."""
        commit = TestCursor.commit

        def commit_and_run(cr) -> None:
            hooks = list(cr.postcommit._funcs)
            commit(cr)
            for hook in hooks:
                hook()

        self.patch(TestCursor, "commit", commit_and_run)

    def test_hooks_after_commit_never_run_and_those_before_do(self) -> None:
        ran: list[str] = []

        def add_hooks(env) -> None:
            env.cr.precommit.add(lambda: ran.append("before"))
            env.cr.postcommit.add(lambda: ran.append("after"))
            env.cr.postrollback.add(lambda: ran.append("undone"))

        self.run_commit_hooks()
        self.work_then(add_hooks)
        self.assertSuccess(self.try_partner())
        self.assertEqual(ran, ["before", "undone"])
        ran.clear()
        self.assertSuccess(self.create_partner())
        self.assertEqual(ran, ["before", "after"])

    def test_error_of_a_hook_before_commit_is_told(self) -> None:
        def fail() -> None:
            raise ValidationError(SAID)

        self.work_then(lambda env: env.cr.precommit.add(fail))
        answer = self.try_partner()
        error = self.assertFailure(answer, "validation_error")
        self.assertEqual(error["message"], SAID)
        self.assertOneRow(answer, "failed", 0)

    def test_mark_outlives_a_savepoint_and_ends_with_the_request(self) -> None:
        found: list = []

        def roll_a_savepoint_back(env) -> None:
            with contextlib.suppress(ZeroDivisionError), env.cr.savepoint():
                raise ZeroDivisionError
            values = {"name": "f", "raw": b"dry mark", "res_model": "res.partner"}
            file = env["ir.attachment"].create(values)
            found.append((file.store_fname, bool(vars(env.cr).get(MARK))))

        self.work_then(roll_a_savepoint_back)
        self.assertSuccess(self.try_partner())
        self.assertEqual(found.pop(), (False, True))
        self.assertSuccess(self.create_partner())
        name, is_marked = found.pop()
        self.assertTrue(name)
        self.assertFalse(is_marked)

    def test_row_of_a_failure_is_written_without_the_mark(self) -> None:
        marks: list = []
        self.raise_at("api.service", "_perform", ValidationError(SAID))

        def flip(original, this, *args, **kwargs):
            marks.append(MARK in vars(this.env.cr))
            return original(this, *args, **kwargs)

        self.tamper("api.log.writer", "_flip_failed", flip)
        self.assertOneRow(self.try_partner(), "failed", 0)
        self.assertEqual(marks, [False])

    def test_serialization_failure_is_tried_again(self) -> None:
        self.raise_at("api.service", "_perform", errors.SerializationFailure())
        answer = self.try_partner()
        self.assertSuccess(answer)
        self.assertEqual(self.assertOneRow(answer, "tried", 0).attempts, 2)

    @mute_logger(ENGINE)
    def test_row_that_was_committed_after_all_is_believed(self) -> None:
        self.raise_at_commit(InterfaceError("connection lost"), committed=True)
        answer = self.try_partner()
        self.assertSuccess(answer)
        self.assertOneRow(answer, "tried", 0)

    def test_row_given_up_meanwhile_is_a_conflict(self) -> None:
        def give_up(original, this, log_id, *args, **kwargs):
            this.env.cr.execute(
                "UPDATE api_log SET state = 'interrupted' WHERE id = %s", [log_id]
            )
            return original(this, log_id, *args, **kwargs)

        self.tamper("api.log.writer", "_flip_tried", give_up)
        self.assertFailure(self.try_partner(), "conflict")
        self.assertEqual(self.count_partners(), 0)

    def test_works_without_a_log(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.create_data_log", "False")
        answer = self.try_partner()
        self.assertIsNone(self.assertSuccess(answer)["id"])
        self.assertFalse(self.get_log(answer["request_id"]))
        self.assertEqual(self.count_partners(), 0)

    def test_idempotency_key_is_left_for_the_real_request(self) -> None:
        headers = self.bearer() | {"Idempotency-Key": "dry-then-real"}
        for _time in range(2):
            self.assertOneRow(self.try_partner(headers), "tried", 0)
        real = self.try_partner(headers, dry_run=False)
        self.assertOneRow(real, "done", 1)
        self.assertOneRow(self.try_partner(headers), "tried", 1)

    def test_replay_is_a_dry_run_again(self) -> None:
        manager = new_test_user(
            self.env, "log_manager", groups="usability_webhooks.group_api_manager"
        )
        log = self.assertOneRow(self.try_partner(), "tried", 0).with_user(manager)
        wizard = self.env["api.log.replay"].browse(log.action_replay()["res_id"])
        self.env.flush_all()
        action = wizard.with_user(manager).action_replay()
        self.env.invalidate_all()
        new = self.env["api.log"].browse(action["res_id"])
        self.assertEqual((new.state, new.replay_of_id.id), ("tried", log.id))
        self.assertEqual(self.count_partners(), 0)
