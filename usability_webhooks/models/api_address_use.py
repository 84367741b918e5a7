# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import hashlib
import ipaddress

from odoo import api, fields, models
from odoo.tools import SQL

#: Rows the table may ever have.
BUCKETS = 65_536
#: What a customer of an internet provider has at least, and may change within.
IPV6_PREFIX = 64


class ApiAddressUse(models.Model):
    """Where addresses stand that send keys which are none.

    The addresses themselves are not kept. Each falls into one of ``BUCKETS`` by a
    hash, and the bucket is the row's id: so whoever owns billions of addresses fills
    no disk, and nothing is there to be purged. Two addresses in one bucket share
    their limit, which keeps nobody out: a valid key is never refused for it.

    Written in SQL, by ``api.rate.limit``.
    """

    _name = "api.address.use"
    _description = "Failed Authentications of an Address"
    _log_access = False
    _allow_sudo_commands = False

    failure_tat = fields.Datetime("Failures Over At", readonly=True)
    log_tat = fields.Datetime("Logged Failures Over At", readonly=True)
    log_id = fields.Integer("Last Logged Failure", readonly=True)
    unlogged = fields.Integer("Failures Since", readonly=True)

    @api.private
    def init(self) -> None:
        """Keep the table out of the write-ahead log: a crash may forget it."""
        query = SQL(
            "SELECT 1 FROM pg_class WHERE oid = %s::regclass AND relpersistence = 'p'",
            self._table,
        )
        if self.env.execute_query(query):
            table = SQL.identifier(self._table)
            self.env.cr.execute(SQL("ALTER TABLE %s SET UNLOGGED", table))

    @api.model
    def _get_bucket(self, address: str) -> int:
        """Return the id of the row an address is counted in.

        An IPv4 address on an IPv6 socket is the IPv4 address it is. Of other IPv6
        addresses the network counts. What is no address has a bucket too.
        """
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            name = address
        else:
            parsed = getattr(parsed, "ipv4_mapped", None) or parsed
            prefix = IPV6_PREFIX if parsed.version == 6 else parsed.max_prefixlen
            name = str(ipaddress.ip_network((parsed, prefix), strict=False))
        digest = hashlib.sha256(name.encode(errors="replace")).digest()
        return 1 + int.from_bytes(digest[:8]) % BUCKETS
