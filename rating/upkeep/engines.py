"""Whether the database keeps what it has acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from rating.storage.engines import WAL_SAFE_FROM, sqlite_module
from rating.upkeep.findings import Finding, look, ok, one_line, wrong

FULL = 2  # what PRAGMA synchronous says for FULL; 3 is EXTRA
CLOCKS_APART = 60.0  # seconds


def look_at_engine(connection: sa.Connection) -> Iterator[Finding]:
    """The settings on which durability depends, and whether the file is intact."""
    if connection.dialect.name == "sqlite":
        yield _sqlite_settings(connection)
        yield _sqlite_file(connection)
    else:
        yield _postgresql_settings(connection)
        yield from _postgresql_clock(connection)


def _sqlite_settings(connection: sa.Connection) -> Finding:
    version = ".".join(map(str, sqlite_module().sqlite_version_info))
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if synchronous < FULL:
        return wrong("SQLite", f"synchronous is {synchronous}, not FULL: what was acknowledged can be lost")
    safe = sqlite_module().sqlite_version_info >= WAL_SAFE_FROM
    if journal == "wal" and not safe:
        return wrong("SQLite", f"library {version} can corrupt a database in WAL mode: install pysqlite3")
    words = f"library {version}, journal {journal}, synchronous FULL"
    return ok("SQLite", words) if safe else look("SQLite", f"{words}; with pysqlite3 readers and writers don't wait")


def _sqlite_file(connection: sa.Connection) -> Finding:
    said = connection.exec_driver_sql("PRAGMA quick_check(3)").scalars().all()
    return one_line("SQLite's file", (line for line in said if line != "ok"), "whole")


def _postgresql_settings(connection: sa.Connection) -> Finding:
    version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    off = [
        f"{name} is off: what was acknowledged can be lost"
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"
    ]
    if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one():
        off.append("it only reads: it is a copy of another server or still recovering")
    return one_line("PostgreSQL", off, f"{version}; fsync, full_page_writes and synchronous_commit are on")


def _postgresql_clock(connection: sa.Connection) -> Iterator[Finding]:
    theirs: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    apart = abs((theirs - datetime.now(UTC)).total_seconds())
    if apart > CLOCKS_APART:
        yield wrong("clock", f"the database's clock is {apart:.0f} seconds apart from this machine's")
