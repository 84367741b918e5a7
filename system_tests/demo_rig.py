# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What somebody has who ran `make demo`, for the pages of the documentation."""

from __future__ import annotations

import os

from demo_job import service_user

from .rig import Rig

#: The addon, and the second language that USAGE.md asks for.
SET_UP = """
env["ir.module.module"].update_list()
addon = env["ir.module.module"].search([("name", "=", "usability_webhooks")])
addon.button_immediate_install()
env["res.lang"]._activate_lang("fr_FR")
"""


class DemoRig(Rig):
    """A copy of the demo database, called as the web shop of `make demo`."""

    def __init__(self) -> None:
        super().__init__("usage")

    def create(self) -> None:
        """Copy the demo template, install the addon, make the shop's key."""
        self.orders.mkdir(parents=True)
        self._copy_template()
        script = SET_UP + service_user.SCRIPT
        # One process for all of it: each takes seconds to come up.
        output = self._odoo("shell", "--no-http", "--workers", "0", stdin=script)
        self.key = service_user.KEY_LINE.search(output)[1]

    def _copy_template(self) -> None:
        template = os.environ["UW_DEMO_TEMPLATE"]
        self._maintain(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')

    def get_relations(self) -> dict[tuple[str, str], str]:
        """Return the model each relational field leads to, by (model, field)."""
        rows = self.select(
            "SELECT model, name, relation FROM ir_model_fields WHERE relation > ''"
        )
        return {(model, name): relation for model, name, relation in rows}
