# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from odoo import api, fields, models
from odoo.tools import SQL

#: A guard matters while the transaction that touched it and those that overlap
#: it run. A day is more than any of them takes.
GUARD_HOURS = 24


class ApiUpsertGuard(models.Model):
    """Makes two upserts that would both create the same record conflict.

    Each found nothing in its own snapshot, so nothing in the data stops the second
    (Odoo's cursors are REPEATABLE READ, and an advisory lock does not renew a
    snapshot). Both touch one row of this table instead: PostgreSQL lets the first
    commit and fails the second with a serialization error, which the request's
    retry loop turns into a second look that finds the record.
    """

    _name = "api.upsert.guard"
    _description = "API Upsert Guard"
    _log_access = False
    _allow_sudo_commands = False

    digest = fields.Char(required=True, help="SHA-256 of the model and search key.")
    touched_at = fields.Datetime(required=True)

    _digest_unique = models.UniqueIndex("(digest)")
    _touched_at_index = models.Index("(touched_at)")

    def _touch(self, model: str, search_keys: Iterable[Mapping]) -> None:
        """Claim the creation of the records some search keys name.

        :raises SerializationFailure: another transaction that overlaps ours claimed
            one and committed; waits for one that has not ended yet.
        """
        digests = {self._get_digest(model, key) for key in search_keys}
        # In one order everywhere: two batches must not wait for each other.
        now = fields.Datetime.now()
        rows = SQL(", ").join(
            SQL("(%s, %s)", digest, now) for digest in sorted(digests)
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO api_upsert_guard (digest, touched_at) VALUES %s"
                " ON CONFLICT (digest) DO UPDATE SET touched_at = EXCLUDED.touched_at",
                rows,
            )
        )

    def _get_digest(self, model: str, search_key: Mapping) -> str:
        text = json.dumps([model, search_key], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @api.autovacuum
    def _gc_guards(self) -> tuple[int, bool]:
        purge = self.env["api.log.housekeeping"]._purge
        return purge("api_upsert_guard", "touched_at", GUARD_HOURS)
