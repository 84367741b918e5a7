# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The OpenAPI document before judges that are not ours.

The usual validator reads it; schemathesis then sends what it allows and what it does
not, and looks for server errors, for answers that are not in the document, for wrong
requests that succeed, for routes that serve without a key. Always the same requests:
the seed is fixed, unless ``UW_OPENAPI_SEED`` is another number. What schemathesis has
to know is in ``openapi_hooks``.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import requests
from sandbox import installation, pins, places, python_packages

from .rig import HERE, REQUEST_SECONDS, Rig

REQUIREMENTS = places.SCRIPTS / "requirements-openapi.txt"
SEED = int(os.environ.get("UW_OPENAPI_SEED", "1"))
#: Of one document; two are tried. Requests made up for each route, and the seconds
#: after which a slow machine leaves the rest.
EXAMPLES = 40
RUN_SECONDS = 55
#: It ends its run in good order, which takes a while.
GRACE_SECONDS = 120
#: Odoo's own default: all fields of all views are 6 s of Odoo's own computing (what is
#: wrong with each view), and many times that on a busy machine.
LIMIT_TIME_REAL = 120
#: Of a request; the worker says so before.
ANSWER_SECONDS = 110
MODELS = ("", "sale.order", "res.partner", "product.product", "account.move")
CONFIGURATION = """
[checks]
# A wrong request that reached an operation is answered with 200, as 18.0 did; that it
# is not carried out is looked at by a check of our own.
negative_data_rejection.enabled = false
# A document of no such model, and idempotency keys that were used before.
positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "422"]
"""
MAKE_NARROW_KEY = """
from datetime import datetime, timedelta
from odoo.fields import Command

NAMES = {
    "res.partner": "name ref country_id category_id child_ids city type active color",
    "res.country": "code name",
    "res.partner.category": "name parent_id",
}
rules = []
for model, names in NAMES.items():
    ids = [env["ir.model.fields"]._get(model, name).id for name in names.split()]
    rules.append(Command.create({
        "model_id": env["ir.model"]._get_id(model),
        "may_create": True, "may_update": True, "may_call": True,
        "methods": "action_archive" if model == "res.partner" else "",
        "read_mode": "only", "read_field_ids": [Command.set(ids)],
        "write_mode": "only", "write_field_ids": [Command.set(ids)],
    }))
routes = ("create_data", "update_data", "create_update_data", "search_data")
profile = env["api.access.profile"].create({
    "name": "openapi", "rule_ids": rules, "allow_call_function": True,
    **{f"allow_{route}": True for route in routes},
})
keys = env["res.users.apikeys"].with_user(env.ref("base.user_admin")).sudo()
ends = datetime.now() + timedelta(days=1)
print("KEY", keys._generate_narrow(profile, "openapi", ends))
env.cr.commit()
"""


def test_openapi_document_and_server_agree(_rig: Rig) -> None:
    """Validate the documents, then let schemathesis loose on a database of its own."""
    tools, rig = _get_tools(), Rig("openapi")
    try:
        rig.create()
        output = rig.run_shell(MAKE_NARROW_KEY)
        narrow = output.rpartition("KEY ")[2].split()[0]
        # The judge reads whole tables; when a worker is ended is no question here.
        rig.start_server("--limit-time-real", str(LIMIT_TIME_REAL))
        documents = [_fetch(rig, rig.key, model) for model in MODELS]
        documents.append(_fetch(rig, narrow, "res.partner"))
        _validate(tools, documents)
        problems = _try(tools, rig, rig.key, documents[0])
        problems += _try(tools, rig, narrow, documents[-1])
        problems += _get_internal_errors(rig)
    except Exception:
        print(rig.server_log()[-3000:], flush=True)
        raise
    finally:
        rig.stop_servers()
        rig.drop()
    assert not problems, "\n\n".join(problems)


def _get_tools() -> Path:
    """Return the folder with the programs of the judges, installed if need be."""
    key = places.key(pins.requirements(REQUIREMENTS))
    folder = places.CACHE / f"openapi-venv-{key}"
    with installation.locked(places.CACHE):
        title = "installing schemathesis"
        python_packages.virtual_environment(folder, REQUIREMENTS, title)
    return folder / "bin"


def _fetch(rig: Rig, key: str, model: str) -> Path:
    """Return the file of a document, as the server made it for a key."""
    response = requests.get(
        f"{rig.urls[0]}/api/openapi.json",
        params={"model": model} if model else {},
        headers={"Authorization": f"Bearer {key}"},
        timeout=REQUEST_SECONDS,
    )
    response.raise_for_status()
    path = rig.folder / f"{model or 'index'}-{key[:4]}.json"
    # The validator reads JSON as YAML, which knows no escaped surrogate pairs.
    path.write_text(json.dumps(response.json(), ensure_ascii=False))
    return path


def _validate(tools: Path, documents: list[Path]) -> None:
    command = [tools / "openapi-spec-validator", *documents]
    done = _run(command, documents[0].parent, GRACE_SECONDS)
    assert done.returncode == 0, done.stdout
    print(f"      {len(documents)} documents are valid", flush=True)


def _try(tools: Path, rig: Rig, key: str, document: Path) -> list[str]:
    """Return what schemathesis found wrong."""
    configuration = rig.folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    started = time.monotonic()
    command = [
        *(tools / "schemathesis", "--config-file", configuration, "run", document),
        *("--url", rig.urls[0], "--header", f"Authorization: Bearer {key}"),
        *("--seed", SEED, "--max-examples", EXAMPLES, "--max-time", RUN_SECONDS),
        *("--request-timeout", ANSWER_SECONDS),
        *("--phases", "examples,coverage,fuzzing"),
        *("--generation-with-security-parameters", "false"),
        *("--generation-database", "none", "--suppress-health-check", "all"),
        *("--continue-on-failure", "--no-color"),
    ]
    done = _run(command, rig.folder, RUN_SECONDS + GRACE_SECONDS)
    counts = [line for line in done.stdout.splitlines() if "generated" in line]
    print(f"      {document.name}: {''.join(counts).strip()}", flush=True)
    if done.returncode or not counts:
        spent = time.monotonic() - started
        return [f"{document.name}, after {spent:.0f} s:\n{done.stdout[-6000:]}"]
    return []


def _run(command: list, folder: Path, seconds: float) -> subprocess.CompletedProcess:
    """Run a judge in a folder, where it may leave what it remembers."""
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "openapi_hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        timeout=seconds,
        check=False,
        env=environment,
    )


def _get_internal_errors(rig: Rig) -> list[str]:
    """Return what went wrong inside, which is answered with 200 all the same, and
    what did outside of any operation."""
    lines = rig.server_log().splitlines()
    found = [
        index for index, line in enumerate(lines) if "outside the operation" in line
    ]
    outside = ["\n".join(lines[index : index + 60]) for index in found[:2]]
    rows = rig.select(
        "SELECT route, model, data_preview, traceback FROM api_log"
        " WHERE error_code = 'internal_error' LIMIT 3"
    )
    return [*outside, *("\n".join(map(str, row)) for row in rows)]
