# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dry run tells nobody: no mail, no text message, no note in a chatter."""

from __future__ import annotations

from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .common import make_key, requires
from .test_dry_run import DryRunCase

SMTP = "odoo.addons.base.models.ir_mail_server.smtplib.SMTP"


class MessageCase(DryRunCase):
    WATCHED = (*DryRunCase.WATCHED, "mail_mail", "mail_message", "mail_notification")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env,
            "dry_admin",
            groups="base.group_system,base.group_partner_manager",
            email="dry_admin@example.com",
        )
        cls.headers = {"Authorization": f"Bearer {make_key(cls.admin)}"}
        cls.partner = cls.env["res.partner"].create(
            {"name": "Buyer", "email": "buyer@example.com", "phone": "+32470123456"}
        )

    def watch_smtp(self):
        """Let Odoo send mail from a test, to a stand-in; return that."""
        servers = self.registry["ir.mail_server"]
        self.patch(servers, "_disable_send", lambda self: False)
        self.env["ir.mail_server"].search([]).active = False
        self.env["ir.mail_server"].create(
            {"name": "stand-in", "smtp_host": "localhost", "smtp_encryption": "none"}
        )
        watched = patch(SMTP)
        smtp = watched.start()
        self.addCleanup(watched.stop)
        return smtp.return_value.send_message


@tagged("post_install", "-at_install")
@requires("mail.mail")
class TestDryRunMail(MessageCase):
    def test_mail_sent_at_once_stays_here(self) -> None:
        sent = self.watch_smtp()
        mail = (
            self.env["mail.mail"]
            .with_user(self.admin)
            .create(
                {
                    "subject": "Dry",
                    "body_html": "<p>Dry</p>",
                    "email_from": "dry_admin@example.com",
                    "email_to": "buyer@example.com",
                }
            )
        )
        vals = {
            "search_key": {"id": mail.id},
            "payload": {"method": "send", "parameter": {"raise_exception": True}},
        }
        self.try_ok("call_function", "mail.mail", vals, headers=self.headers)
        sent.assert_not_called()
        self.assertEqual(mail.state, "outgoing")
        self.call_ok("call_function", "mail.mail", vals, headers=self.headers)
        sent.assert_called_once()

    def test_message_that_is_posted_is_gone(self) -> None:
        vals = {
            "search_key": {"id": self.partner.id},
            "payload": {
                "method": "message_post",
                "parameter": {"body": "dry", "partner_ids": self.partner.ids},
            },
        }
        before = len(self.partner.message_ids)
        answer = self.try_ok("call_function", "res.partner", vals, headers=self.headers)
        self.assertEqual(answer["result"], [None])
        self.call_ok("call_function", "res.partner", vals, headers=self.headers)
        self.env.invalidate_all()
        self.assertEqual(len(self.partner.message_ids), before + 1)


@tagged("post_install", "-at_install")
@requires("sale.order", "account.chart.template")
class TestDryRunSale(MessageCase):
    WATCHED = (*MessageCase.WATCHED, "sale_order", "sale_order_line", "ir_cron_trigger")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.admin.group_ids += cls.env.ref("sales_team.group_sale_manager")
        product = cls.env["product.product"].create({"name": "P", "list_price": 5})
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.partner.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        cls.env["mail.template"].search([]).report_template_ids = False

    def test_confirmed_order_stays_a_quotation(self) -> None:
        sent = self.watch_smtp()
        vals = {
            "search_key": {"id": self.order.id},
            "payload": {"method": "action_confirm", "context": {"send_email": True}},
        }
        answer = self.try_ok("call_function", "sale.order", vals, headers=self.headers)
        self.assertIs(answer["result"], True)
        self.assertEqual(self.order.state, "draft")
        sent.assert_not_called()
        self.call_ok("call_function", "sale.order", vals, headers=self.headers)
        self.env.invalidate_all()
        self.assertEqual(self.order.state, "sale")
        # Mail that waits for COMMIT is sent at once in tests.
        sent.assert_called_once()

    def test_order_says_what_it_would_cost(self) -> None:
        vals = {
            "payload": {
                "partner_id": {"id": self.partner.id},
                "order_line": [{"product_id": {"name": "P"}, "product_uom_qty": 3}],
            },
            "result_field": ["amount_untaxed", "order_line{price_subtotal}"],
        }
        answer = self.try_ok("create_data", "sale.order", vals, headers=self.headers)
        lines = [{"id": None, "price_subtotal": 15}]
        expected = {"id": None, "amount_untaxed": 15, "order_line": lines}
        expected["operation"] = "created"
        self.assertEqual(answer["result"], expected)

    def test_template_sent_at_once_stays_here(self) -> None:
        sent = self.watch_smtp()
        template = self.env.ref("sale.mail_template_sale_confirmation")
        vals = {
            "search_key": {"id": template.id},
            "payload": {
                "method": "send_mail",
                "parameter": {"res_id": self.order.id, "force_send": True},
            },
        }
        self.try_ok("call_function", "mail.template", vals, headers=self.headers)
        sent.assert_not_called()
        self.call_ok("call_function", "mail.template", vals, headers=self.headers)
        sent.assert_called_once()


@tagged("post_install", "-at_install")
@requires("mail.push.device")
class TestDryRunWebPush(MessageCase):
    def test_notification_of_a_device_stays_here(self) -> None:
        self.partner.user_ids = new_test_user(
            self.env, "dry_inbox", notification_type="inbox"
        )
        self.env["mail.push.device"].get_web_push_vapid_public_key()
        self.env["mail.push.device"].create(
            {
                "endpoint": "https://push.example.com/device",
                "expiration_time": False,
                "keys": "{}",
                "partner_id": self.partner.id,
            }
        )
        vals = {
            "search_key": {"id": self.partner.id},
            "payload": {
                "method": "message_post",
                "parameter": {
                    "body": "dry",
                    "message_type": "comment",
                    "partner_ids": self.partner.ids,
                },
            },
        }
        with patch("odoo.addons.mail.models.mail_thread.push_to_end_point") as pushed:
            self.try_ok("call_function", "res.partner", vals, headers=self.headers)
            pushed.assert_not_called()
            self.call_ok("call_function", "res.partner", vals, headers=self.headers)
            pushed.assert_called_once()


@tagged("post_install", "-at_install")
@requires("sms.sms")
class TestDryRunSms(MessageCase):
    WATCHED = (*MessageCase.WATCHED, "sms_sms", "iap_account")

    def test_text_message_stays_here(self) -> None:
        sent: list = []
        cls = next(
            cls
            for cls in self.registry["sms.sms"].mro()
            if "_send_with_api" in vars(cls)
        )
        self.patch(cls, "_send_with_api", lambda this, *args, **kw: sent.append(this))
        sms = self.env["sms.sms"].create({"number": "+32470123456", "body": "dry"})
        key = {"search_key": {"id": sms.id}}
        vals = key | {"payload": {"method": "send"}}
        self.try_ok("call_function", "sms.sms", vals, headers=self.headers)
        self.assertEqual(sent, [])
        self.call_ok("call_function", "sms.sms", vals, headers=self.headers)
        self.assertEqual(len(sent), 1)
