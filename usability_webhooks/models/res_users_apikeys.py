# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import datetime
from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.base.models import res_users as core

from ..tools.access_grant import Grant, read_policy
from ..tools.key_memory import KeyMemory

#: Keys are hexadecimal: two characters a byte.
KEY_LENGTH = core.API_KEY_SIZE * 2
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
        for found, stored in self._get_candidates(key):
            if self._is_verified(key, stored):
                return found if self._is_admitted(found, key) else None
        return None

    def _is_verified(self, key: str, stored: str) -> bool:
        """Tell whether a key is the one a row was made for.

        Row by row, by its own hash: core says whose a key is and not which, so of
        two keys of one user that begin alike one could pass for the other, and a
        narrow one for one that may do everything.
        """
        if _verified.knows(key, stored):
            return True
        if not core.KEY_CRYPT_CONTEXT.verify(key, stored):
            return False
        _verified.remember(key, stored)
        return True

    def _is_admitted(self, found: FoundKey, key: str) -> bool:
        """Tell whether the setting and other addons let a genuine key in."""
        settings = self.env["api.settings"]
        if not found.grant and not settings._get("webhook.allow_plain_keys"):
            return False
        # Where another addon has a say, it has it every time.
        method = type(self)._check_credentials
        if method is core.ResUsersApikeys._check_credentials:
            return True
        scope = PROFILE_SCOPE if found.grant else PLAIN_SCOPE
        return self._check_credentials(scope=scope, key=key) == found.user_id

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
                index=key[: core.INDEX_SIZE],
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
        issuer: models.BaseModel | None = None,
    ) -> str:
        """Make a key of the environment's user, bound to a profile.

        :param expiration_date: as core's ``_generate`` has it, whose rules hold.
        :param issuer: who makes it, where that is not the key's own user.
        :returns: the key, for its owner's eyes and this once only.
        :raises UserError: the profile is archived: its keys are refused.
        """
        if not profile.active:
            raise UserError(self.env._("The profile %s is archived.", profile.name))
        key = self._generate(PROFILE_SCOPE, name, expiration_date)
        row = self.env.execute_query(
            SQL(
                "SELECT max(id) FROM res_users_apikeys WHERE user_id = %s"
                " AND index = %s AND scope = %s",
                self.env.uid,
                key[: core.INDEX_SIZE],
                PROFILE_SCOPE,
            )
        )
        keys = self.env["api.access.key"].sudo()  # nobody writes them by hand
        keys.create(
            {
                "key_id": row[0][0],
                "profile_id": profile.id,
                "issued_by_id": (issuer or self.env.user).id,
            }
        )
        return key
