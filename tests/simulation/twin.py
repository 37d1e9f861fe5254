"""The residents' estimate and its interval in floats, for many samples at once; held to the product's on samples."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from rating.scoring import UNITS_PER_POINT, Bounds, IntervalMethod, Moments, ScoringRules, Stratum
from rating.scoring.answers.estimates import Estimate, estimate_mean, interval, pool_variance
from rating.scoring.quantiles import t_quantile
from tests.simulation.people import Numbers

CLOSE = 1e-9  # points


@dataclass(frozen=True)
class Samples:
    """Many companies' answers: households and count, total and squares of y by estate (points), a company a row.

    An estate without an answer, or one that is not there, has a count of 0.
    """

    households: Numbers
    count: Numbers
    total: Numbers
    squares: Numbers

    @classmethod
    def of(cls, households: Numbers, count: Numbers, total: Numbers, squares: Numbers) -> Samples:
        """From whole 1/10 000 points."""
        return cls(households, count, total / UNITS_PER_POINT, squares / UNITS_PER_POINT**2)


@dataclass(frozen=True)
class Intervals:
    """Ŷ, its lower and upper bound (points; nan: no interval) and V by company."""

    mean: Numbers
    lower: Numbers
    upper: Numbers
    variance: Numbers


def draw_intervals(rules: ScoringRules, samples: Samples) -> Intervals:
    """docs/method.md, formulas 7 and 8, for every company, at the rulebook's prior, level and kind of interval.

    Where there are fewer than two answers, the figures say nothing (nor does the product rate anybody by so few).
    """
    n, N = samples.count, np.where(samples.count > 0, samples.households, 0)  # noqa: N806  # letters of the method
    some = np.maximum(n, 1)
    means = samples.total / some
    squares = np.maximum(samples.squares - samples.total * means, 0)
    degrees = np.maximum(1, n.sum(axis=1) - (n > 0).sum(axis=1))
    pooled = (squares.sum(axis=1) / degrees)[:, None]
    free = n - 1 + rules.variance_prior
    smoothed = np.where(n == 1, pooled, (squares + rules.variance_prior * pooled) / np.maximum(free, 1))
    households = np.maximum(1, N.sum(axis=1))
    mean = (N * means).sum(axis=1) / households
    variance = np.where(n > 0, N * (N - n) * smoothed / some, 0).sum(axis=1) / households**2
    reach = _quantiles(degrees, rules.bound_probability) * np.sqrt(variance)
    return Intervals(mean, *_bounds(rules, mean, reach), variance)


def _quantiles(degrees: Numbers, probability: Decimal) -> Numbers:
    found, where = np.unique(degrees, return_inverse=True)
    return np.array([float(t_quantile(int(one), probability)) for one in found])[where]


def _bounds(rules: ScoringRules, mean: Numbers, reach: Numbers) -> tuple[Numbers, Numbers]:
    reach = np.where(reach > 0, reach, np.nan)
    if rules.interval is IntervalMethod.LINEAR:
        return mean - reach, mean + reach
    share = mean / 100
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, h = np.log(share / (1 - share)), reach / (100 * share * (1 - share))
        return 100 / (1 + np.exp(h - centre)), 100 / (1 + np.exp(-h - centre))


def judge_exactly(rules: ScoringRules, strata: list[Stratum]) -> tuple[Estimate, Bounds | None]:
    """The same for one company by the product's own code."""
    pooled, degrees = pool_variance(strata)
    estimate = estimate_mean(strata, pooled, degrees, rules.variance_prior)
    return estimate, interval(estimate, rules.interval, rules.bound_probability)


def differs(rules: ScoringRules, found: Intervals, row: int, strata: list[Stratum]) -> bool:
    """Whether a row is farther than CLOSE from what the product says of these estates."""
    estimate, bounds = judge_exactly(rules, strata)
    ours = [found.mean[row], found.variance[row]]
    exact = [float(estimate.mean), float(estimate.variance)]
    if bounds is None:
        return not np.isnan(found.lower[row]) or not np.allclose(ours, exact, rtol=0, atol=CLOSE)
    ours += [found.lower[row], found.upper[row]]
    exact += [float(bounds.lower), float(bounds.upper)]
    return not np.allclose(ours, exact, rtol=0, atol=CLOSE)


def strata_of(households: Numbers, answers: list[Numbers]) -> list[Stratum]:
    """Estates with their answers in 1/10 000 points, those without one left out."""
    pairs = zip(households, answers, strict=True)
    return [Stratum.of(int(n), Moments.of(int(y) for y in ys)) for n, ys in pairs if len(ys)]
