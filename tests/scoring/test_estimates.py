"""docs/method.md, formulas 7 and 8: the stratified estimator against hand-worked and textbook cases."""

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from rating.scoring import Bounds, Estimate, IntervalMethod, Moments, Stratum
from rating.scoring.answers.estimates import estimate_alone, estimate_mean, interval, pool_variance, smoothed_variance

LOGIT, LINEAR = IntervalMethod.LOGIT, IntervalMethod.LINEAR
LEVEL = Decimal("0.975")


def stratum(households: int, *scores: float) -> Stratum:
    return Stratum.of(households, Moments.of(round(s * 10_000) for s in scores))


def estimate(prior: int, *strata: Stratum) -> Estimate:
    pooled, degrees = pool_variance(strata)
    return estimate_mean(strata, pooled, degrees, prior)


def test_a_simple_random_sample_worked_by_hand() -> None:
    # n = 4 of N = 20; mean 50, s² = 2000/3; v = (1 − 4/20) · (2000/3)/4 = 400/3.
    found = estimate(0, stratum(20, 20, 40, 60, 80))
    assert found.mean == 50
    assert float(found.variance) == pytest.approx(400 / 3)
    bounds = interval(found, LINEAR, LEVEL)
    assert bounds is not None
    reach = stats.t.ppf(0.975, 3) * math.sqrt(400 / 3)
    assert float(bounds.upper) == pytest.approx(50 + reach)
    assert float(bounds.lower) == pytest.approx(50 - reach)


def test_with_no_prior_and_a_linear_interval_it_is_the_textbook_estimator() -> None:
    strata = [stratum(100, 50, 60, 70, 90), stratum(50, 20, 30, 35), stratum(7, 10, 90)]
    found = estimate(0, *strata)
    samples = [[50, 60, 70, 90], [20, 30, 35], [10, 90]]
    total = 157
    mean = variance = 0.0
    for size, ys in zip([100, 50, 7], samples, strict=True):
        m = sum(ys) / len(ys)
        s2 = sum((y - m) ** 2 for y in ys) / (len(ys) - 1)
        mean += size / total * m
        variance += (size / total) ** 2 * (1 - len(ys) / size) * s2 / len(ys)
    assert float(found.mean) == pytest.approx(mean, rel=1e-12)
    assert float(found.variance) == pytest.approx(variance, rel=1e-12)
    assert found.degrees == 9 - 3
    bounds = interval(found, LINEAR, LEVEL)
    assert bounds is not None
    reach = stats.t.ppf(0.975, 6) * math.sqrt(variance)
    assert float(bounds.lower) == pytest.approx(mean - reach, rel=1e-9)


def test_an_estate_is_weighted_by_its_households_not_by_its_answers() -> None:
    found = estimate(10, stratum(90, *[80] * 2), stratum(10, *[0] * 8))
    assert found.mean == 72


def test_one_evaluation_takes_the_companys_variance_also_without_a_prior() -> None:
    alone, other = stratum(50, 70), stratum(50, 40, 60)
    pooled, degrees = pool_variance([alone, other])
    assert (pooled, degrees) == (200, 1)
    assert smoothed_variance(alone, pooled, 0) == 200
    assert smoothed_variance(alone, pooled, 10) == 200


def test_the_prior_draws_a_small_estates_variance_to_the_companys() -> None:
    own = stratum(50, 40, 60)
    assert smoothed_variance(own, Decimal(0), 0) == 200
    assert smoothed_variance(own, Decimal(90), 10) == Decimal(200 + 900) / 11


def test_a_fully_answered_estate_adds_no_variance() -> None:
    full = stratum(3, 10, 50, 90)
    assert estimate(10, full).variance == 0
    assert interval(estimate(10, full), LOGIT, LEVEL) == Bounds(Decimal(50), Decimal(50))


@pytest.mark.parametrize("method", [LOGIT, LINEAR])
def test_identical_answers_from_some_give_no_interval(method: IntervalMethod) -> None:
    assert interval(estimate(10, stratum(30, *[75] * 12)), method, LEVEL) is None


def test_one_evaluation_in_every_estate_gives_no_interval() -> None:
    found = estimate(10, stratum(30, 20), stratum(30, 80))
    assert found.degrees == 0
    assert interval(found, LOGIT, LEVEL) is None


def test_one_household_estates_that_all_answered_are_a_census() -> None:
    found = estimate(10, stratum(1, 20), stratum(1, 80))
    assert interval(found, LOGIT, LEVEL) == Bounds(Decimal(50), Decimal(50))


def test_the_logit_interval_worked_in_floats() -> None:
    found = Estimate(Decimal(90), Decimal(4), 20, False)
    bounds = interval(found, LOGIT, LEVEL)
    assert bounds is not None
    h = stats.t.ppf(0.975, 20) * 2 / (100 * 0.9 * 0.1)
    centre = math.log(9)
    assert float(bounds.lower) == pytest.approx(100 / (1 + math.exp(h - centre)))
    assert float(bounds.upper) == pytest.approx(100 / (1 + math.exp(-h - centre)))


@given(
    st.decimals("0.01", "99.99", places=2),
    st.decimals("0.0001", 900, places=4),
    st.integers(1, 5_000),
)
@settings(deadline=None)
def test_the_logit_interval_holds_its_mean_and_stays_within_the_scale(
    mean: Decimal, variance: Decimal, degrees: int
) -> None:
    bounds = interval(Estimate(mean, variance, degrees, False), LOGIT, LEVEL)
    assert bounds is not None
    assert 0 <= bounds.lower <= mean <= bounds.upper <= 100


def test_a_higher_level_widens_the_interval() -> None:
    found = Estimate(Decimal(80), Decimal(4), 40, False)
    narrow = interval(found, LOGIT, LEVEL)
    wide = interval(found, LOGIT, Decimal("0.99"))
    assert narrow and wide and wide.half_width > narrow.half_width


def test_an_estates_own_estimate_knows_only_that_estate() -> None:
    own = stratum(40, 40, 60, 80)
    assert estimate_alone(own, 10) == estimate(10, own)
    assert estimate_alone(own, 10).variance == estimate_alone(own, 0).variance
