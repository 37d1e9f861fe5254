"""Reading a whole database as of one moment, and whether it is empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from rating.extensions import db
from rating.rounds.models import Round, RoundState
from rating.upkeep.tables import Table


@contextmanager
def snapshot() -> Iterator[sa.Connection]:
    """A connection that reads everything as of one moment and can't write; it blocks nobody."""
    options = {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with db.engine.connect() as connection:
        reading = connection.execution_options(reads=True, **options)
        with reading.begin():
            yield reading


def list_open_rounds(connection: sa.Connection) -> list[int]:
    """The numbers of the rounds that take evaluations."""
    numbers = sa.select(Round.number).where(Round.state == RoundState.OPEN).order_by(Round.number)
    return list(connection.scalars(numbers))


def read_rows(connection: sa.Connection, table: Table) -> Iterator[list[Any]]:
    """A table's rows as JSON values in the order of its key, few at a time: never in the order in which they came."""
    statement = sa.select(*table.clause.columns).order_by(*_key(connection, table))
    for row in connection.execute(statement, execution_options={"yield_per": table.at_once}):
        yield table.write_row(row)


def _key(connection: sa.Connection, table: Table) -> list[Any]:
    """The key's columns; texts by their bytes, as SQLite sorts them whatever the server's language."""
    columns = [table.clause.columns[name] for name in table.key]
    if connection.dialect.name == "sqlite":
        return list(columns)
    return [sa.collate(column, "C") if isinstance(column.type, sa.Text) else column for column in columns]


def count_rows(connection: sa.Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table.clause)) or 0


def find_filled_table(connection: sa.Connection, names: set[str]) -> str | None:
    """One of these tables that has a row; tables that don't exist have none."""
    there = names & set(sa.inspect(connection).get_table_names())
    for name in sorted(there):
        if connection.scalar(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)):
            return name
    return None
