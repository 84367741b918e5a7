# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rows are purged after their time; rows of dead workers are marked."""

from __future__ import annotations

import datetime
from contextlib import closing
from unittest.mock import call, patch

import psycopg2

from odoo import fields
from odoo.sql_db import connection_info_for
from odoo.tests import TransactionCase, mute_logger, tagged

from ..models import api_log_housekeeping

SETTINGS = "odoo.addons.usability_webhooks.models.api_settings"


class LogRowCase(TransactionCase):
    """Rows made in SQL, as the gateway makes them."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.writer = cls.env["api.log.writer"]
        cls.keeper = cls.env["api.log.housekeeping"]
        cls.env.cr.execute("DELETE FROM api_log")
        cls.set_param("webhook.log_retention_days", "30")

    @classmethod
    def set_param(cls, name: str, value: str) -> None:
        cls.env["ir.config_parameter"].set_param(name, value)

    def insert(self, *, state: str = "done", data: str = "{}", **age) -> int:
        """Insert a row of the given age (arguments of ``timedelta``)."""
        created = fields.Datetime.now() - datetime.timedelta(**age)
        vals = {"state": state, "request_id": "gc", "create_date": created}
        return self.writer._insert(vals, data)

    def get_state(self, log_id: int) -> str | None:
        return self.writer._get_state(log_id)


@tagged("post_install", "-at_install")
class TestRetention(LogRowCase):
    def test_old_rows_go_and_young_ones_stay(self) -> None:
        old, young = self.insert(days=31), self.insert(days=29)
        self.assertEqual(self.keeper._gc_logs(), (1, False))
        self.assertIsNone(self.get_state(old))
        self.assertEqual(self.get_state(young), "done")

    def test_every_finished_state_is_purged(self) -> None:
        states = ["done", "failed", "rejected", "tried", "interrupted"]
        rows = [self.insert(state=state, days=31) for state in states]
        self.keeper._gc_logs()
        self.assertEqual([self.get_state(row) for row in rows], [None] * 5)

    def test_row_in_progress_is_never_purged(self) -> None:
        row = self.insert(state="received", days=400)
        self.assertEqual(self.keeper._gc_logs(), (0, False))
        self.assertEqual(self.get_state(row), "received")

    def test_batches_say_when_more_may_be_left(self) -> None:
        for _row in range(5):
            self.insert(days=31)
        with patch.object(api_log_housekeeping, "GC_BATCH", 2):
            batches = [self.keeper._gc_logs() for _batch in range(3)]
        self.assertEqual(batches, [(2, True), (2, True), (1, False)])

    def test_oldest_rows_go_first(self) -> None:
        younger, older = self.insert(days=40), self.insert(days=50)
        with patch.object(api_log_housekeeping, "GC_BATCH", 1):
            self.keeper._gc_logs()
        self.assertIsNone(self.get_state(older))
        self.assertEqual(self.get_state(younger), "done")

    def test_full_payload_goes_with_its_row(self) -> None:
        row = self.insert(data="x" * 3000, days=31)
        payloads = self.env["api.log.payload"]
        self.assertEqual(payloads.search_count([("log_id", "=", row)]), 1)
        self.keeper._gc_logs()
        self.env.cr.execute("SELECT 1 FROM api_log_payload WHERE log_id = %s", [row])
        self.assertFalse(self.env.cr.fetchall())

    def test_replay_outlives_the_row_it_repeats(self) -> None:
        original, replay = self.insert(days=31), self.insert(days=1)
        query = "UPDATE api_log SET replay_of_id = %s WHERE id = %s"
        self.env.cr.execute(query, [original, replay])
        self.keeper._gc_logs()
        self.env.invalidate_all()
        log = self.env["api.log"].browse(replay)
        self.assertTrue(log.exists())
        self.assertFalse(log.replay_of_id)

    def test_retention_is_a_setting(self) -> None:
        row = self.insert(days=5)
        self.set_param("webhook.log_retention_days", "7")
        self.keeper._gc_logs()
        self.assertEqual(self.get_state(row), "done")
        self.set_param("webhook.log_retention_days", "4")
        self.keeper._gc_logs()
        self.assertIsNone(self.get_state(row))

    def test_retention_that_makes_no_sense_counts_as_four_hundred_days(self) -> None:
        for nonsense in ("", "0", "-1", "soon", "1.5", "99999999999999999999"):
            with self.subTest(value=nonsense):
                self.set_param("webhook.log_retention_days", nonsense)
                old, young = self.insert(days=401), self.insert(days=399)
                with mute_logger(SETTINGS):
                    self.keeper._gc_logs()
                self.assertEqual(
                    (self.get_state(old), self.get_state(young)), (None, "done")
                )

    def test_retention_may_be_for_ever(self) -> None:
        row = self.insert(days=30_000)
        self.set_param("webhook.log_retention_days", "2000000000")
        self.assertEqual(self.keeper._gc_logs(), (0, False))
        self.assertEqual(self.get_state(row), "done")

    def test_core_vacuum_knows_it(self) -> None:
        self.assertTrue(self.registry["api.log.housekeeping"]._gc_logs._autovacuum)


@tagged("post_install", "-at_install")
class TestContentRetention(LogRowCase):
    """What was said goes before the row does."""

    def content(self, log_id: int) -> tuple:
        """Return what a row says of its content, and whether it has any."""
        self.env.invalidate_all()
        log = self.env["api.log"].browse(log_id)
        texts = (log.data_preview, log.result_preview, log.error_message, log.traceback)
        return log.content_gone, any(texts) or bool(log.payload_ids)

    def insert(self, **values) -> int:
        log_id = super().insert(data="x" * 3000, **values)
        self.env.cr.execute(
            "UPDATE api_log SET result_preview = 'r', error_message = 'e',"
            " traceback = 't', error_code = 'not_found' WHERE id = %s",
            [log_id],
        )
        return log_id

    def test_old_content_goes_and_the_row_stays(self) -> None:
        self.set_param("webhook.log_retention_days", "400")
        old, young = self.insert(days=31), self.insert(days=29)
        self.assertEqual(self.keeper._gc_contents(), (1, False))
        self.assertEqual(self.content(old), ("expired", False))
        self.assertEqual(self.content(young), (False, True))
        log = self.env["api.log"].browse(old)
        self.assertEqual((log.state, log.error_code), ("done", "not_found"))
        self.assertEqual(log.data_size, 3000)
        self.assertEqual(self.keeper._gc_contents(), (0, False))

    def test_it_is_a_setting_of_its_own(self) -> None:
        row = self.insert(days=5)
        self.set_param("webhook.payload_retention_days", "4")
        self.keeper._gc_contents()
        self.assertEqual(self.content(row), ("expired", False))

    def test_batches_say_when_more_may_be_left(self) -> None:
        rows = [self.insert(days=50 - n) for n in range(5)]
        with patch.object(api_log_housekeeping, "GC_BATCH", 2):
            self.assertEqual(self.keeper._gc_contents(), (2, True))
            found = [self.content(row)[0] for row in rows]
            self.assertEqual(found, ["expired"] * 2 + [False] * 3)
            self.assertEqual(self.keeper._gc_contents(), (2, True))
            self.assertEqual(self.keeper._gc_contents(), (1, False))

    def test_request_in_progress_keeps_its_content(self) -> None:
        row = self.insert(state="received", days=400)
        self.assertEqual(self.keeper._gc_contents(), (0, False))
        self.assertEqual(self.content(row), (False, True))

    def test_core_vacuum_knows_it(self) -> None:
        housekeeping = self.registry["api.log.housekeeping"]
        self.assertTrue(housekeeping._gc_contents._autovacuum)


@tagged("post_install", "-at_install")
class TestPauses(LogRowCase):
    def test_requests_get_a_moment_before_each_batch(self) -> None:
        pause = api_log_housekeeping.GC_PAUSE_SECONDS
        for purge in (self.keeper._gc_logs, self.keeper._gc_contents):
            with (
                self.subTest(purge=purge.__name__),
                patch.object(api_log_housekeeping.time, "sleep") as sleep,
            ):
                purge()
                purge()
                self.assertEqual(sleep.mock_calls, [call(pause), call(pause)])


@tagged("post_install", "-at_install")
class TestMarkInterrupted(LogRowCase):
    """A second, real connection plays the worker at work."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        _name, info = connection_info_for(cls.env.cr.dbname)
        cls.worker = cls.enterClassContext(closing(psycopg2.connect(**info)))

    def hold_lock(self, log_id: int) -> None:
        query = "SELECT pg_advisory_xact_lock(%s, %s)"
        with self.worker.cursor() as cr:
            cr.execute(query, [api_log_housekeeping.LIVENESS_LOCK, log_id])
        self.addCleanup(self.worker.rollback)

    def test_old_row_nobody_works_on_is_marked(self) -> None:
        row = self.insert(state="received", seconds=91)
        self.keeper._cron_mark_interrupted()
        log = self.env["api.log"].browse(row)
        self.assertEqual(log.state, "interrupted")
        self.assertEqual(log.error_code, "interrupted")
        self.assertTrue(log.error_message)

    def test_young_row_is_left_alone(self) -> None:
        row = self.insert(state="received", seconds=80)
        self.keeper._cron_mark_interrupted()
        self.assertEqual(self.get_state(row), "received")

    def test_row_somebody_works_on_is_left_alone(self) -> None:
        alive = self.insert(state="received", hours=5)
        dead = self.insert(state="received", hours=5)
        self.hold_lock(alive)
        self.keeper._cron_mark_interrupted()
        self.assertEqual(self.get_state(alive), "received")
        self.assertEqual(self.get_state(dead), "interrupted")

    def test_row_is_marked_once_its_worker_is_gone(self) -> None:
        row = self.insert(state="received", hours=5)
        self.hold_lock(row)
        self.keeper._cron_mark_interrupted()
        self.worker.rollback()
        self.keeper._cron_mark_interrupted()
        self.assertEqual(self.get_state(row), "interrupted")

    def test_finished_rows_are_left_alone(self) -> None:
        rows = [self.insert(state=state, days=1) for state in ("done", "failed")]
        self.keeper._cron_mark_interrupted()
        self.assertEqual([self.get_state(row) for row in rows], ["done", "failed"])

    def test_scheduled_action_runs_it(self) -> None:
        row = self.insert(state="received", hours=5)
        cron = self.env.ref("usability_webhooks.ir_cron_mark_interrupted")
        self.assertTrue(cron.active)
        cron.ir_actions_server_id.run()
        self.assertEqual(self.get_state(row), "interrupted")
