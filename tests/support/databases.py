"""The databases under test: migrated once a session, empty again before each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from rating.app import create_app
from rating.extensions import db
from rating.storage.engines import close_connections, sqlite_module
from rating.web.outermost import WSGI
from tests.support.clock import Clock
from tests.support.images import EXTENSION
from tests.support.postgresql import Server

CHEAP_ARGON2 = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


class Database(Protocol):
    """One kind of database, with the application on it."""

    app: Flask

    def empty(self) -> None:
        """Take out all rows, and begin numbering at 1 again."""

    def close(self) -> None:
        """Give back all connections."""


def make_app(url: str, folder: Path, clock: Clock, **overrides: Any) -> Flask:
    """An application on a database for tests: its clock stands still, forms need no CSRF token, hashing is cheap."""
    app = create_app({
        "TESTING": True,
        "SECRET_KEY": "for tests only",
        "SQLALCHEMY_DATABASE_URI": url,
        "DATA_DIR": folder,
        "BASE_URL": "https://rating.test",
        "DEMONSTRATION": True,
        "CLOCK": clock,
        "CONTACT_PHONE": "0000-12345678",
        "WTF_CSRF_ENABLED": False,
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": CHEAP_ARGON2,
        **overrides,
    })  # fmt: skip
    app.wsgi_app = _asked_by_name(app, app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _without_waiting_for_the_disk)
    return app


def _asked_by_name(app: Flask, plain: WSGI) -> WSGI:
    """Test clients call every site localhost; ours answers to its own name only."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") == "localhost":
            environ = {**environ, "HTTP_HOST": urlsplit(app.config["BASE_URL"]).netloc}
        return plain(environ, start_response)

    return answer


def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def migrate(app: Flask) -> None:
    """Bring the application's database to the newest migration."""
    with app.app_context():
        upgrade()
        close_connections()


class Sqlite:
    """A file that is replaced by a copy of the migrated one."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.migrated = folder / "migrated.sqlite3"
        self.file = folder / "test.sqlite3"
        migrate(make_app(f"sqlite:///{self.migrated}", folder, clock))
        self.app = make_app(f"sqlite:///{self.file}", folder, clock)
        self.images: dict[str, tuple[Path, bytes]] = {}
        self.app.extensions[EXTENSION] = self

    def empty(self) -> None:
        """Put a fresh copy in place; no connection may remember the old one."""
        self.put_back(self.migrated)

    def keep(self) -> Path:
        """A copy of the file, with what still stands in its log."""
        image = self.file.with_name(f"image-{len(self.images)}.sqlite3")
        with closing(sqlite_module().connect(self.file)) as now, closing(sqlite_module().connect(image)) as copy:
            now.backup(copy)
        return image

    def put_back(self, image: Path) -> None:
        """Put a copy of this file in place."""
        with self.app.app_context():
            close_connections()
        for end in ("", "-wal", "-shm", "-journal"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        shutil.copyfile(image, self.file)

    def close(self) -> None:
        """Give back all connections."""
        with self.app.app_context():
            close_connections()


# Few rows go quicker by DELETE, many (or the remains of many) by TRUNCATE. As a replica, no trigger or key objects.
EMPTY = """
DO $$
DECLARE
    tables CONSTANT regclass[] := ARRAY(
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version');
    one regclass;
    bulky boolean := (SELECT sum(pg_relation_size(t)) > 2000000 FROM unnest(tables) t);
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '20s';
    IF bulky THEN
        EXECUTE 'TRUNCATE ' || array_to_string(tables, ', ');
    ELSE
        FOREACH one IN ARRAY tables LOOP
            EXECUTE format('DELETE FROM %s', one);
        END LOOP;
    END IF;
    PERFORM setval(c.oid, 1, false) FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S';
END $$
"""
FILLED = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
AND pg_relation_size(oid) > 0
"""
NUMBERS = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass
class Rows:
    """What a PostgreSQL database holds: each table as it is copied out, and the last number of each sequence."""

    tables: dict[str, bytes]
    numbers: list[tuple[str, int]]


class Postgresql:
    """A database of the tests' own server."""

    def __init__(self, server: Server, folder: Path, clock: Clock) -> None:
        self.app = make_app(server.create("rating"), folder, clock)
        migrate(self.app)
        self.connection = server.connect("rating")
        self.images: dict[str, tuple[Rows, bytes]] = {}
        self.app.extensions[EXTENSION] = self

    def empty(self) -> None:
        """Delete all rows; a connection that a test left open in a transaction makes this fail after a while."""
        self.connection.execute(EMPTY)

    def keep(self) -> Rows:
        """All rows and numbers, in PostgreSQL's own form for copies."""
        with self.connection.transaction():
            tables = {table: self._copy_out(table) for (table,) in self.connection.execute(FILLED).fetchall()}
            return Rows(tables, self.connection.execute(NUMBERS).fetchall())

    def _copy_out(self, table: str) -> bytes:
        with self.connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)".encode()) as copy:
            return b"".join(copy)

    def put_back(self, image: Rows) -> None:
        """Copy the rows into the empty database; as a replica, no trigger or key objects."""
        with self.connection.transaction():
            self.connection.execute("SET LOCAL session_replication_role = replica")
            for table, rows in image.tables.items():
                with self.connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)".encode()) as copy:
                    copy.write(rows)
            for sequence, last in image.numbers:
                self.connection.execute("SELECT setval(%s, %s)", (sequence, last))

    def close(self) -> None:
        """Give back all connections."""
        self.connection.close()
        with self.app.app_context():
            close_connections()
