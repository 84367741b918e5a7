# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pages for people say what is true, and lead to where they say."""

from __future__ import annotations

import ast
import re
import subprocess
import uuid

from odoo_gateway import Gateway

from . import curl
from .rig import Rig
from .server import INTERFACE
from .usage_page import ROOT, Page

_REFUSED = re.compile(r"^\| (\d{3}) \| `(\w+)` \|", re.MULTILINE)
_FAILED = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
#: [text](target), not to another site.
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([\w-]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PARAMETER = re.compile(r"webhook\.[a-z_]+(?![\w*.])")
#: Where they are read.
_SETTINGS = "usability_webhooks/models/api_settings.py"
PAGES = ("errors", "from-18", "operations", "recipes", "start")
#: Of networks that nobody has.
CLIENT, FIRST_PROXY = "203.0.113.9", "198.51.100.7"
_NO_ANCHOR = re.compile(r"[^\w\- ]")


def _get_constant(name: str) -> object:
    """Return a constant of exceptions.py, which needs Odoo to be imported."""
    tree = ast.parse((ROOT / "usability_webhooks/exceptions.py").read_text())
    for node in tree.body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if getattr(targets[0], "id", "") == name:
            is_call = isinstance(node.value, ast.Call)
            return ast.literal_eval(node.value.args[0] if is_call else node.value)
    raise AssertionError(f"there is no {name}")


def test_pages_explain_each_error_and_no_other(_rig: Rig) -> None:
    page = Page(ROOT / "docs/errors.md")
    failed = _FAILED.findall(page.section("Failed").text)
    assert sorted(failed) == sorted(_get_constant("OPERATION_CODES")), failed
    refused = _REFUSED.findall(page.section("Refused").text)
    statuses = _get_constant("REFUSAL_STATUS")
    wanted = [(str(status), code) for code, (status, _n) in statuses.items()]
    assert sorted(refused) == sorted(wanted), refused


def test_pages_lead_to_what_is_there(_rig: Rig) -> None:
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "*.md"],
        capture_output=True,
        text=True,
        check=True,
    )
    lost = []
    for name in listed.stdout.split():
        page = ROOT / name
        for target, anchor in _LINK.findall(page.read_text()):
            place = page.parent / target if target else page
            if not place.exists():
                lost.append(f"{name}: {target}")
            elif anchor and anchor not in _get_anchors(place.read_text()):
                lost.append(f"{name}: {target}#{anchor}")
    assert not lost, lost


def _get_anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as the forges make them."""
    headings = _HEADING.findall(text)
    return {_NO_ANCHOR.sub("", text.lower()).replace(" ", "-") for text in headings}


def test_pages_start_leads_to_an_order(rig: Rig) -> None:
    """On a database without demo data, each call once, in the page's order."""
    if not curl.is_there():
        return
    commands = [
        block.text
        for block in Page(ROOT / "docs/start.md").blocks()
        if block.text.startswith("curl ")
    ]
    answers = [curl.run(rig, command)[0]["result"] for command in commands]
    problems = [answer for answer in answers if not answer["is_success"]]
    assert len(problems) == 1, problems  # the one that is to show a mistake
    assert problems[0]["errors"][0]["hint"], problems
    tried, done = (answer for answer in answers if "amount_total" in str(answer))
    assert tried["dry_run"] and tried["result"]["id"] is None, tried
    query = "SELECT count(*) FROM sale_order WHERE client_order_ref = 'WEB-1'"
    assert rig.select(query) == [(1,)], answers
    assert done["result"]["amount_total"] == tried["result"]["amount_total"], done


def test_pages_name_settings_that_there_are(_rig: Rig) -> None:
    known = set(_PARAMETER.findall((ROOT / _SETTINGS).read_text()))
    for name in PAGES:
        named = set(_PARAMETER.findall((ROOT / f"docs/{name}.md").read_text()))
        assert named <= known, (name, named - known)


def test_pages_know_which_address_a_proxy_passes_on(rig: Rig) -> None:
    """What operations.md says of X-Forwarded-For, with and without its host."""
    server = rig.start_server("--proxy-mode")
    rig.urls.remove(server.url)
    chain = {"X-Forwarded-For": f"{CLIENT}, {FIRST_PROXY}"}
    for headers, address in (
        ({**chain, "X-Forwarded-Host": "odoo.example.com"}, FIRST_PROXY),
        (chain, INTERFACE),
    ):
        gateway = Gateway(server.url, rig.key)
        gateway.session.headers.update(headers)
        request_id = str(uuid.uuid4())
        vals = {"payload": {"search_field": ["name"], "limit": 1}}
        gateway.send("search_data", "res.partner", vals, {"X-Request-Id": request_id})
        query = "SELECT remote_addr FROM api_log WHERE request_id = %s"
        assert rig.select(query, request_id) == [(address,)], headers
    server.end()
