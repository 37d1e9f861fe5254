"""Taking what was deleted out of the database's files too, once the deletion is committed.

A deleted row stays in PostgreSQL's files until its table is written anew; SQLite overwrites it at once, but its
write-ahead log keeps it until the next checkpoint. Evaluations lie in PostgreSQL's file in the order in which they
came and carry the number of their transaction, until they too are written anew, in the order of their random keys.

None of this can be done within a transaction, and each waits for others to let go of a table, for a few seconds at
most. What didn't succeed is still missing from the event log, and is done by the next `rating tick`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from rating.access import Actor
from rating.audit.models import Event
from rating.audit.service import record
from rating.evaluations.models import Evaluation, Participation, Trace
from rating.extensions import db
from rating.rounds.models import RatedEstate, Round

PARTICIPATIONS_DELETED = "participations.deleted"
TRACES_DELETED = "traces.deleted"
# What has to follow a deletion, by its event: the event that says it is done, and the table.
TO_ERASE = {
    PARTICIPATIONS_DELETED: ("participations.erased", Participation.__tablename__),
    TRACES_DELETED: ("traces.erased", Trace.__tablename__),
}
SHUFFLED = "evaluations.shuffled"
PATIENCE = 5_000  # milliseconds


class NotErased(Exception):
    """Others hold the files; to be tried again."""


def erase_deleted(actor: Actor, now: datetime, *, thoroughly: bool = False) -> list[str]:
    """Take deleted participations and traces out of the files; gives the kinds of what was done.

    Thoroughly: closed rounds' evaluations are written anew too, in the order of their random keys. That reads and
    writes their whole table, minutes for millions, so no page waits for it. Call it after a commit, and commit the
    events that it records; each names the means.
    """
    waiting = {erased: _list_unsettled(deleted, erased) for deleted, (erased, _table) in TO_ERASE.items()}
    to_shuffle = _list_unsettled(PARTICIPATIONS_DELETED, SHUFFLED) if thoroughly else []
    db.session.rollback()  # to know what waits took a transaction; the rest has to be done outside of any
    means = {erased: _write_anew(table) if waiting[erased] else "" for erased, table in TO_ERASE.values()}
    done = [(erased, subject, means[erased]) for erased in waiting for subject in waiting[erased] if means[erased]]
    done += [(SHUFFLED, subject, "UPDATE, CLUSTER") for subject in to_shuffle if _shuffle(subject)]
    for kind, subject, by in done:
        record(actor, kind, subject, now, means=by)
    return [kind for kind, _subject, _means in done]


def _list_unsettled(deleted: str, settled: str) -> list[str]:
    """The subjects with one event and not the other."""
    done = select(Event.subject).where(Event.kind == settled)
    asked = select(Event.subject).where(Event.kind == deleted, Event.subject.not_in(done)).distinct()
    return list(db.session.scalars(asked.order_by(Event.subject)))


def _write_anew(table: str) -> str:
    """Write a table's file anew; gives the means, nothing where others hold the file."""
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
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        raw.invalidate()  # the next connection has its usual patience again
    if busy:
        raise NotErased
    return "secure_delete, wal_checkpoint"


def _shuffle(subject: str) -> bool:
    """Write a round's evaluations anew; False where others hold the table. SQLite keeps them in order anyway."""
    if db.engine.dialect.name == "sqlite":
        return False
    number = int(subject.removeprefix("round:"))
    estates = select(RatedEstate.id).join(Round, Round.id == RatedEstate.round_id).where(Round.number == number)
    # CLUSTER keeps the number of the transaction that wrote a row: let one transaction have written them all.
    anew = update(Evaluation).where(Evaluation.rated_estate_id.in_(estates)).values(week=Evaluation.week)
    try:
        with _outside_transactions() as connection:
            connection.execute(anew)
            _rewrite(connection, Evaluation.__tablename__, "CLUSTER evaluation USING pk_evaluation")
    except (OperationalError, NotErased):
        return False
    return True


def _rewrite(connection: Connection, table: str, statement: str) -> None:
    """Run a statement that gives a table a new file; PostgreSQL only warns where it may not."""
    file = f"SELECT pg_relation_filenode('{table}')"
    before = connection.exec_driver_sql(file).scalar()
    connection.exec_driver_sql(statement)
    if connection.exec_driver_sql(file).scalar() == before:
        raise NotErased


@contextmanager
def _outside_transactions() -> Iterator[Connection]:
    """A connection whose statements each stand alone, and give up after a few seconds of waiting for a table."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {PATIENCE}")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
