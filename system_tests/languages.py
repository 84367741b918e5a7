# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every language the addon comes in: on its screens, in its answers, in its files."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

import polib
import requests
from sandbox import places, translations

from .browser import Browser
from .rig import REQUEST_SECONDS, Rig

FOLDER = places.ADDON_FOLDER / "i18n"
TEMPLATE = FOLDER / f"{places.ADDON}.pot"
#: What must be there: language -> its file.
LANGUAGES = {"fr_FR": "fr", "de_DE": "de", "es_ES": "es", "th_TH": "th"}
#: Whose words the pages show, besides ours.
SHOWN_MODULES = ("base", "web", "mail", "base_setup", "base_automation", places.ADDON)
#: Page -> where it is, what it is there for, and within what our words are. ``{log}``
#: is the row of a failed request.
PAGES = {
    "dashboard": (
        "/odoo/api-dashboard",
        ".o_api_dashboard .o_api_dashboard_tile",
        "body",
    ),
    "log list": ("/odoo/api-logs", ".o_list_view .o_data_row", "body"),
    "log form": ("/odoo/api-logs/{log}", ".o_form_view .o_form_sheet", "body"),
    "console": ("/odoo/api-console", ".o_api_console_what button", "body"),
    "settings": (
        "/odoo/action-usability_webhooks.res_config_settings_action",
        "[name=api_unknown_fields]",
        "[data-key=usability_webhooks]",
    ),
}
#: Words of ours that a page shows at least, or it was not looked at.
FEWEST_WORDS = 12
PAGE_SECONDS = 120
#: Texts a person sees or is read aloud: outside inputs, which hold data.
READ_PAGE = """
(() => {
    const texts = new Set();
    const add = (text) => texts.add(text.replace(/\\s+/g, " ").trim());
    for (const root of document.querySelectorAll(%(within)r)) {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const parent = walker.currentNode.parentElement;
            const isCode = parent.closest("script, style, code, pre");
            if (parent.checkVisibility() && !isCode) {
                add(walker.currentNode.textContent);
            }
        }
        for (const element of root.querySelectorAll("*")) {
            for (const name of ["title", "placeholder", "aria-label", "data-tooltip"]) {
                if (element.hasAttribute(name)) {
                    add(element.getAttribute(name));
                }
            }
        }
    }
    return [...texts].filter(Boolean);
})()
"""
MAKE_READERS = """
codes = {languages!r}
for code in codes:
    env["res.lang"]._activate_lang(code)
env["ir.module.module"]._load_module_terms({modules!r}, codes)
groups = env.ref("usability_webhooks.group_api_manager") | env.ref("base.group_system")
for code in ["en_US", *codes]:
    user = env["res.users"].with_context(no_reset_password=True).create(
        {{"name": code, "login": code, "password": {password!r}, "lang": code,
          "group_ids": [(4, group.id) for group in groups]}}
    )
    key = env["res.users.apikeys"].with_user(user)._generate("rpc", "language", None)
    print("KEY", code, key)
env.cr.commit()
"""
#: What people and tests before this one called things: no words of the addon's.
SELECT_NAMES = "SELECT name FROM res_partner WHERE name IS NOT NULL"
#: Of endpoints that tests left in trouble the dashboard shows why, as a sender put it
#: in its own language, and puts it anew any moment.
HIDE_ENDPOINTS = "UPDATE webhook_endpoint SET active = FALSE"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d")


def test_the_template_of_translations_is_that_of_the_code(rig: Rig) -> None:
    path = rig.folder / "exported.pot"
    rig.run_shell(translations.EXPORT.format(path=str(path)))
    committed = TEMPLATE.read_text(encoding="utf-8")
    found = translations.find_differences(committed, path.read_text(encoding="utf-8"))
    assert not found, "run make translations:\n" + "\n".join(found)


def test_every_language_is_spoken_on_screens_and_in_answers(rig: Rig) -> None:
    password = uuid.uuid4().hex
    script = MAKE_READERS.format(
        languages=[*LANGUAGES], modules=[*SHOWN_MODULES], password=password
    )
    output = rig.run_shell(script)
    keys = dict(re.findall(r"^KEY (\w+) (\S+)$", output, re.MULTILINE))
    assert keys.keys() == {"en_US", *LANGUAGES}, output[-2000:]
    rig.select(HIDE_ENDPOINTS)
    rig.copy_files(os.environ["UW_TEMPLATE"])
    # The first page has the web client's bundles made, which takes a while.
    server = rig.start_server("--limit-time-real", str(PAGE_SECONDS))
    try:
        faults = _find_faults(rig, server.url, keys, password)
    finally:
        server.end()
    assert not faults, "\n".join(faults)


def _find_faults(rig: Rig, url: str, keys: dict[str, str], password: str) -> list[str]:
    """Return what is not said in the language it should be said in.

    :param keys: language -> key of a user of that language, whose login it is.
    """
    faults: list[str] = []
    english = _fail(rig, keys["en_US"])
    # To see that what follows can see: English pages are full of English.
    terms = {msgid: msgid for msgid in _read(TEMPLATE)}
    shown = _look_around(rig, url, "en_US", password, english["request_id"])
    for page, texts in shown.items():
        assert len(_find(terms, texts)) >= FEWEST_WORDS, f"{page}: {sorted(texts)}"
    for code, stem in LANGUAGES.items():
        entries = _read(FOLDER / f"{stem}.po")
        answer = _fail(rig, keys[code])
        faults += _compare_answers(code, entries, english, answer)
        shown = _look_around(rig, url, code, password, answer["request_id"])
        faults += _judge(code, entries, shown)
    return faults


def _read(path: Path) -> dict[str, str]:
    """Return the terms of a file with what they are in its language."""
    entries = polib.pofile(path.read_text(encoding="utf-8"))
    return {entry.msgid: entry.msgstr for entry in entries}


# -- answers ----------------------------------------------------------------------


def _fail(rig: Rig, key: str) -> dict:
    """Send what cannot be done; return the envelope of it."""
    payload = {"color": "red", "no_such_field": 1, "is_company": "yes"}
    response = requests.post(
        f"{rig.urls[0]}/api/create_data",
        json={"params": {"model": "res.partner", "vals": {"payload": payload}}},
        headers={"Authorization": f"Bearer {key}"},
        timeout=REQUEST_SECONDS,
    )
    result = response.json()["result"]
    assert result["is_success"] is False, result
    return result


def _compare_answers(
    code: str, entries: dict[str, str], english: dict, answer: dict
) -> list[str]:
    """Return how an answer is not what the English one is, in another language."""
    pairs = [*zip(english["errors"], answer["errors"], strict=True)]
    faults = [
        f"{code}: {said['code']} instead of {meant['code']}"
        for meant, said in pairs
        if (said["code"], said["path"]) != (meant["code"], meant["path"])
    ]
    return faults + [
        f"{code}: {said['message']!r} is not the translation of {meant['message']!r}"
        for meant, said in pairs
        if not any(
            _make_pattern(msgstr).fullmatch(said["message"])
            for msgid, msgstr in entries.items()
            if "%" in msgid and _make_pattern(msgid).fullmatch(meant["message"])
        )
    ]


# -- screens ----------------------------------------------------------------------


def _look_around(
    rig: Rig, url: str, code: str, password: str, request_id: str
) -> dict[str, set[str]]:
    """Return the texts of each page, as a user of this language sees them.

    Without the names of people and companies.
    """
    query = "SELECT id FROM api_log WHERE request_id = %s"
    log = rig.select(query, request_id)[0][0]
    names = {name for (name,) in rig.select(SELECT_NAMES)}
    shown = {}
    with Browser() as browser:
        browser.log_in(url, rig.name, code, password)
        for page, (path, ready, within) in PAGES.items():
            browser.open(url + path.format(log=log), ready)
            texts = browser.evaluate(READ_PAGE % {"within": within})
            shown[page] = {*texts} - names
    return shown


def _judge(code: str, entries: dict[str, str], shown: dict[str, set[str]]) -> list[str]:
    """Return what English of ours the pages show, or that they show nothing."""
    changed = {msgid: msgstr for msgid, msgstr in entries.items() if msgstr != msgid}
    # English for one thing may be the right word for another: "Type", "Route".
    right = set(entries.values())
    english = {msgid: msgid for msgid in changed if msgid not in right}
    own = {msgstr: msgstr for msgstr in changed.values()}
    faults = []
    for page, texts in shown.items():
        faults += [f"{code}, {page}: {text!r}" for text in _find(english, texts)]
        known = len(_find(own, texts))
        if known < FEWEST_WORDS:
            faults.append(f"{code}, {page}: only {known} words of ours")
    return faults


def _find(terms: dict[str, str], texts: set[str]) -> list[str]:
    """Return those texts that are one of some terms, placeholders filled in."""
    lines = {" ".join(term.split()) for term in terms}
    plain = {term for term in lines if "%" not in term}
    patterns = [
        _make_pattern(term)
        for term in lines - plain
        # Of a term that is all placeholders, nothing is English.
        if len(re.findall(r"[^\W\d_]{3,}", PLACEHOLDER.sub("", term))) > 1
    ]
    return sorted(
        text
        for text in texts
        if text in plain or any(pattern.fullmatch(text) for pattern in patterns)
    )


def _make_pattern(term: str) -> re.Pattern:
    """Return what a term looks like once its placeholders are filled in."""
    pieces = PLACEHOLDER.split(term.replace("%%", "%"))
    return re.compile(".+?".join(map(re.escape, pieces)), re.DOTALL)
