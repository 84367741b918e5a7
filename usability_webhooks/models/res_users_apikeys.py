# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from odoo.addons.base.models.res_users import API_KEY_SIZE, INDEX_SIZE
from odoo.addons.base.models.res_users import ResUsersApikeys as CoreApikeys

from ..tools.access_grant import Grant, read_policy
from ..tools.key_memory import KeyMemory

#: Keys are hexadecimal: two characters a byte.
KEY_LENGTH = API_KEY_SIZE * 2
#: Core's own bearer authentication asks for this scope too.
PLAIN_SCOPE = "rpc"
#: That of keys with a profile: core asks for it nowhere, so they work on the
#: gateway's routes only, not on JSON-2, XML-RPC or JSON-RPC.
PROFILE_SCOPE = "usability_webhooks"

_verified = KeyMemory()


class FoundKey(NamedTuple):
    """A valid key: whose it is, its row, its name, its end and what it may."""

    user_id: int
    key_id: int
    name: str
    expires: datetime.datetime | None
    grant: Grant | None


class ResUsersApikeys(models.Model):
    """Tells which key was used, not only whose it is."""

    _inherit = "res.users.apikeys"

    def _find_key(self, key: str) -> FoundKey | None:
        """Return a valid key, or None for every kind of bad one.

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
            scope = PROFILE_SCOPE if found.grant else PLAIN_SCOPE
            if self._check_credentials(scope=scope, key=key) == found.user_id:
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

        The conditions are core's (``_check_credentials``); a key with a profile
        needs it, and not archived.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT k.id, k.name, k.user_id, k.key, k.expiration_date,"
                " p.id, p.policy FROM res_users_apikeys k"
                " JOIN res_users u ON u.id = k.user_id"
                " LEFT JOIN api_access_key a ON a.key_id = k.id"
                " LEFT JOIN api_access_profile p ON p.id = a.profile_id AND p.active"
                " WHERE u.active AND k.index = %(index)s AND ("
                " a.id IS NULL AND (k.scope IS NULL OR k.scope = %(plain)s)"
                " OR p.id IS NOT NULL AND k.scope = %(narrow)s)"
                " AND (k.expiration_date IS NULL"
                " OR k.expiration_date >= now() AT TIME ZONE 'utc')",
                index=key[:INDEX_SIZE],
                plain=PLAIN_SCOPE,
                narrow=PROFILE_SCOPE,
            )
        )
        return [
            (
                FoundKey(
                    user_id,
                    key_id,
                    name,
                    expires,
                    read_policy(profile_id, policy) if profile_id else None,
                ),
                stored,
            )
            for key_id, name, user_id, stored, expires, profile_id, policy in rows
        ]

    def _generate_narrow(
        self,
        profile: models.BaseModel,
        name: str,
        expiration_date: datetime.datetime | None,
    ) -> str:
        """Make a key of the environment's user, bound to a profile.

        :param expiration_date: as core's ``_generate`` has it, whose rules hold.
        :returns: the key, for its owner's eyes and this once only.
        """
        key = self._generate(PROFILE_SCOPE, name, expiration_date)
        row = self.env.execute_query(
            SQL(
                "SELECT max(id) FROM res_users_apikeys WHERE user_id = %s"
                " AND index = %s AND scope = %s",
                self.env.uid,
                key[:INDEX_SIZE],
                PROFILE_SCOPE,
            )
        )
        keys = self.env["api.access.key"].sudo()  # nobody writes them by hand
        keys.create(
            {
                "key_id": row[0][0],
                "profile_id": profile.id,
                "issued_by_id": self.env.user.id,
            }
        )
        return key
