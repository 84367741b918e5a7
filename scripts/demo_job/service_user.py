# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The service user the demo calls as, and a key for it."""

from __future__ import annotations

import re
import subprocess

from .environment import Server
from .failure import DemoFailure

#: Seconds; Odoo's shell takes about five to come up.
SHELL_SECONDS = 120
#: Runs in Odoo's shell, as a person in Settings > Users would do it by hand. What
#: each group is for: customers and their tags; products; orders of everybody.
SCRIPT = """
from datetime import datetime, timedelta
from odoo.fields import Command

groups = env["res.groups"].concat(*(env.ref(name) for name in (
    "base.group_partner_manager",
    "product.group_product_manager",
    "sales_team.group_sale_salesman_all_leads",
)))
users = env["res.users"].with_context(active_test=False, no_reset_password=True)
user = users.search([("login", "=", "web-shop")], limit=1)
if not user:
    user = users.create({
        "name": "Web Shop",
        "login": "web-shop",
        "group_ids": [Command.set(groups.ids)],
    })
# Expired keys are deleted by Odoo's own daily vacuum.
keys = env(user=user)["res.users.apikeys"].sudo()
key = keys._generate("rpc", "Demo of today", datetime.now() + timedelta(days=1))
env.cr.commit()
env.registry.signal_changes()
print("demo key:", key)
"""
KEY_LINE = re.compile(r"^demo key: ([0-9a-f]{40})$", re.MULTILINE)


def make_key(server: Server) -> str:
    """Return a fresh API key of the user ``web-shop``, valid for a day.

    :raises DemoFailure: Odoo's shell failed; with the end of what it said.
    """
    command = [server.python, server.odoo, "shell", "--no-http"]
    command += ["--config", server.conf, "--database", server.database]
    try:
        done = subprocess.run(
            command,
            input=SCRIPT,
            capture_output=True,
            text=True,
            timeout=SHELL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise DemoFailure(f"no key within {SHELL_SECONDS} s: {exc.cmd}") from exc
    match = KEY_LINE.search(done.stdout)
    if done.returncode or not match:
        tail = "\n".join(done.stderr.splitlines()[-15:])
        raise DemoFailure(f"Odoo's shell made no key:\n{tail}")
    return match[1]
