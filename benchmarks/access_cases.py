# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What it costs that a key is less than its user, and counted."""

from __future__ import annotations

from .case import Pair, Turn
from .client import Client
from .single_cases import get_country_id, read_partners
from .stage import Stage

#: As in addons/usability_webhooks_bench.
UNCOUNTED = "bench uncounted"
#: The limit is checked and never reached.
MAKE_NARROW_KEY = """
rule = {"model_id": env["ir.model"]._get_id("res.partner"), "may_create": True}
lookup = {"model_id": env["ir.model"]._get_id("res.country"), "may_read": True}
profile = env["api.access.profile"].create({
    "name": "bench", "allow_create_data": True,
    "requests_per_minute": 1_000_000,
    "rule_ids": [(0, 0, rule), (0, 0, lookup)],
})
keys = env["res.users.apikeys"].with_user(env.ref("base.user_admin")).sudo()
key = keys._generate_narrow(profile, "bench", None)
env.cr.commit()
print("KEY", key)
"""


def get_narrow_key(stage: Stage) -> str:
    """Return a key with a profile and a limit; made once."""
    if not hasattr(stage, "narrow_key"):
        output = stage.run_shell(MAKE_NARROW_KEY)
        stage.narrow_key = output.rpartition("KEY ")[2].split()[0]
    return stage.narrow_key


def create_narrow(turn: Turn) -> list[int]:
    return _create(turn, Client(turn.stage.urls[-1], get_narrow_key(turn.stage)))


def create_plain(turn: Turn) -> list[int]:
    return _create(turn, Client(turn.stage.urls[-1], turn.stage.key, UNCOUNTED))


def _create(turn: Turn, client: Client) -> list[int]:
    payload = {"name": turn.token, "country_id": get_country_id(turn.stage)}
    return [client.api("create_data", "res.partner", payload=payload)["id"]]


CASES = (
    Pair(
        "access",
        "the smallest create by a key with a profile and a limit",
        "by a plain key that is not counted at all",
        1.03,
        create_narrow,
        create_plain,
        read_partners,
        rounds=300,
        warm_up=8,
        note="A limit of records costs one statement more, after the work.",
    ),
)
