# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A row is done if and only if its data is committed (wire contract, 5 and 6).

What a test cursor cannot show, kills and real races, is in system_tests.
"""

from __future__ import annotations

from psycopg2 import InterfaceError, OperationalError, errors

from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tests import mute_logger, tagged
from odoo.tests.test_cursor import TestCursor

from ..models.api_transaction import MAX_ATTEMPTS
from .common import ApiHttpCase, make_key, new_test_user

ENGINE = "odoo.addons.usability_webhooks.models.api_transaction"
SQL = "odoo.sql_db"
REF = "api-transaction-test"


class TransactionCase(ApiHttpCase):
    """Sends one request, with the engine tampered with, and looks at the rest."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "api_admin", groups="base.group_system")
        cls.admin_key = make_key(cls.admin)

    def tamper(self, model: str, method: str, function) -> list:
        """Replace ``model.method`` by ``function(original, self, *args)``.

        :returns: a list that grows with each call.
        """
        calls: list = []
        original = getattr(self.registry[model], method)

        def replacement(this, *args, **kwargs):
            calls.append(args)
            return function(original, this, *args, **kwargs)

        self.patch(self.registry[model], method, replacement)
        return calls

    def raise_at(self, model: str, method: str, *excs: Exception) -> list:
        """Let the first calls do their work and then raise ``excs``, one each."""
        left = list(excs)

        def work_then_raise(original, this, *args, **kwargs):
            result = original(this, *args, **kwargs)
            if left:
                raise left.pop(0)
            return result

        return self.tamper(model, method, work_then_raise)

    def raise_at_commit(
        self, exc: Exception, *, committed: bool, number: int = 2
    ) -> None:
        """Let the business transaction's COMMIT fail, once.

        :param committed: it got through, only nobody said so.
        :param number: which COMMIT that is; the first is the received row's.
        """
        commit = TestCursor.commit
        calls: list = []

        def failing(cr) -> None:
            calls.append(cr)
            if len(calls) != number:
                commit(cr)
                return
            if committed:
                commit(cr)
            raise exc

        self.patch(TestCursor, "commit", failing)

    def create_partner(self) -> dict:
        """Ask for a partner; return the envelope."""
        status, answer = self.call(
            "create_data", "res.partner", {"payload": {"name": "New", "ref": REF}}
        )
        self.assertEqual(status, 200, answer)
        return answer["result"]

    def count_partners(self) -> int:
        return self.env["res.partner"].search_count([("ref", "=", REF)])

    def assertOneRow(self, answer: dict, state: str, effects: int):
        """Check the state of the one row and how often the work was done."""
        log = self.get_log(answer["request_id"])
        self.assertEqual(len(log), 1)
        self.assertEqual((log.state, self.count_partners()), (state, effects))
        return log


@tagged("post_install", "-at_install")
class TestDoneIffCommitted(TransactionCase):
    def test_success_is_done_with_its_data(self) -> None:
        answer = self.create_partner()
        self.assertSuccess(answer)
        self.assertOneRow(answer, "done", 1)

    def test_error_after_the_work_leaves_the_row_alone(self) -> None:
        self.raise_at("api.service", "_perform", ValidationError("no"))
        answer = self.create_partner()
        self.assertFailure(answer, "validation_error")
        log = self.assertOneRow(answer, "failed", 0)
        self.assertEqual(log.error_code, "validation_error")

    @mute_logger(SQL)
    def test_constraint_broken_at_flush_is_the_requests_failure(self) -> None:
        vals = {"code": "XA", "name": "Test A"}, {"code": "XB", "name": "Test B"}
        country, other = self.env["res.country"].create(vals)
        _status, answer = self.call(
            "update_data",
            "res.country",
            {"search_key": {"id": country.id}, "payload": {"code": other.code}},
            headers=self.bearer(self.admin_key),
        )
        self.assertFailure(answer["result"], "validation_error")
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual((log.state, country.code), ("failed", "XA"))

    def test_error_in_a_precommit_hook_is_the_requests_failure(self) -> None:
        def hook() -> None:
            raise UserError("no")  # pylint: disable=translation-required

        def work_then_add(original, this, request):
            this.env.cr.precommit.add(hook)
            return original(this, request)

        self.tamper("api.service", "_perform", work_then_add)
        answer = self.create_partner()
        self.assertFailure(answer, "user_error")
        self.assertOneRow(answer, "failed", 0)

    def test_answer_that_is_no_json_undoes_the_work(self) -> None:
        def work_then_nan(original, this, request):
            outcome = original(this, request)
            return type(outcome)(float("nan"), "", outcome.record_ids)

        self.tamper("api.service", "_perform", work_then_nan)
        with mute_logger(ENGINE):
            answer = self.create_partner()
        self.assertFailure(answer, "internal_error")
        self.assertOneRow(answer, "failed", 0)

    def test_row_given_up_meanwhile_undoes_the_work(self) -> None:
        def give_up(original, this, request):
            outcome = original(this, request)
            this.env.cr.execute(
                "UPDATE api_log SET state = 'interrupted' WHERE request_id = %s",
                [request.request_id],
            )
            return outcome

        self.tamper("api.service", "_perform", give_up)
        self.assertFailure(self.create_partner(), "conflict")
        self.assertEqual(self.count_partners(), 0)

    def test_what_was_answered_is_on_disk(self) -> None:
        """Reads too, and where the database does not wait for the disk."""
        self.env.cr.execute("SET synchronous_commit = off")
        commit, found = TestCursor.commit, []

        def commit_and_note(cr) -> None:
            cr.execute("SELECT current_setting('synchronous_commit')")
            found.extend(cr.fetchone())
            commit(cr)

        self.patch(TestCursor, "commit", commit_and_note)
        self.create_partner()
        self.call_ok("search_data", "res.partner", {"payload": {"limit": 1}})
        # The third is core's own, after the answer: there is nothing left in it.
        self.assertEqual(found, ["off", "on", "on"] * 2)

    def test_method_that_commits_by_itself_is_refused(self) -> None:
        def work_then_commit(original, this, request):
            original(this, request)
            this.env.cr.commit()

        self.tamper("api.service", "_perform", work_then_commit)
        answer = self.create_partner()
        self.assertFailure(answer, "method_denied", "payload.method")
        self.assertOneRow(answer, "failed", 0)


@tagged("post_install", "-at_install")
class TestCommitFails(TransactionCase):
    def test_failed_commit_is_a_failure(self) -> None:
        self.raise_at_commit(OperationalError("connection lost"), committed=False)
        answer = self.create_partner()
        self.assertFailure(answer, "conflict")
        self.assertTrue(answer["retryable"])
        self.assertOneRow(answer, "failed", 0)

    def test_commit_nobody_confirmed_is_a_success(self) -> None:
        self.raise_at_commit(OperationalError("connection lost"), committed=True)
        answer = self.create_partner()
        self.assertSuccess(answer)
        self.assertOneRow(answer, "done", 1)

    def test_deferred_constraint_at_commit_is_a_failure(self) -> None:
        self.raise_at_commit(errors.UniqueViolation("duplicate"), committed=False)
        answer = self.create_partner()
        self.assertFailure(answer, "validation_error")
        self.assertOneRow(answer, "failed", 0)

    def test_serialization_failure_at_commit_is_tried_again(self) -> None:
        self.raise_at_commit(errors.SerializationFailure(), committed=False)
        answer = self.create_partner()
        self.assertSuccess(answer)
        self.assertEqual(self.assertOneRow(answer, "done", 1).attempts, 2)


@tagged("post_install", "-at_install")
class TestRetries(TransactionCase):
    def test_serialization_failures_are_retried_inside(self) -> None:
        lost = errors.SerializationFailure, errors.DeadlockDetected
        calls = self.raise_at("api.service", "_perform", *(exc() for exc in lost))
        answer = self.create_partner()
        self.assertSuccess(answer)
        self.assertEqual(len(calls), 3)
        self.assertEqual(self.assertOneRow(answer, "done", 1).attempts, 3)

    def test_concurrency_error_of_the_orm_is_retried(self) -> None:
        self.raise_at("api.service", "_perform", ConcurrencyError("again"))
        answer = self.create_partner()
        self.assertSuccess(answer)
        self.assertEqual(self.assertOneRow(answer, "done", 1).attempts, 2)

    def test_each_attempt_sees_the_request_as_it_was_sent(self) -> None:
        seen = []

        def spoil(original, this, request):
            seen.append(repr(request.vals))
            original(this, request)
            if len(seen) < 3:
                raise errors.SerializationFailure()
            return original(this, request)

        self.tamper("api.service", "_perform", spoil)
        self.create_partner()
        self.assertEqual(len(set(seen)), 1)

    def test_persisting_conflict_is_told_and_writes_nothing(self) -> None:
        excs = [errors.SerializationFailure() for _attempt in range(MAX_ATTEMPTS)]
        calls = self.raise_at("api.service", "_perform", *excs)
        answer = self.create_partner()
        self.assertFailure(answer, "conflict")
        self.assertTrue(answer["retryable"])
        self.assertEqual(len(calls), MAX_ATTEMPTS)
        self.assertEqual(self.assertOneRow(answer, "failed", 0).attempts, MAX_ATTEMPTS)

    def test_other_errors_are_not_retried(self) -> None:
        calls = self.raise_at("api.service", "_perform", UserError("no"))
        answer = self.create_partner()
        self.assertFailure(answer, "user_error")
        self.assertFalse(answer["retryable"])
        self.assertEqual(len(calls), 1)


@tagged("post_install", "-at_install")
class TestLogCannotBeWritten(TransactionCase):
    def refuse_row(self, exc: Exception) -> list:
        def refuse(original, this, request):
            raise exc

        self.tamper("api.log.writer", "_insert_received", refuse)
        work = self.tamper(
            "api.service", "_perform", lambda original, *args: original(*args)
        )
        with mute_logger(ENGINE):
            response = self.post(
                "create_data",
                {"params": {"model": "res.partner", "vals": {"payload": {}}}},
            )
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["error"]["data"]["code"], "unavailable")
        self.assertEqual(response.headers["Retry-After"], "5")
        return work

    def test_nothing_is_done_without_a_row(self) -> None:
        for exc in (OperationalError("disk full"), InterfaceError("closed")):
            with self.subTest(exc=exc):
                self.assertEqual(self.refuse_row(exc), [])

    def test_failed_row_that_cannot_be_flipped_is_never_a_success(self) -> None:
        def refuse(original, this, *args, **kwargs):
            raise OperationalError("disk full")

        self.tamper("api.log.writer", "_flip_done", refuse)
        answer = self.create_partner()
        self.assertFailure(answer, "conflict")
        self.assertOneRow(answer, "failed", 0)


@tagged("post_install", "-at_install")
class TestWithoutLog(TransactionCase):
    def setUp(self) -> None:
        super().setUp()
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.create_data_log", "False")

    def test_no_row_and_the_work_is_done(self) -> None:
        answer = self.create_partner()
        self.assertSuccess(answer)
        self.assertFalse(self.get_log(answer["request_id"]))
        self.assertEqual(self.count_partners(), 1)

    def test_no_row_of_a_failure_and_nothing_is_done(self) -> None:
        self.raise_at("api.service", "_perform", UserError("no"))
        answer = self.create_partner()
        self.assertFailure(answer, "user_error")
        self.assertFalse(self.get_log(answer["request_id"]))
        self.assertEqual(self.count_partners(), 0)

    def test_no_row_of_a_refusal(self) -> None:
        body = b'{"params": {"model": "res.partner"}}'
        refused = self.post("create_data", body)
        self.assertEqual(refused.status_code, 400)
        self.assertFalse(self.get_log(refused.headers["X-Request-Id"]))

    def test_other_routes_are_still_logged(self) -> None:
        payload = {"payload": {"search_field": ["name"], "limit": 1}}
        _status, answer = self.call("search_data", "res.partner", payload)
        log = self.get_log(answer["result"]["request_id"])
        self.assertEqual(log.state, "done")

    def test_commit_that_is_refused_is_a_failure(self) -> None:
        exc = errors.UniqueViolation("duplicate")
        self.raise_at_commit(exc, committed=False, number=1)
        self.assertFailure(self.create_partner(), "validation_error")
        self.assertEqual(self.count_partners(), 0)

    def test_commit_nobody_confirmed_is_neither_success_nor_failure(self) -> None:
        exc = OperationalError("connection lost")
        self.raise_at_commit(exc, committed=False, number=1)
        body = {"model": "res.partner", "vals": {"payload": {"name": "New"}}}
        response = self.post("create_data", {"params": body})
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["error"]["data"]["code"], "unavailable")

    def test_hook_that_fails_after_the_commit_undoes_nothing(self) -> None:
        commit = TestCursor.commit
        calls: list = []

        def commit_then_fail(cr) -> None:
            calls.append(cr)
            if len(calls) == 1:
                cr.postcommit.run()  # a test's cursor forgets its hooks instead
            commit(cr)
            if len(calls) == 1:
                raise errors.SerializationFailure("a hook of somebody's")

        self.patch(TestCursor, "commit", commit_then_fail)
        with mute_logger(ENGINE):
            self.assertSuccess(self.create_partner())
        self.assertEqual(self.count_partners(), 1)
