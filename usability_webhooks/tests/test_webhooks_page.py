# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What readme/WEBHOOKS.md shows is what happens."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from pathlib import Path

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..tools.outbound_event import OutboundEvent
from ..tools.webhook_schedule import MAX_ATTEMPTS, RETRY_DELAYS_SECONDS
from ..tools.webhook_signature import new_message_id, new_secret, sign

PAGE = Path(__file__).parent.parent / "readme" / "WEBHOOKS.md"
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_PLACEHOLDER = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| ", re.MULTILINE)


@tagged("post_install", "-at_install")
class TestWebhooksPage(TransactionCase):
    """The page's customer, and what the page says of it."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.text = PAGE.read_text(encoding="utf-8")
        cls.blocks = [match.groups() for match in _BLOCK.finditer(cls.text)]
        shown, template, payload, envelope = [
            json.loads(text) for language, text in cls.blocks if language == "json"
        ]
        cls.template, cls.payload, cls.envelope = template, payload, envelope
        names = ("name", "ref", "type", "color", "comment")
        cls.partner = cls.env["res.partner"].create(
            {name: shown[name] for name in names}
            | {
                "country_id": cls.env.ref(f"base.{shown['country'].lower()}").id,
                "category_id": [Command.create({"name": one}) for one in shown["tags"]],
                "child_ids": [
                    Command.create({"name": name}) for name in shown["contacts"]
                ],
            }
        )
        cls.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [datetime(2026, 11, 23, 14, 58, 2), cls.partner.id],
        )
        cls.env.invalidate_all()

    def render(self, template: object) -> object:
        templates = self.env["webhook.payload.template"]
        templates._check("res.partner", json.dumps(template))
        return templates._render(self.partner, json.dumps(template))[0]

    def test_each_placeholder_becomes_what_the_table_says(self) -> None:
        table = self.text.partition("| placeholder |")[2].partition("\n\n")[0]
        rows = _PLACEHOLDER.findall(table)
        self.assertGreaterEqual(len(rows), 10)
        for text, value in rows:
            with self.subTest(text):
                self.assertEqual(self.render({"a": text})["a"], json.loads(value))

    def test_template_becomes_what_is_below_it(self) -> None:
        self.assertEqual(self.render(self.template), self.payload)

    def test_envelope_has_the_members_that_are_sent(self) -> None:
        shown = self.envelope
        event = OutboundEvent(
            rule_id=None,
            endpoint_id=1,
            url="",
            event_type=shown["type"],
            kind="updated",
            res_model=shown["record"]["model"],
            res_id=shown["record"]["id"],
            company_id=None,
            data=shown["data"],
        )
        moment = datetime(2026, 11, 23, 14, 58, 2, 114_000)
        body = event.to_body(moment, shown["sequence"])
        self.assertEqual(json.loads(body), shown)

    def test_python_verifies_what_is_sent_and_nothing_else(self) -> None:
        (code,) = [text for language, text in self.blocks if language == "python"]
        names: dict = {}
        exec(compile(code, str(PAGE), "exec"), names)  # pylint: disable=exec-used
        verify = names["verify"]
        body, secret, old = '{"name": "é"}'.encode(), new_secret(), new_secret()
        for age, is_good in ((0, True), (200, True), (400, False), (-400, False)):
            message, moment = new_message_id(), int(time.time()) - age
            headers = {
                "webhook-id": message,
                "webhook-timestamp": str(moment),
                "webhook-signature": sign([secret, old], message, moment, body),
            }
            with self.subTest(age=age):
                self.assertIs(verify(headers, body, secret), is_good)
                self.assertIs(verify(headers, body, old), is_good)
                self.assertFalse(verify(headers, body + b" ", secret))
                self.assertFalse(verify(headers, body, new_secret()))

    def test_retries_are_those_of_the_schedule(self) -> None:
        minute, hour = 60, 3600
        said = (5, 5 * minute, 30 * minute)
        said += tuple(hours * hour for hours in (2, 5, 10, 14, 20, 24))
        self.assertEqual((RETRY_DELAYS_SECONDS, MAX_ATTEMPTS), (said, 10))
        flat = " ".join(self.text.split())
        self.assertIn("5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24", flat)
