# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One database with the addon, and prefork servers on it."""

from __future__ import annotations

import configparser
import contextlib
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import requests

from .server import INTERFACE, Server

HERE = Path(__file__).resolve().parent
ADDONS = HERE / "addons"
FAULTS_ADDON = "usability_webhooks_faults"
INSTALL_SECONDS = 180
#: A request on an idle server takes milliseconds; this says "it hangs".
REQUEST_SECONDS = 40
#: The master kills a worker that is silent for so long (Odoo's limit_time_real).
LIMIT_TIME_REAL = 8
WORKERS = 3

MAKE_KEY = """
user = env.ref("base.user_admin")
key = env["res.users.apikeys"].with_user(user)._generate("rpc", "system tests", None)
env.cr.commit()
print("KEY", key)
"""


class Rig:
    """The database ``name``, servers on it, and what the tests ask of them."""

    def __init__(self, purpose: str = "system") -> None:
        self.name = f"uw_{purpose}_{os.getpid()}"
        self.folder = Path(os.environ["UW_SANDBOX"], "system_tests", self.name)
        self.orders = self.folder / "orders"
        self.key = ""
        self.urls: list[str] = []
        self.servers: list[Server] = []
        self.senders: list[Server] = []  # those of them that send webhooks

    # -- the database ---------------------------------------------------------

    def create(self) -> None:
        """Copy the template, install the addon and make an API key."""
        self.orders.mkdir(parents=True)
        self._copy_template()
        self._odoo("--init", FAULTS_ADDON, "--stop-after-init", "--workers", "0")
        output = self.run_shell(MAKE_KEY)
        self.key = output.rpartition("KEY ")[2].split()[0]

    def run_shell(self, script: str) -> str:
        """Run a script in Odoo's shell; return what it printed."""
        return self._odoo("shell", "--no-http", "--workers", "0", stdin=script)

    def _copy_template(self) -> None:
        template = os.environ["UW_TEMPLATE"]
        self._maintain(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')

    def copy_files(self, template: str) -> None:
        """Have the template's files too: its pictures, which a browser asks for."""
        files = Path(os.environ["UW_SANDBOX"], "odoo", "filestore", template)
        own = self.folder / "data" / "filestore" / self.name
        shutil.copytree(files, own, dirs_exist_ok=True)

    def drop(self) -> None:
        """Remove the database and every file of it."""
        self._maintain(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)

    def select(self, query: str, *args: object) -> list[tuple]:
        """Return the rows of one statement, committed at once."""
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute(query, args)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def connection(self, name: str = "") -> Iterator:
        """Yield a connection of our own, where each statement is a transaction."""
        connection = psycopg2.connect(dbname=name or self.name)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def _maintain(self, statement: str) -> None:
        with self.connection("postgres") as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement)

    # -- servers --------------------------------------------------------------

    def start_server(self, *options: str, **environment: str) -> Server:
        """Start one more server and wait for its first answer.

        :param options: override those of a prefork server without cron threads.
        """
        command = self._command(
            *("--workers", str(WORKERS), "--max-cron-threads", "0"),
            *("--limit-time-real", str(LIMIT_TIME_REAL)),
            # Served even while the database is away, with a 503.
            *("--load", "base,rpc,web,usability_webhooks"),
            *options,
        )
        log = self.folder / f"server{len(self.servers)}.log"
        server = Server(command, self._environment() | environment, log)
        self.servers.append(server)
        server.start()
        server.wait_until_healthy()
        self.urls.append(server.url)
        return server

    def stop_servers(self) -> None:
        """End the servers this rig started."""
        for server in self.servers:
            server.end()

    def server_log(self) -> str:
        """Return what all servers have said so far."""
        return "".join(log.read_text() for log in self.folder.glob("server*.log"))

    def _environment(self) -> dict[str, str]:
        return os.environ | {"USABILITY_WEBHOOKS_FAULTS": str(self.orders)}

    def _command(self, *args: str) -> list[str]:
        """Return Odoo's command line; a subcommand comes first."""
        conf = configparser.ConfigParser(interpolation=None)
        conf.read(os.environ["UW_CONF"])
        addons = f"{conf['options']['addons_path']},{ADDONS}"
        head = [args[0]] if not args[0].startswith("-") else []
        return [
            os.environ["UW_PYTHON"],
            os.environ["UW_ODOO"],
            *head,
            *("--config", os.environ["UW_CONF"], "--database", self.name),
            *("--addons-path", addons, "--data-dir", str(self.folder / "data")),
            # A rig may have a PostgreSQL of its own.
            *("--db_host", os.environ["PGHOST"], "--db_port", os.environ["PGPORT"]),
            *("--db_user", os.environ["PGUSER"], "--http-interface", INTERFACE),
            *args[len(head) :],
        ]

    def _odoo(self, *args: str, stdin: str = "") -> str:
        """Run Odoo to its end and return what it printed.

        :raises RuntimeError: it failed; with the end of its log.
        """
        done = subprocess.run(
            self._command(*args),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            env=self._environment(),
        )
        if done.returncode:
            raise RuntimeError(f"odoo {args[0]} failed:\n{done.stderr[-4000:]}")
        return done.stdout

    # -- requests -------------------------------------------------------------

    def call(self, route: str, model: str, vals: dict, server: int = 0) -> dict:
        """Send one request; return the parsed body.

        :raises requests.ConnectionError: the worker died before it answered.
        """
        return self.send(route, {"params": {"model": model, "vals": vals}}, server)

    def send(
        self, route: str, body: dict, server: int = 0, request_id: str | None = None
    ) -> dict:
        """Send a body to ``/api/<route>``; see ``call``."""
        response = requests.post(
            f"{self.urls[server]}/api/{route}",
            json=body,
            headers={
                "Authorization": f"Bearer {self.key}",
                "X-Request-Id": request_id or str(uuid.uuid4()),
            },
            timeout=REQUEST_SECONDS,
        )
        return response.json()

    def order(self, checkpoint: str, action: str) -> None:
        """Have the next request that reaches ``checkpoint`` meet with a fault.

        :param checkpoint: its name, or ``<name>@<request id>`` for that one only.
        """
        draft = self.orders / "draft"
        draft.write_text(action)
        draft.rename(self.orders / checkpoint)

    def has_order(self, checkpoint: str) -> bool:
        """Tell whether the ordered fault still waits for its request."""
        return (self.orders / checkpoint).exists()

    def reap(self, request_id: str) -> None:
        """Make the row old enough to be judged and run the cron that judges."""
        self.select(
            "UPDATE api_log SET create_date = create_date - interval '5 minutes'"
            " WHERE request_id = %s",
            request_id,
        )
        self.run_reaper()

    def run_reaper(self) -> None:
        """Run the cron that judges the rows nobody finished, and wait for it."""
        response = requests.post(
            f"{self.urls[0]}/json/2/ir.cron/method_direct_trigger",
            json={"ids": [self.get_reaper_id()]},
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=REQUEST_SECONDS,
        )
        response.raise_for_status()

    def get_reaper_id(self) -> int:
        """Return the id of the cron that judges."""
        query = (
            "SELECT res_id FROM ir_model_data WHERE module = 'usability_webhooks'"
            " AND name = 'ir_cron_mark_interrupted'"
        )
        return self.select(query)[0][0]
