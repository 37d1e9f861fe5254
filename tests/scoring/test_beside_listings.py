"""docs/method.md, formulas 13, 14, 17 and 22: certainty, ranks, the indicators that cost most, needs."""

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from rating.scoring import (
    Bounds,
    Composite,
    EstateProgress,
    MarkCounts,
    Probability,
    company_need,
    estate_need,
    need,
    plan_spread,
)
from rating.scoring.standings.certainty import RatedField, describe_field, expect_wrong, wrong_probability
from rating.scoring.standings.indicators import costliest_indicators, dimension_scores, mark_mean, median_means
from rating.scoring.standings.ranks import rank_by_score, rank_intervals, simultaneous_probability
from rating.scoring.standings.standing import Standing

from .builders import questionnaire, rules


def composite(lower: float, score: float, upper: float, variance: float = 0) -> Composite:
    low, mid, high, var = (Decimal(str(x)) for x in (lower, score, upper, variance))
    return Composite(mid, Decimal(0), mid, low, high, var)


def field(companies: int, mean: int = 75, between: int = 25) -> RatedField:
    return RatedField(companies, Decimal(mean), Decimal(between))


# Certainty


def test_a_badly_known_score_is_drawn_towards_the_mean_of_the_rated() -> None:
    found = wrong_probability(rules(), field(20), Standing.BLACK, composite(45, 50, 58))
    sigma = 8 / stats.norm.ppf(0.975)
    b = 25 / (25 + sigma**2)
    m = 75 + b * (50 - 75)
    expected = stats.norm.cdf((m - 60) / (sigma * math.sqrt(b)))
    assert found is not None and float(found) == pytest.approx(expected, abs=1e-7)


def test_under_ten_companies_nothing_is_drawn() -> None:
    black = composite(45, 50, 58)
    found = wrong_probability(rules(), field(9), Standing.BLACK, black)
    sigma = 8 / stats.norm.ppf(0.975)
    expected = stats.norm.cdf((50 - 60) / sigma)
    assert found is not None and float(found) == pytest.approx(expected, abs=1e-7)
    assert found != wrong_probability(rules(), field(10), Standing.BLACK, black)


def test_red_is_judged_by_the_lower_side_and_watch_against_seventy() -> None:
    red = wrong_probability(rules(), field(5), Standing.RED, composite(86, 90, 91))
    sigma = 4 / stats.norm.ppf(0.975)
    assert float(red or 0) == pytest.approx(stats.norm.cdf(-5 / sigma), abs=1e-7)
    watch = wrong_probability(rules(), field(5), Standing.WATCH, composite(60, 69, 73))
    assert float(watch or 0) == pytest.approx(stats.norm.cdf(-1 / sigma), abs=1e-7)


def test_a_score_known_exactly_is_certainly_right() -> None:
    exact = composite(50, 50, 50)
    assert wrong_probability(rules(), field(20), Standing.BLACK, exact) == 0


def test_no_listing_has_no_certainty() -> None:
    for standing in (Standing.ORDINARY, Standing.INSUFFICIENT):
        assert wrong_probability(rules(), field(9), standing, composite(1, 2, 3)) is None


def test_the_field_is_the_variance_of_scores_less_that_of_chance() -> None:
    found = describe_field(rules(), [composite(0, 60, 0, 3), composite(0, 70, 0, 5), composite(0, 80, 0, 4)])
    assert found == RatedField(3, Decimal(70), Decimal(96))
    alike = describe_field(rules(), [composite(0, 60, 0, 3)] * 3)
    assert alike is not None and alike.between_variance == 1
    assert describe_field(rules(), []) is None


def test_expected_wrong_listings_are_summed_per_list_and_a_veto_adds_none() -> None:
    listed = [
        (Standing.BLACK, Probability("0.25")),
        (Standing.BLACK, None),
        (Standing.BLACK, Probability("0.5")),
        (Standing.RED, Probability("0.125")),
    ]
    assert expect_wrong(listed) == {
        Standing.RED: Decimal("0.125"),
        Standing.BLACK: Decimal("0.75"),
        Standing.WATCH: 0,
    }


# Ranks


def bounds(lower: float, upper: float) -> Bounds:
    return Bounds(Decimal(str(lower)), Decimal(str(upper)))


def test_a_rank_interval_counts_those_certainly_above_and_certainly_below() -> None:
    found = rank_intervals({"a": bounds(90, 95), "b": bounds(80, 91), "c": bounds(70, 79), "d": bounds(1, 2)})
    assert found == {"a": (1, 2), "b": (1, 2), "c": (3, 3), "d": (4, 4)}


def test_intervals_that_only_touch_are_not_apart() -> None:
    found = rank_intervals({"a": bounds(80, 90), "b": bounds(70, 80)})
    assert found == {"a": (1, 2), "b": (1, 2)}


def test_equal_scores_share_the_better_rank() -> None:
    scores = {"a": Decimal(80), "b": Decimal(90), "c": Decimal(80), "d": Decimal(70)}
    assert rank_by_score(scores) == {"a": 2, "b": 1, "c": 2, "d": 4}


@pytest.mark.parametrize("companies", [1, 2, 69])
def test_all_rank_intervals_hold_together_at_ninety_five_per_cent(
    companies: int,
) -> None:
    found = float(simultaneous_probability(rules(), companies))
    assert (2 * found - 1) ** companies == pytest.approx(0.95)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=12))
@settings(deadline=None)
def test_rank_intervals_equal_a_plain_count(pairs: list[tuple[int, int]]) -> None:
    own = {f"c{k}": bounds(min(p), max(p)) for k, p in enumerate(pairs)}
    for code, (best, worst) in rank_intervals(own).items():
        me = own[code]
        assert best == 1 + sum(o.lower > me.upper for o in own.values())
        assert worst == len(own) - sum(o.upper < me.lower for o in own.values())


# Indicators


def test_an_indicators_mean_is_over_those_who_gave_a_mark() -> None:
    indicator = questionnaire().indicators[0]
    assert mark_mean(indicator, MarkCounts({5: 1, 3: 1}, 7)) == Decimal("0.75")
    assert mark_mean(indicator, MarkCounts({}, 7)) is None


def test_the_costliest_are_those_furthest_below_the_median_by_weight() -> None:
    asked = questionnaire(weights=(10, 10, 5, 25))
    half = Decimal("0.5")
    medians = {f"i{k}": half for k in range(4)}
    own = {"i0": Decimal("0.3"), "i1": Decimal("0.3"), "i2": Decimal(0), "i3": half}
    found = costliest_indicators(rules(), asked, own, medians)
    # 100 · 10/50 · 0.6 · 0.2 = 2.4, twice; 100 · 5/50 · 0.6 · 0.5 = 3
    assert [(c.indicator, c.points) for c in found] == [
        ("i2", Decimal(3)),
        ("i0", Decimal("2.4")),
        ("i1", Decimal("2.4")),
    ]


def test_at_most_three_indicators_are_named_and_none_that_costs_nothing() -> None:
    asked = questionnaire(weights=(1, 1, 1, 1))
    low = {f"i{k}": Decimal(k) / 10 for k in range(4)}
    medians = dict.fromkeys(low, Decimal("0.9"))
    found = costliest_indicators(rules(), asked, low, medians)
    assert [c.indicator for c in found] == ["i0", "i1", "i2"]
    assert costliest_indicators(rules(), asked, medians, low) == ()


def test_the_median_is_of_the_rated_with_a_mark() -> None:
    asked = questionnaire(weights=(1, 1))
    rated = [
        {"i0": Decimal("0.2"), "i1": None},
        {"i0": Decimal("0.4"), "i1": None},
    ]
    assert median_means(asked, rated) == {"i0": Decimal("0.3"), "i1": None}


def test_a_dimension_weighs_its_indicators_with_a_mark() -> None:
    asked = questionnaire(weights=(10, 30, 5))
    means = {"i0": Decimal("0.5"), "i1": Decimal(1), "i2": None}
    assert dimension_scores(asked, means) == {"first": Decimal("87.5"), "rest": None}


# Still needed


@pytest.mark.parametrize(
    ("spread", "households", "needed"),
    [(25, 1, 1), (25, 10, 8), (25, 400, 23), (25, 10**6, 25), (10, 400, 4), (40, 400, 54)],
)
def test_need_shrinks_with_the_households_there_are(spread: int, households: int, needed: int) -> None:
    n0 = (1.96 * spread / 10) ** 2
    assert needed == math.ceil(n0 / (1 + n0 / households))
    assert need(rules(), Decimal(spread), households) == needed


def test_a_need_that_is_exactly_whole_is_not_lifted_to_the_next() -> None:
    assert need(rules(needed_quantile=2), Decimal(10), 12) == 3  # n0 = 4: 48/16


def test_the_spread_planned_with_is_held_within_ten_and_forty() -> None:
    plan = [(None, None, 25), (None, 30, 30), (5, 30, 10), (60, None, 40), (22, 30, 22)]
    for estate, company, expected in plan:
        own = None if estate is None else Decimal(estate)
        firm = None if company is None else Decimal(company)
        assert plan_spread(rules(), own, firm) == expected


def test_an_estate_needs_ten_at_least_but_never_more_than_it_has() -> None:
    assert estate_need(rules(), Decimal(10), 500) == 10
    assert estate_need(rules(), Decimal(40), 7) == 7
    assert estate_need(rules(), Decimal(25), 400) == 23


def test_what_a_company_still_needs_is_shared_by_households_and_never_negative() -> None:
    estates = [
        EstateProgress("E1", 300, 50, Decimal(25)),
        EstateProgress("E2", 99, 0, Decimal(25)),
        EstateProgress("E3", 1, 0, Decimal(25)),
    ]
    found = company_need(rules(), estates)
    assert found.sample == 30  # need(25, 400) is 23; formula 12 asks for 30
    assert [(s.share, s.still_needed) for s in found.estates] == [(23, 0), (8, 8), (1, 1)]
    assert found.still_needed == 9


def test_a_company_of_varied_estates_may_need_more_than_the_least() -> None:
    estates = [EstateProgress("E1", 4_000, 0, Decimal(40))]
    assert company_need(rules(), estates).sample == 61
