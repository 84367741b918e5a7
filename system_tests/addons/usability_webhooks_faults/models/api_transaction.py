# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg2.errors

from odoo import models
from odoo.http import request

from ..hits import ORDERS, note_hit

#: Actions this server leaves to others, separated by commas: one that ends a
#: worker of a prefork server ends all of a threaded one.
DECLINED = os.environ.get("USABILITY_WEBHOOKS_FAULTS_DECLINED", "").split(",")
#: Requests whose id begins so meet only with what is ordered for them by name.
SPARED = "spared-"
#: Longer than any limit_time_real of the tests.
HANG_SECONDS = 120


class ApiTransaction(models.AbstractModel):
    _inherit = "api.transaction"

    def _checkpoint(self, name: str) -> None:
        """Carry out the fault ordered for this point, if there is one, once."""
        super()._checkpoint(name)
        request_id = request.dispatcher.request_id if request else ""
        if action := self._claim_order(f"{name}@{request_id}"):
            self._carry_out(action, name, request_id)
        if not request_id.startswith(SPARED) and (action := self._claim_order(name)):
            self._carry_out(action, name, request_id)

    def _claim_order(self, name: str) -> str:
        # A request id may hold what no file name can.
        order = Path(os.environ[ORDERS], name.replace("/", "_"))
        claimed = order.with_name(f"{order.name}.{os.getpid()}")
        try:
            order.rename(claimed)  # of several workers, one gets it
        except FileNotFoundError:
            return ""
        action = claimed.read_text(encoding="utf-8")
        if action in DECLINED:
            claimed.rename(order)
            return ""
        claimed.unlink()
        return action

    def _carry_out(self, action: str, name: str, request_id: str) -> None:
        note_hit(kind=action, place=name, request_id=request_id)
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)  # the driver continues it
        elif action == "hang":
            time.sleep(HANG_SECONDS)
        elif action == "disconnect":
            self._disconnect()
        elif action == "serialization":
            raise psycopg2.errors.SerializationFailure("ordered")
        elif action == "deadlock":
            raise psycopg2.errors.DeadlockDetected("ordered")
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
        try:
            # Not Odoo's pool, which would hand out a connection to be kept.
            own = psycopg2.connect(**cr._cnx.get_dsn_parameters())
        except psycopg2.OperationalError:
            return  # PostgreSQL is away, and our connection with it
        try:
            with own.cursor() as killer:
                killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        finally:
            own.close()
