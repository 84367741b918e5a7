# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stop watches at the joints of a request.

Installed only in a server that finds ``USABILITY_WEBHOOKS_BENCH_SPANS``, the name of
a file, in its environment: the servers whose times are compared run without. Each
request appends one line of JSON to the file: for every part its own seconds, without
those of the parts inside it, the seconds its statements took, and the statements.
"""

from __future__ import annotations

import functools
import importlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_logger = logging.getLogger(__name__)

FILE = "USABILITY_WEBHOOKS_BENCH_SPANS"
STATEMENT_LENGTH = 90
ROOT = "odoo.http:Application.__call__"
OURS = "odoo.addons.usability_webhooks"
BASE = "odoo.addons.base.models"
#: Where a part begins; its name. A function is patched where it is called from.
JOINTS = {
    ROOT: "core: WSGI, session",
    "odoo.http:Request._serve_db": "core: cursors, registry, route",
    "odoo.orm.registry:Registry.check_signaling": "core: registry signaling",
    "odoo.http:Request._serve_ir_http": "core: dispatch",
    "odoo.http:Json2Dispatcher.dispatch": "core: dispatch",
    f"{BASE}.ir_http:IrHttp._auth_method_bearer": "authentication",
    f"{OURS}.models.ir_http:IrHttp._auth_method_api": "authentication",
    f"{BASE}.res_users:ResUsersApikeys._check_credentials": "key's slow hash",
    "odoo.addons.rpc.controllers.json2:WebJson2Controller.web_json_2_rpc": "ORM work",
    f"{OURS}.controllers.api_dispatcher:ApiDispatcher.dispatch": "our dispatcher",
    f"{OURS}.controllers.api_dispatcher:parse_json": "parse the request",
    f"{OURS}.models.api_transaction:ApiTransaction._run": "transaction protocol",
    f"{OURS}.models.api_transaction:ApiTransaction._receive": "T0: log row",
    f"{OURS}.models.api_log_content:ApiLogContent._get_stored_data": "mask the request",
    f"{OURS}.models.api_log_writer:ApiLogWriter._lock": "liveness lock",
    f"{OURS}.models.api_service:ApiService._perform": "service",
    f"{OURS}.models.api_context:ApiContext._enter": "enter context",
    f"{OURS}.models.api_write_reader:ApiWriteReader._read": "read the job",
    f"{OURS}.models.api_record_writer:ApiRecordWriter._carry_out": "carry out",
    f"{OURS}.models.api_record_finder:ApiRecordFinder._find_items": "find by key",
    f"{OURS}.models.api_record_finder:ApiRecordFinder._find_archived_items": (
        "find by key"
    ),
    f"{OURS}.models.api_write_answer:ApiWriteAnswer._answer": "read the answer",
    f"{OURS}.models.api_upsert_guard:ApiUpsertGuard._touch": "upsert guard",
    f"{OURS}.models.api_payload_resolver:ApiPayloadResolver._resolve": "resolve",
    f"{OURS}.models.api_payload_builder:ApiPayloadBuilder._create": "ORM work",
    f"{OURS}.models.api_payload_builder:ApiPayloadBuilder._write": "ORM work",
    f"{OURS}.models.api_payload_attachment:ApiPayloadAttachment._attach": "attach",
    f"{OURS}.models.api_record_search:ApiRecordSearch._search_records": "search",
    f"{OURS}.models.api_record_reader:ApiRecordReader._parse_spec": "read the answer",
    f"{OURS}.models.api_record_reader:ApiRecordReader._read": "read the answer",
    f"{OURS}.tools.envelope:success": "answer as text",
    f"{OURS}.tools.envelope:to_json": "answer as text",
    f"{OURS}.models.api_log_writer:ApiLogWriter._flip_done": "flip the log row",
    f"{OURS}.models.api_log_writer:ApiLogWriter._prepare_reply": "mask the answer",
    "odoo.sql_db:Cursor.flush": "flush",
    "odoo.sql_db:Cursor.commit": "commit",
    "odoo.sql_db:Cursor.close": "core: cursors, registry, route",
}


class Record:
    """The parts of one request, on the thread that serves it."""

    def __init__(self) -> None:
        self.path = ""
        #: Part -> own seconds, seconds of statements, number of statements.
        self.parts: dict[str, list] = {}
        self.statements: list[tuple[str, float, str]] = []
        #: The parts entered and not left: name, seconds spent in parts inside.
        self.stack: list[list] = []

    def run(self, part: str, work: Callable, *args, **kwargs):
        """Do the work as a part of the request."""
        frame = [part, 0.0]
        self.stack.append(frame)
        started = time.perf_counter()
        try:
            return work(*args, **kwargs)
        finally:
            seconds = time.perf_counter() - started
            self.stack.pop()
            self.parts.setdefault(part, [0.0, 0.0, 0])[0] += seconds - frame[1]
            if self.stack:
                self.stack[-1][1] += seconds

    def note_statement(self, text: str, seconds: float) -> None:
        part = self.stack[-1][0]
        totals = self.parts.setdefault(part, [0.0, 0.0, 0])
        totals[1] += seconds
        totals[2] += 1
        short = " ".join(text.split())[:STATEMENT_LENGTH]
        self.statements.append((part, seconds, short))


_here = threading.local()


def install() -> None:
    """Patch the joints, where the environment asks for it."""
    if FILE not in os.environ:
        return
    for joint, part in JOINTS.items():
        module_name, _colon, path = joint.partition(":")
        try:
            owner: object = importlib.import_module(module_name)
            *classes, name = path.split(".")
            for class_name in classes:
                owner = getattr(owner, class_name)
            patched = _watch_request if joint == ROOT else _watch
            _patch(owner, name, functools.partial(patched, part))
        except (ImportError, AttributeError) as error:
            # A joint that moved: its time shows up in the part around it.
            _logger.warning("bench: no stop watch at %s: %s", joint, error)
    _patch(importlib.import_module("odoo.sql_db").Cursor, "execute", _watch_statement)


def _patch(owner, name: str, watch: Callable[[Callable], Callable]) -> None:
    found = vars(owner)[name] if name in vars(owner) else getattr(owner, name)
    if isinstance(found, classmethod):
        setattr(owner, name, classmethod(watch(found.__func__)))
    else:
        setattr(owner, name, watch(found))


def _watch(part: str, work: Callable) -> Callable:
    @functools.wraps(work)
    def watched(*args, **kwargs):
        record = getattr(_here, "record", None)
        if record is None:
            return work(*args, **kwargs)
        return record.run(part, work, *args, **kwargs)

    return watched


def _watch_request(part: str, work: Callable) -> Callable:
    @functools.wraps(work)
    def watched(application, environ, start_response):
        record = _here.record = Record()
        record.path = environ.get("PATH_INFO", "")
        try:
            return record.run(part, work, application, environ, start_response)
        finally:
            _here.record = None
            line = json.dumps(
                [record.path, time.time(), record.parts, record.statements]
            )
            with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    return watched


def _watch_statement(work: Callable) -> Callable:
    @functools.wraps(work)
    def watched(cursor, query, *args, **kwargs):
        record = getattr(_here, "record", None)
        if record is None or not record.stack:
            return work(cursor, query, *args, **kwargs)
        started = time.perf_counter()
        try:
            return work(cursor, query, *args, **kwargs)
        finally:
            text = getattr(query, "code", query)
            record.note_statement(str(text), time.perf_counter() - started)

    return watched
