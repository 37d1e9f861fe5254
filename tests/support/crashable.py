"""A PostgreSQL server with the settings that it comes with, to be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.support.gunicorn import children
from tests.support.postgresql import STARTS_WITHIN, NoPostgreSQL, owner, program

SETTINGS = ("listen_addresses=", "max_connections=100", "log_min_messages=fatal", "timezone=Asia/Shanghai")
# The server ends when its standard input does, so that it never outlives the tests, however they end.
KEEPER = """
exec 3<&0
"$@" & server=$!
(read -r _ <&3; kill -INT "$server") & watcher=$!
wait "$server"
kill "$watcher" 2>/dev/null
"""


class CrashablePostgresql:
    """A cluster in a temporary folder, reached by a socket in it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rating-pg-"))
        self.owner = owner()
        if self.owner:
            os.chown(self.folder, self.owner["user"], self.owner["group"])
        command = [program("initdb"), "-D", self.data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run(command, cwd=self.folder, capture_output=True, check=True, **self.owner)
        self.start()

    @property
    def data(self) -> Path:
        """The cluster's files."""
        return self.folder / "data"

    def start(self) -> None:
        """Start it, after a crash too, and wait until it has recovered."""
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        command = [program("postgres"), "-D", str(self.data), "-k", str(self.folder), *settings]
        end = time.monotonic() + STARTS_WITHIN
        self._launch(command)
        while not self._answers():
            if time.monotonic() > end:
                raise NoPostgreSQL((self.folder / "log").read_text(errors="replace"))
            if self.keeper.poll() is not None:  # the killed ones had not given back their shared memory yet
                self._launch(command)
            time.sleep(0.05)

    def _launch(self, command: list[str]) -> None:
        with (self.folder / "log").open("ab") as log:
            self.keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "sh", *command], cwd=self.folder, stdin=subprocess.PIPE, stdout=log,
                stderr=log, start_new_session=True, **self.owner,
            )  # fmt: skip

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self.folder), user="tests", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self, database: str) -> str:
        """Create a database and return its address."""
        with psycopg.connect(host=str(self.folder), user="tests", dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"'.encode())
        return f"postgresql://tests@/{database}?host={self.folder}"

    def kill(self) -> None:
        """Kill the postmaster and everything it started, in the middle of what they do."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        if postmaster not in children(self.keeper.pid):
            raise RuntimeError("that is not the server started here")
        victims = [postmaster, *children(postmaster)]
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:  # it went with its postmaster
                continue
        self.keeper.wait(timeout=STARTS_WITHIN)
        self._end()

    def _end(self) -> None:
        if self.keeper.stdin is not None:
            self.keeper.stdin.close()
        self.keeper.wait(timeout=STARTS_WITHIN)

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)
