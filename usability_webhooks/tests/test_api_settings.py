# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""System parameters: typed, with a default for nonsense; and the page for them."""

from __future__ import annotations

from odoo.exceptions import ValidationError
from odoo.tests import Form, mute_logger, tagged

from ..models.api_settings import DEFAULTS
from ..models.res_config_settings import LIMIT_FIELDS, LISTS, PARAMETERS, SIZES
from ..tools.log_mode import LogMode
from .common import ApiCase, ApiHttpCase

SETTINGS = "odoo.addons.usability_webhooks.models.api_settings"
LOG_SWITCHES = [name for name in PARAMETERS.values() if name.endswith("_log")]


@tagged("post_install", "-at_install")
class TestApiSettings(ApiCase):
    def get(self, name: str, text: str):
        self.env["ir.config_parameter"].set_param(name, text)
        return self.env["api.settings"]._get(name)

    def test_missing_parameter_counts_as_its_default(self) -> None:
        params = self.env["ir.config_parameter"]
        params.search([("key", "=like", "webhook.%")]).unlink()
        settings = self.env["api.settings"]
        self.assertEqual({name: settings._get(name) for name in DEFAULTS}, DEFAULTS)

    def test_switch_can_be_switched_off_and_on(self) -> None:
        name = "webhook.create_data_log"
        for text in ("False", "false", "0", "no", "off", "None", " FALSE "):
            self.assertIs(self.get(name, text), LogMode.OFF, text)
        for text in ("True", "true", "1", "yes", "on", "full", "Full "):
            self.assertIs(self.get(name, text), LogMode.FULL, text)
        for text in ("metadata", "errors", "Errors"):
            self.assertEqual(self.get(name, text), text.lower())
        with mute_logger(SETTINGS):
            self.assertIs(self.get(name, "metdata"), LogMode.FULL)

    @mute_logger(SETTINGS)
    def test_number_that_makes_no_sense_counts_as_the_default(self) -> None:
        name = "webhook.max_depth"
        for text in ("many", "-1", "0", "1e3", "32.5", "9" * 30, "٣x"):
            self.assertEqual(self.get(name, text), DEFAULTS[name], text)
        self.assertEqual(self.get(name, " 12 "), 12)

    def test_nonsense_is_told_in_the_server_log(self) -> None:
        with self.assertLogs(SETTINGS, "WARNING") as logs:
            self.get("webhook.max_depth", "many")
        self.assertIn("webhook.max_depth", logs.output[0])

    def test_model_names_as_json_python_or_commas(self) -> None:
        name = "webhook.ignore_checkcompany_model"
        expected = ["res.partner", "res.partner.bank"]
        for text in (
            '["res.partner", "res.partner.bank"]',
            "['res.partner', 'res.partner.bank']",
            "res.partner, res.partner.bank",
        ):
            self.assertEqual(self.get(name, text), expected, text)
        self.assertEqual(self.get(name, "[]"), [])

    def test_parameters_of_18_are_there_with_their_defaults(self) -> None:
        params = self.env["ir.config_parameter"]
        for name in LOG_SWITCHES:
            xml_id = f"usability_webhooks.{name.replace('.', '_')}"
            self.assertEqual(self.env.ref(xml_id).key, name)
            self.assertEqual(params.get_param(name), "True")

    def test_caller_cannot_read_the_parameters_and_they_still_count(self) -> None:
        params = self.env["ir.config_parameter"]
        params.set_param("webhook.max_depth", "7")
        user = self.env.ref("base.public_user")
        self.assertEqual(
            self.env["api.settings"].with_user(user)._get("webhook.max_depth"), 7
        )


@tagged("post_install", "-at_install")
class TestGarbledParameters(ApiHttpCase):
    def test_gateway_works_whatever_the_parameters_say(self) -> None:
        params = self.env["ir.config_parameter"]
        for text in ("", "None", "{", "-5", "[1", "true;", "9" * 40):
            # Not the one that, "None" being a word for no, refuses this very key.
            for name in DEFAULTS.keys() - {"webhook.allow_plain_keys"}:
                params.set_param(name, text)
            with self.subTest(text=text), mute_logger(SETTINGS):
                vals = {"payload": {"name": "New"}}
                self.call_ok("create_data", "res.partner", vals)
                found = self.call_ok(
                    "search_data",
                    "res.partner",
                    {"payload": {"search_field": ["name"], "limit": 1}},
                )
                self.assertEqual(len(found), 1)
                self.env["api.log.housekeeping"]._gc_logs()


@tagged("post_install", "-at_install")
class TestSettingsPage(ApiCase):
    def save(self, **values: object) -> None:
        with Form(self.env["res.config.settings"]) as form:
            for name, value in values.items():
                setattr(form, name, value)
        form.record.execute()

    def param(self, name: str):
        return self.env["ir.config_parameter"].get_param(name)

    def test_page_shows_what_counts(self) -> None:
        params = self.env["ir.config_parameter"]
        params.search([("key", "=like", "webhook.%")]).unlink()
        settings = self.env["res.config.settings"].create({})
        for field, name in PARAMETERS.items():
            self.assertEqual(settings[field], DEFAULTS[name], field)
        for field, (name, unit) in SIZES.items():
            self.assertEqual(settings[field], DEFAULTS[name] / unit, field)
        for field, name in LISTS.items():
            self.assertEqual(settings[field] or "", ", ".join(DEFAULTS[name]), field)

    def test_switching_a_log_off_switches_it_off(self) -> None:
        switches = [name for name in PARAMETERS if PARAMETERS[name] in LOG_SWITCHES]
        self.assertEqual(len(switches), 5)
        for mode in ("off", "errors", "metadata", "full"):
            self.save(**dict.fromkeys(switches, mode))
            for name in LOG_SWITCHES:
                self.assertEqual(self.param(name), mode)
                self.assertIs(self.env["api.settings"]._get(name), LogMode(mode))
            settings = self.env["res.config.settings"].create({})
            self.assertEqual(settings.api_log_create_data, mode)

    def test_switch_of_18_shows_as_a_mode(self) -> None:
        params = self.env["ir.config_parameter"]
        for text, mode in (("False", "off"), ("True", "full")):
            params.set_param("webhook.create_data_log", text)
            settings = self.env["res.config.settings"].create({})
            self.assertEqual(settings.api_log_create_data, mode)

    def test_saving_numbers_and_choices(self) -> None:
        self.save(
            api_log_retention_days=7,
            api_max_depth=12,
            api_max_body_mib=2.5,
            api_unknown_fields="ignore",
        )
        settings = self.env["api.settings"]
        self.assertEqual(settings._get("webhook.log_retention_days"), 7)
        self.assertEqual(settings._get("webhook.max_depth"), 12)
        self.assertEqual(settings._get("webhook.max_body_size"), 2.5 * 1024 * 1024)
        self.assertEqual(settings._get("webhook.unknown_fields"), "ignore")

    def test_saving_nothing_changes_nothing(self) -> None:
        params = self.env["ir.config_parameter"]
        params.search([("key", "=like", "webhook.%")]).unlink()
        params.set_param("webhook.max_body_size", "1234567")
        self.save()
        found = params.search([("key", "=like", "webhook.%")])
        self.assertEqual(found.mapped("key"), ["webhook.max_body_size"])
        self.assertEqual(found.value, "1234567")

    def test_zero_and_less_are_refused(self) -> None:
        for name in LIMIT_FIELDS:
            for value in (0, -1):
                with self.subTest(field=name), self.assertRaises(ValidationError):
                    self.env["res.config.settings"].create({name: value})

    # -- webhooks -------------------------------------------------------------

    def test_saving_where_webhooks_may_go(self) -> None:
        self.save(
            webhook_private_networks="10.1.0.0/16,  fd00::/8 ,",
            webhook_https_ports="443, 9443",
            webhook_http_ports="",
            webhook_max_body_kib=64.5,
            webhook_delivery_retention_days=3,
            webhook_dead_retention_days=5,
        )
        settings = self.env["api.settings"]
        policy = settings._get_outbound_policy()
        networks = [str(network) for network in policy.private_networks]
        self.assertEqual(networks, ["10.1.0.0/16", "fd00::/8"])
        self.assertEqual(policy.https_ports, {443, 9443})
        self.assertEqual(policy.http_ports, set())
        self.assertEqual(settings._get("webhook.max_outbound_body"), 64.5 * 1024)
        self.assertEqual(settings._get("webhook.delivery_retention_days"), 3)
        self.assertEqual(settings._get("webhook.dead_delivery_retention_days"), 5)
        page = self.env["res.config.settings"].create({})
        self.assertEqual(page.webhook_private_networks, "10.1.0.0/16, fd00::/8")
        self.assertEqual(page.webhook_https_ports, "443, 9443")
        self.assertFalse(page.webhook_http_ports)
        self.save(webhook_private_networks=False)
        self.assertEqual(settings._get("webhook.private_networks"), [])

    def test_what_is_no_network_and_no_port_is_refused_by_its_name(self) -> None:
        for name, value, said in (
            ("webhook_private_networks", "10.1.0.0/16, 10.1.2.3/16", "10.1.2.3/16"),
            ("webhook_private_networks", "intranet", "intranet"),
            ("webhook_private_networks", "10.0.0.0/40", "10.0.0.0/40"),
            ("webhook_https_ports", "443, 0", "'0'"),
            ("webhook_https_ports", "https", "'https'"),
            ("webhook_http_ports", "80, 65536", "'65536'"),
            ("webhook_https_ports", " , ", "Ports of HTTPS"),
            ("webhook_https_ports", "", "Ports of HTTPS"),
        ):
            with self.subTest(field=name, value=value):
                with self.assertRaisesRegex(ValidationError, said):
                    self.env["res.config.settings"].create({name: value})

    def test_every_parameter_of_webhooks_is_on_the_page(self) -> None:
        names = {
            *PARAMETERS.values(),
            *LISTS.values(),
            *(parameter for parameter, _unit in SIZES.values()),
        }
        words = ("outbound", "delivery", "private", "retention")
        wanted = {name for name in DEFAULTS if any(word in name for word in words)}
        self.assertEqual(len(wanted), 8)
        self.assertLessEqual(wanted, names)
        arch = self.env["res.config.settings"].get_view()["arch"]
        for field in (*PARAMETERS, *LISTS, *SIZES):
            self.assertIn(f'name="{field}"', arch)
