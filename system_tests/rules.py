# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules on real servers: what is committed is told, on each of them, and only that."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Iterator

from .rig import Rig

MAKE_RULE = """
endpoint = env["webhook.endpoint"].create(
    {{"name": "Shop", "url": "https://shop.example.com/hook"}}
)
field = env["ir.model.fields"].create(
    {{
        "model_id": env["ir.model"]._get("res.partner").id,
        "name": "x_webhook",
        "ttype": "char",
        "field_description": "Webhook",
    }}
)
rule = env["webhook.outbound.rule"].create(
    {{
        "name": "System test",
        "model_id": env["ir.model"]._get("res.partner").id,
        "trigger": "created_or_updated",
        "trigger_domain": "[('ref', '=like', '{ref}%')]",
        "endpoint_source": "static",
        "endpoint_id": endpoint.id,
        "user_id": env.ref("base.user_admin").id,
        "payload_fields": '{{"name": "{{name}}", "x": "{{x_webhook}}"}}',
    }}
)
env.cr.commit()
env.registry.signal_changes()
"""
# As where a module was uninstalled: nobody asks who needs its fields.
LOSE_FIELD = """
env.cr.execute("DELETE FROM ir_model_fields WHERE name = 'x_webhook'")
env.cr.commit()
env.registry.registry_invalidated = True
env.registry.signal_changes()
"""
REMOVE = """
env["webhook.outbound.rule"].search([("name", "=", "System test")]).unlink()
env.cr.execute("DELETE FROM webhook_outbound_delivery")
env["webhook.endpoint"].search([("name", "=", "Shop")]).unlink()
env.cr.execute("DELETE FROM ir_model_fields WHERE name = 'x_webhook'")
env.cr.execute("ALTER TABLE res_partner DROP COLUMN IF EXISTS x_webhook")
env.cr.commit()
env.registry.registry_invalidated = True
env.registry.signal_changes()
"""
#: For what is written after the commit.
SECONDS = 20


@contextlib.contextmanager
def _rule(rig: Rig) -> Iterator[str]:
    """Yield what the ref of a partner begins with that a rule tells of.

    Made by another process than the servers, which must learn of it.
    """
    ref = f"rule-{uuid.uuid4()}"
    rig.run_shell(MAKE_RULE.format(ref=ref))
    try:
        yield ref
    finally:
        rig.run_shell(REMOVE)


def _get_rows(rig: Rig) -> list[tuple]:
    """Return kind and payload of what the rule has told."""
    rows = rig.select(
        "SELECT kind, body FROM webhook_outbound_delivery d"
        " JOIN webhook_outbound_rule r ON r.id = d.rule_id"
        " WHERE r.name = 'System test' ORDER BY d.id"
    )
    return [(kind, json.loads(body)["data"]["name"]) for kind, body in rows]


def _create(rig: Rig, ref: str, server: int = 0, **vals: object) -> dict:
    vals = {"payload": {"name": "Told", "ref": ref}} | vals
    return rig.call("create_data", "res.partner", vals, server)["result"]


def test_rules_tell_what_is_committed_on_each_server(rig: Rig) -> None:
    """And nothing of a dry run, a failure, or the part of a batch that failed."""
    with _rule(rig) as ref:
        for server in (0, 1):
            answer = _create(rig, f"{ref}-{server}", server)
            assert answer["is_success"], answer
        assert _get_rows(rig) == [("created", "Told")] * 2
        answer = _create(rig, f"{ref}-dry", dry_run=True)
        assert answer["is_success"], answer
        # Fails in its last part, when the first is written already.
        good = {"payload": {"name": "Batch", "ref": f"{ref}-good"}}
        bad = {"payload": {"name": False, "ref": f"{ref}-bad", "type": "contact"}}
        for on_error, told in (("abort", []), ("continue", [("created", "Batch")])):
            vals = {"records": [good, bad], "on_error": on_error}
            answer = rig.call("create_data", "res.partner", vals)["result"]
            assert not answer["is_success"], answer
            assert _get_rows(rig)[2:] == told, _get_rows(rig)


def test_rules_hold_when_changes_are_retried(rig: Rig) -> None:
    """Two servers update one record at once, again and again: each commit is told.

    A serialization failure repeats a request; what it had noted is forgotten.
    """
    count = 15
    with _rule(rig) as ref:
        record_id = _create(rig, ref)["result"]["id"]
        answers: list[dict] = []

        def update(server: int) -> None:
            for number in range(count):
                vals = {
                    "search_key": {"id": record_id},
                    "payload": {"name": f"{server}-{number}"},
                }
                answers.append(
                    rig.call("update_data", "res.partner", vals, server)["result"]
                )

        threads = [threading.Thread(target=update, args=(n,)) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done = [answer for answer in answers if answer["is_success"]]
        assert len(answers) == 2 * count
        rows = _get_rows(rig)
        assert len(rows) == 1 + len(done), (len(rows), len(done))
        assert len(set(rows)) == len(rows), rows
        # The last one told is the one that stands: the sequence rises by commits.
        [(name,)] = rig.select("SELECT name FROM res_partner WHERE id = %s", record_id)
        assert rows[-1] == ("updated", name), (rows[-1], name)


def test_broken_rules_are_told_of_and_stop_nobody(rig: Rig) -> None:
    """A field goes away; the next change shows it, and is written all the same."""
    with _rule(rig) as ref:
        rig.run_shell(LOSE_FIELD)
        answer = _create(rig, ref)
        assert answer["is_success"], answer
        assert _get_rows(rig) == []
        query = (
            "SELECT r.told_problem, count(a.id) FROM webhook_outbound_rule r"
            " LEFT JOIN mail_activity a ON a.res_id = r.id"
            " AND a.res_model = 'webhook.outbound.rule'"
            " WHERE r.name = 'System test' GROUP BY r.id"
        )
        deadline = time.monotonic() + SECONDS
        while not (found := rig.select(query))[0][0]:
            assert time.monotonic() < deadline, rig.server_log()[-2000:]
            time.sleep(0.2)
        assert "x_webhook" in found[0][0], found
        assert found[0][1] == 1, found
