# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Two prefork servers and a threaded one on a database in a cluster of its own."""

from __future__ import annotations

import os
import shutil
import subprocess

from system_tests.rig import Rig

from .cluster import Cluster
from .disk import Disk

#: A row this old is looked at by the reaper: 90 in production.
REAP_SECONDS = 6
#: A worker is stopped for longer than that, and shorter than any time limit.
STOP_SECONDS = 9
#: The first server kills a worker that is silent for so long; the others wait.
SHORT_LIMIT = 15
LONG_LIMIT = 600
CRON_LIMIT = 120
PREFORK = 0, 1
THREADED = 2
#: A COMMIT PostgreSQL refuses, after all that Odoo checks has passed.
REFUSED = "refused at commit"
REFUSING_TRIGGER = f"""
CREATE FUNCTION chaos_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation';
END $$;
CREATE CONSTRAINT TRIGGER chaos_refuse AFTER INSERT ON res_partner
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.function = '{REFUSED}') EXECUTE FUNCTION chaos_refuse();
"""


class ChaosRig(Rig):
    """A rig whose PostgreSQL may be killed."""

    def __init__(self) -> None:
        super().__init__("chaos")
        self.cluster = Cluster()
        self.disk = Disk(self.cluster)

    def create(self) -> None:
        super().create()
        self.disk.install(self)
        self.select(REFUSING_TRIGGER)
        # All of them are due in a fresh database, and would keep these waiting.
        ours = [self.get_reaper_id(), *self.get_sender_ids()]
        self.select("UPDATE ir_cron SET active = (id = ANY(%s))", ours)

    def start(self) -> None:
        """Start the three servers."""
        age = {"USABILITY_WEBHOOKS_REAP_AFTER": str(REAP_SECONDS)}
        age["USABILITY_WEBHOOKS_HASTE"] = "1"
        declined = "USABILITY_WEBHOOKS_FAULTS_DECLINED"
        # Of four workers two may send, so the reaper has its turn. Their limit is
        # that of production: they are nice to others, and wait where all are busy.
        cron = "--max-cron-threads", "2", "--limit-time-real-cron", str(CRON_LIMIT)
        self.start_server(*cron, "--limit-time-real", str(SHORT_LIMIT), **age)
        limit = "--limit-time-real", str(LONG_LIMIT)
        self.start_server(*cron, *limit, **age, **{declined: "hang"})
        threaded = *limit, "--workers", "0"
        self.start_server(*threaded, **age, **{declined: "hang,kill,stop"})

    def get_sender_ids(self) -> list[int]:
        """Return the ids of the crons that send webhooks."""
        query = (
            "SELECT res_id FROM ir_model_data WHERE module = 'usability_webhooks'"
            # Their server actions are named so too.
            " AND model = 'ir.cron' AND name LIKE 'ir_cron_webhook_sender_%%'"
        )
        return [number for (number,) in self.select(query)]

    def drop(self) -> None:
        """End PostgreSQL and remove every file."""
        self.disk.unmount()
        self.cluster.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop_servers(self) -> None:
        """Kill them: some may be stopped, and their database goes too."""
        for server in self.servers:
            server.kill()

    def _copy_template(self) -> None:
        """Move the template from the sandbox's PostgreSQL to ours."""
        dump = self.folder / "template"
        parts = "--format=directory", "--jobs=2"
        template = os.environ["UW_TEMPLATE"]
        self._call("pg_dump", *parts, "--compress=0", "--file", dump, template)
        self.cluster.create()
        self._maintain(f'CREATE DATABASE "{self.name}"')
        self._call("pg_restore", *parts, "--no-owner", "--dbname", self.name, dump)
        shutil.rmtree(dump)
        self.select("ANALYZE")

    def _call(self, *args: object) -> None:
        done = subprocess.run(args, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{args[0]} failed:\n{done.stderr[-2000:]}")
