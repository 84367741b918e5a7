# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who is told of what, where two senders have it to tell."""

from __future__ import annotations

from .rig import Rig

#: Two connections, as two senders have. Whoever makes an activity waits for the other
#: to be about to make one too, which nobody is who has to wait for the first to end.
TELL_AT_ONCE = """
import contextlib, threading
from odoo import api

endpoint = env["webhook.endpoint"].create(
    {
        "name": "Told of twice",
        "url": "https://shop.example.com/hook",
        "user_id": env.ref("base.user_admin").id,
    }
)
# Who does not follow it yet is made to by an activity, which only one can do.
endpoint.message_subscribe(endpoint.user_id.partner_id.ids)
env.cr.commit()
both = threading.Barrier(2)
schedule = type(endpoint).activity_schedule

def wait_and_schedule(self, *args, **kwargs):
    with contextlib.suppress(threading.BrokenBarrierError):
        both.wait(2)
    return schedule(self, *args, **kwargs)

type(endpoint).activity_schedule = wait_and_schedule

def tell(number):
    with env.registry.cursor() as cr:
        results = api.Environment(cr, env.uid, {})["webhook.outbound.result"]
        results._tell_owners({endpoint.id: f"reason {number}"})

threads = [threading.Thread(target=tell, args=(number,)) for number in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
type(endpoint).activity_schedule = schedule
env.cr.rollback()
env.invalidate_all()
print("ACTIVITIES", len(endpoint.activity_ids))
endpoint.unlink()
env.cr.commit()
"""


def test_two_senders_tell_the_owner_once(rig: Rig) -> None:
    output = rig.run_shell(TELL_AT_ONCE)
    assert "ACTIVITIES 1" in output, output[-500:]
