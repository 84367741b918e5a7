# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Somebody is told in time that a key ends, and once only for each threshold."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user, tagged

from .common import (
    make_key,
    make_narrow_key,
    make_profile,
    requires,
    skip_without_models,
)

LOGGER = "odoo.addons.usability_webhooks.models.api_key_warning"


class WarningCase(TransactionCase):
    required_models: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        skip_without_models(cls)
        cls.env.cr.execute("DELETE FROM res_users_apikeys")
        cls.user = new_test_user(cls.env, "api_service", groups="base.group_user")
        cls.admin = new_test_user(cls.env, "api_admin", groups="base.group_system")
        cls.warnings = cls.env["api.key.warning"]

    def age(self, days_left: float) -> None:
        """Have every key end in so many days, made long ago."""
        now = datetime.now()
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET create_date = %s, expiration_date = %s",
            [now - timedelta(days=300), now + timedelta(days=days_left)],
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
@requires("mail.activity")
class TestActivity(WarningCase):
    def get_activities(self):
        domain = [("res_model", "=", "res.partner")]
        return self.env["mail.activity"].search(
            [*domain, ("res_id", "=", self.user.partner_id.id)]
        )

    def warn(self) -> int:
        """Run the daily job; return how many activities there are then."""
        self.warnings._cron_warn()
        return len(self.get_activities())

    def test_one_at_each_threshold(self) -> None:
        make_key(self.user, "warehouse", days=90)
        counts = []
        for days in (20, 13.5, 13, 8, 6.5, 6, 2, 0.9, 0.5):
            self.age(days)
            counts.append(self.warn())
        self.assertEqual(counts, [0, 1, 1, 1, 2, 2, 2, 3, 3])
        activity = self.get_activities()[0]
        self.assertEqual(activity.user_id, self.user)
        self.assertIn("warehouse", activity.summary)

    def test_a_missed_day_is_made_up_by_one(self) -> None:
        make_key(self.user, days=90)
        self.age(0.5)
        self.assertEqual([self.warn(), self.warn()], [1, 1])

    def test_it_is_for_the_administrator_who_issued_the_key(self) -> None:
        make_narrow_key(self.user, make_profile(self.env))
        bound = self.env["api.access.key"].search([])
        self.assertEqual(bound.issued_by_id, self.user)
        bound.issued_by_id = self.admin
        self.age(10)
        self.warn()
        self.assertEqual(self.get_activities().user_id, self.admin)

    def test_not_for_one_who_is_none_any_more(self) -> None:
        make_narrow_key(self.user, make_profile(self.env))
        self.env["api.access.key"].search([]).issued_by_id = self.admin
        self.admin.group_ids = self.env.ref("base.group_user")
        self.age(10)
        self.warn()
        self.assertEqual(self.get_activities().user_id, self.user)

    def test_refused_and_ended_keys_are_left_alone(self) -> None:
        profile = make_profile(self.env)
        make_narrow_key(self.user, profile)
        profile.active = False
        self.age(5)
        self.assertEqual(self.warn(), 0)
        profile.active = True
        self.age(-1)
        self.assertEqual(self.warn(), 0)
        self.age(5)
        self.assertEqual(self.warn(), 1)

    def test_our_job_calls_it_daily(self) -> None:
        job = self.env.ref("usability_webhooks.ir_cron_warn_key_expiry")
        self.assertTrue(job.active)
        self.assertEqual((job.interval_number, job.interval_type), (1, "days"))
        make_key(self.user, days=90)
        self.age(5)
        job.ir_actions_server_id.run()
        self.assertEqual(len(self.get_activities()), 1)


@tagged("post_install", "-at_install")
class TestServerLog(WarningCase):
    def test_without_activities_the_server_log_has_it(self) -> None:
        key = make_key(self.user, "ware\nhouse", days=90)
        self.age(5)
        with_mail = type(self.env).__contains__
        hide = lambda env, name: name != "mail.activity" and with_mail(env, name)  # noqa: E731
        with (
            patch.object(type(self.env), "__contains__", hide),
            self.assertLogs(LOGGER, "WARNING") as logs,
        ):
            self.warnings._cron_warn()
            self.warnings._cron_warn()
        self.assertEqual(len(logs.output), 1)
        self.assertIn(r"ware\nhouse", logs.output[0])
        self.assertNotIn(key, logs.output[0])
