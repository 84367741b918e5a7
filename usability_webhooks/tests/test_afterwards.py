# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import os
import queue
import signal
import threading
from unittest.mock import patch

from odoo.tests import BaseCase

from ..tools import afterwards

SECONDS = 10


class TestAfterwards(BaseCase):
    def setUp(self) -> None:
        super().setUp()
        self.afterwards = afterwards.Afterwards()
        self.done: queue.Queue[object] = queue.Queue()
        self.may_go_on = threading.Event()
        self.addCleanup(self.may_go_on.set)

    def hold_up(self) -> None:
        """Have the thread busy until it may go on."""
        has_begun = threading.Event()

        def act() -> None:
            has_begun.set()
            self.may_go_on.wait(SECONDS)
            self.done.put("held up")

        self.afterwards.do_once("first", act)
        self.assertTrue(has_begun.wait(SECONDS))

    def get_done(self, count: int) -> list:
        """Return what was done, once it is so much."""
        return [self.done.get(timeout=SECONDS) for _each in range(count)]

    def test_nobody_waits_for_it(self) -> None:
        self.hold_up()
        self.assertTrue(self.done.empty())
        self.may_go_on.set()
        self.assertEqual(self.get_done(1), ["held up"])

    def test_what_waits_is_done_once(self) -> None:
        self.hold_up()
        for number, name in enumerate(("same", "same", "other")):
            self.afterwards.do_once(name, lambda n=number: self.done.put(n))
        self.may_go_on.set()
        self.assertEqual(self.get_done(3), ["held up", 0, 2])
        self.assertTrue(self.done.empty())

    def test_what_has_begun_is_done_again(self) -> None:
        self.hold_up()
        self.afterwards.do_once("first", lambda: self.done.put("again"))
        self.may_go_on.set()
        self.assertEqual(self.get_done(2), ["held up", "again"])

    def test_what_fails_is_a_warning_and_the_next_is_done(self) -> None:
        with self.assertLogs(afterwards.__name__, "WARNING") as logs:
            self.afterwards.do_once("bad", lambda: 1 / 0)
            self.afterwards.do_once("good", lambda: self.done.put("good"))
            self.get_done(1)
        self.assertIn("ZeroDivisionError", logs.output[0])

    def test_without_a_thread_it_is_left_and_done_next_time(self) -> None:
        with (
            patch.object(threading.Thread, "start", side_effect=RuntimeError),
            self.assertLogs(afterwards.__name__, "WARNING"),
        ):
            self.afterwards.do_once("same", lambda: self.done.put(1))
        self.afterwards.do_once("same", lambda: self.done.put(2))
        self.assertEqual(self.get_done(1), [2])

    def test_child_of_a_process_does_it_itself(self) -> None:
        afterwards.do_once("ours", lambda: self.done.put("ours"))
        self.get_done(1)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            signal.alarm(2 * SECONDS)
            has_done = threading.Event()
            afterwards.do_once("theirs", has_done.set)
            os.write(writer, b"done" if has_done.wait(SECONDS) else b"not")
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(os.read(reader, 4), b"done")
        os.close(reader)
        os.close(writer)
