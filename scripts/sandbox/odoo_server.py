# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""odoo.conf, and the Odoo server in the background."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from . import keeper, places, processes
from .console import Failure, step
from .odoo_program import Odoo
from .postgres import Postgres

INTERFACE = "127.0.0.1"
FIRST_PORT = 8069
START_SECONDS = 120
WORKERS = 2
CRON_WORKERS = 2
LOG = places.LOGS / "odoo.log"
PID_FILE = places.RUN / "odoo.pid"
URL_FILE = places.RUN / "odoo.url"


def write_configuration(server: Postgres) -> None:
    """Write odoo.conf for this clone and this PostgreSQL."""
    settings = {
        "data_dir": places.ODOO_DATA,
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        "db_password": server.password,
        "http_interface": INTERFACE,
        "list_db": False,
        "max_cron_threads": 1,
        "proxy_mode": False,
    }
    if _offer_addon():
        settings["addons_path"] = places.ADDONS
    places.ODOO_DATA.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} = {value}\n" for name, value in settings.items() if value != ""]
    draft = places.ODOO_CONF.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text("[options]\n" + "".join(lines))
    draft.rename(places.ODOO_CONF)


def start(odoo: Odoo, server: Postgres, database: str) -> str:
    """Have Odoo serve the database in the background; returns its URL.

    :raises Failure: when it does not answer in time
    """
    if url := running_url():
        keeper.watch()
        return url
    write_configuration(server)
    free = free_ports()
    port = int(os.environ.get("HTTP_PORT") or next(free))
    gevent_port = next(number for number in free if number != port)
    url = f"http://{INTERFACE}:{port}"
    arguments = odoo.command(
        *("--database", database),
        *("--workers", str(WORKERS)),
        # A webhook does not wait for another scheduled action to end.
        *("--max-cron-threads", str(CRON_WORKERS)),
        *("--http-port", str(port)),
        *("--gevent-port", str(gevent_port)),
        # The addon's routes answer 503 while the database is away, not 404.
        *("--load", f"base,rpc,web,{places.ADDON}"),
        # Last, because the pid file remembers a process by its last argument.
        *("--data-dir", str(places.ODOO_DATA)),
    )
    with step(f"Odoo: starting at {url}") as progress:
        processes.start_background(arguments, PID_FILE, LOG, cwd=places.SANDBOX)
        _wait_until_healthy(url, progress)
    URL_FILE.write_text(url)
    keeper.watch()
    return url


def stop() -> bool:
    """Stop the server; False when it did not run."""
    URL_FILE.unlink(missing_ok=True)
    return processes.stop_background(PID_FILE)


def running_url() -> str | None:
    """Where the server of this clone answers, if it runs."""
    if processes.background(PID_FILE) and URL_FILE.exists():
        return URL_FILE.read_text()
    return None


def free_ports() -> Iterator[int]:
    """Ports of the loopback interface that nobody listens on just now."""
    for port in range(FIRST_PORT, FIRST_PORT + 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((INTERFACE, port))
            except OSError:
                continue
        yield port


def any_free_port() -> int:
    """A port from the kernel, who gives no two callers the same one at once."""
    with socket.socket() as probe:
        probe.bind((INTERFACE, 0))
        return probe.getsockname()[1]


def _offer_addon() -> bool:
    """Show Odoo the addon alone, not every folder of the repository."""
    places.ADDONS.mkdir(parents=True, exist_ok=True)
    link = places.ADDONS / places.ADDON
    if not link.is_symlink():
        link.symlink_to(f"../../{places.ADDON}")
    return (link / "__manifest__.py").exists()


def _wait_until_healthy(url: str, progress) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/web/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            progress("waiting for its first answer")
        if processes.background(PID_FILE) is None:
            raise Failure("Odoo ended right after its start", f"look at {LOG}")
        time.sleep(0.3)
    stop()
    raise Failure(f"no answer from {url} in {START_SECONDS} s", f"look at {LOG}")
