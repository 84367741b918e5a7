# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import resource

from odoo.tests import BaseCase

from ..tools.frame_room import with_room

CALLS = 200
#: More than a chunk of 16 KiB holds of the smallest frames.
DEPTHS = 250


def count_faults(depth: int) -> int:
    """Return the page faults of a loop of calls that many calls further in."""
    if depth:
        return count_faults(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(CALLS):
        take(number)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def take(number: int) -> int:
    return number


class TestFrameRoom(BaseCase):
    def test_no_depth_maps_a_chunk_for_each_call(self):
        """Bare, a loop at the edge of a chunk faults once a call; inside, nowhere."""
        bare = max(count_faults(depth) for depth in range(DEPTHS))
        self.assertGreaterEqual(bare, CALLS, "this interpreter needs no room")

        worst = max(with_room(count_faults, depth) for depth in range(DEPTHS))
        self.assertLess(worst, CALLS // 2)

    def test_what_the_call_returns_and_raises(self):
        self.assertEqual(with_room(divmod, 7, 2), (3, 1))
        with self.assertRaises(ZeroDivisionError):
            with_room(divmod, 7, 0)
