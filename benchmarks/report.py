# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The results file, and the page and plot made of it."""

from __future__ import annotations

import json
from pathlib import Path

from . import chart

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "benchmarks.svg"

_PAGE = """\
# Benchmarks

Written by `make bench`; do not edit. {kind}, {date}, at commit `{commit}`,
file `benchmarks/results/{file}`.

| machine | |
| --- | --- |
{machine}

Both sides are served by the same two workers, in turn, with the same API key; ours
writes its log, JSON-2 writes none. A ratio is ours divided by theirs, pair by pair:
below 1 we are faster, or smaller. The figure is the median of the pairs, the interval
holds the true median 19 times out of 20. Fewer than six pairs
make no such interval: it is then the range they span. Where it is wide, the machine
was busy with something else: read the ratio, not the milliseconds.

![Ratios against their goals](benchmarks.svg)

{table}

## The rows

{rows}

Why goals are missed, and what the floor is: [decision
11](decisions/0011-where-the-time-goes.md).

How each figure is taken is in `benchmarks/`, where a case is a function or two. Pairs
are run in alternating order after a warm-up that is thrown away, and both sides'
effects are compared: a pair that did not do the same work stops its case. Odoo's
workers close a connection after each answer, so neither side keeps one.
"""


def write_results(run: dict, folder: Path = RESULTS) -> Path:
    """Write one run; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run['date'][:10]}-{run['commit']}.json"
    text = json.dumps(run, indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def write_page(run: dict, file: str) -> None:
    """Write the page and its plot."""
    PLOT.write_text(chart.draw(run["rows"]), encoding="utf-8")
    text = _PAGE.format(
        date=run["date"],
        commit=run["commit"],
        kind=run["kind"].capitalize(),
        file=file,
        machine="\n".join(
            f"| {key} | {run['machine'][key]} |" for key in run["machine"]
        ),
        table=make_table(run["rows"]),
        rows="\n".join(map(_describe, run["rows"])),
    )
    PAGE.write_text(text, encoding="utf-8")


def make_table(rows: list[dict]) -> str:
    """Return the rows as a Markdown table."""
    head = "| row | goal | ratio | 95% | ours | theirs | |\n" + "| --- " * 7 + "|"
    return "\n".join([head, *map(_line, rows)])


def _line(row: dict) -> str:
    sign = "≥" if row["more_is_better"] else "≤"
    start = f"| {row['name']} | {sign} {row['goal']:g} |"
    if "ratio" not in row:
        return f"{start} - | - | - | - | not available |"
    unit = row["unit"]
    return (
        f"{start} **{row['ratio']:.3g}** | {row['low']:.3g} - {row['high']:.3g} |"
        f" {row['ours']:.4g} {unit} | {row['theirs']:.4g} {unit} | {_judge(row)} |"
    )


def _judge(row: dict) -> str:
    """Say whether the goal is met, if the interval lies on one side of it."""
    if row["low"] < row["goal"] < row["high"]:
        return "met, within the noise" if row["met"] else "missed, within the noise"
    return "met" if row["met"] else "**missed**"


def _describe(row: dict) -> str:
    cost = f"{row['cost_seconds']:.0f} s"
    text = f"- **{row['name']}**: {row['work']}, against {row['against']}"
    if "ratio" in row:
        text += f" ({row['pairs']} pairs, {cost})."
    else:
        text += f". Not available: `{row['unavailable']}`"
    return f"{text} {row['note']}".rstrip()
