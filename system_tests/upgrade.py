# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database of 18.0 upgraded in place, by the real ``-u``; and uninstalled again."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator

from . import legacy
from .rig import Rig

MODULE = "usability_webhooks"
#: What 18.0 logged of a request: the vals, and a key of its own.
VALS = '{"payload": {"name": "Old"}, "is_create_log": true}'
LONG = "long " * 40

ROWS = """
import base64, json
env.cr.execute("SELECT id FROM ir_model WHERE model = 'res.partner'")
partner_model = env.cr.fetchone()[0]
admin = env.ref("base.user_admin").id
partner = env["res.partner"].create({"name": "Upgraded", "ref": "UP"})

def insert(table, **vals):
    vals = {"create_uid": admin, "create_date": "2026-01-02 03:04:05"} | vals
    names = ", ".join(vals)
    env.cr.execute(
        f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(vals))})"
        " RETURNING id", list(vals.values()))
    return env.cr.fetchone()[0]

def rule(name, **vals):
    return insert("webhook_outbound_rule", **{
        "name": name, "active": True, "model_id": partner_model,
        "model_name": "res.partner", "trigger_domain": "[('function', '=', 'go')]",
        "endpoint_source": "static", "endpoint_url": URL} | vals)

def log(data=VALS, result='{"is_success": true}', **vals):
    return insert("api_log", **{
        "model": "res.partner", "route": "/api/create_data", "log_type": "receive",
        "function_name": "create_data", "state": "done", "data_preview": data[:40],
        "data_size": len(data), "result_preview": result[:40],
        "result_size": len(result)} | vals)

ids = {"partner": partner.id}
payload = json.dumps({"code": "{name}", "lines": {"ref": "{ref}"}})
ids["good"] = rule("good", auth_header="Bearer old-secret", payload_fields=payload)
ids["other"] = rule("other", auth_header="Bearer another", active=False)
ids["plain"] = rule("plain", endpoint_url="http://hooks.example.com/a?b=c")
ids["callback"] = rule("callback", endpoint_source="record", auth_header="Basic x",
                       endpoint_url=None)
ids["bad_domain"] = rule("bad domain", trigger_domain="NOT_VALID")
ids["bad_payload"] = rule("bad payload", payload_fields="{", auth_header="Bearer kept")
ids["bad_url"] = rule("bad url", endpoint_url="ftp://x")

ids["done"] = log(data="{}", data_preview='{"a": 1, "is_create_log": true}',
                  data_size=31)
ids["call"] = log(route="/api/call_function", function_name="call_function",
                  data_preview='{"payload": {"method": "action_post"}}', data_size=38)
ids["failed"] = log(state="failed", result_preview=json.dumps(
    {"messages": 'Traceback\\n  File "x"\\nodoo.exceptions.UserError: No "go"\\n'}))
env.cr.execute("UPDATE api_log SET result_size = length(result_preview)")
ids["draft"] = log(state="draft")
ids["sent"] = log(log_type="send", route="https://u:p@hooks.example.com/secret?t=1",
                  function_name="good", data='{"id": 3}', res_model="res.partner",
                  res_id=partner.id)
ids["sent_failed"] = log(log_type="send", state="failed", route=URL, result="no route",
                         function_name="good", res_model="res.partner", res_id=7)
for name, url in (("callback_old", "https://evil.example.net/x"),
                  ("callback_new", "https://hooks.example.com/back")):
    ids[name] = log(res_model="res.partner", res_id=partner.id, callback_url=url)
long = json.dumps({"payload": {"name": LONG}, "is_create_log": True})
ids["long"] = log(data=long, result=LONG)
file = env["ir.attachment"].create({
    "name": "x.json", "res_model": "api.log", "res_id": ids["long"],
    "datas": base64.b64encode(json.dumps({"data": long, "result": LONG}).encode())})
env.cr.execute("UPDATE api_log SET attachment_id = %s WHERE id = %s",
               [file.id, ids["long"]])
ids["lost"] = log(data=long)
broken = env["ir.attachment"].create({
    "name": "y.json", "res_model": "api.log", "res_id": ids["lost"],
    "datas": base64.b64encode(b"no json")})
env.cr.execute("UPDATE api_log SET attachment_id = %s WHERE id = %s",
               [broken.id, ids["lost"]])
ids["files"] = [file.store_fname, broken.store_fname]
insert("mail_message", model="api.log", res_id=ids["done"], message_type="comment")
env.cr.execute("INSERT INTO mail_followers (res_model, res_id, partner_id)"
               " VALUES ('api.log', %s, %s)", [ids["done"], partner.id])
env.cr.commit()
print("IDS " + json.dumps(ids))
"""
FIRE = """
partner = env["res.partner"].browse({partner})
partner.function = "go"
env.cr.commit()
env["webhook.outbound.sender"]._cron_send()
env.cr.commit()
print("FIRED")
"""


class LegacyRig(Rig):
    """A database that carries the module for Odoo 18."""

    def create(self, *, cron_active: bool = False) -> None:
        """Copy the template and leave in it what 18.0 leaves."""
        self.orders.mkdir(parents=True)
        self._copy_template()
        self.shell(legacy.get_install_script(cron_active=cron_active))

    def shell(self, script: str) -> str:
        """Run a script in Odoo's shell and return what it printed."""
        return self._odoo("shell", "--no-http", "--workers", "0", stdin=script)

    def fill(self, url: str) -> dict:
        """Insert rules that send to ``url``, and log rows; return their ids."""
        given = f"URL, VALS, LONG = {url!r}, {VALS!r}, {LONG!r}\n"
        return json.loads(self.shell(given + ROWS).rpartition("IDS ")[2])

    def upgrade(self) -> None:
        """Run Odoo's own upgrade of the module."""
        self._odoo("--update", MODULE, "--stop-after-init", "--workers", "0")

    def get(self, table: str, row_id: int, *columns: str) -> tuple:
        """Return columns of one row."""
        names = ", ".join(columns)
        return self.select(f"SELECT {names} FROM {table} WHERE id = %s", row_id)[0]


@contextlib.contextmanager
def _legacy_rig(purpose: str, **options) -> Iterator[LegacyRig]:
    rig = LegacyRig(purpose)
    try:
        rig.create(**options)
        yield rig
    finally:
        rig.drop()


class _Receiver(http.server.BaseHTTPRequestHandler):
    got: list[tuple] = []

    def do_POST(self) -> None:  # noqa: N802 - the name the server calls
        """Note headers and body, answer 200."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, self.headers.get("Authorization"), body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _receiver() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        server.server_close()


def test_database_of_18_0_upgrades_in_place(_rig: Rig) -> None:
    """Rows kept, rules at work, nothing of the old module left."""
    with _legacy_rig("upgrade") as rig, _receiver() as url:
        ids = rig.fill(url)
        rig.upgrade()
        _check_log(rig, ids)
        _check_rules(rig, ids, url)
        _check_callbacks(rig, ids)
        _check_leftovers(rig, ids)
        _check_firing(rig, ids)
        before = _get_content(rig)
        rig.select(
            "UPDATE ir_module_module SET latest_version = %s WHERE name = %s",
            *(legacy.VERSION, MODULE),
        )
        rig.upgrade()
        assert _get_content(rig) == before


def _check_log(rig: LegacyRig, ids: dict) -> None:
    columns = ("state", "method", "error_code", "error_message", "route", "res_ids")
    for name, expected in {
        "done": ("done", None, None, None, "/api/create_data", None),
        "call": ("done", "action_post", None, None, "/api/call_function", None),
        "failed": (
            *("failed", None, "internal_error"),
            *('odoo.exceptions.UserError: No "go"', "/api/create_data", None),
        ),
        "draft": (
            *("interrupted", None, "interrupted"),
            "Left as a draft by version 18.0: what came of it was not noted.",
            *("/api/create_data", None),
        ),
        "sent": (
            *("done", "good", None, None, "https://hooks.example.com"),
            [ids["partner"]],
        ),
    }.items():
        found = rig.get("api_log", ids[name], *columns)
        assert found == expected, (name, found)
    row = rig.get("api_log", ids["sent_failed"], "state", "error_message", "log_type")
    assert row == ("failed", "no route", "send"), row
    row = rig.get("api_log", ids["done"], "data_preview", "request_id", "is_masked")
    body = '{"params": {"model": "res.partner", "vals": {"a": 1}}}'
    assert row == (body, f"v18-{ids['done']}", False), row
    user, company = rig.get("api_log", ids["done"], "user_id", "company_id")
    admin = rig.select("SELECT id, company_id FROM res_users WHERE login = 'admin'")
    assert (user, company) == admin[0]
    rows = rig.select("SELECT log_id, data, result FROM api_log_payload")
    assert [(row[0], row[2]) for row in rows] == [(ids["long"], LONG)], rows
    envelope = {"model": "res.partner", "vals": {"payload": {"name": LONG}}}
    assert json.loads(rows[0][1]) == {"params": envelope}, rows[0][1]
    count = rig.select("SELECT count(*) FROM api_log")[0][0]
    assert count == 10, count


def _check_rules(rig: LegacyRig, ids: dict, url: str) -> None:
    query = (
        "SELECT r.active, r.problem, e.url, e.allow_http, h.secret_value, r.trigger,"
        " r.body_format, r.automation_id IS NOT NULL FROM webhook_outbound_rule r"
        " LEFT JOIN webhook_endpoint e ON e.id = r.endpoint_id"
        " LEFT JOIN webhook_endpoint_header h ON h.endpoint_id = e.id"
        " WHERE r.id = %s"
    )
    for name, active, target, header in (
        ("good", True, url, "Bearer old-secret"),
        ("other", False, url, "Bearer another"),
        ("plain", True, "http://hooks.example.com/a?b=c", None),
        ("callback", True, None, None),
        ("bad_domain", False, url, None),
        ("bad_payload", False, url, "Bearer kept"),
        ("bad_url", False, None, None),
    ):
        found = rig.select(query, ids[name])[0]
        is_http = None if target is None else True
        kept = (target, is_http, header, "matches", "data", active)
        assert (found[0], *found[2:]) == (active, *kept), (name, found)
        assert bool(found[1]) is name.startswith("bad"), (name, found)
    note = rig.get("webhook_outbound_rule", ids["callback"], "note")[0]
    assert "Authorization" in note and "Basic" not in note, note
    assert "ftp://x" in rig.get("webhook_outbound_rule", ids["bad_url"], "note")[0]
    values = dict(rig.select("SELECT key, value FROM ir_config_parameter"))
    assert values["webhook.private_networks"] == '["127.0.0.1/32"]', values
    assert values["webhook.update_data_log"] == "False"
    assert values["webhook.preview_limit"] == "40"
    for kept in legacy.RETENTION:
        assert values[kept] == "36500", (kept, values[kept])


def _check_callbacks(rig: LegacyRig, ids: dict) -> None:
    query = "SELECT host, active, allow_http FROM webhook_endpoint WHERE kind = %s"
    rows = sorted(rig.select(query, "callback"))
    expected = [("evil.example.net", False, False), ("hooks.example.com", True, False)]
    assert rows == expected, rows
    rows = rig.select("SELECT res_id, url, request_id FROM webhook_callback")
    request = f"v18-{ids['callback_new']}"
    assert rows == [(ids["partner"], "https://hooks.example.com/back", request)], rows


def _check_leftovers(rig: LegacyRig, ids: dict) -> None:
    for table, columns in {
        "api_log": {"attachment_id", "function_name"},
        "webhook_outbound_rule": {"auth_header", "endpoint_url"},
    }.items():
        rows = rig.select(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            table,
        )
        assert not columns & {name for (name,) in rows}, (table, rows)
    for query in (
        "SELECT 1 FROM mail_message WHERE model = 'api.log'",
        "SELECT 1 FROM mail_followers WHERE res_model = 'api.log'",
        "SELECT 1 FROM ir_attachment WHERE res_model = 'api.log'",
        "SELECT 1 FROM ir_act_server WHERE code LIKE 'model.autovacuum%%'",
        "SELECT 1 FROM ir_model WHERE model IN ('webhook.utils',"
        " 'webhook.outbound.service')",
    ):
        assert not rig.select(query), query
    names = [*legacy.VIEWS, *legacy.ACTIONS, "access_api_log", "autovacuum_job"]
    rows = rig.select(
        "SELECT name FROM ir_model_data WHERE module = %s AND name = ANY(%s)",
        *(MODULE, names),
    )
    assert not rows, rows
    rows = rig.select(
        "SELECT a.name FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id"
        " JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = a.group_id"
        " WHERE m.model IN ('api.log', 'webhook.outbound.rule') AND d.module = 'base'"
    )
    assert not rows, rows
    checklist = rig.folder / "data" / "filestore" / rig.name / "checklist"
    for name in ids["files"]:
        # Odoo's own garbage collector deletes what is listed there.
        assert (checklist / name).exists(), name


def _check_firing(rig: LegacyRig, ids: dict) -> None:
    _Receiver.got.clear()
    rig.shell(FIRE.format(partner=ids["partner"]))
    assert len(_Receiver.got) == 1, _Receiver.got
    path, authorization, body = _Receiver.got[0]
    assert (path, authorization) == ("/hook", "Bearer old-secret")
    assert json.loads(body) == {"code": "Upgraded", "lines": {"ref": "UP"}}, body


def _get_content(rig: LegacyRig) -> list:
    """Return what a second run must not change."""
    return [
        rig.select(
            f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
        )
        for table in ("api_log", "api_log_payload", "webhook_outbound_rule")
    ] + [rig.select("SELECT count(*) FROM webhook_endpoint")]


def test_retention_of_18_0_is_kept(_rig: Rig) -> None:
    """Its scheduled action, where it was on, said after how many days."""
    with _legacy_rig("retention", cron_active=True) as rig:
        rig.upgrade()
        query = "SELECT value FROM ir_config_parameter WHERE key = ANY(%s)"
        assert rig.select(query, legacy.RETENTION) == [("45",), ("45",)]
