# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far a worker's memory grows in one large request."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

from .case import Study
from .client import Client
from .outcome import Outcome
from .stage import Stage

MEBIBYTE = 2**20
#: Base64 makes four characters of three bytes; room is left for the rest.
FILE_BYTES = 10 * MEBIBYTE * 3 // 4 - 3_000
SEARCH_FIELDS = [
    "name",
    "ref",
    "email",
    "city",
    "country_id",
    "company_id",
    "create_date",
    "write_date",
]


def grow(stage: Stage, work: Callable[[Client], int]) -> tuple[float, float]:
    """Return the growth of a fresh worker's peak and the size ``work`` tells, in MiB.

    A fresh one, because Python keeps what it was given: the second large request
    of a worker grows it by nothing.
    """
    stage.start()
    try:
        pids = stage.worker_pids()
        before = {pid: _read_memory(pid, "VmRSS") for pid in pids}
        for pid in pids:
            # 5: the peak starts again from what is in use now (man 5 proc).
            Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
        size = work(stage.client())
        grown = [_read_memory(pid, "VmHWM") - before[pid] for pid in pids]
    finally:
        stage.stop_last_server()
    return max(grown) / 1024, size / MEBIBYTE


def _read_memory(pid: int, field: str) -> int:
    """Return a figure of /proc/<pid>/status, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1])


def send_file(client: Client) -> int:
    """Create a partner with a file that fills the largest body allowed."""
    data = base64.b64encode(os.urandom(FILE_BYTES)).decode()
    payload = {"name": "Large", "attachment_ids": [{"name": "a.bin", "datas": data}]}
    client.api("create_data", "res.partner", payload=payload)
    return len(data)


def send_lines(client: Client) -> int:
    """Create partners whose texts fill the largest body allowed."""
    payload = prepare_lines()
    client.api("create_data", "res.partner", payload=payload)
    return len(json.dumps(payload))


def send_lines_by_json2(client: Client) -> int:
    vals_list = prepare_lines()
    client.json2("res.partner", "create", vals_list=vals_list)
    return len(json.dumps(vals_list))


def prepare_lines() -> list[dict]:
    text = "x" * 5_000
    return [{"name": f"Long {number}", "comment": text} for number in range(2_000)]


def search_ours(client: Client) -> int:
    payload = {
        "search_field": SEARCH_FIELDS,
        "search_domain": [["ref", "=like", "SEED-%"]],
    }
    rows = client.api("search_data", "res.partner", payload=payload)
    return _size(rows)


def search_theirs(client: Client) -> int:
    domain = [["ref", "=like", "SEED-%"]]
    rows = client.json2(
        "res.partner", "search_read", domain=domain, fields=SEARCH_FIELDS
    )
    return _size(rows)


def _size(rows: list) -> int:
    if len(rows) != 10_000:
        raise RuntimeError(f"{len(rows)} rows")
    return len(json.dumps(rows))


WORKS = {
    "memory-file": send_file,
    "memory-lines": send_lines,
    "memory-lines-json2": send_lines_by_json2,
    "memory-search": search_ours,
    "memory-search-json2": search_theirs,
}


def measure_growth(stage: Stage, rounds: int) -> dict[str, dict]:
    figures: dict[str, dict] = {}
    for name, work in WORKS.items():
        pairs = [grow(stage, work) for _round in range(rounds)]
        ours, theirs = zip(*pairs, strict=True)
        figures[name] = {"ours": ours, "theirs": theirs, "unit": "MiB"}
    return figures


CASES = (
    Study(
        "memory",
        (
            Outcome(
                "memory-file", "growth by a 10 MiB request: one file", "the body", 4
            ),
            Outcome(
                "memory-lines",
                "growth by a 10 MiB request: 2,000 partners with long texts",
                "the body",
                4,
            ),
            Outcome(
                "memory-lines-json2",
                "the same by JSON-2 `create`, to compare",
                "the body",
                4,
                note="Not ours: what the ORM itself needs.",
            ),
            Outcome(
                "memory-search",
                "growth by a 10,000-row search, eight fields",
                "the answer",
                4,
            ),
            Outcome(
                "memory-search-json2",
                "the same by JSON-2 `search_read`, to compare",
                "the answer",
                4,
                note="Not ours: what the ORM itself needs.",
            ),
        ),
        measure_growth,
        rounds=3,
    ),
)
