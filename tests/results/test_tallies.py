"""Tallies by grouped statements agree with tallies made in Python, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select

from rating.access import SYSTEM
from rating.errors import Conflict
from rating.evaluations.models import Evaluation, TurnoutDay
from rating.extensions import db
from rating.results import tallies as room
from rating.results.service import compute_scorecard
from rating.results.tallies import count_received, tally_round
from rating.rounds.models import RatedEstate, Round
from rating.scoring import (
    Direction,
    EstateTally,
    Moments,
    Records,
    ReviewState,
    TallyError,
    check_flagged,
    fold_round,
    score_round,
    with_flagged,
)
from tests.factories import EvaluationFactory, RatedEstateFactory, RoundFactory
from tests.results.town import build_town, take_in
from tests.scoring.tallying import tally_evaluations
from tests.support.clock import START
from tests.support.plain import as_written

RESIDENTS = Direction.RESIDENT_TO_COMPANY
ON_SITE = Direction.COMMITTEE_TO_COMPANY


def tallies_in_python(round_: Round) -> list[EstateTally]:
    """The same tallies, slowly: every evaluation as an object."""
    return [
        tally_evaluations(
            asked.rule,
            company=rated.company.code,
            estate=rated.estate.code,
            households=rated.households,
            evaluations=[
                (tuple(asked.decode(one.marks)), ReviewState.NEVER_FLAGGED)
                for one in db.session.scalars(
                    select(Evaluation).where(Evaluation.rated_estate_id == rated.id, Evaluation.direction == direction)
                )
            ],
        )
        for direction, asked in round_.rulebook.content.questionnaires.items()
        for rated in db.session.scalars(select(RatedEstate).where(RatedEstate.round_id == round_.id))
    ]


@contextmanager
def no_evaluation_becomes_an_object() -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise AssertionError("an evaluation became an object")

    event.listen(Evaluation, "load", refuse)
    try:
        yield
    finally:
        event.remove(Evaluation, "load", refuse)


def test_grouped_statements_and_python_give_the_same_scorecard_bytes(app: Flask) -> None:
    town = build_town()
    rules = town.round.rulebook.content.rules()
    tallies = tallies_in_python(town.round)
    folding = fold_round(rules, tallies)
    card = score_round(rules, folding.tallies, Records())
    expected = as_written(with_flagged(card, check_flagged(rules, card, folding, tallies, tallies)))
    db.session.expunge_all()
    with no_evaluation_becomes_an_object():
        stored = compute_scorecard(db.session.get_one(Round, town.round.id), SYSTEM, START)
    assert stored.content.encode() == expected


def test_several_connections_at_once_find_the_same_in_the_same_order(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = build_town()
    one_by_one = tally_round(town.round)
    db.session.commit()
    readers, read = set(), room._sum_residents

    def seen(connection: Connection, *of: Any) -> Any:
        readers.add(threading.current_thread().name)
        return read(connection, *of)

    monkeypatch.setattr(room, "_sum_residents", seen)
    monkeypatch.setattr(room, "MANY", 0)
    assert tally_round(town.round) == one_by_one
    assert readers and threading.main_thread().name not in readers


def test_what_only_this_transaction_knows_is_never_left_out_unnoticed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections beside the transaction don't see it; the intake's counters do."""
    town = build_town()
    db.session.commit()
    take_in(town.estates["fair"][0], ["5" * 10], first_number=town.estates["fair"][0].households)
    monkeypatch.setattr(room, "MANY", 0)
    with pytest.raises(Conflict, match="can't be added up"):
        compute_scorecard(town.round, SYSTEM, START)


def test_every_rated_estate_is_there_also_without_any_evaluation(app: Flask) -> None:
    rated = RatedEstateFactory()
    tallies = tally_round(rated.round)
    assert {tally.direction for tally in tallies} == set(Direction)
    assert {tally.estate for tally in tallies} == {rated.estate.code}
    assert all(tally.counted == Moments() and tally.households == rated.households for tally in tallies)


def test_marks_are_counted_by_indicator_and_what_carries_no_mark_apart(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    take_in(rated, ["5555555555", "4?55555555", "4555555555"])
    tally = next(tally for tally in tally_round(rated.round) if tally.direction is RESIDENTS)
    first, second = [tally.indicators[key] for key in list(tally.indicators)[:2]]
    assert dict(first.marks) == {4: 2, 5: 1} and first.no_mark == 0
    assert dict(second.marks) == {5: 2} and second.no_mark == 1


def test_sums_of_full_scores_stay_exact(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    take_in(rated, ["5" * 10] * 240)
    tally = next(tally for tally in tally_round(rated.round) if tally.direction is RESIDENTS)
    assert tally.counted == Moments(240, 240 * 10**6, 240 * 10**12)


def test_least_and_greatest_are_told_of_bodies_and_never_of_residents(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    take_in(rated, ["1" * 10, "5" * 10])
    low = EvaluationFactory(rated_estate=rated, on_site=True, mark=2)
    high = EvaluationFactory(rated_estate=rated, on_site=True, mark=3, rater="community")
    tallies = {tally.direction: tally for tally in tally_round(rated.round)}
    assert (tallies[ON_SITE].lowest, tallies[ON_SITE].highest) == (low.score, high.score)
    assert tallies[RESIDENTS].lowest is None and tallies[RESIDENTS].highest is None


def test_other_rounds_do_not_enter(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    other = RatedEstateFactory(round=RoundFactory(published=True), estate=rated.estate, committee=rated.committee)
    take_in(other, ["1" * 10] * 12)
    assert all(tally.count == 0 for tally in tally_round(rated.round))
    assert count_received(rated.round) == 0
    assert count_received(other.round) == 12


def test_a_sign_that_is_no_mark_is_an_error(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    EvaluationFactory(rated_estate=rated, marks="x444444444", score=750000)
    with pytest.raises(TallyError, match="'x'"):
        tally_round(rated.round)


def test_received_is_counted_by_the_intake_not_by_the_rows(app: Flask) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    take_in(rated, ["4" * 10] * 3)
    db.session.execute(TurnoutDay.__table__.update().values(count=5))
    assert count_received(rated.round) == 5
