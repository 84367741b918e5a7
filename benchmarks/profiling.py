# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the time goes inside the worker: the cases under stop watches."""

from __future__ import annotations

import collections
import functools
import statistics
import time

from . import batch_cases, order_cases, single_cases
from .case import Side, Turn
from .stage import Stage
from .switch_cases import read_spans

WARM_UP = 4
#: What is profiled: the work, ours and theirs, how often.
WORKS: dict[str, tuple[Side, Side, int]] = {
    "create by code": (
        single_cases.create_ours,
        single_cases.create_in_two_calls,
        60,
    ),
    "search of one": (single_cases.search_ours, single_cases.search_theirs, 60),
    "upsert, new and existing": (
        single_cases.upsert_ours,
        single_cases.upsert_theirs,
        40,
    ),
    "order of 300 lines": (
        functools.partial(order_cases.order_ours, 300),
        functools.partial(order_cases.order_by_json2, 300),
        8,
    ),
    "nested read of 40 orders": (
        order_cases.nested_ours,
        order_cases.nested_theirs,
        20,
    ),
    "1,000 upserts in one request": (
        batch_cases.upserts_ours,
        batch_cases.upserts_theirs,
        3,
    ),
}


def profile(stage: Stage) -> str:
    """Return the profiles as Markdown. Starts a server of its own."""
    stage.start(spans=True)
    client = stage.client()
    chapters = []
    for name, (ours, theirs, times) in WORKS.items():
        for title, side in (("our route", ours), ("JSON-2", theirs)):
            turns, walls = [], []
            for number in range(WARM_UP + times):
                before = len(read_spans(stage))
                turn = Turn(stage, client, f"profile-{time.monotonic_ns()}")
                started = time.perf_counter()
                side(turn)
                wall = time.perf_counter() - started
                if number >= WARM_UP:
                    walls.append(wall)
                    turns.append(read_spans(stage)[before:])
            chapters.append(_make_chapter(f"{name}, {title}", turns, walls))
    return "\n".join(chapters)


def _make_chapter(title: str, turns: list[list], walls: list[float]) -> str:
    """Return one table: medians over the turns, a turn's requests added up."""
    sums = [_add_up(turn) for turn in turns]
    names = {name: None for parts in sums for name in parts}
    rows = []
    for name in names:
        figures = [parts.get(name, (0.0, 0.0, 0)) for parts in sums]
        columns = zip(*figures, strict=True)
        rows.append((name, *map(statistics.median, columns)))
    rows.sort(key=lambda row: -row[1])
    total = statistics.median(sum(part[0] for part in parts.values()) for parts in sums)
    wall = statistics.median(walls)
    statements = sum(row[3] for row in rows)
    lines = [
        f"### {title}\n",
        f"{len(turns[0])} request(s); {total * 1000:.1f} ms in the worker,"
        f" {wall * 1000:.1f} ms for the caller; {statements:.0f} statements.\n",
        "| part | own ms | share | of it SQL ms | statements |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, own, sql, count in rows:
        lines.append(
            f"| {name} | {own * 1000:.2f} | {own / total:.0%} | {sql * 1000:.2f} |"
            f" {count:.0f} |"
        )
    return "\n".join([*lines, "", _list_statements(turns[-1]), ""])


def _add_up(turn: list) -> dict[str, tuple[float, float, int]]:
    sums: dict[str, list] = collections.defaultdict(lambda: [0.0, 0.0, 0])
    for _path, _when, parts, _statements in turn:
        for name, figures in parts.items():
            for index, figure in enumerate(figures):
                sums[name][index] += figure
    return {name: tuple(figures) for name, figures in sums.items()}


def _list_statements(turn: list) -> str:
    """Return the statements of one turn, those alike together."""
    kinds: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    for _path, _when, _parts, statements in turn:
        for part, seconds, text in statements:
            kinds[part, text].append(seconds)
    return "\n".join(
        f"    {len(seconds):3} x {sum(seconds) * 1000:6.2f} ms  [{part}] {text}"
        for (part, text), seconds in kinds.items()
    )
