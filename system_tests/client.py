# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The client of examples/python does things once, on lines that break."""

from __future__ import annotations

import json
import time
import uuid
from unittest import mock

from odoo_gateway import BadSignature, Failed, Gateway, Refused, Unreachable, verify

from .breaking_proxy import breaking_proxy
from .limits import make_key
from .rig import Rig
from .server import INTERFACE, free_port

BREAKS = (
    ["drop"],
    ["cut"],
    ["busy"],
    ["cut", "drop", "busy", "cut"],
)
#: Long enough for a second attempt to meet the first one at work.
PATIENCE_SECONDS = 2
LIMIT = 20  # a minute
MOST_REQUESTS = 3 * LIMIT
#: The example of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SIGNED_AT = 1614265330
BODY = b'{"test": 2432232314}'
HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": str(SIGNED_AT),
    "Webhook-Signature": "v1,bm9ib2R5 v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def _make_partner(gateway: Gateway) -> tuple[int, str]:
    ref = f"client-{uuid.uuid4()}"
    return gateway.create("res.partner", {"name": "Once", "ref": ref})["id"], ref


def _get_statuses(gateway: Gateway) -> list[int]:
    """Return a list that all statuses the gateway gets from now on are added to."""
    statuses: list[int] = []
    gateway.session.hooks["response"] = [
        lambda response, **_options: statuses.append(response.status_code)
    ]
    return statuses


def test_client_does_it_once_whatever_breaks(rig: Rig) -> None:
    with breaking_proxy(rig.urls[0]) as proxy:
        gateway = Gateway(proxy.url, rig.key)
        for faults in BREAKS:
            proxy.faults, proxy.passed = [*faults], 0
            made, ref = _make_partner(gateway)
            assert proxy.passed == len(faults) + 1, (faults, proxy.passed)
            rows = rig.select("SELECT id FROM res_partner WHERE ref = %s", ref)
            assert rows == [(made,)], (faults, rows, made)


def test_client_waits_for_the_attempt_it_lost_sight_of(rig: Rig) -> None:
    """409 while the first is at work, then its answer; the work is done once."""
    partner, ref = _make_partner(Gateway(rig.urls[0], rig.key))
    with breaking_proxy(rig.urls[0]) as proxy:
        gateway = Gateway(proxy.url, rig.key)
        statuses = _get_statuses(gateway)
        proxy.faults = ["leave"]
        with mock.patch("random.uniform", lambda _low, _high: 0.2):
            method = {
                "method": "faults_patience",
                "parameter": {"seconds": PATIENCE_SECONDS},
            }
            assert gateway.call("res.partner", method, {"ref": ref}) == 1
    assert statuses[0] == 409 and statuses[-1] == 200, statuses
    query = "SELECT color FROM res_partner WHERE id = %s"
    assert rig.select(query, partner) == [(1,)]


def test_client_sends_again_what_the_database_undid(rig: Rig) -> None:
    ref, request_id = f"client-{uuid.uuid4()}", str(uuid.uuid4())
    rig.order(f"worked@{request_id}", "disconnect")
    vals = {"payload": {"name": "Undone", "ref": ref}}
    headers = {"X-Request-Id": request_id}
    gateway = Gateway(rig.urls[0], rig.key)
    answer = gateway.send("create_data", "res.partner", vals, headers)
    assert not rig.has_order(f"worked@{request_id}"), "nothing was proved"
    rows = rig.select("SELECT id FROM res_partner WHERE ref = %s", ref)
    assert rows == [(answer["result"]["id"],)], rows
    query = "SELECT state FROM api_log WHERE request_id = %s ORDER BY id"
    states = [state for (state,) in rig.select(query, request_id)]
    assert states == ["failed", "done"], states


def test_client_pauses_for_as_long_as_it_is_told(rig: Rig) -> None:
    gateway = Gateway(rig.urls[0], make_key(rig, LIMIT))
    statuses = _get_statuses(gateway)
    while 429 not in statuses:
        started = time.monotonic()
        assert gateway.search("res.partner", ["name"], limit=1)
        assert len(statuses) < MOST_REQUESTS, "nothing was proved"
    # All of the minute is used up, so the next one is allowed 3 s later at most.
    assert statuses[-2:] == [429, 200], statuses
    assert time.monotonic() - started >= 1


def test_client_says_what_is_wrong_and_does_not_insist(rig: Rig) -> None:
    gateway = Gateway(rig.urls[0], rig.key)
    statuses = _get_statuses(gateway)
    failed = _catch(Failed, gateway.create, "res.partner", {"name": "A", "nmae": "B"})
    assert (failed.code, failed.path) == ("unknown_field", "payload.nmae"), failed
    assert not failed.retryable and failed.answer["request_id"], failed.answer
    once = str(uuid.uuid4())
    gateway.create("res.partner", {"name": "First"}, once=once)
    refused = _catch(
        Refused, gateway.create, "res.partner", {"name": "Other"}, once=once
    )
    assert refused.code == "idempotency_mismatch", refused
    assert statuses == [200, 200, 422], statuses
    stranger = Gateway(rig.urls[0], "0" * 40)
    assert _catch(Refused, _make_partner, stranger).code == "auth_invalid"
    lost = _catch(Unreachable, _make_partner, Gateway(rig.urls[0] + "/web", rig.key))
    assert not lost.retryable and "HTTP 404" in str(lost), lost
    nobody = Gateway(f"http://{INTERFACE}:{free_port()}", rig.key, attempts=2)
    assert _catch(Unreachable, _make_partner, nobody).retryable


def _catch(kind: type, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def test_client_gives_a_verdict_for_each_record(rig: Rig) -> None:
    gateway, mark = Gateway(rig.urls[0], rig.key), str(uuid.uuid4())
    good = {"ref": 1, "search_key": {"ref": mark}, "payload": {"name": "Good"}}
    bad = {"ref": 2, "search_key": {"ref": f"{mark}-2"}, "payload": {"name": 7}}
    upsert = "create_update_data", "res.partner"
    mixed = gateway.batch(*upsert, [good, bad], on_error="continue")
    assert [(one.ref, one.is_success) for one in mixed] == [(1, True), (2, False)]
    assert mixed[1].errors[0]["path"] == "records[1].payload.name", mixed
    query = "SELECT id FROM res_partner WHERE ref LIKE %s"
    assert rig.select(query, f"{mark}%") == [tuple(mixed[0].ids)]
    alone = gateway.batch(*upsert, [bad], on_error="continue")
    assert [one.is_success for one in alone] == [False], alone
    failed = _catch(Failed, gateway.batch, *upsert, [good, bad])
    assert failed.path == "records[1].payload.name", failed.errors


def test_client_meets_each_record_once_though_others_come_and_go(rig: Rig) -> None:
    gateway, mark = Gateway(rig.urls[0], rig.key), f"page-{uuid.uuid4()}"
    made = gateway.create("res.partner", [{"name": mark} for _each in range(7)])
    met: list[int] = []
    for page in gateway.pages("res.partner", ["name"], [["name", "=", mark]], size=3):
        met += [row["id"] for row in page]
        if len(met) == 3:
            # Met already: an offset would now leave one out.
            rig.select("DELETE FROM res_partner WHERE id = %s", met[0])
            late = gateway.create("res.partner", {"name": mark})["id"]
    assert met == [*(row["id"] for row in made), late], (met, made, late)


def test_client_verifies_webhooks_as_the_standard_has_it(_rig: Rig) -> None:
    def at(moment: float, *secrets: str, body: bytes = BODY, **headers: str):
        with mock.patch("time.time", lambda: moment):
            return verify({**HEADERS, **headers}, body, secrets)

    assert at(SIGNED_AT + 299, SECRET) == json.loads(BODY)
    assert at(SIGNED_AT - 299, OTHER_SECRET, SECRET) == json.loads(BODY)
    for bad in (
        lambda: at(SIGNED_AT + 301, SECRET),
        lambda: at(SIGNED_AT - 301, SECRET),
        lambda: at(SIGNED_AT, OTHER_SECRET),
        lambda: at(SIGNED_AT),
        lambda: at(SIGNED_AT, SECRET, body=BODY + b" "),
        lambda: at(SIGNED_AT, SECRET, **{"Webhook-Id": "msg_another"}),
        lambda: at(SIGNED_AT, SECRET, **{"Webhook-Timestamp": str(SIGNED_AT + 1)}),
        lambda: at(SIGNED_AT, SECRET, **{"Webhook-Signature": "v1,"}),
        lambda: verify({}, BODY, [SECRET]),
    ):
        _catch(BadSignature, bad)
