# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging
import math
import time

import psycopg2

from odoo import api, models
from odoo.tools import SQL, config

from ..tools.afterwards import do_once
from ..tools.rate_commit import at_once, end_transaction
from ..tools.webhook_courier import Courier, Parcel, Route

_logger = logging.getLogger(__name__)

#: Lanes of one worker.
THREADS = 64
#: A run claims for so long, so that other scheduled actions have their turn.
RUN_SECONDS = 50
#: Shares of the time after which Odoo kills a worker: claiming, and one attempt.
RUN_SHARE = ATTEMPT_SHARE = 0.4
MAX_TIMEOUT_SECONDS = 60
#: One of the senders waits for what is due so soon: Odoo wakes nobody for it within
#: less than a minute, and the first retry comes after five seconds.
WAIT_SECONDS = 7
#: Pauses between two looks at the table while there is nothing to do.
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.02, 0.2
#: After the first outcome, so long is waited for others to be stored along.
GATHER_SECONDS = 0.03
#: How often leases of others are looked at, and progress is reported.
HOUSEKEEPING_SECONDS = 5
#: An endpoint's secrets and headers are read again after this.
ROUTE_SECONDS = 10

#: A trigger for each sender, now: once per transaction, as those of others may be
#: deleted by a run that has looked at the table already. Later: unless there is one,
#: as nobody deletes it before its time. Up to the second, as Odoo deletes them.
WAKE = """
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() AT TIME ZONE 'utc' AS now, make_interval(
        secs => ceil(%(seconds)s)) AS later, now() AT TIME ZONE 'utc' AS begun
)
INSERT INTO ir_cron_trigger (cron_id, call_at, create_uid, create_date)
SELECT c.id, date_trunc('second', moment.now + moment.later), %(uid)s, moment.begun
FROM moment, ir_cron c
JOIN ir_act_server a ON a.id = c.ir_actions_server_id
JOIN ir_model m ON m.id = a.model_id
WHERE c.active AND m.model = 'webhook.outbound.sender'
    AND NOT EXISTS (
        SELECT FROM ir_cron_trigger t WHERE t.cron_id = c.id AND CASE
            WHEN %(seconds)s > 0 THEN
                t.call_at > moment.now AND t.call_at <= moment.now + moment.later
            ELSE t.create_date = moment.begun AND t.call_at <= moment.now END)
RETURNING id
"""


class WebhookOutboundSender(models.AbstractModel):
    """Sends what is due: claims, has it carried, stores what came of it.

    A pipeline, not batches: whoever hangs holds his own lanes, and the others go on.
    No transaction is open while anything is sent.
    """

    _name = "webhook.outbound.sender"
    _description = "Webhook Sender"

    # -- woken ----------------------------------------------------------------

    def _wake(self) -> None:
        """Have the senders run once this transaction is committed."""
        if self._insert_triggers(0):
            self.env.cr.postcommit.add(self._notify)

    def _insert_triggers(self, seconds: float) -> bool:
        """Have the senders run in so many seconds; False if that was arranged already.

        Also if there is no active sender.
        """
        query = SQL(WAKE, seconds=float(seconds), uid=self.env.uid)
        return bool(self.env.execute_query(query))

    def _notify(self) -> None:
        """Tell the cron workers, who would find out within a minute by themselves.

        The transaction is committed: its user need not wait for this, which core opens
        a connection for, nor hear that it failed.
        """
        crons = self.env["ir.cron"]
        # No more of the environment is asked than the name of its database.
        do_once(f"webhooks of {self.env.cr.dbname}", crons._notifydb)

    # -- one run --------------------------------------------------------------

    @api.model
    def _cron_send(self, wait: bool = False) -> None:
        """Send until nothing is due, or the run's time is over.

        :param wait: for what is due within seconds, rather than to end.
        """
        if not self._may_send():
            return
        limit = self._get_time_limit()
        end = time.monotonic() + min(RUN_SECONDS, limit * RUN_SHARE)
        counted = self.env["webhook.outbound.claim"]._counted()
        with counted, Courier(THREADS) as courier:
            _Run(self.env, courier, end, limit * ATTEMPT_SHARE).go(wait)
        self._schedule_next()
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _may_send(self) -> bool:
        """Tell whether this is the database its endpoints were made for.

        Those of another one are disabled: it was copied, and what it would send is
        sent by the original.
        """
        params = self.env["ir.config_parameter"].sudo()  # cron; only its own settings
        if params.get_param("database.is_neutralized"):
            return False
        reason = self.env._("This database is a copy of the one it was made in.")
        query = SQL(
            "UPDATE webhook_endpoint SET state = 'disabled', state_reason = %s"
            " WHERE database_uuid <> %s AND state <> 'disabled'",
            reason,
            self.env["webhook.endpoint"]._get_database_uuid(),
        )
        end_transaction(self.env.cr)
        with at_once(self.env.cr):
            self.env.cr.execute(query)
            count = self.env.cr.rowcount
        if count:
            _logger.warning("%s webhook endpoints of another database", count)
        return True

    def _get_time_limit(self) -> float:
        """Return the seconds after which Odoo kills a cron worker; may be infinite."""
        limit = config["limit_time_real_cron"]
        if limit == -1:
            limit = config["limit_time_real"]
        return float(limit) if limit > 0 else math.inf

    def _schedule_next(self) -> None:
        """Have a sender run when something is due next."""
        seconds = self.env["webhook.outbound.claim"]._get_seconds_to_next()
        if seconds is None:
            return
        if seconds <= 0:
            self._wake()
        else:
            # Rounded up: a run that came too early would find nothing.
            self._insert_triggers(seconds + 1)

    def _get_route(self, endpoint_id: int, most_seconds: float) -> Route:
        """Read how deliveries reach an endpoint.

        :param most_seconds: for an attempt, whatever the endpoint allows.
        """
        endpoint = self.env["webhook.endpoint"].browse(endpoint_id)
        seconds = min(endpoint.timeout_seconds, MAX_TIMEOUT_SECONDS, most_seconds)
        return Route(
            endpoint_id=endpoint_id,
            policy=endpoint._get_policy(),
            timeout=max(seconds, 1),
            secrets=tuple(endpoint._get_secrets()),
            headers=endpoint._get_headers(),
        )


class _Run:
    """One run of a sender; see ``WebhookOutboundSender``."""

    def __init__(
        self, env: api.Environment, courier: Courier, end: float, most_seconds: float
    ) -> None:
        self.env = env
        self.courier = courier
        self.end = end
        self.most_seconds = most_seconds
        self.pause = MIN_PAUSE_SECONDS
        self.processed = 0
        self._routes: dict[int, tuple[float, Route]] = {}
        self._next_housekeeping = 0.0

    def go(self, wait: bool) -> None:
        while True:
            self._keep_house()
            outcomes = self.courier.collect(self.pause, GATHER_SECONDS)
            if outcomes:
                self.env["webhook.outbound.result"]._store(outcomes)
                self.processed += sum(one.attempt is not None for one in outcomes)
            started = self._start_lanes() if time.monotonic() < self.end else 0
            if started or outcomes:
                self.pause = MIN_PAUSE_SECONDS
                continue
            self.pause = min(self.pause * 1.5, MAX_PAUSE_SECONDS)
            is_idle = self.courier.free == self.courier.threads
            if is_idle and not self._is_worth_waiting(WAIT_SECONDS if wait else 0):
                break
        self._report()

    def _start_lanes(self) -> int:
        """Claim for all lanes that are free and have them carried."""
        if not self.courier.free:
            return 0
        lanes = self.env["webhook.outbound.claim"]._claim(
            self.courier.free, self.courier.get_shares()
        )
        for parcels in lanes:
            self._start_lane(parcels)
        end_transaction(self.env.cr)
        return len(lanes)

    def _start_lane(self, parcels: list[Parcel]) -> None:
        """Start a lane; an endpoint that cannot be read keeps nobody else waiting."""
        endpoint_id = parcels[0].endpoint_id
        try:
            route = self._find_route(endpoint_id)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("webhook endpoint %s", endpoint_id)
            self.env.cr.rollback()
            return  # the leases end by themselves
        self.courier.start(route, parcels)

    def _find_route(self, endpoint_id: int) -> Route:
        now = time.monotonic()
        expiry, route = self._routes.get(endpoint_id, (0.0, None))
        if route is None or expiry < now:
            self.env.invalidate_all()
            sender = self.env["webhook.outbound.sender"]
            route = sender._get_route(endpoint_id, self.most_seconds)
            self._routes[endpoint_id] = now + ROUTE_SECONDS, route
        return route

    def _is_worth_waiting(self, seconds: float) -> bool:
        """Tell whether something will be due so soon, or is and others are at it."""
        left = self.env["webhook.outbound.claim"]._get_seconds_to_next()
        end_transaction(self.env.cr)
        return left is not None and left <= seconds and time.monotonic() < self.end

    def _keep_house(self) -> None:
        """Now and then: take back what other workers have lost, report progress."""
        now = time.monotonic()
        if now < self._next_housekeeping:
            return
        self._next_housekeeping = now + HOUSEKEEPING_SECONDS
        self._report()
        if lost := self.env["webhook.outbound.claim"]._release_expired():
            self.env["webhook.outbound.result"]._note_lost(lost)

    def _report(self) -> None:
        """Tell Odoo that work is being done: such a worker is not judged as stuck."""
        if self.processed:
            self.env["ir.cron"]._commit_progress(self.processed, remaining=1)
        self.processed = 0
