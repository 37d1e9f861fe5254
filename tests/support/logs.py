"""Event logs of any length on both kinds of database, for proofs and benchmarks."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.support import postgresql, tampering
from tests.support.clock import Clock
from tests.support.databases import Database, Postgresql, Sqlite


@contextmanager
def log_of(kind: str, count: int, seed: int = 20261130) -> Iterator[sa.Connection]:
    """A connection to a database of its own with a log of so many events; all goes away afterwards."""
    with tempfile.TemporaryDirectory() as name, _database(kind, Path(name)) as database, database.app.app_context():
        with tampering.writing() as connection:
            tampering.write_log(connection, count, random.Random(seed))
            connection.commit()
            yield connection
        database.close()


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[Database]:
    if kind == "SQLite":
        made = Sqlite(folder, Clock())
        made.empty()
        yield made
        return
    server = postgresql.start()
    try:
        yield Postgresql(server, folder, Clock())
    finally:
        server.stop()
