# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What single parts of a request cost: the log, the resolver."""

from __future__ import annotations

import json

from .case import Pair, Study, Turn
from .client import Client
from .order_cases import order_ours
from .outcome import Outcome
from .single_cases import get_country_id, read_partners
from .stage import Stage

#: As in addons/usability_webhooks_bench.
UNLOGGED = "bench unlogged"
RESOLVED_LINES = 1_000
#: Enough that each of the two workers has done one, most likely.
WARM_UP_ORDERS = 3


def create_logged(turn: Turn) -> tuple[int, bool]:
    return _create_smallest(turn, turn.client), True


def create_unlogged(turn: Turn) -> tuple[int, bool]:
    client = Client(turn.stage.urls[-1], turn.stage.key, UNLOGGED)
    return _create_smallest(turn, client), False


def _create_smallest(turn: Turn, client: Client) -> int:
    payload = {"name": turn.token, "country_id": get_country_id(turn.stage)}
    return client.api("create_data", "res.partner", payload=payload)["id"]


def read_logged(stage: Stage, effect: tuple[int, bool]) -> object:
    """Return the partner, if there is a log row exactly where there should be."""
    record_id, is_logged = effect
    rows = stage.select("SELECT id FROM api_log WHERE res_id = %s", record_id)
    return read_partners(stage, [record_id]) if bool(rows) == is_logged else None


def measure_resolver(stage: Stage, rounds: int) -> dict[str, dict]:
    """Return the resolver's part of a request, by the stop watches in the worker."""
    stage.start(spans=True)
    try:
        client = stage.client()
        turn = Turn(stage, client, "")
        for _warm_up in range(WARM_UP_ORDERS):
            order_ours(RESOLVED_LINES, turn)
        ours, theirs = [], []
        for _round in range(rounds):
            order_ours(RESOLVED_LINES, turn)
            parts = read_spans(stage)[-1][2]
            ours.append(parts["resolve"][0] * 1000)
            theirs.append(sum(part[0] for part in parts.values()) * 1000)
    finally:
        stage.stop_last_server()
    return {"resolver": {"ours": ours, "theirs": theirs}}


def read_spans(stage: Stage) -> list[list]:
    """Return the requests the stop watches have written down."""
    lines = stage.spans_file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES = (
    Pair(
        "log",
        "the smallest create with the log on",
        "the same with the log off",
        1.08,
        create_logged,
        create_unlogged,
        read_logged,
        rounds=300,
    ),
    Study(
        "resolver",
        (
            Outcome(
                "resolver",
                "resolver alone: 1,000 lines, 1,000 products",
                "the whole request inside the worker",
                0.05,
                note="A share; measured by stop watches, which slow the rest a little.",
            ),
        ),
        measure_resolver,
        rounds=4,
    ),
)
