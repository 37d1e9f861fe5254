"""One household, one counted evaluation: held by the database under any concurrency, with its negative control."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from rating.evaluations import service
from rating.evaluations.models import Channel, Evaluation, Participation, TurnoutDay
from rating.evaluations.service import Filled, Outcome, accept_evaluation
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


def rows(model: type[Evaluation] | type[Participation]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


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
    assert rows(Evaluation) == rows(Participation) == AT_ONCE
    assert db.session.scalar(select(func.sum(TurnoutDay.count))) == AT_ONCE


def test_without_the_constraint_a_household_is_counted_twice(
    app: Flask, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what holds 'once' is the primary key of participation, not luck."""
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE participation DROP CONSTRAINT pk_participation"))
    else:
        db.session.execute(text("DROP TABLE participation"))
        db.session.execute(text("CREATE TABLE participation (rated_estate_id INTEGER, household_number INTEGER)"))
    db.session.commit()
    try:
        tickets = [new_ticket(rated.id, 1, START) for _ in range(AT_ONCE)]
        assert send_all(app, rated.id, tickets)[Outcome.COUNTED] > 1
    finally:
        db.session.rollback()
        db.session.execute(text("DELETE FROM participation"))
        if db.engine.dialect.name == "postgresql":
            keys = "rated_estate_id, household_number"
            db.session.execute(text(f"ALTER TABLE participation ADD CONSTRAINT pk_participation PRIMARY KEY ({keys})"))
        db.session.commit()


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
    assert (rows(Evaluation), rows(Participation)) == (0, 0)
