# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Room on the interpreter's stack, so that no call has to ask the system for it.

CPython 3.11 and later keep the frames of Python functions in chunks of 16 KiB. The
call that no longer fits maps a new chunk, and its return unmaps it (``push_chunk`` and
``_PyThreadState_PopFrame`` in Python/pystate.c). Where a loop of the ORM happens to
stand at such an edge, each call costs 11 us instead of 0.07: an order of 300 lines took
25,000 page faults and a fifth of its time (docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import Callable

#: Slots of 8 bytes. A chunk is the least power of two that holds the frame it is
#: made for; for one just above 256 KiB that is 512 KiB, and what calls nest in gets the
#: other half: 1,000 calls deep, the recursion limit, take about 140 KiB.
FRAME_SLOTS = 2**15


def with_room(work: Callable, *args, **kwargs):
    """Call ``work`` where the calls it nests find their frames' room ready.

    The room is address space: only what calls use of it is ever touched.
    """
    return work(*args, **kwargs)


# Asks for the slots as if it computed an expression that deep.
with_room.__code__ = with_room.__code__.replace(co_stacksize=FRAME_SLOTS)
