"""A PostgreSQL server for the tests alone: a temporary folder, a socket in it, no network, nothing kept."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

STARTS_WITHIN = 60.0  # seconds
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = (
    "listen_addresses=",  # the socket only
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
    "log_min_messages=fatal",
    "timezone=Asia/Shanghai",  # unlike UTC, so that a forgotten time zone shows
)
# The server ends when its standard input does, so that it never outlives the tests, however they end.
KEEPER = 'folder=$1; shift; "$@" & server=$!; cat >/dev/null; kill -INT "$server"; wait "$server"; rm -rf "$folder"'


class NoPostgreSQL(RuntimeError):
    """PostgreSQL's programs are missing, or the server would not start."""


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs: the newest of Debian's folders, else the PATH's."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]), reverse=True)
    if found:
        return str(found[0])
    if on_path := shutil.which(name):
        return on_path
    raise NoPostgreSQL(
        f"{name} was not found: install PostgreSQL's server (sh deploy/test-system.sh does it on Debian)"
    )


def owner() -> dict[str, Any]:
    """The server refuses to run as root: then it runs as `postgres`, or as `nobody`."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = known.get("postgres") or known["nobody"]
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


@dataclass
class Server:
    """A running server; `url(name)` is the address of one of its databases."""

    folder: Path
    process: subprocess.Popen[bytes]
    _admin: psycopg.Connection[Any] | None = field(default=None, repr=False)

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database of this server."""
        return f"postgresql://tests@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection that commits each statement by itself."""
        return psycopg.connect(host=str(self.folder), user="tests", dbname=database, autocommit=True)

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database as a copy of another and return its address."""
        self._run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._admin is not None:
            self._admin.close()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(timeout=STARTS_WITHIN)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        if self._admin is None:
            self._admin = self.connect()
        self._admin.execute(statement.encode())


def start(settings: Sequence[str] = ()) -> Server:
    """Make a cluster in a temporary folder and start it; as root it belongs to another user.

    `settings` win over what is quick for tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="rating-pg-"))
    runs_as = owner()
    if runs_as:
        os.chown(folder, runs_as["user"], runs_as["group"])
    data = folder / "data"
    made = subprocess.run(
        [program("initdb"), "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        cwd=folder, capture_output=True, check=False, **runs_as,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgreSQL(made.stderr.decode(errors="replace"))
    given = [word for setting in (*SETTINGS, *settings) for word in ("-c", setting)]
    command = [program("postgres"), "-D", str(data), "-k", str(folder), *given]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "sh", str(folder), *command],
            cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **runs_as,
        )  # fmt: skip
    server = Server(folder, process)
    _wait_for(server)
    return server


def _wait_for(server: Server) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError as error:
            if time.monotonic() > until or server.process.poll() is not None:
                log = (server.folder / "log").read_text(errors="replace")
                server.stop()
                raise NoPostgreSQL(f"PostgreSQL did not start: {error}\n{log}") from error
            time.sleep(0.05)
        else:
            return
