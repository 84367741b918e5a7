# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One record a request: create, upsert, search."""

from __future__ import annotations

from .case import Pair, Turn
from .stage import Stage

COUNTRY = "ES"
SEARCH_FIELDS = ["name", "email", "city", "country_id"]
#: A partner of the seed.
KNOWN = "SEED-00042"


def read_partners(stage: Stage, ids: list[int]) -> object:
    """Return what is equal of partners made by both sides; their order too."""
    rows = stage.select(
        "SELECT p.id, c.code, p.city, p.ref IS NULL FROM res_partner p"
        " LEFT JOIN res_country c ON c.id = p.country_id WHERE p.id = ANY(%s)",
        ids,
    )
    found = {row[0]: row[1:] for row in rows}
    return [found.get(partner_id) for partner_id in ids]


def same(stage: Stage, effect: object) -> object:
    """Compare what the sides returned as it is."""
    return effect


def create_ours(turn: Turn) -> list[int]:
    payload = {"name": turn.token, "city": "X", "country_id": {"code": COUNTRY}}
    return [turn.client.api("create_data", "res.partner", payload=payload)["id"]]


def create_in_two_calls(turn: Turn) -> list[int]:
    domain = [["code", "=", COUNTRY]]
    (country_id,) = turn.client.json2("res.country", "search", domain=domain)
    return _create_given_id(turn, country_id)


def create_in_one_call(turn: Turn) -> list[int]:
    return _create_given_id(turn, get_country_id(turn.stage))


def get_country_id(stage: Stage) -> int:
    """Return the id a JSON-2 caller would have kept; looked up once."""
    if not hasattr(stage, "country_id"):
        query = "SELECT id FROM res_country WHERE code = %s"
        stage.country_id = stage.select(query, COUNTRY)[0][0]
    return stage.country_id


def _create_given_id(turn: Turn, country_id: int) -> list[int]:
    vals = {"name": turn.token, "city": "X", "country_id": country_id}
    return turn.client.json2("res.partner", "create", vals_list=[vals])


def upsert_ours(turn: Turn) -> list[int]:
    """Make a partner, then meet it again: half the upserts create."""
    ids = []
    for city in ("X", "Y"):
        result = turn.client.api(
            "create_update_data",
            "res.partner",
            search_key={"ref": turn.token},
            payload={"name": turn.token, "city": city},
        )
        ids += result["ids"]
    return ids


def upsert_theirs(turn: Turn) -> list[int]:
    ids = []
    for city in ("X", "Y"):
        vals = {"name": turn.token, "city": city}
        domain = [["ref", "=", turn.token]]
        found = turn.client.json2("res.partner", "search", domain=domain)
        if found:
            turn.client.json2("res.partner", "write", ids=found, vals=vals)
        else:
            vals["ref"] = turn.token
            found = turn.client.json2("res.partner", "create", vals_list=[vals])
        ids += found
    return ids


def search_ours(turn: Turn) -> list[dict]:
    payload = {
        "search_field": SEARCH_FIELDS,
        "search_domain": [["ref", "=", KNOWN]],
    }
    return turn.client.api("search_data", "res.partner", payload=payload)


def search_theirs(turn: Turn) -> list[dict]:
    domain = [["ref", "=", KNOWN]]
    return turn.client.json2(
        "res.partner", "search_read", domain=domain, fields=SEARCH_FIELDS
    )


CASES = (
    Pair(
        "create-by-code",
        "create one partner, country by code",
        "JSON-2, two calls: search the country, create",
        0.5,
        create_ours,
        create_in_two_calls,
        read_partners,
    ),
    Pair(
        "create-given-id",
        "create one partner, country by code",
        "JSON-2 given the id, one call",
        0.8,
        create_ours,
        create_in_one_call,
        read_partners,
    ),
    Pair(
        "upsert",
        "upsert by ref: once new, once existing",
        "JSON-2: search, then create or write",
        0.5,
        upsert_ours,
        upsert_theirs,
        read_partners,
    ),
    Pair(
        "search-one",
        "search one record by ref, four fields",
        "JSON-2 `search_read`",
        0.7,
        search_ours,
        search_theirs,
        same,
    ),
)
