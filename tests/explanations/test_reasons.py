"""How a score came about: the steps add up to what is published, and each thing beside it is said in a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from rating.access import SYSTEM
from rating.adjustments.models import AdjustmentKind
from rating.explanations.reasons import explain_company, list_common_problems
from rating.explanations.told import tell_company
from rating.explanations.wording import tell_change, tell_fragility, tell_peers
from rating.results.models import StoredScorecard
from rating.results.service import compute_scorecard
from rating.rulebooks.content import Text
from rating.scoring import (
    CaseKind,
    Change,
    Condition,
    Direction,
    FlaggedCases,
    FragileCase,
    Fragility,
    NotComparable,
    PeerComparison,
)
from tests.factories import AdjustmentFactory
from tests.results.town import Kind, Town, build_town
from tests.support.clock import START

HUNDREDTH = Decimal("0.01")


@pytest.fixture
def town(app: Flask) -> Town:
    return build_town()


@pytest.fixture
def stored(town: Town) -> StoredScorecard:
    AdjustmentFactory(company=town.companies["good"], kind=AdjustmentKind.COMMENDATION)
    return compute_scorecard(town.round, SYSTEM, START)


def test_the_steps_of_every_company_add_up_to_its_published_score(town: Town, stored: StoredScorecard) -> None:
    explained = [found for one in town.companies.values() if (found := explain_company(stored, one.code))]
    with_score = [one for one in explained if one.composite]
    assert with_score
    for one in with_score:
        assert one.composite and one.card.score is not None
        assert abs(one.composite.score - one.card.score) < HUNDREDTH
        for fall in one.waterfalls.values():
            assert abs(sum(step.points or 0 for step in fall.steps) + fall.dont_know - fall.score) < HUNDREDTH


def test_a_company_is_told_its_own_additions_with_their_source_and_nobody_elses(
    town: Town, stored: StoredScorecard
) -> None:
    good, bad = (explain_company(stored, town.companies[name].code) for name in ("good", "bad"))
    assert good and [one.points for one in good.adjustments] == [Decimal(2)]
    assert "市住房和城乡建设局" in good.adjustments[0].source
    assert bad and bad.adjustments == ()


def test_a_company_that_is_not_in_the_round_has_nothing_to_tell(stored: StoredScorecard) -> None:
    assert tell_company(stored, "NOBODY") is None


def test_every_indicator_of_a_waterfall_has_its_words(town: Town, stored: StoredScorecard) -> None:
    told = tell_company(stored, town.companies["good"].code)
    assert told
    for direction, fall in told.explanation.waterfalls.items():
        assert all(isinstance(told.texts[direction][step.indicator], Text) for step in fall.steps)


def test_common_problems_are_low_in_over_a_third_of_the_estates(town: Town, stored: StoredScorecard) -> None:
    problems = list_common_problems(stored)
    assert all(3 * one.low > one.estates for one in problems)


@pytest.mark.parametrize(
    ("lower", "upper", "says"),
    [("-1", "5", "not a reliable change"), ("1", "5", "from +1.00 to +5.00)."), (None, None, "too few")],
)
def test_a_change_within_its_margin_is_called_no_reliable_change(
    lower: str | None, upper: str | None, says: str
) -> None:
    bounds = {"lower": Decimal(lower) if lower else None, "upper": Decimal(upper) if upper else None}
    assert says in str(tell_change(Change(reason=None, estates=3, points=Decimal(3), **bounds)))


def test_a_change_that_cannot_be_told_says_why() -> None:
    sentences = {str(tell_change(Change(reason=reason))) for reason in NotComparable}
    assert len(sentences) == len(NotComparable)
    assert all(sentence.startswith("Not comparable") for sentence in sentences)


def test_fragility_names_each_case_that_fails_and_what_fails_in_it() -> None:
    weights = {Direction.RESIDENT_TO_COMPANY: Decimal(70), Direction.COMMITTEE_TO_COMPANY: Decimal(30)}
    failing = (
        FragileCase(kind=CaseKind.WEIGHTS, condition=Condition.BOUND, value=None, weights=weights),
        FragileCase(kind=CaseKind.WITHOUT_ESTATE, condition=Condition.TIPPING, value=None, estate="QY0001"),
    )
    told = tell_fragility(Fragility(cases=9, failing=failing, flagged=FlaggedCases(True, False)), {"QY0001": "东苑"})
    assert [str(one) for one in told][1:3] == [
        "with other weights (70 : 30): the margin no longer reaches the line;",
        "without 东苑: silent households could turn it;",
    ]
    assert "depends on" in str(told[-1])
    assert "stands in all 9" in str(tell_fragility(Fragility(cases=9, failing=()), {})[0])


@pytest.mark.parametrize(("score", "says"), [("80", "5.00 points above"), ("70", "5.00 points below")])
def test_peers_say_whether_a_company_is_above_or_below_them(score: str, says: str) -> None:
    assert says in str(tell_peers(PeerComparison(Decimal(score), Decimal(75), 100, ())))


def test_peers_follow_the_register_not_what_was_compared_before(app: Flask) -> None:
    tall = [Kind(f"tall {n}", [(100, 60)], 4.5, 0.8) for n in range(5)]
    low = [Kind(f"low {n}", [(100, 60)], 2.5, 0.8) for n in range(5)]
    town = build_town([Kind("own", [(100, 60)], 3.5, 0.8), *tall, *low])
    for kind in low:
        town.estates[kind.name][0].estate.has_lifts = False
    stored = compute_scorecard(town.round, SYSTEM, START)

    def peers_of_own() -> Decimal:
        found = explain_company(stored, town.companies["own"].code)
        assert found and found.peers
        return found.peers.expected

    with_lifts = peers_of_own()
    town.estates["own"][0].estate.has_lifts = False
    assert with_lifts - peers_of_own() > 30
