"""Flagged evaluations in the tallies: kept apart, counted or not, and never lost."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM
from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.releases.listings import tell_totals
from rating.releases.service import start_preview
from rating.results.flagged import Treatment, tally_reviewed
from rating.results.queries import read_scorecard
from rating.results.service import compute_scorecard
from rating.results.tallies import tally_round
from rating.reviews.deciding import Verdict, decide_group
from rating.reviews.models import Decision, FlagKind, RejectionReason
from rating.reviews.queries import STATES
from rating.scoring import Direction, EstateTally, Moments, ReviewState, Totals
from tests.factories import FlagFactory, ReviewFactory
from tests.results.town import Kind, Town, build_town
from tests.reviews.flags import group_of, reviewer, waiting_in
from tests.scoring.tallying import tally_evaluations
from tests.support.clock import START, Clock

RESIDENTS = Direction.RESIDENT_TO_COMPANY
KINDS = (Kind("good", [(80, 70), (60, 50)], 4.6, 0.9), Kind("bad", [(80, 66)], 2.4, 0.5))


@pytest.fixture
def town(app: Flask) -> Town:
    return build_town(KINDS)


def flag_in(town: Town) -> dict[object, ReviewState]:
    """In the first estate 4 that wait, 3 accepted, 2 rejected (one flagged for two patterns)."""
    rated = town.estates["good"][0]
    chosen = list(
        db.session.scalars(
            select(Evaluation).where(Evaluation.rated_estate_id == rated.id, Evaluation.direction == RESIDENTS).limit(9)
        )
    )
    decisions = [None] * 4 + [Decision.ACCEPTED] * 3 + [Decision.REJECTED] * 2
    for one, decision in zip(chosen, decisions, strict=True):
        flag = FlagFactory(evaluation=one)
        if decision is not None:
            ReviewFactory(flag=flag, rejected=decision is Decision.REJECTED)
    FlagFactory(evaluation=chosen[0], kind=FlagKind.SAME_COMMENT)
    return {one.id: STATES[decision] for one, decision in zip(chosen, decisions, strict=True)}


def slowly(town: Town, states: dict[object, ReviewState]) -> EstateTally:
    """The first estate's tally, every evaluation as an object."""
    rated = town.estates["good"][0]
    asked = town.round.rulebook.content.questionnaire(RESIDENTS)
    rows = db.session.scalars(
        select(Evaluation).where(Evaluation.rated_estate_id == rated.id, Evaluation.direction == RESIDENTS)
    )
    return tally_evaluations(
        asked.rule,
        company=rated.company.code,
        estate=rated.estate.code,
        households=rated.households,
        evaluations=[(tuple(asked.decode(one.marks)), states.get(one.id, ReviewState.NEVER_FLAGGED)) for one in rows],
    )


def first(tallies: list[EstateTally], town: Town) -> EstateTally:
    code = town.estates["good"][0].estate.code
    return next(one for one in tallies if one.estate == code and one.direction is RESIDENTS)


def same(one: EstateTally, other: EstateTally) -> bool:
    names = ("never_flagged", "accepted", "not_accepted", "set_aside", "indicators", "households", "received")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def test_flagged_evaluations_are_told_apart_as_when_each_is_looked_at(town: Town) -> None:
    states = flag_in(town)
    tally = first(tally_reviewed(town.round), town)
    assert same(tally, slowly(town, states))
    assert (tally.count, tally.accepted.count, tally.not_accepted.count, tally.set_aside) == (64, 3, 2, 4)


def test_without_a_flag_the_tallies_are_the_plain_ones(town: Town) -> None:
    assert tally_reviewed(town.round) == tally_round(town.round)


def test_all_flagged_can_be_taken_as_counted_or_as_left_out(town: Town) -> None:
    states = flag_in(town)
    counted = first(tally_reviewed(town.round, Treatment.ALL_COUNTED), town)
    left_out = first(tally_reviewed(town.round, Treatment.ALL_LEFT_OUT), town)
    assert (counted.count, counted.not_accepted, counted.set_aside) == (70, Moments(), 0)
    assert (left_out.count, left_out.accepted, left_out.set_aside) == (61, Moments(), 0)
    assert same(counted, slowly(town, dict.fromkeys(states, ReviewState.ACCEPTED)))
    assert same(left_out, slowly(town, dict.fromkeys(states, ReviewState.NOT_ACCEPTED)))


def test_an_estate_whose_evaluations_are_all_set_aside_has_none_that_count(town: Town) -> None:
    rated = town.estates["good"][1]
    for one in db.session.scalars(select(Evaluation).where(Evaluation.rated_estate_id == rated.id)):
        if one.direction is RESIDENTS:
            FlagFactory(evaluation=one)
    tally = next(one for one in tally_reviewed(town.round) if one.estate == rated.estate.code)
    assert (tally.count, tally.set_aside, tally.received) == (0, 50, 50)
    compute_scorecard(town.round, SYSTEM, START)


def test_received_is_what_counts_and_what_is_set_aside_and_what_is_rejected(town: Town) -> None:
    flag_in(town)
    totals = tell_totals(read_scorecard(compute_scorecard(town.round, SYSTEM, START)).city)
    assert totals == Totals(received=186, counted=180, set_aside=4, rejected=2)


def test_a_scorecard_from_before_a_decision_can_not_be_previewed(town: Town, clock: Clock) -> None:
    flag_in(town)
    compute_scorecard(town.round, SYSTEM, START)
    clock.advance(hours=1)
    rated = town.estates["good"][0]
    verdict = Verdict(Decision.REJECTED, RejectionReason.MACHINE_MADE)
    decide_group(group_of(rated), waiting_in(rated), verdict, reviewer().actor(START.date()), clock())
    with pytest.raises(Conflict, match="Compute it again"):
        start_preview(town.round, SYSTEM, clock())
    again = compute_scorecard(town.round, SYSTEM, clock())
    assert json.loads(again.content)["city"]["totals"]["resident_to_company"]["rejected"] == 6
    start_preview(town.round, SYSTEM, clock())
