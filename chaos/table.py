# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The figures of a run, as text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from .driver import Sent
from .injector import Fault
from .invariants import Diary, get_workers
from .rig import ChaosRig

WIDTH = 58
#: Answers that leave a client without certainty, and the rest.
BY_PID = frozenset({"kill worker", "stop worker"})


def render(rig: ChaosRig, sent: list[Sent], faults: list[Fault]) -> str:
    """Return the figures of all that was sent, of the faults, and of the rows."""
    _count_hits(rig, sent, faults)
    lines = ["Faults", *_render_faults(faults), "", "Requests by kind and answer"]
    answers = Counter(
        (one.wanted.kind, one.answer + (" (replayed)" if one.is_replayed else ""))
        for one in sent
    )
    lines += [
        _line(f"{kind}: {answer}", n) for (kind, answer), n in sorted(answers.items())
    ]
    lines += [_line("all", len(sent)), "", "Failures by code"]
    codes = Counter(one.code for one in sent if one.answer not in ("success",))
    lines += [_line(code, number) for code, number in sorted(codes.items())]
    lines += ["", "Rows of the log by state"]
    query = (
        "SELECT concat_ws(': ', nullif(log_type, 'receive'), state), count(*)"
        " FROM api_log GROUP BY 1 ORDER BY 1"
    )
    lines += [_line(state, number) for state, number in rig.select(query)]
    query = "SELECT count(*), count(DISTINCT ref) FROM res_partner WHERE ref LIKE %s"
    effects, distinct = rig.select(query, "chaos-%")[0]
    keys = {one.wanted.key for one in sent if one.wanted.key}
    lines += ["", _line("effects", effects), _line("distinct effects", distinct)]
    lines += [_line("distinct idempotency keys", len(keys))]
    logged = get_workers(rig)
    lost = [s for s in sent if s.answer == "failure" and s.request_id not in logged]
    lines += [_line("answered as failed, row lost in a crash", len(lost))]
    query = (
        "SELECT max(attempts), count(*) FILTER (WHERE attempts > 1) FROM api_log"
        " WHERE log_type = 'receive'"
    )
    attempts, retried = rig.select(query)[0]
    lines += [_line("requests tried again inside", retried)]
    lines += [_line("most attempts of one request", attempts)]
    return "\n".join(lines)


def _render_faults(faults: list[Fault]) -> Iterable[str]:
    groups: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        groups[f"{fault.kind} at {fault.place}" if fault.place else fault.kind].append(
            fault
        )
    for name, group in sorted(groups.items()):
        yield _line(name, len(group), sum(fault.hit for fault in group))
    yield _line("all (injected, requests hit)", len(faults), sum(f.hit for f in faults))


def _count_hits(rig: ChaosRig, sent: list[Sent], faults: list[Fault]) -> None:
    """Find the requests met by what struck a process from outside."""
    workers = get_workers(rig)
    by_pid = [fault for fault in faults if fault.kind in BY_PID]
    for fault in by_pid:
        fault.hit = 0
    diary = Diary(by_pid)
    for one in sent:
        for fault in diary.get_near(one):
            fault.hit += fault.pid == workers.get(one.request_id)
    filled = [fault for fault in faults if fault.kind == "fill disk"]
    if filled:
        filled[0].hit = rig.disk.count_hits()


def _line(name: str, *numbers: int) -> str:
    return f"  {name:{WIDTH}}" + "".join(f"{number:10,}" for number in numbers)
