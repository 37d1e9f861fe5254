"""The product's arithmetic against the independent oracle, over random rounds."""

import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rating.scoring import (
    Adjustment,
    AdjustmentKind,
    CompanyCard,
    EstateCard,
    Records,
    Veto,
    fold,
    score_round,
)

from . import oracle
from .builders import COMMITTEE, RESIDENTS, RawRound, random_round

ROUNDS_PER_CASE = 20


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


@pytest.mark.parametrize("case", range(15))
def test_every_figure_equals_the_independent_oracle(case: int) -> None:
    for seed in range(case * ROUNDS_PER_CASE, (case + 1) * ROUNDS_PER_CASE):
        raw = random_round(seed)
        scorecard = score_round(raw.rules, fold(raw.rules, raw.tallies()), records_of(raw))
        expected = oracle.score_raw(raw)
        for card in scorecard.companies:
            f = expected["companies"][card.company]
            f["tip"] = oracle.tipping(raw.rules, f)
            compare_company(card, f)
        shown = {e.estate: e for c in scorecard.companies for e in c.estates}
        assert shown.keys() == expected["estates"].keys()
        for code, estate in shown.items():
            compare_common(estate, expected["estates"][code])


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
