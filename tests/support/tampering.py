"""Changing the event log by hand, as somebody could who may write to the database: each way that there is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from rating.audit.chain import BEFORE_ALL, canonical, link
from rating.audit.models import Event
from rating.audit.verifying import CONTENT
from rating.extensions import db

START = datetime(2026, 9, 7, 1, tzinfo=UTC)
KINDS = ("round.open", "round.closed", "release.published", "grant.given", "sessions.ended")
Row = dict[str, Any]
COLUMNS = ("at", "actor_id", "actor_name", "kind", "subject", "reason", "data")


def write_log(connection: sa.Connection, count: int, dice: random.Random) -> None:
    """A log of so many events, as the product would have chained them."""
    before, rows = BEFORE_ALL, []
    for number in range(1, count + 1):
        row = _draw(number, dice)
        before = row["hash"] = link(before, canonical(**row))
        rows.append(row)
    for start in range(0, count, 5_000):
        connection.execute(sa.insert(Event), rows[start : start + 5_000])


def _draw(number: int, dice: random.Random) -> Row:
    return {
        "number": number,
        "at": START + timedelta(seconds=61 * number, microseconds=dice.randrange(10**6)),
        "actor_id": dice.choice([None, dice.randrange(1, 90)]),
        "actor_name": dice.choice(["system", "王晓明", "Ann O'Neill"]),
        "kind": dice.choice(KINDS),
        "subject": f"round:{dice.randrange(1, 9)}",
        "reason": dice.choice(["", "没有别的办法", "asked for by letter"]),
        "data": {"count": dice.randrange(10**6), "of": ["甲", None, True]},
    }


@contextmanager
def undone(connection: sa.Connection) -> Iterator[None]:
    """Whatever is done to the log within is undone; the triggers that refuse it are away meanwhile."""
    savepoint = connection.begin_nested()
    for action in ("update", "delete"):
        on_table = " ON event" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER event_refuses_{action}{on_table}")
    yield
    savepoint.rollback()


def read(connection: sa.Connection, number: int) -> Row:
    """One event."""
    found = connection.execute(sa.select(*CONTENT, Event.hash).where(Event.number == number)).mappings().one()
    return {**found, "hash": bytes(found["hash"])}


def _set(connection: sa.Connection, which: int, /, **values: Any) -> None:
    connection.execute(sa.update(Event.__table__).where(Event.number == which).values(**values))


def another(row: Row, column: str, dice: random.Random) -> Any:
    """Another value for a column, as near as may be."""
    value = row[column]
    match column:
        case "at":
            return value + timedelta(microseconds=dice.choice([-1, 1, 3_600_000_000]))
        case "actor_id":
            return (value or 0) + 1
        case "data":
            return {**value, "count": value["count"] + 1}
    return value + dice.choice([" ", "x", "。"])


# Each takes the connection, an event's number and the log's length, and leaves at least that event not as it was.
Tampering = Callable[[sa.Connection, int, int, random.Random], None]


def edit(connection: sa.Connection, number: int, _count: int, dice: random.Random) -> None:
    """One column is changed, the hash left."""
    column = dice.choice(COLUMNS)
    _set(connection, number, **{column: another(read(connection, number), column, dice)})


def edit_with_hash(connection: sa.Connection, number: int, _count: int, dice: random.Random) -> None:
    """One column is changed, and the event's own hash computed anew."""
    edit(connection, number, _count, dice)
    row = read(connection, number)
    row.pop("hash")
    before = read(connection, number - 1)["hash"] if number > 1 else BEFORE_ALL
    _set(connection, number, hash=link(before, canonical(**row)))


def flip_hash(connection: sa.Connection, number: int, _count: int, dice: random.Random) -> None:
    """One bit of the hash."""
    whole = bytearray(read(connection, number)["hash"])
    whole[dice.randrange(32)] ^= 1 << dice.randrange(8)
    _set(connection, number, hash=bytes(whole))


def delete(connection: sa.Connection, number: int, _count: int, _dice: random.Random) -> None:
    """The event is deleted."""
    connection.execute(sa.delete(Event.__table__).where(Event.number == number))


def delete_and_close(connection: sa.Connection, number: int, count: int, _dice: random.Random) -> None:
    """The event is deleted, and what follows numbered anew."""
    delete(connection, number, count, _dice)
    for later in range(number + 1, count + 1):
        _set(connection, later, number=later - 1)


def swap(connection: sa.Connection, number: int, count: int, dice: random.Random) -> None:
    """Two events change places, with or without their hashes."""
    other = number % (count - 1) + 1
    one, two = read(connection, number), read(connection, other)
    columns = [*COLUMNS, *(["hash"] if dice.random() < 0.5 else [])]
    _set(connection, number, **{column: two[column] for column in columns})
    _set(connection, other, **{column: one[column] for column in columns})


def put_in(connection: sa.Connection, _number: int, _count: int, dice: random.Random) -> None:
    """An event that never happened, before all others."""
    row = _draw(0, dice)
    connection.execute(sa.insert(Event), [{**row, "hash": link(BEFORE_ALL, canonical(**row))}])


def put_between(connection: sa.Connection, number: int, count: int, dice: random.Random) -> None:
    """An event that never happened, in the midst, with the right hash; what follows is numbered anew."""
    for later in range(count, number, -1):
        _set(connection, later, number=later + 1)
    row = _draw(number + 1, dice)
    row["hash"] = link(read(connection, number)["hash"], canonical(**row))
    connection.execute(sa.insert(Event), [row])


WAYS: Sequence[Tampering] = (edit, edit_with_hash, flip_hash, delete, delete_and_close, swap, put_in, put_between)
IN_PLACE: Sequence[Tampering] = (edit, edit_with_hash, flip_hash, delete)


def tamper(connection: sa.Connection, count: int, dice: random.Random) -> str:
    """Change the log in one way at one place, not its last event alone; says what was done."""
    way, number = dice.choice(WAYS), dice.randrange(1, count - 1)
    before = json.dumps(read(connection, number), default=str)
    way(connection, number, count, dice)
    return f"{way.__name__} at {number}: {before}"


def writing() -> sa.Connection:
    """A connection that may write; close it to undo everything."""
    db.session.rollback()
    return db.engine.connect().execution_options(writes=True)
