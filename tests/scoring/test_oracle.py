"""The product's arithmetic against the independent oracle, over random rounds."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rating.scoring import (
    Adjustment,
    AdjustmentKind,
    CompanyCard,
    EstateCard,
    EstateTally,
    FlaggedCases,
    FragileCase,
    Previous,
    Records,
    ReviewState,
    Scorecard,
    Veto,
    check_flagged,
    explain_score,
    fold,
    fold_round,
    score_round,
    with_flagged,
)

from . import oracle, oracle_beside
from .builders import COMMITTEE, RESIDENTS, RawRound, random_next, random_round

pytestmark = pytest.mark.long

# One thousand random rounds.
CASES, ROUNDS_PER_CASE = 20, 50


def records_of(raw: RawRound) -> Records:
    return Records(
        adjustments=tuple(_adjustment(company, points) for company, points in raw.adjustments.items() if points),
        vetoes=tuple(Veto(c, reason) for c, reason in raw.vetoes.items()),
        overdue_commitments=raw.overdue,
    )


def _adjustment(company: str, points: Decimal) -> Adjustment:
    kind = AdjustmentKind.COMMENDATION if points > 0 else AdjustmentKind.FINDING
    day = date(2026, 1, 1)
    return Adjustment(company, points, kind, "ordinary", "case 1", day, None)


def assert_near(own: Decimal | None, other: float | None) -> None:
    if other is None or own is None:
        assert own is None and other is None
    else:
        assert math.isclose(float(own), other, rel_tol=1e-9, abs_tol=1e-9)


def compare_common(card: CompanyCard | EstateCard, f: dict[str, Any]) -> None:
    assert card.standing == f["standing"]
    assert card.is_rated == f["rated"]
    assert card.count == f["n"]
    assert_near(card.score, f["C"])
    assert_near(card.lower, f.get("L"))
    assert_near(card.upper, f.get("U"))
    if (found := f.get("residents")) and RESIDENTS in card.directions:
        residents = card.directions[RESIDENTS]
        assert residents.degrees == found["df"]
        assert_near(residents.score, found["y"])
        assert_near(residents.standard_error, math.sqrt(found["V"]))
        assert_near(residents.lower, f["bounds"][0] if f["bounds"] else None)
        assert_near(residents.upper, f["bounds"][1] if f["bounds"] else None)


def compare_company(card: CompanyCard, f: dict[str, Any]) -> None:
    compare_common(card, f)
    compare_tipping(card, f)
    if "ys" in f:
        assert_near(card.directions[COMMITTEE].score, f["ys"].get(COMMITTEE))
        assert_near(card.directions[COMMITTEE].uncovered, f["uncovered"][COMMITTEE])
    # Φ takes its quantile rounded to 8 decimals, and is rounded to 8 itself.
    assert card.wrong_probability is None or math.isclose(float(card.wrong_probability), f["wrong"], abs_tol=3e-8)
    assert (card.wrong_probability is None) == (f.get("wrong") is None)
    if f["rated"]:
        assert card.rank == f["rank"]
        assert (card.rank_best, card.rank_worst) == f["ranks"]
        assert [c.indicator for c in card.costliest if c.points > Decimal("1e-7")] == [key for key, _ in f["costs"]]


def compare_tipping(card: CompanyCard, f: dict[str, Any]) -> None:
    tip = f["tip"]
    if tip is None or card.tipping is None:
        assert card.tipping is None and tip is None
    elif card.tipping.points is None:
        assert tip == math.inf
    else:
        assert_near(card.tipping.points, tip)


def compare_change(card: CompanyCard, expected: dict[str, Any]) -> None:
    assert card.change is not None
    assert card.change.reason == expected["reason"]
    for name in ("points", "lower", "upper"):
        assert_near(getattr(card.change, name), expected.get(name))


def compare_fragility(card: CompanyCard, raw: RawRound, f: dict[str, Any], flagged: oracle_beside.Flagged) -> None:
    is_listed = f["standing"] in ("red", "black", "watch") and card.company not in raw.vetoes
    assert (card.fragility is not None) == is_listed
    if card.fragility is None:
        return
    found = {(case.kind, what_of(case), case.condition) for case in card.fragility.failing}
    assert found == oracle_beside.fragility(raw.rules, f, flagged.scored[card.company])
    assert card.fragility.flagged == FlaggedCases(**flagged.cases(card.company, f))


def what_of(case: FragileCase) -> object:
    if case.weights is not None:
        return round(float(case.weights.get(RESIDENTS, 0)), 6)
    return case.estate or case.group


def compare_waterfall(card: CompanyCard, raw: RawRound, f: dict[str, Any]) -> None:
    residents = card.directions.get(RESIDENTS)
    questionnaire = raw.rules.questionnaire(RESIDENTS)
    if residents is None or residents.score is None or questionnaire is None:
        return
    found = explain_score(questionnaire, residents.indicators, residents.score)
    assert_near(found.dont_know, oracle_beside.dont_know(raw.rules, f))


def all_accepted(raw: RawRound) -> list[EstateTally]:
    """The tallies with every flagged evaluation counted."""
    estates = [
        replace(e, answers={d: [(m, ReviewState.ACCEPTED) for m, _ in rows] for d, rows in e.answers.items()})
        for e in raw.estates
    ]
    return replace(raw, estates=estates).tallies()


def score_whole(raw: RawRound, before: RawRound | None = None) -> Scorecard:
    """A round scored as the office does."""
    tallies = raw.tallies()
    previous = Previous(before.rules, fold(before.rules, before.tallies())) if before else None
    folding = fold_round(raw.rules, tallies)
    card = score_round(raw.rules, folding.tallies, records_of(raw), previous)
    return with_flagged(card, check_flagged(raw.rules, card, folding, tallies, all_accepted(raw)))


@pytest.mark.parametrize("case", range(CASES))
def test_every_figure_equals_the_independent_oracle(case: int) -> None:
    for seed in range(case * ROUNDS_PER_CASE, (case + 1) * ROUNDS_PER_CASE):
        raw = random_round(seed)
        scorecard = score_whole(raw)
        expected, flagged = oracle.score_raw(raw), oracle_beside.Flagged(raw)
        for card in scorecard.companies:
            f = expected["companies"][card.company]
            f["tip"] = oracle.tipping(raw.rules, f)
            compare_company(card, f)
            compare_fragility(card, raw, f, flagged)
            compare_waterfall(card, raw, f)
        shown = {e.estate: e for c in scorecard.companies for e in c.estates}
        assert shown.keys() == expected["estates"].keys()
        for code, estate in shown.items():
            compare_common(estate, expected["estates"][code])


@pytest.mark.parametrize("case", range(5))
def test_the_change_since_the_last_round_equals_the_independent_oracle(case: int) -> None:
    seen = set()
    for seed in range(case * 40, (case + 1) * 40):
        before = random_round(seed)
        after = random_next(before, seed)
        old, new = oracle.companies_of(before), oracle.companies_of(after)
        for card in score_whole(after, before).companies:
            expected = oracle_beside.change(after.rules, before.rules, old.get(card.company), new[card.company])
            compare_change(card, expected)
            seen.add((expected["reason"], expected.get("lower") is not None))
    assert {(None, True), ("too_few_households", False), ("other_weights", False)} <= seen


def test_random_rounds_reach_every_standing_and_every_kind_of_listing() -> None:
    seen = set()
    for seed in range(40):
        raw = random_round(seed)
        card = score_round(raw.rules, fold(raw.rules, raw.tallies()), records_of(raw))
        seen |= {c.standing for c in card.companies}
        seen |= {reason.code for c in card.companies for reason in c.held_back}
        seen |= {c.is_all_group for c in card.companies if c.is_rated}
    assert {"red", "black", "watch", "ordinary", "insufficient"} <= seen
    assert {"silent_households", "lower_bound_below_red", True, False} <= seen
