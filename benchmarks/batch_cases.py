# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A thousand records in one request, per record."""

from __future__ import annotations

from .case import NotTheSame, Pair, Turn
from .client import Timed, measure
from .single_cases import read_partners
from .stage import Stage

SIZE = 1_000
#: Single calls per turn; their time is that of as many records of the batch.
SINGLES = 50


def _vals(turn: Turn, number: int) -> dict:
    return {"name": f"{turn.token} {number}", "city": "X"}


def batch_ours(turn: Turn) -> list[int]:
    """Create a thousand partners in one request."""
    records = [
        {"ref": str(number), "payload": _vals(turn, number)} for number in range(SIZE)
    ]
    rows = turn.client.api("create_data", "res.partner", records=records)
    return [row["id"] for row in rows]


def list_ours(turn: Turn) -> list[int]:
    """The same as a payload that is a list: no verdict for each record."""
    payload = [_vals(turn, number) for number in range(SIZE)]
    rows = turn.client.api("create_data", "res.partner", payload=payload)
    return [row["id"] for row in rows]


def list_theirs(turn: Turn) -> list[int]:
    vals_list = [_vals(turn, number) for number in range(SIZE)]
    return turn.client.json2("res.partner", "create", vals_list=vals_list)


def singles_theirs(turn: Turn) -> list[int]:
    return [
        turn.client.json2("res.partner", "create", vals_list=[_vals(turn, number)])[0]
        for number in range(SINGLES)
    ]


def _prepare_existing(turn: Turn, size: int) -> None:
    """Make every second record of an upsert beforehand."""
    turn.client.json2(
        "res.partner",
        "create",
        vals_list=[
            {"name": "before", "ref": f"{turn.token}-{number}"}
            for number in range(0, size, 2)
        ],
    )


def upserts_ours(turn: Turn) -> Timed:
    """Time the request alone, not what is made before it."""
    _prepare_existing(turn, SIZE)
    return measure(_upsert_batch, turn)


def upserts_theirs(turn: Turn) -> Timed:
    _prepare_existing(turn, SINGLES)
    return measure(_upsert_singles, turn)


def _upsert_batch(turn: Turn) -> list[int]:
    records = [
        {
            "ref": str(number),
            "search_key": {"ref": f"{turn.token}-{number}"},
            "payload": _vals(turn, number),
        }
        for number in range(SIZE)
    ]
    rows = turn.client.api("create_update_data", "res.partner", records=records)
    operations = {row["operation"] for row in rows}
    if operations != {"created", "updated"}:
        raise NotTheSame(f"operations: {operations}")
    return [row["ids"][0] for row in rows]


def _upsert_singles(turn: Turn) -> list[int]:
    ids = []
    for number in range(SINGLES):
        ref = f"{turn.token}-{number}"
        domain = [["ref", "=", ref]]
        found = turn.client.json2("res.partner", "search", domain=domain)
        vals = _vals(turn, number)
        if found:
            turn.client.json2("res.partner", "write", ids=found, vals=vals)
        else:
            vals["ref"] = ref
            found = turn.client.json2("res.partner", "create", vals_list=[vals])
        ids += found
    return ids


def read_kinds(stage: Stage, ids: list[int]) -> object:
    """Return the different kinds of partners made, and that none is missing."""
    rows = read_partners(stage, ids)
    if len(set(ids)) not in (SIZE, SINGLES) or None in rows:
        raise NotTheSame(f"{len(set(ids))} partners")
    return sorted(set(rows), key=repr)


_BATCH = f"{SIZE:,} partners in one batch, per record"
_PER_RECORD = f"Ours measured over {SIZE:,} records, theirs over {SINGLES}."

CASES = (
    Pair(
        "batch-singles",
        _BATCH,
        "single JSON-2 creates",
        0.05,
        batch_ours,
        singles_theirs,
        read_kinds,
        8,
        warm_up=1,
        records=(SIZE, SINGLES),
        note=_PER_RECORD,
    ),
    Pair(
        "batch-list",
        _BATCH,
        "JSON-2 `create` of one list",
        1.1,
        batch_ours,
        list_theirs,
        read_kinds,
        8,
        warm_up=1,
        records=(SIZE, SIZE),
    ),
    Pair(
        "list-list",
        f"{SIZE:,} partners as a payload that is a list",
        "JSON-2 `create` of one list",
        1.1,
        list_ours,
        list_theirs,
        read_kinds,
        8,
        warm_up=1,
        records=(SIZE, SIZE),
    ),
    Pair(
        "batch-upserts",
        f"{SIZE:,} upserts, half existing, per record",
        "JSON-2: search, then create or write, singly",
        0.08,
        upserts_ours,
        upserts_theirs,
        read_kinds,
        6,
        warm_up=1,
        records=(SIZE, SINGLES),
        note=_PER_RECORD,
    ),
)
