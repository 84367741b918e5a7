# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from odoo.addons.base.models.res_users import API_KEY_SIZE, INDEX_SIZE
from odoo.addons.base.models.res_users import ResUsersApikeys as CoreApikeys

from ..tools.key_memory import KeyMemory

#: Keys are hexadecimal: two characters a byte.
KEY_LENGTH = API_KEY_SIZE * 2
#: Core's own bearer authentication asks for this scope too.
SCOPE = "rpc"

_verified = KeyMemory()


class FoundKey(NamedTuple):
    """A valid key: whose it is, its row and what its owner called it."""

    user_id: int
    key_id: int
    name: str


class ResUsersApikeys(models.Model):
    """Tells which key was used, not only whose it is."""

    _inherit = "res.users.apikeys"

    def _find_key(self, key: str) -> FoundKey | None:
        """Return a valid key of a plain scope, or None for every kind of bad one.

        Unknown, expired, revoked and archived users' keys all end the same way, at
        once: rows are read anew each time, only the slow hash is remembered.

        :param key: the key as its owner sent it.
        """
        # Anything of another shape cannot be a key; core would hash it first.
        if len(key) != KEY_LENGTH or not key.isascii():
            return None
        candidates = self._get_candidates(key)
        # Keys that begin alike, 1 in 4 billion: core does not say which it was.
        is_only = len(candidates) == 1
        for found, stored in candidates:
            if is_only and self._is_remembered(key, stored):
                return found
            if self._check_credentials(scope=SCOPE, key=key) == found.user_id:
                if is_only:
                    _verified.remember(key, stored)
                return found
        return None

    def _is_remembered(self, key: str, stored: str) -> bool:
        """Tell whether core found the key to belong to the row before."""
        # Where another addon has a say, it has it every time.
        is_core = type(self)._check_credentials is CoreApikeys._check_credentials
        return is_core and _verified.knows(key, stored)

    def _get_candidates(self, key: str) -> list[tuple[FoundKey, str]]:
        """Return the valid rows a key may be, each with its stored hash.

        The conditions are core's (``_check_credentials``).
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT k.id, k.name, k.user_id, k.key FROM res_users_apikeys k"
                " JOIN res_users u ON u.id = k.user_id"
                " WHERE u.active AND k.index = %s"
                " AND (k.scope IS NULL OR k.scope = %s)"
                " AND (k.expiration_date IS NULL"
                " OR k.expiration_date >= now() AT TIME ZONE 'utc')",
                key[:INDEX_SIZE],
                SCOPE,
            )
        )
        return [
            (FoundKey(user_id, key_id, name), stored)
            for key_id, name, user_id, stored in rows
        ]
