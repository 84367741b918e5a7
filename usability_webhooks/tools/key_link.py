# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ties a row to one of core's API keys, in the database itself."""

from __future__ import annotations

from odoo import models
from odoo.tools import SQL


def link_to_key(model: models.BaseModel) -> None:
    """Have rows of a model go when the key named by their ``key_id`` goes.

    The ORM makes no foreign key here whatever ``ondelete`` says: core's model of the
    keys creates its table by itself (``_auto = False``). Core deletes keys in SQL.
    For a model's ``init``.
    """
    model.env.cr.execute(
        SQL(
            "DELETE FROM %s t WHERE NOT EXISTS"
            " (SELECT FROM res_users_apikeys k WHERE k.id = t.key_id)",
            SQL.identifier(model._table),
        )
    )
    model.pool.add_foreign_key(
        *(model._table, "key_id", "res_users_apikeys", "id", "cascade"),
        *(model, model._module),
    )
