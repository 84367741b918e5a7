# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The ratios against their goals, as SVG."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

WIDTH = 900
LABEL_WIDTH = 400
ROW_HEIGHT = 24
TOP = 46
#: The scale is logarithmic: half and double lie as far from the goal.
DECADE = 190
#: Farther away is drawn here, with its number beside it.
FARTHEST = 1.0
MET, MISSED, MISSING = "#2e7d32", "#c62828", "#9e9e9e"


def draw(rows: list[dict]) -> str:
    """Return a chart of result rows: each bar is its ratio divided by its goal.

    Left of the line is better than the goal, also where more is better.
    """
    height = TOP + ROW_HEIGHT * len(rows) + 12
    zero = LABEL_WIDTH + DECADE + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(zero, 18, "goal", "middle"),
        _text(zero - 12, 34, "better", "end"),
        _text(zero + 12, 34, "worse", "start"),
        *(line for number, row in enumerate(rows) for line in _bar(number, row, zero)),
        f'<path d="M{zero} {TOP - 8}V{height - 8}" stroke="#212121"/>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(number: int, row: dict, zero: int) -> list[str]:
    middle = TOP + ROW_HEIGHT * number + ROW_HEIGHT // 2
    label = _text(LABEL_WIDTH, middle + 4, row["name"], "end")
    if "ratio" not in row:
        return [label, _text(zero + 8, middle + 4, "not available", "start", MISSING)]
    quotient = row["ratio"] / row["goal"]
    if row["more_is_better"]:
        quotient = 1 / quotient
    distance = max(-FARTHEST, min(FARTHEST, math.log10(quotient))) * DECADE
    color = MET if row["met"] else MISSED
    start, width = min(zero, zero + distance), max(abs(distance), 1)
    text = f"{row['ratio']:.3g} (goal {row['goal']:g})"
    # Beside the line's other side, where no bar is.
    side, anchor = (zero + 8, "start") if distance < 0 else (zero - 8, "end")
    return [
        label,
        f'<rect x="{start:.1f}" y="{middle - 7}" width="{width:.1f}" height="14"'
        f' fill="{color}"/>',
        _text(side, middle + 4, text, anchor),
    ]


def _text(x: float, y: float, text: str, anchor: str, color: str = "#212121") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{color}">'
        f"{escape(text)}</text>"
    )
