"""What is deleted is gone from the database's files too, and the event log shows that it is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

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
from rating.rounds.models import RatedEstate, Round
from rating.storage.engines import close_connections
from tests.factories import EstateFactory, FlagFactory, RatedEstateFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.layouts import Pages, layouts
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
    """Somebody reads all the while, and stands in no writer's way."""
    with db.engine.connect().execution_options(reads=True) as connection:
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


# ---- the order in which evaluations came

MANY = 90  # several pages, and no page for chance


@pytest.fixture
def arrivals(app: Flask) -> list[UUID]:
    """The evaluations of an estate in the order in which they came, each with the trace of a network."""
    estate = EstateFactory(households_total=MANY, households_lived_in=MANY)
    rated = RatedEstateFactory(estate=estate)
    db.session.commit()
    came: list[UUID] = []
    for number in range(1, MANY + 1):
        ticket = new_ticket(rated.id, number, START)
        filled = Filled("5" * 10, 1_000_000, None)
        accept_evaluation(ticket, rated, filled, Channel.OWN, TODAY, number.to_bytes(16, "big"))
        db.session.commit()
        came += set(db.session.scalars(select(Evaluation.id))) - set(came)
    return came


def close_all() -> None:
    """Close the round; one evaluation is still looked at, so that no trace is deleted."""
    FlagFactory(evaluation=db.session.scalars(select(Evaluation)).first())
    round_ = db.session.scalars(select(Round)).one()
    close_round(round_, SYSTEM, LATER, today_is_past=True)
    db.session.commit()


def neighbours(pages: Pages, came: list[UUID]) -> int:
    """How many lie beside the one that came right before them, or right after; by chance two."""
    place = {one: number for number, one in enumerate(came)}
    return sum(abs(place[one] - place[other]) == 1 for page in pages for one, other in pairwise(page))


def share_in_order_of_arrival(found: dict[str, Pages], came: list[UUID]) -> float:
    """Of all neighbours in tables and indexes, those that came one right after the other."""
    pairs = sum(len(page) - 1 for pages in found.values() for page in pages if page)
    return sum(neighbours(pages, came) for pages in found.values()) / pairs


def test_until_the_files_are_written_anew_they_show_in_which_order_evaluations_came(arrivals: list[UUID]) -> None:
    """The control, on both databases and in every table and index: by chance it would be one in 45."""
    close_all()
    found = layouts("evaluation") | layouts("trace")
    assert len(found) == {"sqlite": 5, "postgresql": 7}[db.engine.dialect.name]
    assert share_in_order_of_arrival(found, arrivals) > 1 / 7
    erase()  # as after the bureau's button: what takes long is left for the next tick
    assert share_in_order_of_arrival(layouts("evaluation") | layouts("trace"), arrivals) > 1 / 7


def test_after_the_close_no_page_of_a_table_or_index_shows_in_which_order_evaluations_came(
    arrivals: list[UUID], run_command: Callable[..., Result], see_events: Callable[[str], list[Event]]
) -> None:
    close_all()
    assert "evaluations.shuffled" in run_command("tick").output
    found = layouts("evaluation") | layouts("trace")
    assert share_in_order_of_arrival(found, arrivals) < 1 / 14
    for table in ("evaluation", "trace"):
        assert all(page == sorted(page) for page in found[table])
        assert sorted(one for page in found[table] for one in page) == sorted(arrivals)
    (event,) = see_events("evaluations.shuffled")
    assert event.data == {"means": erasing.SHUFFLED_BY[db.engine.dialect.name]}
    if db.engine.dialect.name == "postgresql":
        for table in found.keys() & {"evaluation", "trace"}:
            assert db.session.scalar(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")) == 1


@pytest.mark.sqlite_only(reason="PostgreSQL looks for room by itself, and says where there is none")
def test_without_room_for_a_copy_the_file_stays_as_it_is_until_there_is(
    arrivals: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    close_all()
    with monkeypatch.context() as full:
        full.setattr(erasing, "SPARE", 1 << 60)
        assert erase_deleted(SYSTEM, LATER, thoroughly=True) == ["participations.erased"]
        db.session.commit()
    assert erase_deleted(SYSTEM, LATER, thoroughly=True) == ["evaluations.shuffled"]


@pytest.mark.sqlite_only(reason="PostgreSQL's CLUSTER is one transaction")
def test_a_crash_while_the_file_is_written_anew_leaves_it_whole_and_to_be_done(
    arrivals: list[UUID], run_command: Callable[..., Result]
) -> None:
    """A process that is killed in the middle: what lies in the log by then doesn't count."""
    close_all()
    erase()
    file = str(db.engine.url.database)
    close_connections()
    killed = subprocess.run([sys.executable, "-c", VACUUM_AND_DIE, file], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert db.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert set(db.session.scalars(select(Evaluation.id))) == set(arrivals)
    db.session.rollback()
    assert "evaluations.shuffled" in run_command("tick").output
    assert share_in_order_of_arrival(layouts("evaluation"), arrivals) < 1 / 14


# SQLite calls the handler every few instructions; when the log has begun to grow, the process is killed.
VACUUM_AND_DIE = """
import os, signal, sys
from rating.storage.engines import sqlite_module
connection = sqlite_module().connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA cache_size = 1")
log = sys.argv[1] + "-wal"
def look():
    if os.path.exists(log) and os.path.getsize(log) > 20000:
        os.kill(os.getpid(), signal.SIGKILL)
connection.set_progress_handler(look, 50)
connection.execute("VACUUM")
look()
"""


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
    assert len(see_events("evaluations.shuffled")) == 1
