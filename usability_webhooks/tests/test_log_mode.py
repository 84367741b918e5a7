# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much the log keeps: by route, by profile, and that answers never change."""

from __future__ import annotations

from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.tests import mute_logger, tagged

from ..tools.log_mode import LogMode
from .common import ApiHttpCase, make_narrow_key, make_profile

ENGINE = "odoo.addons.usability_webhooks.models.api_transaction"
SECRET = "Plain Jane of the test"
GOOD = {"payload": {"name": SECRET, "ref": "LOGMODE"}}
BAD = {"payload": {"name": SECRET, "country_id": {"name": SECRET}}}
CONTENT = ("data_preview", "result_preview", "error_message", "traceback")


class LogModeCase(ApiHttpCase):
    def set_mode(self, mode: str, route: str = "create_data") -> None:
        self.env["ir.config_parameter"].set_param(f"webhook.{route}_log", mode)

    def send(self, vals: dict, route: str = "create_data", headers=None, **more):
        """Send one request about partners; return its envelope and its rows."""
        sent = (self.bearer() if headers is None else headers) | more
        _status, answer = self.call(route, "res.partner", vals, sent)
        return answer["result"], self.get_log(answer["result"]["request_id"])

    def read_tables(self) -> str:
        self.env.cr.execute(
            "SELECT string_agg(t, '') FROM (SELECT api_log::text AS t FROM api_log"
            " UNION ALL SELECT api_log_payload::text FROM api_log_payload) AS u"
        )
        return self.env.cr.fetchone()[0] or ""


@tagged("post_install", "-at_install")
class TestRouteMode(LogModeCase):
    def test_full_keeps_all(self) -> None:
        answer, log = self.send(GOOD)
        self.assertSuccess(answer)
        self.assertTrue(log.data_preview and log.result_preview)
        self.assertFalse(log.content_gone)

    def test_off_leaves_no_row_of_anything(self) -> None:
        self.set_mode("off")
        for vals in (GOOD, BAD):
            _answer, log = self.send(vals)
            self.assertFalse(log)

    def test_metadata_keeps_what_was_done_and_not_what_was_said(self) -> None:
        self.set_mode("metadata")
        answer, log = self.send(GOOD)
        record_id = self.assertSuccess(answer)["id"]
        self.assertEqual((log.state, log.res_ids), ("done", [record_id]))
        self.assertGreater(log.data_size, len(SECRET))
        self.assertGreater(log.result_size, 10)
        self.assertEqual(log.content_gone, "skipped")
        self.assertNotIn(SECRET, self.read_tables())

    def test_metadata_of_a_failure_is_code_and_path(self) -> None:
        self.set_mode("metadata")
        answer, log = self.send(BAD)
        error = self.assertFailure(answer, "not_found", "payload.country_id")
        self.assertIn(SECRET, str(error))
        self.assertEqual(log.error_code, "not_found")
        self.assertEqual(log.error_path, "payload.country_id")
        self.assertFalse(any(log[name] for name in CONTENT))
        self.assertNotIn(SECRET, self.read_tables())

    def test_metadata_of_a_long_request_has_no_payload_row(self) -> None:
        self.set_mode("metadata")
        vals = {"payload": {"name": "x", "comment": SECRET * 300}}
        _answer, log = self.send(vals)
        self.assertFalse(log.payload_ids)
        self.assertGreater(log.data_size, 300 * len(SECRET))

    def test_errors_keeps_what_failed_whole(self) -> None:
        self.set_mode("errors")
        long = {"payload": BAD["payload"] | {"comment": "y" * 5000}}
        for vals in (BAD, long):
            answer, log = self.send(vals)
            self.assertEqual(log.state, "failed")
            self.assertFalse(log.content_gone)
            self.assertIn(SECRET, log._get_text("data"))
            self.assertIn(SECRET, log._get_text("result"))
            self.assertEqual(log.error_message, answer["messages"])
        self.assertIn("y" * 5000, log._get_text("data"))
        self.assertEqual(log.data_size, len(log._get_text("data")))

    def test_errors_masks_what_it_keeps(self) -> None:
        self.set_mode("errors")
        _answer, log = self.send({"payload": {"name": "x", "password": SECRET}})
        self.assertEqual((log.state, log.is_masked), ("failed", True))
        self.assertNotIn(SECRET, self.read_tables())

    def test_errors_keeps_nothing_of_what_succeeded(self) -> None:
        self.set_mode("errors")
        answer, log = self.send(GOOD)
        self.assertSuccess(answer)
        self.assertFalse(log)
        answer, log = self.send(GOOD | {"dry_run": True})
        self.assertSuccess(answer)
        self.assertFalse(log)
        self.assertNotIn(SECRET, self.read_tables())

    def test_errors_keeps_a_batch_that_failed_in_part(self) -> None:
        self.set_mode("errors")
        vals = {"records": [GOOD, {"payload": {"no_such": 1}}], "on_error": "continue"}
        _answer, log = self.send(vals)
        self.assertEqual((log.state, log.error_code), ("done", "unknown_field"))
        self.assertIn("no_such", log._get_text("data"))

    def test_row_of_an_unfinished_request_is_there_and_says_nothing(self) -> None:
        self.set_mode("errors")
        seen = []

        def look(this, request) -> None:
            this.env.cr.execute(
                "SELECT state, content_gone, data_preview FROM api_log"
                " ORDER BY id DESC LIMIT 1"
            )
            seen.extend(this.env.cr.fetchall())
            raise ZeroDivisionError

        self.patch(self.registry["api.service"], "_perform", look)
        with mute_logger(ENGINE):
            _answer, log = self.send(GOOD)
        self.assertEqual(seen, [("received", "skipped", None)])
        self.assertEqual((log.state, log.content_gone), ("failed", False))
        self.assertIn("ZeroDivisionError", log.traceback)

    def test_refused_body_follows_the_mode(self) -> None:
        body = f'{{"params": {{"model": "{SECRET}"'
        for mode, count in (("off", 0), ("metadata", 0), ("errors", 1), ("full", 1)):
            with self.subTest(mode=mode):
                self.set_mode(mode)
                refused = self.post("create_data", body)
                log = self.get_log(refused.headers["X-Request-Id"])
                self.assertEqual(len(log), 0 if mode == "off" else 1)
                self.assertEqual(log.mapped("state"), [] if not log else ["rejected"])
                self.assertEqual(SECRET in (log.data_preview or ""), bool(count))

    def test_routes_have_modes_of_their_own(self) -> None:
        self.set_mode("off", "search_data")
        self.assertTrue(self.send(GOOD)[1])
        self.assertFalse(self.send({"payload": {"limit": 1}}, "search_data")[1])


@tagged("post_install", "-at_install")
class TestAnswersAndModes(LogModeCase):
    MODES = ("full", "metadata", "errors", "off")

    def test_idempotency_answers_work_in_every_mode(self) -> None:
        for mode in self.MODES:
            with self.subTest(mode=mode):
                self.set_mode(mode)
                key = {"Idempotency-Key": f"mode-{mode}"}
                first, _log = self.send(GOOD, **key)
                again, log = self.send(GOOD, **key)
                self.assertEqual(again, first)
                other = {"payload": {"name": "Other"}}
                body = {"params": {"model": "res.partner", "vals": other}}
                refused = self.post("create_data", body, self.bearer() | key)
                self.assertEqual(refused.status_code, 422)
                log = self.get_log(refused.headers["X-Request-Id"])
                self.assertEqual(
                    log.mapped("state"), [] if mode == "off" else ["rejected"]
                )

    def test_commit_that_got_through_after_all_is_believed_in_every_mode(self) -> None:
        """The connection breaks over COMMIT; the row, or its absence, tells."""
        for mode in ("full", "metadata", "errors"):
            with self.subTest(mode=mode):
                self.set_mode(mode)
                cls = self.registry["api.transaction"]
                checkpoint, undo = cls._checkpoint, cls._undo

                def strike(this, name, checkpoint=checkpoint) -> None:
                    checkpoint(this, name)
                    if name == "flipped":
                        this.env.cr.flush()
                        raise OperationalError("server closed the connection")

                with (
                    # The transaction is committed on the server: nothing to undo.
                    patch.object(cls, "_checkpoint", strike),
                    patch.object(cls, "_undo", lambda this: None),
                    mute_logger(ENGINE),
                ):
                    answer, log = self.send(GOOD)
                self.assertEqual(cls._undo, undo)
                self.assertSuccess(answer)
                self.assertEqual(
                    log.mapped("state"), [] if mode == "errors" else ["done"]
                )


@tagged("post_install", "-at_install")
class TestProfileMode(LogModeCase):
    def narrow(self, log_mode: str, **vals) -> dict:
        rule = {"may_create": True, "may_update": True}
        models = {"res.partner": rule, "res.country": {}}
        name = f"profile {log_mode} {len(vals)}"
        profile = make_profile(self.env, name, models, log_mode=log_mode, **vals)
        return self.bearer(make_narrow_key(self.user, profile, name))

    def test_profile_wins_over_the_route_both_ways(self) -> None:
        less, more = self.narrow("metadata"), self.narrow("full")
        self.assertEqual(self.send(GOOD, headers=less)[1].content_gone, "skipped")
        self.set_mode("off")
        self.assertIn(SECRET, self.send(GOOD, headers=more)[1].data_preview)
        self.assertFalse(self.send(GOOD)[1])

    def test_profile_without_a_mode_follows_the_route(self) -> None:
        headers = self.narrow(False)
        self.assertTrue(self.send(GOOD, headers=headers)[1].data_preview)
        self.set_mode("off")
        self.assertFalse(self.send(GOOD, headers=headers)[1])

    def test_refusals_of_the_key_follow_the_profile(self) -> None:
        headers = self.narrow("off", allow_search_data=False)
        body = {"params": {"model": "res.partner", "vals": {}}}
        refused = self.post("search_data", body, headers)
        self.assertEqual(refused.status_code, 403)
        self.assertFalse(self.get_log(refused.headers["X-Request-Id"]))

    def test_a_replay_always_has_a_row(self) -> None:
        get_mode = self.env["api.settings"]._get_log_mode
        for mode, expected in (
            ("full", LogMode.FULL),
            ("metadata", LogMode.METADATA),
            ("errors", LogMode.FULL),
            ("off", LogMode.METADATA),
        ):
            self.set_mode(mode)
            self.assertIs(get_mode("create_data", None, is_replay=True), expected)
