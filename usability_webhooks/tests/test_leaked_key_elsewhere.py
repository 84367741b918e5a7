# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leaked key at the other doors of Odoo."""

from __future__ import annotations

import base64
import json

from odoo.tests import mute_logger, tagged

from .common import TEST_LOGIN
from .leaked_key_case import LeakedKeyCase

#: What a door that opened would show.
SHOWN = ("Web Customer", "web@example.com", "SEKRIT", "WEB-1")
XML = """<?xml version="1.0"?><methodCall><methodName>%s</methodName><params>
%s</params></methodCall>"""


def xml_params(*values: object) -> str:
    """Return values as the parameters of an XML-RPC call."""
    return "".join(f"<param>{xml_value(value)}</param>" for value in values)


def xml_value(value: object) -> str:
    if isinstance(value, list):
        inner = "".join(map(xml_value, value))
        return f"<value><array><data>{inner}</data></array></value>"
    kind = "int" if isinstance(value, int) else "string"
    return f"<value><{kind}>{value}</{kind}></value>"


@tagged("post_install", "-at_install")
class TestLeakedKeyElsewhere(LeakedKeyCase):
    def disguises(self, key: str) -> dict[str, dict]:
        """Return the headers by which a key may be shown to a door."""
        basic = base64.b64encode(f"{TEST_LOGIN}:{key}".encode()).decode()
        return {
            "bearer": {"Authorization": f"Bearer {key}"},
            "lower case": {"authorization": f"bearer {key}"},
            "x-api-key": {"x-api-key": key},
            "basic": {"Authorization": f"Basic {basic}"},
            "cookie": {"Cookie": f"session_id={key}; api_key={key}"},
            "session header": {"X-Openerp-Session-Id": key},
            "fetch": {
                "Authorization": f"Bearer {key}",
                "Sec-Fetch-Site": "same-origin",
                "Sec-Fetch-Mode": "cors",
                "Sec-Fetch-Dest": "empty",
            },
        }

    def knock(self, method: str, url: str, body: object, headers: dict):
        """Send one request anywhere; check that it showed and changed nothing."""
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        kind = "application/json" if isinstance(body, (dict, list)) else "text/xml"
        sent = {"Content-Type": kind} if data is not None else {}
        with mute_logger("odoo.http", "odoo.addons.base.models.res_users"):
            response = self.url_open(
                url,
                data=data.encode() if data is not None else None,
                headers=sent | headers,
                method=method,
                allow_redirects=False,
            )
        return response

    def assertShut(self, method: str, url: str, body: object = None) -> None:
        before = self.take_fingerprint()
        for disguise, headers in self.disguises(self.key).items():
            with self.subTest(method=method, url=url, disguise=disguise):
                self.opener.cookies.clear()
                response = self.knock(method, url, body, headers)
                for shown in SHOWN:
                    self.assertNotIn(shown, response.text)
                self.assertShutStatus(response)
        self.env.invalidate_all()
        self.assertEqual(self.take_fingerprint(), before)

    def assertShutStatus(self, response) -> None:
        """Check that an answer of status 200 is a refusal nevertheless."""
        if response.status_code >= 300:
            self.assertLess(response.status_code, 500, response.text[:300])
            return
        kind = response.headers.get("Content-Type", "")
        if "json" in kind:
            answer = response.json()
            self.assertFalse(answer.get("result"), answer)
        elif "xml" in kind:
            refused = "<fault>" in response.text or "<boolean>0<" in response.text
            self.assertTrue(refused, response.text[:300])
        else:
            self.assertIn("login", response.text)

    def test_the_plain_key_opens_the_doors_tried_here(self) -> None:
        # Else they would be shut for a reason of their own.
        body = {"domain": [["ref", "=", "WEB-1"]], "fields": ["name"]}
        headers = self.bearer(self.other_key)
        url = "/json/2/res.partner/search_read"
        self.assertIn("Web Customer", self.knock("POST", url, body, headers).text)
        login = [self.env.cr.dbname, self.user.id, self.other_key]
        args = ["res.partner", "read", [[self.customer.id], ["name"]]]
        params = {"service": "object", "method": "execute_kw", "args": [*login, *args]}
        response = self.knock("POST", "/jsonrpc", {"params": params}, {})
        self.assertIn("Web Customer", response.text)
        call = XML % ("execute_kw", xml_params(*login, *args))
        response = self.knock("POST", "/xmlrpc/2/object", call, {})
        self.assertIn("Web Customer", response.text)

    def test_json_2_is_shut(self) -> None:
        domain = {"domain": [["ref", "=", "WEB-1"]], "fields": ["name", "comment"]}
        ids = {"ids": self.customer.ids}
        for path, body in (
            ("res.partner/search_read", domain),
            ("res.partner/write", ids | {"vals": {"name": "Pwned"}}),
            ("res.partner/create", {"vals_list": [{"name": "Pwned"}]}),
            ("res.partner/unlink", ids),
            ("sale.order/action_confirm", {"ids": self.order.ids}),
            ("res.users/context_get", {}),
            ("res.users.apikeys.description/make_key", {}),
        ):
            self.assertShut("POST", f"/json/2/{path}", body)
        self.assertShut("GET", "/json/2/res.partner/search_read")
        self.assertShut("GET", "/json/1/contacts")

    def test_xml_rpc_is_shut(self) -> None:
        database, uid = self.env.cr.dbname, self.user.id
        read = ["res.partner", "read", [[self.customer.id], ["name"]]]
        delete = ["res.partner", "unlink", [[self.customer.id]]]
        for name in (self.key, f"Bearer {self.key}"):
            for call in (read, delete):
                body = XML % ("execute_kw", xml_params(database, uid, name, *call))
                for url in ("/xmlrpc/2/object", "/xmlrpc/object"):
                    self.assertShut("POST", url, body)
            for method in ("authenticate", "login"):
                given = (database, TEST_LOGIN, name)
                body = XML % (method, xml_params(*given, *[""] * (method[0] == "a")))
                self.assertShut("POST", "/xmlrpc/2/common", body)

    def test_json_rpc_is_shut(self) -> None:
        login = [self.env.cr.dbname, self.user.id, self.key]
        for service, method, args in (
            (
                "object",
                "execute_kw",
                [*login, "res.partner", "search_read", [[["ref", "=", "WEB-1"]]]],
            ),
            (
                "object",
                "execute",
                [*login, "res.partner", "write", self.customer.ids, {"name": "Pwned"}],
            ),
            ("common", "authenticate", [login[0], TEST_LOGIN, self.key, {}]),
            ("common", "login", [login[0], TEST_LOGIN, self.key]),
        ):
            params = {"service": service, "method": method, "args": args}
            self.assertShut("POST", "/jsonrpc", {"params": params})

    def test_the_web_client_is_shut(self) -> None:
        call = {
            "model": "res.partner",
            "method": "web_search_read",
            "args": [],
            "kwargs": {
                "domain": [["ref", "=", "WEB-1"]],
                "specification": {"name": {}},
            },
        }
        login = {"db": self.env.cr.dbname, "login": TEST_LOGIN, "password": self.key}
        for url, params in {
            "/web/dataset/call_kw": call,
            "/web/dataset/call_kw/res.partner/web_search_read": call,
            "/web/dataset/call_button/sale.order/action_confirm": {
                "model": "sale.order",
                "method": "action_confirm",
                "args": [self.order.ids],
                "kwargs": {},
            },
            "/web/session/authenticate": login,
            "/web/session/get_session_info": {},
            "/web/action/load": {"action_id": "base.action_partner_form"},
            "/web/action/run": {"action_id": 1},
            "/web/database/list": {},
            "/mail/thread/messages": {
                "thread_model": "res.partner",
                "thread_id": self.customer.id,
            },
        }.items():
            self.assertShut("POST", url, {"jsonrpc": "2.0", "params": params})

    def test_pages_and_files_are_shut(self) -> None:
        order, key = self.order, self.key
        for url in (
            *("/web", "/odoo", "/odoo/contacts", "/my", "/my/orders", "/my/account"),
            *(f"/my/orders/{order.id}", f"/my/orders/{order.id}?access_token={key}"),
            f"/web/content/{self.attachment.id}",
            f"/web/content/{self.attachment.id}?access_token={key}",
            f"/web/content/res.partner/{self.customer.id}/comment",
            f"/report/pdf/sale.report_saleorder/{order.id}",
            f"/report/html/sale.report_saleorder/{order.id}",
            *("/doc", "/doc/index.json", "/doc/res.partner.json", "/doc-bearer"),
            *("/doc-bearer/index.json", "/doc-bearer/res.partner.json"),
            f"/mail/view?model=res.partner&res_id={self.customer.id}&access_token={key}",
        ):
            self.assertShut("GET", url)

    def test_the_key_is_no_password_of_the_login_page(self) -> None:
        page = self.url_open("/web/login").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        self.assertTrue(token)
        form = {"login": TEST_LOGIN, "password": self.key, "csrf_token": token}
        with mute_logger("odoo.addons.base.models.res_users"):
            response = self.url_open("/web/login", data=form, allow_redirects=False)
        self.assertEqual(response.status_code, 200)
        self.assertIn('name="password"', response.text)
        response = self.url_open("/odoo", allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])

    def test_no_answer_to_the_key_is_a_session(self) -> None:
        body = {"params": {"model": "res.partner", "vals": {"payload": {"limit": 1}}}}
        response = self.post("search_data", body)
        self.assertTrue(response.json()["result"]["is_success"])
        self.assertNotIn("Set-Cookie", response.headers)
        session = self.knock(
            "POST", "/web/session/get_session_info", {"params": {}}, {}
        ).json()
        self.assertNotIn("result", session)
