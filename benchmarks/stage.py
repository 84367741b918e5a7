# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The database with its data, and two-worker servers on it."""

from __future__ import annotations

import os
from pathlib import Path

from system_tests import rig

from .client import Client

HERE = Path(__file__).resolve().parent
ADDONS = HERE / "addons"
ADDON = "usability_webhooks_bench"
#: Also in scripts/bench, which drops what a killed run left behind.
DATABASE_PREFIX = "uw_bench_"
WORKERS = 2
#: No request of a bench hangs; what is slow is a figure.
LIMIT_SECONDS = "600"
#: Requests that make both workers load what they need.
WARM_UP_REQUESTS = 12

SEED = """
env["bench.probe"]._seed()
env.cr.commit()
"""


class Stage(rig.Rig):
    """The database ``name`` with products, partners and orders, and its servers."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.name = name or f"{DATABASE_PREFIX}{os.getpid()}"
        self.folder = Path(os.environ["UW_SANDBOX"], "benchmarks", self.name)
        self.orders = self.folder / "orders"
        self.spans_file = self.folder / "spans.jsonl"
        #: Of log_cases: a copy with a million log rows, once it is needed.
        self.big_log: Stage | None = None
        #: Of outbound_cases: a copy with rules, served beside this one.
        self.ruled: Stage | None = None

    def create(self) -> None:
        """Copy the template, install the addons, make the key and the data."""
        self.orders.mkdir(parents=True)
        self._copy_template()
        self._odoo("--init", ADDON, "--stop-after-init", "--workers", "0")
        script = SEED + rig.MAKE_KEY
        output = self.run_shell(script)
        self.key = output.rpartition("KEY ")[2].split()[0]
        self.select("VACUUM ANALYZE")

    def copy(self, prefix: str) -> Stage:
        """Return a stage of its own on a copy of the database.

        Nobody may be connected: no server runs.

        :param prefix: of its name; the process id follows and tells whether the
            run is still alive.
        """
        other = Stage(f"{prefix}{os.getpid()}")
        other.orders.mkdir(parents=True)
        other.key = self.key
        self._maintain(f'CREATE DATABASE "{other.name}" TEMPLATE "{self.name}"')
        return other

    def start(self, *, spans: bool = False) -> str:
        """Start a server, have both workers answer; return its address.

        :param spans: with the stop watches of ``profiling``.
        """
        variable = "USABILITY_WEBHOOKS_BENCH_SPANS"
        os.environ.pop(variable, None)
        if spans:
            os.environ[variable] = str(self.spans_file)
        self.start_server(
            *("--workers", str(WORKERS)),
            *("--limit-time-real", LIMIT_SECONDS, "--limit-time-cpu", LIMIT_SECONDS),
        )
        client = self.client()
        for number in range(WARM_UP_REQUESTS):
            client.api("search_data", "res.partner", payload={"limit": 1 + number})
            client.json2("res.partner", "search_read", domain=[], limit=1 + number)
        return self.urls[-1]

    def stop_last_server(self) -> None:
        """End the server started last, and forget it."""
        self.servers.pop().end()
        self.urls.pop()

    def close(self) -> None:
        """End the servers, drop the databases, the copies' too."""
        # Ours first: they may serve a copy.
        for stage in filter(None, (self, self.big_log, self.ruled)):
            stage.stop_servers()
            stage.drop()

    def stop_servers(self) -> None:
        """End the servers; others may be started."""
        super().stop_servers()
        self.servers.clear()
        self.urls.clear()

    def client(self) -> Client:
        """Return a caller of the server started last."""
        return Client(self.urls[-1], self.key)

    def run_shell(self, script: str) -> str:
        """Run a script in Odoo's shell; return what it printed."""
        return self._odoo("shell", "--no-http", "--workers", "0", stdin=script)

    def shell_command(self) -> list[str]:
        """Return the command line of Odoo's shell on this database."""
        return self._command("shell", "--no-http", "--workers", "0")

    def worker_pids(self) -> list[int]:
        """Return the processes that serve requests of the server started last."""
        return [process.pid for process in self.servers[-1].get_processes()]

    def _command(self, *args: str) -> list[str]:
        # Of an option given twice, Odoo takes the last.
        command = super()._command(*args)
        addons = command[command.index("--addons-path") + 1]
        return [*command, "--addons-path", f"{addons},{ADDONS}"]
