# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg2.errors

from odoo import models

#: Folder in which the driver of the tests orders a fault: a file named after the
#: checkpoint, holding the action.
ORDERS = "USABILITY_WEBHOOKS_FAULTS"
#: Longer than any limit_time_real of the tests.
HANG_SECONDS = 120


class ApiTransaction(models.AbstractModel):
    _inherit = "api.transaction"

    def _checkpoint(self, name: str) -> None:
        """Carry out the fault ordered for this point, if there is one, once."""
        super()._checkpoint(name)
        order = Path(os.environ[ORDERS], name)
        claimed = order.with_name(f"{name}.{os.getpid()}")
        try:
            order.rename(claimed)  # of several workers, one gets it
        except FileNotFoundError:
            return
        action = claimed.read_text(encoding="utf-8")
        claimed.unlink()
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "hang":
            time.sleep(HANG_SECONDS)
        elif action == "disconnect":
            self._disconnect()
        elif action == "hook":
            self.env.cr.postcommit.add(self._fail)
        else:
            raise AssertionError(f"no such fault: {action}")

    def _fail(self) -> None:
        """Fail in the way core would answer with another try."""
        raise psycopg2.errors.SerializationFailure("a hook of another addon")

    def _disconnect(self) -> None:
        """Have PostgreSQL end the connection this request works on."""
        cr = self.env.cr
        pid = cr._cnx.info.backend_pid
        # Not Odoo's pool, which would hand out a connection to be kept.
        own = psycopg2.connect(**cr._cnx.get_dsn_parameters())
        try:
            with own.cursor() as killer:
                killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        finally:
            own.close()
