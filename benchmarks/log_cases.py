# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A million log rows, and purging them."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator

from .case import Pair, Side, Study, Turn
from .load_cases import Crowd
from .outcome import Outcome, percentile
from .single_cases import create_ours, search_ours
from .stage import Stage

MILLION = 1_000_000
#: Also in scripts/bench.
DATABASE_PREFIX = "uw_million_"
#: Rows in the log it is compared with: more than the list shows at once.
FEW = 500
PURGE_CLIENTS = 2
PURGE_SECONDS = 8
#: What the web client asks for when the list is opened.
LIST_ARGUMENTS: dict = {
    "specification": {
        name: {}
        for name in (
            "create_date",
            "state",
            "route",
            "model",
            "record_count",
            "duration",
            "api_key_name",
            "error_code",
        )
    }
    | {"user_id": {"fields": {"display_name": {}}}},
    "limit": 80,
    "offset": 0,
    "order": "",
    "count_limit": 10_001,
}
#: All of them older than the retention, so that a purge takes them.
FILL = """
INSERT INTO api_log (
    log_type, state, request_id, route, model, res_model, res_id, record_count,
    user_id, company_id, remote_addr, http_status, duration, query_count, attempts,
    data_preview, data_size, result_preview, result_size, is_masked, create_uid,
    create_date, write_uid, write_date
)
SELECT 'receive', CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'done' END,
    'fill-' || md5(n::text), '/api/create_data', 'res.partner', 'res.partner', n, 1,
    2, 1, '127.0.0.1', 200, 20 + n %% 100, 15, 1,
    '{"params": {"model": "res.partner", "vals": ' || repeat(md5(n::text), 6),
    300, '{"is_success": true, "result": {"id": ' || n, 120, false, 2,
    date, 2, date
FROM (
    SELECT n, now() AT TIME ZONE 'utc' - interval '90 days' + n * interval '2 seconds'
        AS date
    FROM generate_series(1, %s) AS n
) AS numbers
"""
#: Runs in Odoo's shell, as the cron's worker would: batch by batch, while asked to.
PURGE = """
import pathlib, time
folder = pathlib.Path({folder!r})
env["ir.config_parameter"].set_param("webhook.log_retention_days", "30")
env.cr.commit()
while not (folder / "purge-end").exists():
    if (folder / "purge").exists():
        env["api.log.housekeeping"]._gc_logs()
        env.cr.commit()
    else:
        time.sleep(0.05)
"""


#: Rows that a purge may eat in one window, and more.
ENOUGH_TO_PURGE = 400_000


def get_big_log(stage: Stage) -> Stage:
    """Return the stage with the million rows, made and served at first use."""
    if stage.big_log is None:
        # A database is copied only while nobody is connected to it.
        stage.stop_servers()
        stage.big_log = stage.copy(DATABASE_PREFIX)
        for one, rows in ((stage, FEW), (stage.big_log, MILLION)):
            one.select(FILL, rows)
            one.select("VACUUM ANALYZE api_log")
            one.start()
    return stage.big_log


def in_big_log(side: Side) -> Side:
    """Return the side, done on the stage with the million rows."""

    def done_there(turn: Turn) -> object:
        big = get_big_log(turn.stage)
        return side(Turn(big, big.client(), turn.token))

    return done_there


def in_small_log(side: Side) -> Side:
    """Return the side, with a new connection each time, as the other has it."""

    def done_here(turn: Turn) -> object:
        get_big_log(turn.stage)
        return side(Turn(turn.stage, turn.stage.client(), turn.token))

    return done_here


def open_list(turn: Turn) -> int:
    found = turn.client.json2("api.log", "web_search_read", domain=[], **LIST_ARGUMENTS)
    return len(found["records"])


def search_request_id(turn: Turn) -> int:
    domain = [["request_id", "=like", KNOWN_REQUEST + "%"]]
    found = turn.client.json2(
        "api.log", "web_search_read", domain=domain, **LIST_ARGUMENTS
    )
    return found["length"]


def create_one(turn: Turn) -> int:
    return len(create_ours(turn))


#: md5('77'), a row of both logs.
KNOWN_REQUEST = "fill-28dd2c7955ce926456240b2ff0100bde"


def compare_purge(stage: Stage, rounds: int) -> dict[str, dict]:
    """Measure p99 in windows with and without a purge beside it."""
    big = get_big_log(stage)
    busy, idle, gone = [], [], 0
    with _purger(big):
        for number in range(rounds):
            if _count(big) < ENOUGH_TO_PURGE:
                break
            for purging in (True, False) if number % 2 else (False, True):
                before = _count(big)
                flag = big.folder / "purge"
                flag.touch() if purging else flag.unlink(missing_ok=True)
                time.sleep(0.5)
                crowd = Crowd(big, (create_ours, search_ours), PURGE_CLIENTS)
                tail = percentile(crowd.work(PURGE_SECONDS), 0.99) * 1000
                (busy if purging else idle).append(tail)
                gone += max(before - _count(big), 0) if purging else 0
    if not gone:
        raise RuntimeError("no rows were purged: nothing to measure beside")
    note = f"{gone:,} rows were purged meanwhile, {PURGE_CLIENTS} clients."
    return {"purge": {"ours": busy, "theirs": idle, "note": note}}


def _count(stage: Stage) -> int:
    return stage.select("SELECT count(*) FROM api_log WHERE request_id LIKE 'fill-%%'")[
        0
    ][0]


@contextlib.contextmanager
def _purger(stage: Stage) -> Iterator[None]:
    """Have a process beside the workers that purges while it is asked to."""
    end = stage.folder / "purge-end"
    with (stage.folder / "purge.log").open("ab") as log:
        process = subprocess.Popen(
            stage.shell_command(), stdin=subprocess.PIPE, stdout=log, stderr=log
        )
        process.stdin.write(PURGE.format(folder=str(stage.folder)).encode())
        process.stdin.close()
        try:
            yield
        finally:
            end.touch()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def same(stage: Stage, effect: object) -> object:
    return effect


def _pair(name: str, work: str, side: Side, note: str = "") -> Pair:
    return Pair(
        name,
        f"a million log rows: {work}",
        f"{FEW} rows",
        1.1,
        in_big_log(side),
        in_small_log(side),
        same,
        60,
        warm_up=8,
        note=note,
    )


CASES = (
    _pair(
        "million-list",
        "opening the list",
        open_list,
        "The web client counts up to 10,001 rows each time.",
    ),
    _pair("million-search", "searching a request id", search_request_id),
    _pair("million-request", "one request", create_one),
    Study(
        "million-purge",
        (
            Outcome(
                "purge", "p99 of requests while a million rows are purged", "idle", 1.5
            ),
        ),
        compare_purge,
        rounds=4,
    ),
)
