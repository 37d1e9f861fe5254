"""How likely a listing is wrong by chance.

The rated companies are taken as draws from one field, towards whose mean a score that
is known badly is drawn. It speaks of chance only, not of those who stayed silent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import ONE, ZERO, add_up, exact
from rating.scoring.canonical import Probability
from rating.scoring.quantiles import normal_probability, normal_quantile
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.composite import Composite
from rating.scoring.standings.standing import Standing

LISTINGS = (Standing.RED, Standing.BLACK, Standing.WATCH)


@dataclass(frozen=True, slots=True)
class RatedField:
    """The K rated companies: μ and τ² of their C (points, points²)."""

    companies: int
    mean: Decimal
    between_variance: Decimal


@exact
def describe_field(rules: ScoringRules, rated: Sequence[Composite]) -> RatedField | None:
    """μ = mean C, τ² = max(1, s²(C) − mean V_C); None without a rated company."""
    k = len(rated)
    if k == 0:
        return None
    mean = add_up(c.score for c in rated) / k
    squares = add_up((c.score - mean) ** 2 for c in rated)
    spread = squares / (k - 1) if k > 1 else ZERO
    between = spread - add_up(c.variance for c in rated) / k
    return RatedField(k, mean, max(rules.min_between_variance, between))


@exact
def wrong_probability(
    rules: ScoringRules, field: RatedField, standing: Standing, composite: Composite
) -> Probability | None:
    """The probability that a listing by score is wrong by chance; None for no listing.

    b = τ²/(τ² + σ²), 1 for under 10 companies; m = μ + b(C − μ). Φ((m − x)/(σ√b)) for
    black and watch, Φ((x − m)/(σ√b)) for red; 0 or 1 if σ = 0.
    """
    if standing not in LISTINGS or composite.lower is None or composite.upper is None:
        return None
    sigma = _sigma(rules, standing, composite)
    b = _drawn(rules, field, sigma)
    drawn_score = field.mean + b * (composite.score - field.mean)
    excess = drawn_score - _threshold(rules, standing)
    beyond = -excess if standing is Standing.RED else excess
    spread = sigma * b.sqrt()
    if spread == 0:
        return Probability(int(beyond > 0))
    return Probability(normal_probability(beyond / spread))


def _sigma(rules: ScoringRules, standing: Standing, composite: Composite) -> Decimal:
    """The side of the interval that faces the threshold, in standard deviations."""
    z = normal_quantile(rules.bound_probability)
    if standing is Standing.RED:
        return (composite.score - (composite.lower or ZERO)) / z
    return ((composite.upper or ZERO) - composite.score) / z


def _drawn(rules: ScoringRules, field: RatedField, sigma: Decimal) -> Decimal:
    if field.companies < rules.min_shrinkage_companies or sigma == 0:
        return ONE
    return field.between_variance / (field.between_variance + sigma**2)


def _threshold(rules: ScoringRules, standing: Standing) -> Decimal:
    thresholds = {
        Standing.RED: rules.red,
        Standing.BLACK: rules.black,
        Standing.WATCH: rules.watch,
    }
    return thresholds[standing]


@exact
def expect_wrong(
    listed: Sequence[tuple[Standing, Probability | None]],
) -> Mapping[Standing, Decimal]:
    """The expected number of wrong listings on each list; vetoes add nothing."""
    return {listing: add_up(p for standing, p in listed if standing is listing and p) for listing in LISTINGS}
