# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from odoo.addons.base.models.res_users import API_KEY_SIZE, INDEX_SIZE

#: Keys are hexadecimal: two characters a byte.
KEY_LENGTH = API_KEY_SIZE * 2


class FoundKey(NamedTuple):
    """A valid key: whose it is, its row and what its owner called it."""

    user_id: int
    key_id: int | None
    name: str


class ResUsersApikeys(models.Model):
    """Tells which key was used, not only whose it is."""

    _inherit = "res.users.apikeys"

    def _find_key(self, key: str) -> FoundKey | None:
        """Return a valid key of a plain scope, or None for every kind of bad one.

        Checking is core's own: unknown, expired, revoked and archived users' keys
        all end the same way.

        :param key: the key as its owner sent it.
        """
        # Anything of another shape cannot be a key; core would hash it first.
        if len(key) != KEY_LENGTH or not key.isascii():
            return None
        # Core's own bearer authentication asks for this scope too.
        user_id = self._check_credentials(scope="rpc", key=key)
        if not user_id:
            return None
        rows = self.env.execute_query(
            SQL(
                "SELECT id, name FROM res_users_apikeys"
                " WHERE user_id = %s AND index = %s",
                user_id,
                key[:INDEX_SIZE],
            )
        )
        # Two keys of one user that begin alike: 1 in 4 billion; then unnamed.
        key_id, name = rows[0] if len(rows) == 1 else (None, "")
        return FoundKey(user_id, key_id, name)
