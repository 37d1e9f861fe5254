"""Tables as a backup stores them: plain values of a few kinds, which both databases read and write."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from rating.extensions import UtcDateTime, db

# What matters only while it is there: who is signed in, how often was guessed, long jobs with their results, and traces
# of networks, which no backup may outlive.
LEFT_OUT = frozenset({"job", "staff_session", "trace", "try_count"})
ROWS_AT_ONCE = 2000
FILES_AT_ONCE = 4  # rows of a table of files


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: how a column of it is read and bound, and how a value is written in JSON and read back."""

    type: TypeEngine[Any]
    write: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


KINDS: dict[str, Kind] = {
    "integer": Kind(sa.BigInteger()),
    "boolean": Kind(sa.Boolean()),
    "text": Kind(sa.Text()),
    "json": Kind(sa.JSON(none_as_null=True)),
    "day": Kind(sa.Date(), date.isoformat, date.fromisoformat),
    "moment": Kind(UtcDateTime(), datetime.isoformat, datetime.fromisoformat),
    "bytes": Kind(sa.LargeBinary(), lambda value: base64.b64encode(value).decode(), _bytes),
    "file": Kind(sa.LargeBinary(), lambda value: base64.b64encode(value).decode(), _bytes),
    "uuid": Kind(sa.Uuid(), str, uuid.UUID),
    **{f"decimal {places}": Kind(sa.Numeric(scale=places), str, Decimal) for places in range(11)},
}


def kind_of(column_type: TypeEngine[Any]) -> str:
    """The name of the kind that a model's column is of; raises TypeError for one that backups don't know."""
    match column_type:
        case UtcDateTime():
            return "moment"
        case sa.Boolean():
            return "boolean"
        case sa.JSON():
            return "json"
        case sa.Date():
            return "day"
        case sa.Uuid():
            return "uuid"
        case sa.LargeBinary():
            return "bytes" if column_type.length else "file"
        case sa.Numeric() if not isinstance(column_type, sa.Float) and column_type.scale is not None:
            return f"decimal {column_type.scale}"
        case sa.Integer():
            return "integer"
        case sa.String():  # an Enum's values too
            return "text"
    raise TypeError(f"backups don't know columns of {column_type!r}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns as name → kind, its key, and the column that points to another row of it, if any."""

    name: str
    columns: dict[str, str]
    key: list[str]
    parent: str | None = None

    @property
    def kinds(self) -> list[Kind]:
        """The columns' kinds, in order."""
        return [KINDS[name] for name in self.columns.values()]

    @property
    def clause(self) -> sa.TableClause:
        """The table for statements, without its model."""
        columns = (sa.column(name, KINDS[kind].type) for name, kind in self.columns.items())
        return sa.table(self.name, *columns)

    @property
    def at_once(self) -> int:
        """How many rows may be in memory together."""
        return FILES_AT_ONCE if "file" in self.columns.values() else ROWS_AT_ONCE

    def write_row(self, row: sa.Row[Any]) -> list[Any]:
        """A row's values as JSON knows them."""
        pairs = zip(self.kinds, row, strict=True)
        return [None if value is None else kind.write(value) for kind, value in pairs]

    def read_row(self, values: list[Any]) -> dict[str, Any]:
        """Column → value of a row that was written."""
        triples = zip(self.columns, self.kinds, values, strict=True)
        return {name: None if value is None else kind.read(value) for name, kind, value in triples}


def list_tables() -> list[Table]:
    """Every table that a backup contains, those that others point to first."""
    return [_table(table) for table in db.metadata.sorted_tables if table.name not in LEFT_OUT]


def _table(table: sa.Table) -> Table:
    to_itself = (column.name for column in table.columns if any(k.column.table is table for k in column.foreign_keys))
    return Table(
        table.name,
        {column.name: kind_of(column.type) for column in table.columns},
        [column.name for column in table.primary_key],
        next(to_itself, None),
    )
