"""docs/method.md, formula 15: fragility names every case in which a listing would fail."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rating.scoring import (
    Adjustment,
    AdjustmentKind,
    CompanyCard,
    EstateTally,
    FlaggedCases,
    Fragility,
    Moments,
    Records,
    Scorecard,
    ScoringRules,
    Standing,
    Veto,
    check_flagged,
    flagged_cases,
    fold,
    fold_round,
    score_round,
    with_flagged,
)
from rating.scoring.standings.fragility import shifted_weights, weights_of_hundred
from tests.support.plain import as_written

from .builders import COMMITTEE, RESIDENTS, committee, committee_only, rules, spread_scores, tally


def firm(estates: dict[str, tuple[float, float, int]], company: str = "C", households: int = 100) -> list[EstateTally]:
    """Estates as code: (residents' mean, committee's mean, number of evaluations)."""
    return [
        row
        for code, (mean, site, count) in estates.items()
        for row in (
            tally(code, spread_scores(count, mean, min(mean, 100 - mean, 5)), households, company),
            committee(code, [site], households, company),
        )
    ]


def card(rows: list[EstateTally], records: Records | None = None, chosen: ScoringRules | None = None) -> CompanyCard:
    used = chosen or rules()
    return score_round(used, fold(used, rows), records or Records()).company("C")


def fragility(rows: list[EstateTally], records: Records | None = None, chosen: ScoringRules | None = None) -> Fragility:
    found = card(rows, records, chosen).fragility
    assert found is not None
    return found


def what(found: Fragility) -> list[tuple[object, ...]]:
    return [(c.kind.value, c.estate, c.condition.value) for c in found.failing]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((60, 40), {(70, 30), (50, 50)}),
        ((6, 4), {(70, 30), (50, 50)}),
        ((95, 5), {(100, 0), (85, 15)}),
        ((100, 0), set()),
        ((0, 100), set()),
    ],
)
def test_weights_move_by_ten_of_a_hundred_within_their_bounds(
    weights: tuple[int, int], expected: set[tuple[int, int]]
) -> None:
    chosen = rules(direction_weights=dict(zip((RESIDENTS, COMMITTEE), weights, strict=True)))
    found = [weights_of_hundred(other) for other in shifted_weights(chosen)]
    assert {(w.get(RESIDENTS, 0), w.get(COMMITTEE, 0)) for w in found} == expected
    assert len(found) == len(expected)


def test_a_clear_listing_holds_in_every_case() -> None:
    found = fragility(firm({"E1": (30, 30, 60), "E2": (30, 30, 60)}))
    # Two other weights, two estates, no adjustment.
    assert (found.cases, found.failing, found.flagged) == (5, (), None)


def test_a_listing_that_rests_on_one_side_fails_under_other_weights() -> None:
    found = fragility(firm({"E1": (40, 80, 60)}))
    # C is 56 now; with 50 to 50 it would be 60.
    (case,) = found.failing
    assert what(found) == [("weights", None, "bound")]
    assert case.weights == {RESIDENTS: 50, COMMITTEE: 50}
    assert case.value is not None and case.value > 60


def test_a_listing_that_rests_on_one_estate_names_it() -> None:
    found = fragility(firm({"E1": (20, 20, 60), "E2": (85, 85, 60)}))
    assert ("without_estate", "E1", "bound") in what(found)
    assert ("without_estate", "E2", "bound") not in what(found)


def test_the_group_is_left_out_as_a_whole_and_the_only_estate_never() -> None:
    rows = firm({"E1": (85, 85, 60), "E2": (5, 5, 9), "E3": (5, 5, 9)})
    found = fragility(rows)
    assert ("without_group", None, "bound") in what(found)
    assert fragility(firm({"E1": (30, 30, 60)})).cases == 3


def test_a_listing_that_rests_on_an_adjustment_says_so() -> None:
    finding = Adjustment("C", Decimal(-10), AdjustmentKind.FINDING, "grave", "7", date(2026, 1, 1), None)
    found = fragility(firm({"E1": (63, 63, 80)}), Records(adjustments=(finding,)))
    assert ("without_adjustment", None, "bound") in what(found)


def test_watch_rests_on_the_score_alone() -> None:
    found = fragility(firm({"E1": (68, 72, 60)}))
    # 50 to 50: exactly 70, which is not below it.
    assert [(c.condition.value, c.value) for c in found.failing] == [("score", Decimal(70))]


def test_a_red_listing_fails_where_the_silent_could_undo_it() -> None:
    rows = firm({"E1": (92, 92, 60)})
    # 40 of 100 are silent, and weigh 60 of 100 now but 70 then.
    now = card(rows).tipping
    assert now is not None and now.points is not None
    margin = (now.points * Decimal("0.95")).quantize(Decimal("0.01"))
    found = fragility(rows, None, rules(nonresponse_margin=margin))
    assert [(c.condition.value, (c.weights or {}).get(RESIDENTS)) for c in found.failing] == [("tipping", 70)]


def test_only_a_listing_by_score_is_tried() -> None:
    low, middling = firm({"E1": (30, 30, 60)}), firm({"E1": (78, 78, 60)})
    assert card(low, Records(vetoes=(Veto("C", "accident"),))).fragility is None
    assert card(middling).standing is Standing.ORDINARY and card(middling).fragility is None
    assert card(firm({"E1": (30, 30, 12)})).fragility is None


def test_where_residents_have_no_weight_only_estates_and_adjustments_are_tried() -> None:
    found = fragility(firm({"E1": (5, 30, 60), "E2": (5, 95, 60)}), None, committee_only())
    assert found.cases == 3
    assert what(found) == [("without_estate", "E1", "score")]


# Flagged evaluations


def flagged_round(accepted: list[float], rejected: list[float]) -> tuple[ScoringRules, Scorecard, list[EstateTally]]:
    """A company at 56 (black) by 60 evaluations never flagged and some flagged."""
    base = tally("E1", spread_scores(60, 56, 5), 100, "C")
    flags = {
        name: Moments.of(round(y * 10_000) for y in ys)
        for name, ys in (("accepted", accepted), ("not_accepted", rejected))
    }
    rows = [replace(base, **flags), committee("E1", [56], 100, "C")]
    chosen = rules(nonresponse_margin=0)
    return chosen, score_round(chosen, fold(chosen, rows), Records()), rows


def tried(accepted: list[float], rejected: list[float]) -> FlaggedCases:
    chosen, made, rows = flagged_round(accepted, rejected)
    counted = [replace(t, accepted=t.accepted + t.not_accepted, not_accepted=Moments()) for t in rows]
    return check_flagged(chosen, made, fold_round(chosen, rows), rows, counted)["C"]


def test_without_flagged_evaluations_a_listing_holds_both_ways() -> None:
    assert tried([], []) == FlaggedCases(counted=True, left_out=True)


def test_a_listing_that_rejected_evaluations_would_undo_says_so() -> None:
    assert tried([], [100] * 30) == FlaggedCases(counted=False, left_out=True)


def test_a_listing_that_rests_on_accepted_evaluations_says_so() -> None:
    chosen, _, rows = flagged_round([], [])
    high = [
        replace(tally("E1", spread_scores(40, 64, 5), 100, "C"), accepted=Moments.of([100_000] * 25), indicators={}),
        rows[1],
    ]
    made = score_round(chosen, fold(chosen, high), Records())
    assert made.company("C").standing is Standing.BLACK
    assert check_flagged(chosen, made, fold_round(chosen, high), high, high)["C"] == FlaggedCases(
        counted=True, left_out=False
    )


def test_more_flagged_evaluations_than_households_add_no_variance() -> None:
    assert tried([], [56] * 90) == FlaggedCases(counted=True, left_out=True)


def test_a_listing_that_is_all_flagged_does_not_hold_without() -> None:
    chosen, _, rows = flagged_round([], [])
    all_flagged = [replace(rows[0], never_flagged=Moments(), accepted=rows[0].never_flagged), rows[1]]
    made = score_round(chosen, fold(chosen, all_flagged), Records())
    found = check_flagged(chosen, made, fold_round(chosen, all_flagged), all_flagged, all_flagged)
    assert found["C"] == FlaggedCases(counted=True, left_out=False)


def test_a_reader_takes_the_flagged_cases_from_the_published_card_and_gets_its_bytes() -> None:
    chosen, made, rows = flagged_round([], [100] * 30)
    counted = [replace(t, accepted=t.not_accepted, not_accepted=Moments()) for t in rows]
    published = as_written(with_flagged(made, check_flagged(chosen, made, fold_round(chosen, rows), rows, counted)))
    read = Scorecard.from_json(published)
    again = score_round(chosen, fold(chosen, rows), Records())
    assert as_written(again) != published
    assert as_written(with_flagged(again, flagged_cases(read))) == published


def test_flagged_cases_of_a_company_without_a_listing_change_nothing() -> None:
    made = score_round(rules(), fold(rules(), firm({"E1": (78, 78, 60)})), Records())
    assert with_flagged(made, {"C": FlaggedCases(counted=True, left_out=True)}) == made
    assert flagged_cases(made) == {}
