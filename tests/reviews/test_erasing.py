"""What is deleted is gone from the database's files too, and the event log shows that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from rating.access import SYSTEM, Role
from rating.audit.models import Event
from rating.evaluations.models import Channel, Evaluation, Trace
from rating.evaluations.service import Filled, accept_evaluation
from rating.evaluations.tickets import new_ticket
from rating.extensions import db
from rating.reviews import erasing
from rating.reviews.erasing import erase_deleted
from rating.reviews.service import close_round
from rating.rounds.models import RatedEstate
from tests.factories import EstateFactory, RatedEstateFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

TODAY = date(2026, 9, 7)
LATER = START + timedelta(days=30)
HOUSEHOLDS = 60
ANSWERED = (2, 3, 7, 11, 12, 19, 23, 30, 31, 44, 58)
PATTERN = "".join("01"[number in ANSWERED] for number in range(1, HOUSEHOLDS + 1)).encode()
NETWORK = b"a network, hashed"[:16]


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    """An estate of which some have answered, each in a transaction of its own."""
    estate = EstateFactory(households_total=HOUSEHOLDS, households_lived_in=HOUSEHOLDS)
    rated = RatedEstateFactory(estate=estate)
    db.session.commit()
    for number in reversed(ANSWERED):
        ticket = new_ticket(rated.id, number, START)
        accept_evaluation(ticket, rated, Filled("5" * 10, 1_000_000, None), Channel.OWN, TODAY, NETWORK)
        db.session.commit()
    return rated


def close(rated: RatedEstate) -> None:
    close_round(rated.round, SYSTEM, LATER, today_is_past=True)
    db.session.commit()


def erase() -> list[str]:
    settled = erase_deleted(SYSTEM, LATER)
    db.session.commit()
    return settled


def bytes_of_files() -> bytes:
    """Everything in the database's files as they lie on the disk: tables, indexes, SQLite's log."""
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        file = Path(str(db.engine.url.database))
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
    return b"".join(path.read_bytes() for path in sorted(folder.glob("base/*/*")) if path.is_file())


def test_before_the_close_the_files_hold_who_has_answered_and_from_where(rated: RatedEstate) -> None:
    """The control: else the next test would find nothing wherever it looked."""
    found = bytes_of_files()
    assert PATTERN in found and NETWORK in found


def test_after_the_close_no_file_holds_who_had_answered_or_from_where(rated: RatedEstate) -> None:
    close(rated)
    assert erase() == ["participations.erased", "traces.erased"]
    found = bytes_of_files()
    assert PATTERN not in found and NETWORK not in found


def test_the_event_log_says_what_was_deleted_and_by_what_means_it_left_the_files(
    rated: RatedEstate, see_events: Callable[[str], list[Event]]
) -> None:
    close(rated)
    erase()
    means = {"sqlite": "secure_delete, wal_checkpoint", "postgresql": "VACUUM FULL"}[db.engine.dialect.name]
    for kind in ("participations", "traces"):
        (deleted,), (erased,) = see_events(f"{kind}.deleted"), see_events(f"{kind}.erased")
        assert deleted.subject == erased.subject == f"round:{rated.round.number}"
        assert (deleted.data, erased.data) == ({"count": len(ANSWERED)}, {"means": means})


def test_what_is_erased_is_not_erased_again(rated: RatedEstate) -> None:
    close(rated)
    assert (len(erase()), erase()) == (2, [])


def test_nothing_is_erased_of_a_round_that_is_open(rated: RatedEstate) -> None:
    assert erase() == []
    assert PATTERN in bytes_of_files()


@contextmanager
def files_in_use() -> Iterator[None]:
    """Somebody reads all the while."""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN")
        connection.execute(text("SELECT count(*) FROM participation, trace, evaluation"))
        yield
        connection.rollback()


def test_while_others_hold_the_files_it_is_left_for_the_next_tick(
    rated: RatedEstate,
    monkeypatch: pytest.MonkeyPatch,
    see_events: Callable[[str], list[Event]],
    run_command: Callable[..., Result],
) -> None:
    monkeypatch.setattr(erasing, "PATIENCE", 50)
    with files_in_use():
        close(rated)  # readers do not keep a round from closing
        assert erase_deleted(SYSTEM, LATER, thoroughly=True) == []
        assert see_events("participations.erased") == see_events("traces.erased") == []
        db.session.commit()
    assert "taken out of the files: participations.erased, traces.erased" in run_command("tick").output
    assert len(see_events("participations.erased")) == len(see_events("traces.erased")) == 1
    assert "taken out of the files: nothing" in run_command("tick").output


def order_in_file() -> list[object]:
    column = "ctid" if db.engine.dialect.name == "postgresql" else "NULL"
    return list(db.session.scalars(select(Evaluation.id).order_by(text(column))))


def test_after_the_close_evaluations_lie_in_the_order_of_their_random_keys(
    rated: RatedEstate, run_command: Callable[..., Result]
) -> None:
    on_postgresql = db.engine.dialect.name == "postgresql"
    ids = order_in_file()
    assert (ids != sorted(ids)) is on_postgresql  # the control: SQLite keeps them in order from the start
    close(rated)
    assert ("evaluations.shuffled" in run_command("tick").output) is on_postgresql
    assert order_in_file() == sorted(ids)
    if on_postgresql:
        assert db.session.scalar(text("SELECT count(DISTINCT xmin::text) FROM evaluation")) == 1


def test_the_bureaus_button_closes_and_erases_at_once(
    rated: RatedEstate,
    clock: Clock,
    sign_in: Callable[..., Client],
    see: Callable[..., Page],
    see_events: Callable[[str], list[Event]],
) -> None:
    clock.advance(days=30)
    number = rated.round.number
    see(sign_in(UserFactory(role=Role.BUREAU)), f"/bureau/rounds/{number}/close", data={})
    assert [len(see_events(f"{kind}.erased")) for kind in ("participations", "traces")] == [1, 1]
    assert db.session.scalars(select(Trace)).all() == []


def test_the_command_closes_erases_and_shuffles(
    rated: RatedEstate, clock: Clock, run_command: Callable[..., Result], see_events: Callable[[str], list[Event]]
) -> None:
    clock.advance(days=30)
    run_command("round", "close", rated.round.number)
    assert len(see_events("participations.erased")) == 1
    assert len(see_events("evaluations.shuffled")) == (db.engine.dialect.name == "postgresql")
