# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""docs/recipes.md, done as it says: by curl, by Python, and both answers compared."""

from __future__ import annotations

import json
import os
import re
import shutil
import time

import odoo_gateway
from demo_job import request_log
from demo_job.gateway import Gateway as DemoGateway

from . import curl
from .callback_site import CallbackSite, have_orders_told
from .demo_rig import DemoRig
from .usage_answers import Answers
from .usage_page import ROOT, Block, Page

#: Groups the page asks for; the first and the last two, the demo's user has.
GROUPS = ("account.group_account_invoice", "stock.group_stock_user")
#: A delivery is there after a second or two, unless the machine is very busy.
PATIENCE_SECONDS = 100
_MODEL = re.compile(r'"model": "([\w.]+)"')
PDF = '"mimetype": "application/pdf"'
NO_PDF = {
    "is_success": False,
    "errors": [
        {
            "code": "user_error",
            "message": "This server cannot print: it has no wkhtmltopdf.",
            "path": "payload.report",
        }
    ],
    "retryable": False,
}


class Cook:
    """Does one step of the page after the other.

    A block of JSON is the answer to the blocks before it: to a curl call, to the last
    request of the Python, or to both. Both are sent under one idempotency key, so an
    answer to the second proves that they are the same request. Where nothing was asked,
    it is what a callback brings.
    """

    def __init__(self, rig: DemoRig) -> None:
        self.rig = rig
        self.answers = Answers(rig.get_relations())
        self.count = 0
        self._has_curl = curl.is_there()
        self._can_print = shutil.which("wkhtmltopdf") is not None
        self._site = CallbackSite()
        self._template = ""
        self._names: dict[str, object] = {"__name__": "recipes"}
        #: (model, ``result``) of what was asked and not compared yet.
        self._seen: dict[str, tuple[str, dict]] = {}

    def read_recipes(self) -> list[str]:
        """Return what was not as the page says.

        :raises AssertionError: a curl call has no answer, or an answer no call.
        """
        self._grant_groups()
        do = {
            "sh": self._run_curl,
            "python": self._run_python,
            "json": self._compare,
            "text": self._take_template,
        }
        problems: list[str] = []
        with self._site:
            for block in Page(ROOT / "docs/recipes.md").blocks():
                problems += do[block.kind](block) or []
            self._site.shutdown()
        assert not self._seen, "the last call has no answer"
        return problems

    def _log_in(self) -> DemoGateway:
        """Return the administrator's session; what he clicks is done by it."""
        admin = DemoGateway(self.rig.urls[0], "recipes")
        admin.log_in(self.rig.name, request_log.LOGIN, request_log.PASSWORD)
        return admin

    def _grant_groups(self) -> None:
        groups = {"mode": "add", "records": [{"xml_id": name} for name in GROUPS]}
        vals = {"search_key": {"login": "web-shop"}, "payload": {"group_ids": groups}}
        self._log_in().succeed("update_data", "res.users", vals, show=False)

    def _take_template(self, block: Block) -> None:
        self._template = block.text

    def _run_curl(self, block: Block) -> None:
        assert "sh" not in self._seen, f"no answer before {block.text}"
        if self._has_curl:
            body, _headers = curl.run(self.rig, self._site.localize(block.text))
            model = _MODEL.search(block.text)[1]
            self._seen["sh"] = model, body.get("result", body)

    def _run_python(self, block: Block) -> None:
        os.environ |= {"ODOO": self.rig.urls[0], "KEY": self.rig.key}
        if "WEBHOOK_SECRET" in block.text:
            secret = have_orders_told(self.rig, self._log_in(), self._template)
            os.environ["WEBHOOK_SECRET"] = secret
        text = self._site.localize(block.text)
        code = compile(text, f"recipes.md, {block.heading}", "exec")
        try:
            exec(code, self._names)  # noqa: S102 - our own page
        except odoo_gateway.Failed as failed:
            if self._can_print or failed.path != "payload.report":
                raise
        self._site.receive = self._names.get("receive", self._site.receive)
        gateway = self._names["gateway"]
        if "send" not in vars(gateway):
            gateway.send = self._recording(gateway.send)

    def _recording(self, send):
        """Return ``send``, remembering the answer, be it a failure's."""

        def send_and_remember(route, model, vals, headers):
            try:
                answer = send(route, model, vals, headers)
            except odoo_gateway.Failed as failed:
                self._seen["python"] = model, failed.answer
                raise
            self._seen["python"] = model, answer
            return answer

        return send_and_remember

    def _compare(self, block: Block) -> list[str]:
        expected = json.loads(block.text)
        if PDF in block.text and not self._can_print:
            expected = NO_PDF
        if not self._seen:
            self._seen["callback"] = expected["record"]["model"], self._wait_for_work()
        problems = []
        for kind, (model, answer) in self._seen.items():
            where = f"{block.heading}, {kind}"
            problems += self.answers.find_problem(where, expected, answer, model)
            self.count += 1
        self._seen.clear()
        return problems

    def _wait_for_work(self) -> dict:
        """Return what the page's receiver got to do, exactly one thing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._names["work"]:
            assert time.monotonic() < deadline, "no callback arrived"
            time.sleep(0.1)
        (event,) = self._names["work"]
        return event
