"""One household, one counted evaluation: held by the database under any concurrency, with its negative control."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, text, true
from sqlalchemy.exc import DBAPIError

from rating.errors import NotFound
from rating.evaluations import service
from rating.evaluations.models import Channel, Evaluation, TurnoutDay
from rating.evaluations.queries import count_participations
from rating.evaluations.service import Filled, Outcome, accept_evaluation, mark_answered
from rating.evaluations.tickets import Ticket, new_ticket
from rating.extensions import db
from rating.rounds.models import RatedEstate
from rating.rounds.queries import get_rated_estate
from tests.factories import RatedEstateFactory
from tests.support.clock import START

TODAY = date(2026, 9, 7)
FILLED = Filled("5" * 10, 1_000_000, None)
AT_ONCE = 12


def send_all(app: Flask, rated_estate_id: int, tickets: list[Ticket]) -> Counter[Outcome | str]:
    """Everybody submits at the same moment, each in a transaction of its own."""
    ready = Barrier(len(tickets))

    def send(ticket: Ticket) -> Outcome | str:
        with app.app_context():
            rated = get_rated_estate(rated_estate_id)
            db.session.rollback()
            ready.wait()
            try:
                outcome = accept_evaluation(ticket, rated, FILLED, Channel.OWN, TODAY)
                db.session.commit()
            except Exception as error:  # a thread's error is an outcome to be counted, and seen below
                db.session.rollback()
                return type(error).__name__
            return outcome

    db.session.commit()
    with ThreadPoolExecutor(len(tickets)) as pool:
        return Counter(pool.map(send, tickets))


def rows(model: type[Evaluation]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def marked() -> int:
    db.session.rollback()
    return count_participations(select(RatedEstate.id))


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory()


def test_one_ticket_sent_many_times_at_once_is_counted_once(app: Flask, rated: RatedEstate) -> None:
    ticket = new_ticket(rated.id, 1, START)
    outcomes = send_all(app, rated.id, [ticket] * AT_ONCE)
    assert outcomes == {Outcome.COUNTED: 1, Outcome.SAME: AT_ONCE - 1}
    assert rows(Evaluation) == 1


def test_many_tickets_of_one_household_at_once_count_one(app: Flask, rated: RatedEstate) -> None:
    tickets = [new_ticket(rated.id, 1, START) for _ in range(AT_ONCE)]
    outcomes = send_all(app, rated.id, tickets)
    assert outcomes == {Outcome.COUNTED: 1, Outcome.ANSWERED: AT_ONCE - 1}
    assert rows(Evaluation) == 1


def test_many_households_at_once_are_all_counted(app: Flask, rated: RatedEstate) -> None:
    tickets = [new_ticket(rated.id, number + 1, START) for number in range(AT_ONCE)]
    assert send_all(app, rated.id, tickets) == {Outcome.COUNTED: AT_ONCE}
    assert rows(Evaluation) == marked() == AT_ONCE
    assert db.session.scalar(select(func.sum(TurnoutDay.count))) == AT_ONCE


@pytest.fixture
def unconditional(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement without its condition: it marks whoever comes."""
    monkeypatch.setattr(service, "_not_yet", lambda _number: true())


@pytest.mark.usefixtures("unconditional")
def test_without_the_statements_condition_the_trigger_still_holds_once(app: Flask, rated: RatedEstate) -> None:
    tickets = [new_ticket(rated.id, 1, START) for _ in range(AT_ONCE)]
    assert send_all(app, rated.id, tickets)[Outcome.COUNTED] == 1
    assert rows(Evaluation) == 1


@pytest.mark.usefixtures("unconditional")
def test_without_condition_and_trigger_a_household_is_counted_twice(app: Flask, rated: RatedEstate) -> None:
    """The negative control: what holds 'once' are these two, not luck."""
    on_table = " ON participation" if db.engine.dialect.name == "postgresql" else ""
    db.session.execute(text(f"DROP TRIGGER participation_marks_once{on_table}"))
    db.session.commit()
    try:
        tickets = [new_ticket(rated.id, 1, START) for _ in range(AT_ONCE)]
        assert send_all(app, rated.id, tickets)[Outcome.COUNTED] > 1
    finally:
        db.session.rollback()
        downgrade(revision="0001", x_arg="lose=rows")  # the migration brings the trigger back
        upgrade()


def test_the_database_itself_refuses_to_mark_a_household_again(app: Flask, rated: RatedEstate) -> None:
    assert mark_answered(db.session.connection(), rated, 1)
    assert not mark_answered(db.session.connection(), rated, 1)
    with pytest.raises(DBAPIError, match="a household answers once"):
        db.session.execute(text("UPDATE participation SET answered = answered"))
    db.session.rollback()


def test_a_household_that_the_round_does_not_have_is_refused(app: Flask, rated: RatedEstate) -> None:
    for number in (0, rated.households + 1):
        with pytest.raises(NotFound):
            mark_answered(db.session.connection(), rated, number)


def test_an_evaluation_that_fails_takes_its_participation_back(
    app: Flask, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction: nobody is marked as having answered whose answers are not there."""

    def breaks(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(service, "_count_turnout", breaks)
    with pytest.raises(RuntimeError):
        accept_evaluation(new_ticket(rated.id, 1, START), rated, FILLED, Channel.OWN, TODAY)
    db.session.rollback()
    assert (rows(Evaluation), marked()) == (0, 0)
