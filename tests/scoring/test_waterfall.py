"""docs/method.md, formulas 10 and 17: from indicator marks to a score and to the composite, step by step."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings, strategies as st

from rating.scoring import (
    Adjustment,
    AdjustmentKind,
    CompanyCard,
    EstateCard,
    Records,
    explain_composite,
    explain_score,
    fold,
    score_round,
)
from rating.scoring.plain import from_plain
from tests.support.plain import plain

from .builders import COMMITTEE, RESIDENTS, committee, questionnaire, random_round, rules, spread_scores, tally
from .test_oracle import records_of

HALF, FULL = Decimal("0.5"), Decimal(1)


def test_an_indicator_brings_its_share_of_the_weight_times_its_mean() -> None:
    found = explain_score(questionnaire(weights=(10, 10, 5)), {"i0": HALF, "i1": FULL, "i2": HALF}, Decimal(70))
    assert [(s.indicator, s.dimension, s.possible, s.points) for s in found.steps] == [
        ("i0", "first", 40, 20),
        ("i1", "first", 40, 40),
        ("i2", "rest", 20, 10),
    ]
    assert (found.dont_know, found.score) == (0, 70)


def test_the_waterfall_closes_with_what_answers_without_a_mark_change() -> None:
    found = explain_score(questionnaire(weights=(1, 1)), {"i0": HALF, "i1": FULL}, Decimal(80))
    assert found.dont_know == 5


def test_an_indicator_that_nobody_marked_brings_nothing_and_the_last_line_makes_it_up() -> None:
    found = explain_score(questionnaire(weights=(1, 1)), {"i0": HALF, "i1": None}, Decimal(50))
    assert [s.points for s in found.steps] == [25, None]
    assert found.dont_know == 25


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_every_waterfall_of_a_round_adds_up_to_its_score(seed: int) -> None:
    raw = random_round(seed, companies=3)
    card = score_round(raw.rules, fold(raw.rules, raw.tallies()), records_of(raw))
    for company in card.companies:
        for direction, side in company.directions.items():
            asked = raw.rules.questionnaire(direction)
            if asked is not None and side.score is not None:
                found = explain_score(asked, side.indicators, side.score)
                parts = [step.points for step in found.steps if step.points is not None]
                assert abs(sum(parts, found.dont_know) - side.score) < Decimal("1e-20")


def published(rows: list[object], records: Records | None = None) -> CompanyCard:
    made = score_round(rules(), fold(rules(), rows), records or Records())  # type: ignore[arg-type]  # tallies
    return CompanyCard.from_dict(plain(made)["companies"][0])


def test_directions_and_adjustments_make_the_composite_of_a_published_card() -> None:
    finding = Adjustment("C", Decimal(-4), AdjustmentKind.FINDING, "grave", "7", date(2026, 1, 1), None)
    rows = [tally("E1", spread_scores(40, 80), 100, "C"), committee("E1", [70], 100, "C")]
    card = published(rows, Records(adjustments=(finding,)))
    found = explain_composite(rules(), card)
    assert found is not None
    assert [(s.direction, s.score, s.weight, s.points) for s in found.steps] == [
        (RESIDENTS, 80, 60, 48),
        (COMMITTEE, 70, 40, 28),
    ]
    assert (found.base, found.adjustment, found.score) == (76, -4, 72)


def test_an_estate_has_the_same_steps_without_an_adjustment() -> None:
    rows = [tally("E1", spread_scores(40, 80), 100, "C"), committee("E1", [70], 100, "C")]
    card = published(rows)
    estate = from_plain(
        EstateCard, plain(score_round(rules(), fold(rules(), rows), Records()))["companies"][0]["estates"][0]
    )
    assert estate == card.estates[0]
    found = explain_composite(rules(), estate)
    assert found is not None and (found.base, found.adjustment, found.score) == (76, 0, 76)


def test_without_a_composite_there_are_no_steps() -> None:
    card = published([tally("E1", spread_scores(40, 80), 100, "C")])
    assert explain_composite(rules(), card) is None
    assert explain_composite(rules(), replace(card, directions={})) is None
