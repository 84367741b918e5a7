# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Figures that say what their rows say, to those who may read the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.api_dashboard_log import OUTCOMES
from .common import make_dashboard_row, make_key
from .webhook_case import WebhookCase

NOW = datetime(2026, 3, 10, 15, 40, 12)
#: Which rows the figures below a key count.
MODELS = {
    "traffic": "api.log",
    "latencies": "api.log",
    "deliveries": "webhook.outbound.delivery",
    "endpoints": "webhook.endpoint",
    "keys": "api.key",
}
STATES = ("received", "done", "failed", "rejected", "tried", "replayed", "interrupted")


class DashboardCase(WebhookCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM api_log")
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.reader = cls.make_user("api_reader", "usability_webhooks.group_api_reader")
        cls.manager = cls.make_user(
            "api_manager", "usability_webhooks.group_api_manager"
        )

    @classmethod
    def make_user(cls, login: str, group: str):
        return new_test_user(cls.env, login, groups=group, tz="Europe/Paris")

    def setUp(self) -> None:
        super().setUp()
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)

    def make_row(self, *, ago: float = 1, company=None, **vals) -> None:
        """Insert a row of the log, ``ago`` hours old."""
        company = self.env.company if company is None else company
        make_dashboard_row(
            self.env,
            company_id=company.id or None,
            create_date=NOW - timedelta(hours=ago),
            **vals,
        )

    def make_variety(self, **vals) -> None:
        """Insert rows of every kind, in the window and out of it."""
        for number, state in enumerate(STATES):
            for ago in (0.001, 1, 5.5, 23.2, 23.9, 26, 100, 719, 730, 1000):
                failed = state in OUTCOMES["failed"]
                self.make_row(
                    ago=ago,
                    state=state,
                    log_type="send" if number % 3 == 1 else "receive",
                    duration=None if state == "received" else 10 ** (number / 1.5),
                    error_code=f"code_{int(ago)}" if failed else None,
                    model=("res.partner", None, "")[number % 3],
                    **vals,
                )

    def look(self, user=None, period: str = "day", companies=None) -> dict:
        ids = (companies or self.env.company).ids
        board = self.env["api.dashboard"].with_user(user or self.reader)
        return board.with_context(allowed_company_ids=ids).get_figures(period)

    def make_ending_key(self, name: str) -> None:
        """Make a key that ends in three days of the database's own clock."""
        make_key(self.manager, name)
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date ="
            " now() AT TIME ZONE 'utc' + interval '3 days' WHERE name = %s",
            [name],
        )

    def figures(self, found: object, model: str = "") -> Iterator[tuple[str, dict]]:
        """Yield the model and each figure of an answer."""
        if isinstance(found, list):
            for item in found:
                yield from self.figures(item, model)
        elif isinstance(found, dict):
            if "domain" in found:
                yield model, found
            for key, item in found.items():
                yield from self.figures(item, MODELS.get(key, model))

    def assertTrueToRows(self, found: dict, user, companies=None) -> int:
        """Check that each domain finds as many rows as its figure says.

        :returns: how many figures were not zero.
        """
        ids = (companies or self.env.company).ids
        filled = 0
        for model, figure in self.figures(found):
            records = self.env[model].with_user(user)
            rows = records.with_context(allowed_company_ids=ids)
            count = rows.search_count(figure["domain"])
            self.assertEqual(figure["count"], count, figure)
            filled += bool(count)
        return filled


@tagged("post_install", "-at_install")
class TestFigures(DashboardCase):
    def test_each_leads_to_exactly_what_it_counts(self) -> None:
        self.make_variety()
        self.make_variety(company=self.other)
        self.make_variety(company=self.env["res.company"])
        self.settle(self.put_one(), "dead")
        self.put_one(res_id=8)
        self.endpoint.action_disable()
        self.make_ending_key("ends soon")
        for user, least in ((self.reader, 29), (self.manager, 30)):
            for period in ("day", "month"):
                with self.subTest(user=user.login, period=period):
                    found = self.look(user, period)
                    filled = self.assertTrueToRows(found, user)
                    self.assertGreaterEqual(filled, least)

    def test_sums_are_those_of_the_log_s_own_groups(self) -> None:
        self.make_variety()
        self.make_variety(company=self.other)
        logs = self.env["api.log"].with_user(self.reader)
        for period, start in (
            ("day", datetime(2026, 3, 9, 16)),
            ("month", datetime(2026, 2, 8, 23)),
        ):
            groups = logs._read_group(
                [("create_date", ">=", start), ("create_date", "<", NOW)],
                ["log_type", "state"],
                ["__count"],
            )
            found = self.look(period=period)["traffic"]
            for log_type, flow in found.items():
                mine = [group for group in groups if group[0] == log_type]
                self.assertTrue(mine)
                total = sum(count for _type, _state, count in mine)
                self.assertEqual(flow["total"]["count"], total)
                for name, states in OUTCOMES.items():
                    expected = sum(count for _, state, count in mine if state in states)
                    self.assertEqual(flow[name]["count"], expected)
                    bars = sum(bar[name]["count"] for bar in flow["bars"])
                    self.assertEqual(bars, expected)

    def test_every_state_has_an_outcome(self) -> None:
        states = dict(self.env["api.log"]._fields["state"].selection)
        self.assertEqual(
            Counter(state for some in OUTCOMES.values() for state in some),
            Counter(dict.fromkeys(states, 1)),
        )
        self.assertEqual(set(STATES), set(states))

    def test_bars_are_the_hours_and_days_of_the_user(self) -> None:
        self.make_row(ago=1)
        hours = self.look()["traffic"]["receive"]["bars"]
        self.assertEqual(len(hours), 24)
        self.assertEqual(hours[-1]["start"], "2026-03-10 15:00:00")
        self.assertEqual([bar["done"]["count"] for bar in hours], [0] * 22 + [1, 0])
        days = self.look(period="month")["traffic"]["receive"]["bars"]
        self.assertEqual(len(days), 30)
        self.assertEqual(days[-1]["start"], "2026-03-09 23:00:00")  # Paris
        self.assertEqual(days[-1]["done"]["count"], 1)

    def test_errors_are_counted_the_most_frequent_first(self) -> None:
        for number in range(8):
            for _time in range(number + 1):
                self.make_row(state="failed", error_code=f"code_{number}")
        self.make_row(error_code="done_in_part")
        self.make_row(log_type="send", state="failed", error_code="http_500")
        found = self.look()["traffic"]
        errors = [(row["code"], row["count"]) for row in found["receive"]["errors"]]
        expected = [(f"code_{number}", number + 1) for number in range(7, 1, -1)]
        self.assertEqual(errors, expected)
        self.assertEqual(found["send"]["errors"][0]["code"], "http_500")

    def test_index_has_all_the_dashboard_reads(self) -> None:
        self.env.cr.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = 'api_log_create_date_index'::regclass"
        )
        held = {name for (name,) in self.env.cr.fetchall()}
        _query, columns = self.env["api.dashboard.log"]._get_query([])
        self.assertEqual(held, {*columns, "company_id"})  # the last by the rule

    def test_longest_texts_fit_into_the_index(self) -> None:
        # Four bytes each, and nothing to compress.
        letters = [chr(0x20000 + number * 37) for number in range(500)]
        self.make_row(
            route="".join(letters[:300]),
            model="".join(letters[300:]),
            error_code="idempotency_key_reused_and_longer",
        )
        self.assertEqual(self.look()["traffic"]["receive"]["total"]["count"], 1)


@tagged("post_install", "-at_install")
class TestLatencies(DashboardCase):
    def test_median_and_high_are_the_percentiles_of_two_digits(self) -> None:
        for number in range(1, 200):
            self.make_row(duration=number**2 * 0.37, model="res.partner")
            self.make_row(duration=number, model="sale.order", state="failed")
        self.make_row(duration=None, model="sale.order", state="received")
        self.make_row(duration=9e6, log_type="send")
        found = self.look()["latencies"]
        self.env.cr.execute(
            "SELECT model, count(*), percentile_disc(ARRAY[0.5, 0.95])"
            " WITHIN GROUP (ORDER BY duration) FROM api_log"
            " WHERE log_type = 'receive' GROUP BY ROLLUP (model)"
        )
        expected = {
            model: (*high, count) for model, count, high in self.env.cr.fetchall()
        }
        shown = {
            row["model"]: (row["median"], row["high"], row["count"])
            for row in found["routes"]
        }
        shown[None] = found["median"], found["high"], 399
        self.assertEqual(set(shown), set(expected))
        for model, (median, high, count) in expected.items():
            self.assertAlmostEqual(shown[model][0], float(median), delta=median / 20)
            self.assertAlmostEqual(shown[model][1], float(high), delta=high / 20)
            self.assertEqual(shown[model][2], count)

    def test_figures_have_two_digits(self) -> None:
        table = {
            *((0.2, 0), (7.4, 7), (99.4, 99), (99.9, 100), (104.0, 100)),
            *((149, 150), (994, 990), (999.9, 1000), (1449, 1400), (9950, 10000)),
            *((12_700, 13_000), (99_600, 100_000), (123_456, 120_000)),
        }
        for duration, figure in table:
            with self.subTest(duration=duration):
                self.env.cr.execute("DELETE FROM api_log")
                self.make_row(duration=duration)
                found = self.look()["latencies"]
                self.assertEqual((found["median"], found["high"]), (figure, figure))

    def test_slowest_come_first_and_no_more_than_a_handful(self) -> None:
        for number in range(9):
            self.make_row(duration=10 + number, model=f"model.{number}")
        routes = self.look()["latencies"]["routes"]
        names = [row["model"] for row in routes]
        self.assertEqual(names, [f"model.{number}" for number in range(8, 2, -1)])

    def test_nothing_measured_is_no_figure(self) -> None:
        self.make_row(duration=None, state="rejected")
        found = self.look()["latencies"]
        self.assertEqual(found, {"median": None, "high": None, "routes": []})


@tagged("post_install", "-at_install")
class TestRights(DashboardCase):
    def test_it_is_for_readers_of_the_log(self) -> None:
        for group in ("base.group_user", "base.group_portal"):
            user = new_test_user(self.env, f"api_{group}", groups=group)
            with self.assertRaises(AccessError):
                self.env["api.dashboard"].with_user(user).get_figures("day")

    def test_unknown_period_is_said_to_be_none(self) -> None:
        for period in ("year", "", "_get_rows", None, ["day"]):
            with self.assertRaises(UserError):
                self.look(period=period)

    def test_reader_sees_the_companies_that_are_chosen(self) -> None:
        self.make_row()
        for _time in range(2):
            self.make_row(company=self.other)
        for _time in range(4):
            self.make_row(company=self.env["res.company"])
        self.reader.company_ids += self.other
        both = self.env.company + self.other
        for companies, expected in (
            (self.env.company, 1 + 4),
            (self.other, 2 + 4),
            (both, 1 + 2 + 4),
        ):
            found = self.look(companies=companies)
            self.assertEqual(found["traffic"]["receive"]["total"]["count"], expected)
            self.assertEqual(found["latencies"]["routes"][0]["count"], expected)
            self.assertTrueToRows(found, self.reader, companies)

    def test_deliveries_and_endpoints_of_other_companies_are_not_counted(self) -> None:
        self.settle(self.put_one(company_id=self.other.id), "dead")
        self.settle(self.put_one(res_id=8), "dead")
        self.env["webhook.endpoint"].create(
            {"name": "Theirs", "url": self.endpoint.url, "company_id": self.other.id}
        ).action_disable()
        found = self.look()
        self.assertEqual(found["deliveries"]["dead"]["count"], 1)
        self.assertEqual(
            (found["endpoints"]["count"], found["endpoints"]["rows"]), (0, [])
        )

    def test_keys_are_left_out_for_who_may_not_read_them(self) -> None:
        self.make_ending_key("ends soon")
        self.assertIsNone(self.look(self.reader)["keys"])
        rows = self.look(self.manager)["keys"]["rows"]
        self.assertIn("ends soon", [row["name"] for row in rows])

    def test_what_an_installation_closes_is_left_out(self) -> None:
        for name in ("webhook_endpoint", "webhook_outbound_delivery"):
            for role in ("reader", "manager"):
                xml_id = f"usability_webhooks.access_{name}_{role}"
                self.env.ref(xml_id).unlink()
        self.env.registry.clear_cache()
        found = self.look()
        self.assertIsNone(found["endpoints"])
        self.assertIsNone(found["deliveries"])

    def test_endpoints_in_trouble_are_named_with_their_reason(self) -> None:
        self.endpoint.action_disable()
        found = self.look()["endpoints"]
        self.assertEqual(found["count"], 1)
        (row,) = found["rows"]
        self.assertEqual((row["name"], row["state"]), ("Shop", "disabled"))
        self.assertTrue(row["state_reason"])

    def test_more_in_trouble_than_are_listed_are_counted(self) -> None:
        endpoints = self.env["webhook.endpoint"].create(
            [{"name": f"E{number}", "url": self.endpoint.url} for number in range(9)]
        )
        endpoints.action_disable()
        found = self.look()["endpoints"]
        self.assertEqual((found["count"], len(found["rows"])), (9, 6))


@tagged("post_install", "-at_install")
class TestNew(DashboardCase):
    def test_log_without_a_row_one_may_see_is_new(self) -> None:
        self.assertTrue(self.look()["is_new"])
        self.make_row(company=self.other)
        self.assertTrue(self.look()["is_new"])
        self.make_row(ago=10_000)
        self.assertFalse(self.look()["is_new"])
