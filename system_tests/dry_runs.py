# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dry run on a real server: nothing in the database, the filestore, the mail."""

from __future__ import annotations

import base64
import contextlib
import shutil
import socketserver
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from .rig import INTERFACE, Rig

TABLES = (
    "res_partner",
    "res_partner_category",
    "ir_attachment",
    "ir_cron_trigger",
    "mail_mail",
    "mail_message",
    "mail_notification",
    "sale_order",
    "sale_order_line",
    "stock_picking",
)
#: A picture of one pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
#: Mail that is due after COMMIT is there before the answer is.
MAIL_SECONDS = 5


class MailSink(socketserver.ThreadingTCPServer):
    """Takes mail as an SMTP server does, and keeps it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.connections = 0
        self.mails: list[str] = []
        super().__init__((INTERFACE, 0), MailHandler)


class MailHandler(socketserver.StreamRequestHandler):
    """One connection of a mail client."""

    server: MailSink

    def handle(self) -> None:
        """Say yes to everything, and take what comes after DATA."""
        self.server.connections += 1
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            command = line[:4].upper().strip()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(text.decode())
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
            if command == b"QUIT":
                return


@contextlib.contextmanager
def _mail_sink(rig: Rig) -> Iterator[MailSink]:
    """Yield a sink that is Odoo's only mail server."""
    with MailSink() as sink:
        thread = threading.Thread(target=sink.serve_forever, daemon=True)
        thread.start()
        rig.select("UPDATE ir_mail_server SET active = false")
        vals = {"name": "sink", "smtp_host": INTERFACE, "smtp_encryption": "none"}
        vals |= {"smtp_port": sink.server_address[1]}
        _call(rig, "create_data", "ir.mail_server", {"payload": vals})
        # Without an address of its sender no mail is even made.
        sender = {"search_key": {"xml_id": "base.partner_admin"}}
        sender["payload"] = {"email": "admin@example.com"}
        _call(rig, "update_data", "res.partner", sender)
        try:
            yield sink
        finally:
            rig.select("UPDATE ir_mail_server SET active = false")
            sink.shutdown()


def _call(rig: Rig, route: str, model: str, vals: dict) -> dict:
    """Send a request that must succeed; return the envelope."""
    answer = rig.call(route, model, vals)["result"]
    assert answer["is_success"], answer
    return answer


def _look(rig: Rig) -> dict:
    """Return all that a dry run must leave as it is."""
    found: dict = {
        table: rig.select(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t"
        )
        for table in TABLES
    }
    store = _get_filestore(rig)
    found["files"] = sorted(
        (str(path.relative_to(store)), path.stat().st_mtime_ns)
        for path in store.rglob("*")
        if path.is_file()
    )
    return found


def _get_filestore(rig: Rig) -> Path:
    return rig.folder / "data" / "filestore" / rig.name


def _try(rig: Rig, route: str, model: str, vals: dict) -> dict:
    """Send a request as a dry run; check that nothing is left of it but its row."""
    before = _look(rig)
    answer = _call(rig, route, model, vals | {"dry_run": True})
    assert answer["dry_run"] is True, answer
    for name, found in _look(rig).items():
        assert found == before[name], f"{name}: {before[name]}, now {found}"
    query = "SELECT state FROM api_log WHERE request_id = %s"
    assert rig.select(query, answer["request_id"]) == [("tried",)]
    return answer


def _partner_vals(name: str) -> dict:
    datas = base64.b64encode(name.encode()).decode()
    files = [{"name": "file.txt", "datas": datas}]
    return {
        "payload": {
            "name": name,
            "email": f"{name}@example.com",
            "image_1920": PIXEL,
            "category_id": {"records": [{"name": name}]},
            "attachment_ids": files,
            "child_ids": [{"name": "Kid", "attachment_ids": files}],
        },
        "auto_create": {"category_id": {"color": 1}},
    }


def test_dry_run_leaves_no_file_and_no_row(rig: Rig) -> None:
    """And the real request afterwards leaves them, so there was something to see."""
    vals = _partner_vals(f"dry-{uuid.uuid4()}")
    _try(rig, "create_data", "res.partner", vals)
    before = _look(rig)
    partner_id = _call(rig, "create_data", "res.partner", vals)["result"]["id"]
    after = _look(rig)
    assert len(after["files"]) > len(before["files"])
    # A dry run must not list them for the garbage collection; new ones it has
    # listed already.
    shutil.rmtree(_get_filestore(rig) / "checklist")
    key = {"search_key": {"id": partner_id}}
    payload = {"image_1920": False, "child_ids": [], "name": "Renamed"}
    _try(rig, "update_data", "res.partner", key | {"payload": payload})
    _try(rig, "call_function", "res.partner", key | {"payload": {"method": "unlink"}})


def test_dry_run_sends_no_mail(rig: Rig) -> None:
    """Neither what waits for COMMIT nor what is sent at once."""
    product = {"payload": {"name": f"dry-{uuid.uuid4()}", "type": "consu"}}
    product_id = _call(rig, "create_data", "product.product", product)["result"]["id"]
    with _mail_sink(rig) as sink:
        order_id = _create_order(rig, product_id)
        confirm = {
            "search_key": {"id": order_id},
            "payload": {"method": "action_confirm", "context": {"send_email": True}},
        }
        (template_id,) = rig.select(
            "SELECT res_id FROM ir_model_data WHERE module = 'sale'"
            " AND name = 'mail_template_sale_confirmation'"
        )[0]
        # No wkhtmltopdf is needed without the report.
        payload = {"report_template_ids": {"mode": "replace", "records": []}}
        key = {"search_key": {"id": template_id}}
        _call(rig, "update_data", "mail.template", key | {"payload": payload})
        parameter = {"res_id": order_id, "force_send": True, "raise_exception": True}
        send = key | {"payload": {"method": "send_mail", "parameter": parameter}}
        for number, (model, vals) in enumerate(
            [("mail.template", send), ("sale.order", confirm)], 1
        ):
            _try(rig, "call_function", model, vals)
            assert (sink.connections, len(sink.mails)) == (number - 1, number - 1)
            _call(rig, "call_function", model, vals)
            _wait_for_mails(sink, number)
    query = "SELECT state FROM sale_order WHERE id = %s"
    assert rig.select(query, order_id) == [("sale",)]


def _create_order(rig: Rig, product_id: int) -> int:
    """Return a quotation that needs a delivery."""
    partner_id = _call(
        rig, "create_data", "res.partner", _partner_vals(f"dry-{uuid.uuid4()}")
    )["result"]["id"]
    vals = {
        "payload": {
            "partner_id": {"id": partner_id},
            "order_line": [{"product_id": {"id": product_id}}],
        }
    }
    answer = _try(rig, "create_data", "sale.order", vals)
    assert answer["result"]["id"] is None, answer
    return _call(rig, "create_data", "sale.order", vals)["result"]["id"]


def _wait_for_mails(sink: MailSink, number: int) -> None:
    deadline = time.monotonic() + MAIL_SECONDS
    while len(sink.mails) < number:
        assert time.monotonic() < deadline, f"{len(sink.mails)} mails of {number}"
        time.sleep(0.05)


def test_dry_run_that_is_killed_is_interrupted(rig: Rig) -> None:
    """As any other request; and the next one is tried as if nothing had been."""
    vals = _partner_vals(f"dry-{uuid.uuid4()}") | {"dry_run": True}
    body = {"params": {"model": "res.partner", "vals": vals}}
    for checkpoint in ("worked", "flipped"):
        request_id, before = str(uuid.uuid4()), _look(rig)
        rig.order(checkpoint, "kill")
        with contextlib.suppress(OSError):
            answer = rig.send("create_data", body, request_id=request_id)
            raise AssertionError(answer)
        assert not rig.has_order(checkpoint)
        assert _look(rig) == before
        time.sleep(1)  # PostgreSQL notices that the connection is gone
        rig.reap(request_id)
        query = "SELECT state FROM api_log WHERE request_id = %s"
        assert rig.select(query, request_id) == [("interrupted",)]
    assert rig.send("create_data", body)["result"]["is_success"]
