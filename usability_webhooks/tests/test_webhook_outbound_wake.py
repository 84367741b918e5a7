# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import threading
from unittest.mock import patch

import psycopg2

from odoo.tests import TransactionCase, tagged

from ..tools import afterwards


@tagged("post_install", "-at_install")
class TestWake(TransactionCase):
    def test_wake_is_once_per_transaction(self):
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()
        for _each in range(3):
            self.env["webhook.outbound.sender"]._wake()
        crons = triggers.search([]).cron_id
        self.assertEqual(triggers.search_count([]), 2)
        names = ("ir_cron_webhook_sender_1", "ir_cron_webhook_sender_2")
        for name in names:
            self.assertIn(self.env.ref(f"usability_webhooks.{name}"), crons)

    def test_nobody_is_told_that_a_commit_failed_because_nobody_could_be_woken(self):
        cron, tried = type(self.env["ir.cron"]), threading.Event()

        def fail(_crons):
            tried.set()
            raise psycopg2.OperationalError("no connection to postgres")

        with (
            patch.object(cron, "_notifydb", fail),
            self.assertLogs(afterwards.__name__, "WARNING"),
        ):
            self.env["webhook.outbound.sender"]._notify()
            self.assertTrue(tried.wait(10))
            done = threading.Event()  # in order: the warning is out by then
            afterwards.do_once("test", done.set)
            self.assertTrue(done.wait(10))
