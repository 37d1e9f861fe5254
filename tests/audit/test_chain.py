"""Events are numbered without gaps, whoever writes at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from rating.access import SYSTEM
from rating.audit import chain
from rating.audit.models import Event
from rating.audit.service import record
from rating.audit.verifying import verify_chain
from rating.extensions import db
from rating.registry.models import Subdistrict
from rating.storage import engines as database
from tests.factories import SubdistrictFactory
from tests.support.clock import START

WRITERS, EACH = 6, 12


def note(subject: str = "thing:1") -> None:
    record(SYSTEM, "thing.happened", subject, START)


def numbers() -> list[int]:
    return list(db.session.scalars(sa.select(Event.number).order_by(Event.number)))


def faults() -> list[str]:
    found = verify_chain(db.session.connection()).faults
    db.session.rollback()
    return found


def test_events_of_one_transaction_are_chained_in_the_order_in_which_they_were_recorded(app: Flask) -> None:
    for subject in ("a", "b", "c"):
        note(subject)
    db.session.commit()
    assert list(db.session.scalars(sa.select(Event.subject).order_by(Event.number))) == ["a", "b", "c"]
    assert (numbers(), faults()) == ([1, 2, 3], [])


def test_what_was_recorded_is_found_by_its_own_transaction_before_the_commit(app: Flask) -> None:
    note()
    assert numbers() == [1]
    note()
    db.session.commit()
    assert (numbers(), faults()) == ([1, 2], [])


def test_what_a_rolled_back_transaction_recorded_never_happened(app: Flask) -> None:
    note()
    db.session.rollback()
    note()
    assert numbers() == [1]
    db.session.rollback()
    note()
    db.session.commit()
    assert (numbers(), faults()) == ([1], [])


def test_what_a_rolled_back_savepoint_recorded_never_happened_either(app: Flask) -> None:
    note("before")
    savepoint = db.session.begin_nested()
    note("within")
    savepoint.rollback()
    with db.session.begin_nested():
        note("kept")
    db.session.commit()
    assert list(db.session.scalars(sa.select(Event.subject).order_by(Event.number))) == ["before", "kept"]
    assert faults() == []


def test_whatever_data_holds_is_hashed_as_it_is_read_back(app: Flask) -> None:
    record(
        SYSTEM, "thing.happened", "x", START.astimezone(), "因为", days=(1, 2.5), role=SYSTEM.grants[0].role, no=None
    )
    db.session.commit()
    assert faults() == []


def at_once(app: Flask, work: Callable[[], None], writers: int) -> list[Exception]:
    """The same work by many threads, each in an application context of its own; the errors that were raised."""
    errors: list[Exception] = []

    def run() -> None:
        with app.app_context():
            try:
                work()
            except sa.exc.SQLAlchemyError as error:
                db.session.rollback()
                errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_many_writers_at_once_leave_one_chain(app: Flask) -> None:
    def write() -> None:
        for _ in range(EACH):
            note()
            note()
            db.session.commit()

    db.session.rollback()
    assert at_once(app, write, WRITERS) == []
    assert (numbers(), faults()) == (list(range(1, 2 * WRITERS * EACH + 1)), [])


def test_writers_who_wait_for_each_others_rows_do_not_lock_up_on_the_log(app: Flask) -> None:
    """A takes the row, B records and waits for it, A records: the log's lock is taken last, so both come through."""
    SubdistrictFactory()
    db.session.commit()
    steps = threading.Barrier(2)
    change = sa.update(Subdistrict).values(name=Subdistrict.name + "。")

    def first() -> None:
        db.session.execute(change)
        steps.wait()
        note()
        db.session.commit()

    def second() -> None:
        steps.wait()
        note()
        db.session.execute(change)
        db.session.commit()

    turns = iter([first, second])
    if db.engine.dialect.name == "sqlite":  # one writer at a time: the second begins when the first has committed
        steps = threading.Barrier(1)
    assert at_once(app, lambda: next(turns)(), 2) == []
    assert (numbers(), faults()) == ([1, 2], [])


# ---- the control: what holds writers apart is taken out


@pytest.fixture
def both_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two writers both look at the head before either goes on, as without a lock they sometimes would."""
    both, read_head = threading.Barrier(2), chain.read_head

    def slowly(session: Session) -> chain.Head:
        head = read_head(session)
        both.wait(timeout=20)
        return head

    monkeypatch.setattr(chain, "read_head", slowly)


@pytest.mark.usefixtures("both_read_first")
def test_without_the_lock_two_writers_fork_the_chain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL with the key out of the way too; SQLite itself lets the second not write on what it has read."""

    def write() -> None:
        note()
        db.session.commit()

    on_sqlite = db.engine.dialect.name == "sqlite"
    if on_sqlite:
        monkeypatch.setattr(database, "_begin", lambda connection, *, reads: connection.exec_driver_sql("BEGIN"))
    else:
        monkeypatch.setattr(chain, "_take_lock", lambda _session: None)
        db.session.execute(sa.text("ALTER TABLE event DROP CONSTRAINT pk_event"))
    db.session.commit()
    errors = at_once(app, write, 2)
    found = numbers(), faults()
    if not on_sqlite:
        db.session.execute(sa.text("ALTER TABLE event DISABLE TRIGGER event_refuses_delete; DELETE FROM event;"
                                   "ALTER TABLE event ENABLE TRIGGER event_refuses_delete;"
                                   "ALTER TABLE event ADD CONSTRAINT pk_event PRIMARY KEY (number)"))  # fmt: skip
        db.session.commit()
    if on_sqlite:
        assert len(errors) == 1 and "locked" in str(errors[0])
    else:
        assert (errors, found[0], len(found[1])) == ([], [1, 1], 1)
