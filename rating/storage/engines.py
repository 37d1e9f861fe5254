"""How the two databases are opened: SQLite's pragmas, one BEGIN per transaction, and read-only reads."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Flask, g, has_request_context, request
from sqlalchemy import Column, Connection, CursorResult, Delete, Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from rating.config import ROOT
from rating.extensions import db, migrate
from rating.storage import writers
from rating.storage.statements import ConstantStatement

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WAL_SAFE_FROM = (3, 51, 3)  # older libraries can corrupt a WAL database that is reset under several writers
SILENT = {"hide_parameters": True}  # an error's text must not carry what somebody answered
READING = "reading"  # the engine whose connections only read


def sqlite_module() -> Any:
    """The newest SQLite driver that is installed: pysqlite3 bundles a later library than Python's own."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2


def engine_options(url: str) -> dict[str, Any]:
    """Arguments for create_engine that suit the database behind `url`."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"module": sqlite_module(), **SILENT}
    return {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True, **SILENT}


def reading_options(url: str) -> dict[str, Any]:
    """Arguments for the engine of `read`: each statement runs by itself, without BEGIN and ROLLBACK."""
    options = engine_options(url)
    options.pop("pool_pre_ping", None)  # ConstantStatement.read asks again instead
    return {**options, "url": url, "isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}


def prepare_reading(engine: Engine) -> None:
    """Make every connection of this engine read-only."""
    sqlite = ("PRAGMA query_only = ON", "PRAGMA busy_timeout = 15000")
    statements = sqlite if engine.dialect.name == "sqlite" else ("SET default_transaction_read_only = on",)

    def opened(connection: Any, _record: Any) -> None:
        for statement in statements:
            connection.execute(statement)

    event.listen(engine, "connect", opened)


def read(statement: ConstantStatement, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """The one row that a constant SELECT finds, or None: by itself, with the current data, outside of the request's
    transaction.
    """
    return statement.read(db.engines[READING], values)


def open_database(app: Flask) -> None:
    """Bind the engines to the application, each with what its connections need."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        **engine_options(url),
        **app.config.get("SQLALCHEMY_ENGINE_OPTIONS", {}),
    }
    app.config["SQLALCHEMY_BINDS"] = {READING: reading_options(url)}
    db.init_app(app)
    app.teardown_appcontext(let_go)
    sqlite = make_url(url).get_backend_name() == "sqlite"
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=sqlite)
    with app.app_context():
        prepare(db.engine)
        prepare_reading(db.engines[READING])


def close_connections() -> None:
    """Close all connections that no one is using; the next request opens its own."""
    for engine in db.engines.values():
        engine.dispose()


def prepare(engine: Engine) -> None:
    """Attach what each new connection and transaction needs."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        writers.watch(engine)
    else:
        event.listen(engine, "connect", _open_postgresql)
        event.listen(engine, "begin", _begin_postgresql)


def _open_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    wal = sqlite_module().sqlite_version_info >= WAL_SAFE_FROM
    for pragma in (
        "foreign_keys = ON",
        f"journal_mode = {'WAL' if wal else 'DELETE'}",
        "synchronous = FULL",  # an acknowledged evaluation is on the disk
        "busy_timeout = 15000",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _open_postgresql(connection: Any, _record: Any) -> None:
    """A server set not to wait for the disk waits for it here; one that waits for its replicas is left as it is."""
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()


def let_go(_error: BaseException | None) -> None:
    """End the request's transaction. A connection that breaks after the page was made must not cost the page."""
    if not db.session.registry.has():
        return
    try:
        db.session.rollback()
    except OperationalError:
        db.session().invalidate()


def _only_reads(connection: Connection) -> bool:
    """Whether this transaction serves a GET, which never writes (a connection may say `writes` or `reads` itself)."""
    options = connection.get_execution_options()
    if options.get("writes") or options.get("reads"):
        return not options.get("writes")
    if not has_request_context():
        return False
    return request.method in SAFE_METHODS or bool(g.get("only_reads"))


def _begin_sqlite(connection: Connection) -> None:
    _begin(connection, reads=_only_reads(connection))


def _begin(connection: Connection, *, reads: bool) -> None:
    info = connection.info
    if info.get("query_only") is not reads:
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
        info["query_only"] = reads
    if not reads:
        writers.enter(info)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if _only_reads(connection):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def delete_rows(statement: Delete) -> int:
    """Delete in the session's transaction; returns how many rows were deleted. Loaded objects don't notice."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def referring_columns(table: Any) -> list[Column[Any]]:
    """Every column with a foreign key to this table, by the name of its own."""
    others = sorted(table.metadata.tables.values(), key=lambda other: str(other.name))
    return [c for other in others for c in other.columns if any(key.references(table) for key in c.foreign_keys)]


def insert_for(dialect: str, table: Any) -> Any:
    """An INSERT of this dialect, with ON CONFLICT (both databases have it, in the same words)."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
