"""docs/method.md, formulas 10, 11 and 12: the composite, tipping, and each line of the standings."""

from decimal import Decimal
from typing import Any

import pytest

from rating.scoring import Bounds, Composite, Direction, ReasonCode, ScoringRules
from rating.scoring.standings.composite import combine, compose
from rating.scoring.standings.standing import Party, Standing, Verdict, count_red_places, decide_standings, find_tipping

from .builders import COMMITTEE, RESIDENTS, committee_only, rules

FAR = Decimal(50)


def party(code: str = "A", **changes: Any) -> Party:
    """A rated company; `lower`, `score`, `upper`, `tip` are what a test is about."""
    score = Decimal(changes.pop("score", 75))
    lower = Decimal(changes.pop("lower", score))
    upper = Decimal(changes.pop("upper", score))
    settings = changes.pop("rules", rules())
    made = Composite(score, Decimal(0), score, lower, upper, Decimal(1))
    turnout = Decimal(str(changes.pop("turnout", 1)))
    values: dict[str, Any] = {
        "count": 40,
        "households": 400,
        "half_width": Decimal(3),
        "uncovered": {RESIDENTS: Decimal(0), COMMITTEE: Decimal(0)},
        "composite": made,
        "tipping": find_tipping(settings, made, turnout),
    }
    return Party(code=code, **(values | changes))


def decide(*parties: Party, settings: ScoringRules | None = None) -> dict[str, Verdict]:
    return decide_standings(settings or rules(), parties)


def one(settings: ScoringRules | None = None, **changes: Any) -> Verdict:
    return decide(party(**changes), settings=settings)["A"]


def codes(reasons: Any) -> list[str]:
    return [reason.code.value for reason in reasons]


# Line 1


def test_a_veto_comes_before_everything_and_says_why() -> None:
    verdict = one(score=99, vetoes=("accident",))
    assert verdict.standing is Standing.BLACK
    assert [(r.code, r.text) for r in verdict.reasons] == [("veto", "accident")]
    assert verdict.is_rated


def test_a_vetoed_company_with_too_few_evaluations_is_not_rated() -> None:
    verdict = one(count=29, vetoes=("accident",))
    assert verdict.standing is Standing.BLACK and not verdict.is_rated
    assert codes(verdict.reasons) == ["veto", "too_few_evaluations"]


# Line 2


@pytest.mark.parametrize(
    ("households", "least"),
    [(1, 10), (20, 10), (21, 11), (50, 25), (59, 30), (60, 30), (61, 30), (9_000, 30)],
)
def test_the_least_sample_is_half_the_households_within_ten_and_thirty(households: int, least: int) -> None:
    assert rules().required_sample(households) == least
    assert one(households=households, count=least).is_rated
    verdict = one(households=households, count=least - 1)
    assert verdict.standing is Standing.INSUFFICIENT
    assert (verdict.reasons[0].value, verdict.reasons[0].limit) == (least - 1, least)


def test_without_an_interval_there_is_no_standing() -> None:
    assert codes(one(half_width=None).reasons) == ["no_interval"]


def test_an_interval_of_exactly_ten_either_way_is_narrow_enough() -> None:
    assert one(half_width=Decimal(10)).is_rated
    verdict = one(half_width=Decimal("10.0000001"))
    assert verdict.standing is Standing.INSUFFICIENT
    assert codes(verdict.reasons) == ["interval_too_wide"]


def test_a_direction_covering_exactly_half_the_households_is_not_missing() -> None:
    half, more = Decimal("0.5"), Decimal("0.5001")
    assert one(uncovered={RESIDENTS: Decimal(0), COMMITTEE: half}).is_rated
    verdict = one(uncovered={RESIDENTS: Decimal(0), COMMITTEE: more}, composite=None, tipping=None)
    assert verdict.standing is Standing.INSUFFICIENT
    (reason,) = verdict.reasons
    assert reason.code is ReasonCode.DIRECTION_MISSING
    assert (reason.direction, reason.value) == (COMMITTEE, Decimal("49.99"))


def test_everything_that_is_lacking_is_named() -> None:
    verdict = one(count=3, half_width=Decimal(12), uncovered={RESIDENTS: Decimal(1)})
    assert codes(verdict.reasons) == [
        "too_few_evaluations",
        "interval_too_wide",
        "direction_missing",
    ]


def test_without_residents_weight_only_a_missing_direction_is_insufficient() -> None:
    settings = committee_only()
    covered = {COMMITTEE: Decimal(0)}
    lacking = {"count": 0, "half_width": None, "uncovered": covered}
    assert one(settings, rules=settings, **lacking).is_rated
    missing = {**lacking, "uncovered": {COMMITTEE: Decimal(1)}}
    assert one(settings, rules=settings, **missing).standing is Standing.INSUFFICIENT


def test_without_residents_weight_tipping_does_not_apply() -> None:
    settings = committee_only()
    verdict = one(settings, rules=settings, score="59.999", turnout=0)
    assert verdict.standing is Standing.BLACK


# Line 3


def test_an_upper_bound_of_exactly_sixty_is_not_black() -> None:
    assert one(score=50, upper=60).standing is Standing.WATCH
    assert codes(one(score=50, upper=60).held_back) == ["upper_bound_reaches_black"]
    assert one(score=50, upper="59.999999").standing is Standing.BLACK


def test_a_black_listing_needs_a_tipping_of_more_than_five() -> None:
    # a = (1 − 0.5) · 0.6 = 0.3, so 1.5 points below the line are exactly 5.
    at = one(score=50, upper="58.5", turnout=0.5)
    assert at.standing is Standing.WATCH
    assert codes(at.held_back) == ["silent_households"]
    assert (at.held_back[0].value, at.held_back[0].limit) == (5, 5)
    assert one(score=50, upper="58.499", turnout=0.5).standing is Standing.BLACK


def test_a_margin_of_zero_is_off() -> None:
    off = rules(nonresponse_margin=0)
    assert one(off, score=50, upper="59.9999", turnout=0).standing is Standing.BLACK
    assert one(off, score=90, lower=85, turnout=0).standing is Standing.RED


def test_nobody_is_black_to_fill_a_list_and_no_quota_spares_anyone() -> None:
    all_bad = [party(f"P{k}", score=20) for k in range(20)]
    assert all(v.standing is Standing.BLACK for v in decide(*all_bad).values())
    all_good = [party(f"P{k}", score=75) for k in range(20)]
    assert all(v.standing is Standing.ORDINARY for v in decide(*all_good).values())


# Line 4


def test_a_lower_bound_of_exactly_eighty_five_is_red() -> None:
    assert one(score=90, lower=85).standing is Standing.RED
    verdict = one(score=90, lower="84.999999")
    assert verdict.standing is Standing.ORDINARY
    assert codes(verdict.held_back) == ["lower_bound_below_red"]


def test_a_red_listing_needs_a_tipping_of_more_than_five() -> None:
    at = one(score=95, lower="86.5", turnout=0.5)
    assert at.standing is Standing.ORDINARY
    assert codes(at.held_back) == ["silent_households"]
    assert one(score=95, lower="86.501", turnout=0.5).standing is Standing.RED


def test_an_overdue_commitment_keeps_a_company_off_the_red_list() -> None:
    verdict = one(score=95, is_overdue=True)
    assert verdict.standing is Standing.ORDINARY
    assert codes(verdict.held_back) == ["overdue_commitment"]


@pytest.mark.parametrize("hidden", [RESIDENTS, COMMITTEE])
def test_more_than_a_fifth_uncovered_in_any_direction_is_not_red(
    hidden: Direction,
) -> None:
    def with_share(share: str) -> Verdict:
        none = {RESIDENTS: Decimal(0), COMMITTEE: Decimal(0)}
        return one(score=95, uncovered=none | {hidden: Decimal(share)})

    assert with_share("0.2").standing is Standing.RED
    (reason,) = with_share("0.2001").held_back
    assert reason.code is ReasonCode.UNCOVERED_HOUSEHOLDS
    assert (reason.direction, reason.value, reason.limit) == (
        hidden,
        Decimal("20.01"),
        20,
    )


@pytest.mark.parametrize(
    ("rated", "places"),
    [(0, 1), (1, 1), (16, 1), (17, 2), (24, 2), (25, 3), (69, 8)],
)
def test_red_places_are_twelve_per_cent_rounded_down_but_one_at_least(rated: int, places: int) -> None:
    assert count_red_places(rules(), rated) == places


def test_the_best_by_score_are_red_and_those_beyond_the_cap_ordinary() -> None:
    rest = [party(f"Z{k:02}", score=75) for k in range(15)]
    verdicts = decide(party("A", score=90), party("B", score=96), party("C", score=93), *rest)
    assert [verdicts[c].standing for c in "ABC"] == ["ordinary", "red", "red"]
    (reason,) = verdicts["A"].held_back
    assert reason.code is ReasonCode.BEYOND_RED_CAP
    assert (reason.value, reason.limit) == (3, 2)


def test_ties_with_the_last_red_place_are_all_in() -> None:
    rest = [party(f"Z{k:02}", score=75) for k in range(5)]
    best = [party(c, score=90) for c in "ABC"]
    verdicts = decide(*best, party("D", score="89.9999999"), *rest)
    assert [verdicts[c].standing for c in "ABCD"] == ["red", "red", "red", "ordinary"]


def test_the_cap_counts_the_rated_vetoed_or_not_but_a_veto_takes_no_place() -> None:
    rest = [party(f"Z{k:02}", score=75) for k in range(14)]
    vetoed = party("V", score=99, vetoes=("accident",))
    good = [party("A", score=90), party("B", score=91)]
    verdicts = decide(vetoed, *good, *rest)  # 17 rated: two places
    assert [verdicts[c].standing for c in "VAB"] == ["black", "red", "red"]
    fewer = decide(party("V", score=99, count=3), *good, *rest)  # 16 rated: one
    assert [fewer[c].standing for c in "VAB"] == ["insufficient", "ordinary", "red"]


# Lines 5 and 6


def test_a_score_below_seventy_is_watched_and_seventy_is_ordinary() -> None:
    assert one(score="69.999999").standing is Standing.WATCH
    assert codes(one(score="69.999999").reasons) == ["score_below_watch"]
    assert one(score=70).standing is Standing.ORDINARY
    assert one(score=70).reasons == ()


# The composite


def test_residents_weigh_sixty_and_committees_forty() -> None:
    scores = {RESIDENTS: Decimal(80), COMMITTEE: Decimal(50)}
    bounds = Bounds(Decimal(70), Decimal(85))
    made = compose(rules(), scores, bounds, Decimal(4), Decimal("-3"))
    assert (made.base, made.adjustment, made.score) == (68, -3, 65)
    assert (made.lower, made.upper) == (59, 68)
    assert made.variance == Decimal("1.44")


def test_a_missing_direction_never_hands_its_weight_to_another() -> None:
    with pytest.raises(KeyError):
        combine(rules(), {RESIDENTS: Decimal(80)})


def test_the_composite_is_never_cut_to_the_scale() -> None:
    scores = {RESIDENTS: Decimal(98), COMMITTEE: Decimal(99)}
    high = compose(rules(), scores, None, Decimal(0), Decimal(10))
    assert high.score > 108 and high.lower is None
    low = compose(rules(), dict.fromkeys(scores, Decimal(2)), None, FAR, Decimal(-10))
    assert low.score == -8


def test_without_residents_weight_both_bounds_are_the_score() -> None:
    made = compose(committee_only(), {COMMITTEE: Decimal(64)}, None)
    assert made.lower == made.upper == made.score == 64
    assert made.variance == 0


def test_tipping_speaks_of_the_list_whose_threshold_a_bound_crossed() -> None:
    def tip(lower: str, upper: str, turnout: str) -> Any:
        low, high = Decimal(lower), Decimal(upper)
        made = Composite(low, Decimal(0), low, low, high, Decimal(0))
        return find_tipping(rules(), made, Decimal(turnout))

    assert tip("50", "57", "0.5").listing is Standing.BLACK
    assert tip("50", "57", "0.5").points == 10
    assert tip("88", "92", "0.5").listing is Standing.RED
    assert tip("88", "92", "0.5").points == 10
    assert tip("50", "57", "1").points is None  # everybody answered: unlimited
    assert tip("50", "70", "0.5") is None
