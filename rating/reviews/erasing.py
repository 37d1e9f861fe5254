"""Taking what was deleted out of the database's files too, once the deletion is committed.

A deleted row stays in PostgreSQL's files until its table is rewritten; SQLite overwrites it at once, but its
write-ahead log keeps it until the next checkpoint.

What is kept lies in the order in which it came until it is rewritten in the order of its keys: on PostgreSQL the
rows of evaluations and traces, which carry the number of their transaction too; on SQLite the entries within each page
of each table and index, whatever their keys: a new one is put below those that came before.

None of this can be done within a transaction, and each step waits for others to release a table, for a few seconds at
most. What didn't succeed, or was interrupted, is still missing from the event log, and is done by the next `rating
tick`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Update, select, update
from sqlalchemy.exc import OperationalError

from rating.access import Actor
from rating.audit.models import Event
from rating.audit.service import record
from rating.evaluations.models import Evaluation, Participation, Trace
from rating.extensions import db
from rating.rounds.models import RatedEstate, Round
from rating.storage import writers as queue

PARTICIPATIONS_DELETED = "participations.deleted"
TRACES_DELETED = "traces.deleted"
# What has to follow a deletion, by its event: the event that says it is done, and the table.
TO_ERASE = {
    PARTICIPATIONS_DELETED: ("participations.erased", Participation.__tablename__),
    TRACES_DELETED: ("traces.erased", Trace.__tablename__),
}
SHUFFLED = "evaluations.shuffled"
SHUFFLED_BY = {"sqlite": "VACUUM, wal_checkpoint", "postgresql": "UPDATE, CLUSTER"}
PATIENCE = 5_000  # milliseconds
COPIES = 2  # copies of SQLite's file: one in a temporary file, one in the write-ahead log
SPARE = 16 * 1024 * 1024  # bytes that stay free beside them


class NotErased(Exception):
    """Others have locked the files, or the disk is full; to be retried."""


def erase_deleted(actor: Actor, now: datetime, *, thoroughly: bool = False) -> list[str]:
    """Take deleted participations and traces out of the files; returns the kinds of what was done.

    Thoroughly: what is kept of closed rounds is rewritten too, in the order of its keys. That reads and writes
    whole tables, minutes for millions, so no page waits for it. Call it after a commit, and commit the events that it
    records; each names the means.
    """
    waiting = {erased: _list_unsettled(deleted, erased) for deleted, (erased, _table) in TO_ERASE.items()}
    to_shuffle = list(db.session.scalars(unshuffled())) if thoroughly else []
    db.session.rollback()  # finding out what is left to do took a transaction; the rest has to be done outside of any
    means = {erased: _write_anew(table) if waiting[erased] else "" for erased, table in TO_ERASE.values()}
    done = [(erased, subject, means[erased]) for erased in waiting for subject in waiting[erased] if means[erased]]
    done += [(SHUFFLED, subject, SHUFFLED_BY[db.engine.dialect.name]) for subject in _shuffle(to_shuffle)]
    for kind, subject, by in done:
        record(actor, kind, subject, now, means=by)
    return [kind for kind, _subject, _means in done]


def unshuffled() -> Select[str]:
    """A SELECT of the closed rounds, as events name them, whose files may still tell in which order ratings came."""
    return _unsettled(PARTICIPATIONS_DELETED, SHUFFLED)


def _unsettled(deleted: str, settled: str) -> Select[str]:
    """The subjects with one event and not the other."""
    done = select(Event.subject).where(Event.kind == settled)
    asked = select(Event.subject).where(Event.kind == deleted, Event.subject.not_in(done)).distinct()
    return asked.order_by(Event.subject)


def _list_unsettled(deleted: str, settled: str) -> list[str]:
    return list(db.session.scalars(_unsettled(deleted, settled)))


def _write_anew(table: str) -> str:
    """Rewrite a table's file; returns by what means, '' where others have locked it."""
    try:
        if db.engine.dialect.name == "sqlite":
            return _empty_log()
        with _outside_transactions() as connection:
            _rewrite(connection, table, f"VACUUM (FULL) {table}")
    except (OperationalError, NotErased):
        return ""
    return "VACUUM FULL"


def _empty_log() -> str:
    """Bring SQLite's write-ahead log into the file and empty it; the file's own pages were overwritten on deletion."""
    with _sqlite_file() as file:
        _checkpoint(file)
    return "secure_delete, wal_checkpoint"


def _checkpoint(file: Any) -> None:
    if file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise NotErased


@contextmanager
def _sqlite_file() -> Iterator[Any]:
    """The driver's own connection to SQLite's file, outside of transactions; waits for others a few seconds at most."""
    raw = db.engine.raw_connection()
    try:
        raw.cursor().execute(f"PRAGMA busy_timeout = {PATIENCE}")
        queue.enter(raw.info)
        yield raw.cursor()
    except db.engine.dialect.loaded_dbapi.OperationalError as error:  # locked, or no room
        raise NotErased from error
    finally:
        raw.invalidate()  # the next connection waits as long as usual again


def _shuffle(subjects: list[str]) -> list[str]:
    """Rewrite what is kept of rounds in the order of its keys; returns the rounds for which it succeeded."""
    if not subjects:
        return []
    if db.engine.dialect.name == "sqlite":
        return subjects if _shuffle_file() else []
    return [subject for subject in subjects if _shuffle_rows(int(subject.removeprefix("round:")))]


def _shuffle_file() -> bool:
    """Rewrite SQLite's whole file, which puts each page's entries in order; False where that can't be done now.

    Readers go on reading meanwhile; writers wait. A crash leaves the file as it was.
    """
    try:
        with _sqlite_file() as file:
            _must_have_room()
            file.execute("VACUUM")
            _checkpoint(file)
    except NotErased:
        return False
    return True


def _must_have_room() -> None:
    file = Path(str(db.engine.url.database))
    if shutil.disk_usage(file.absolute().parent).free < COPIES * file.stat().st_size + SPARE:
        raise NotErased


def _shuffle_rows(number: int) -> bool:
    """Rewrite a round's evaluations and traces on PostgreSQL; False where others have locked a table."""
    estates = select(RatedEstate.id).join(Round, Round.id == RatedEstate.round_id).where(Round.number == number)
    of_round = Evaluation.rated_estate_id.in_(estates)
    traced = Trace.evaluation_id.in_(select(Evaluation.id).where(of_round))
    try:
        with _outside_transactions() as connection:
            _cluster(connection, "evaluation", update(Evaluation).where(of_round).values(week=Evaluation.week))
            _cluster(connection, "trace", update(Trace).where(traced).values(network=Trace.network))
    except (OperationalError, NotErased):
        return False
    return True


def _cluster(connection: Connection, table: str, touch: Update) -> None:
    """CLUSTER keeps the number of the transaction that wrote a row: let one transaction have written them all."""
    connection.execute(touch)
    _rewrite(connection, table, f"CLUSTER {table} USING pk_{table}")


def _rewrite(connection: Connection, table: str, statement: str) -> None:
    """Run a statement that gives a table a new file; PostgreSQL only warns where it may not."""
    file = f"SELECT pg_relation_filenode('{table}')"
    before = connection.exec_driver_sql(file).scalar()
    connection.exec_driver_sql(statement)
    if connection.exec_driver_sql(file).scalar() == before:
        raise NotErased


@contextmanager
def _outside_transactions() -> Iterator[Connection]:
    """A connection whose statements each commit by themselves, and give up after waiting a few seconds for a table."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {PATIENCE}")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
