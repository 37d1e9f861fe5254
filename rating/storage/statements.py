"""Constant statements, compiled once and then run by the database's driver itself.

SQLAlchemy's way of running a statement takes three times as long as SQLite needs for it. On residents' pages, where an
answer is a dozen small statements, this limits what a server can carry. Statements are still written, and values still
converted, by SQLAlchemy; only the steps between are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Dialect, Engine, Insert, PoolProxiedConnection, Select
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any] | None


class _Compiled(NamedTuple):
    """Text for one dialect; each parameter's name, what converts it, and its value if none is given; each column."""

    text: str
    parameters: list[tuple[str, Convert, Any]]
    by_place: bool
    columns: Sequence[Convert]


def _as_sqlalchemys(error: Exception, dialect: Dialect, statement: str) -> BaseException:
    """A driver's error as SQLAlchemy raises it, without the values that the statement was given."""
    return DBAPIError.instance(
        statement, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )


def _raw_connection(engine: Engine) -> PoolProxiedConnection:
    """A connection of the pool; SQLAlchemy itself gives a driver's error at connecting on as it is."""
    try:
        return engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemys(error, engine.dialect, "") from error


class ConstantStatement:
    """A statement that is always the same except for the values of its bound parameters; it finds one row or none."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert) -> None:
        self.statement = statement
        self.compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The row, if any, in the transaction that the connection is in. Errors are SQLAlchemy's."""
        return self._run(connection.connection, connection.dialect, values)

    def read(self, engine: Engine, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The row, if any, on a connection of the engine's pool, whose connections end each statement by themselves.

        A connection that was cut since its last use isn't noticed before: the statement is retried on another.
        """
        for patient in (True, False):
            connection = _raw_connection(engine)
            try:
                return self._run(connection, engine.dialect, values)
            except DBAPIError as error:
                cut = engine.dialect.is_disconnect(cast("Any", error.orig), connection.dbapi_connection, None)
                if cut:
                    connection.invalidate(error.orig)
                    engine.dispose()  # the others were cut with it
                if not (cut and patient):
                    raise
            finally:
                connection.close()
        return None

    def _run(self, connection: Any, dialect: Dialect, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        compiled = self.compiled.get(dialect.name) or self._compile(dialect)
        given: Any
        if compiled.by_place:
            given = [
                convert(values.get(name, fixed)) if convert else values.get(name, fixed)
                for name, convert, fixed in compiled.parameters
            ]
        else:
            given = {
                name: convert(values.get(name, fixed)) if convert else values.get(name, fixed)
                for name, convert, fixed in compiled.parameters
            }
        cursor = connection.cursor()
        try:
            cursor.execute(compiled.text, given)
            row = cursor.fetchone() if compiled.columns else None
        except dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemys(error, dialect, compiled.text) from error
        finally:
            cursor.close()
        if row is None:
            return None
        return tuple(convert(one) if convert else one for convert, one in zip(compiled.columns, row, strict=True))

    def _compile(self, dialect: Dialect) -> _Compiled:
        """Threads that arrive at the same moment compile it twice, to the same effect."""
        made = self.statement.compile(dialect=dialect)
        by_place = made.positiontup is not None
        names = made.positiontup if made.positiontup is not None else list(made.params)
        fixed = made.params

        def parameter(name: str) -> tuple[str, Convert, Any]:
            return name, made.binds[name].type.dialect_impl(dialect).bind_processor(dialect), fixed[name]

        columns = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in self.statement.exported_columns
        ]
        compiled = _Compiled(str(made), [parameter(name) for name in names], by_place, columns)
        self.compiled[dialect.name] = compiled
        return compiled
