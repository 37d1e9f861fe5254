"""After a talk: did it get better, or would it have anyway?

Source: Vickers & Altman 2001, a change is judged against what companies without a talk
did from the same score; a company listed for a low score tends to rise by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import ONE, ZERO, add_up, exact
from rating.scoring.quantiles import t_quantile
from rating.scoring.rules import ScoringRules


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A company's B in two rounds, in points."""

    company: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Untalked:
    """The line through the q companies without a talk: y − ȳ = β(x − x̄), β limited to 0..1.

    `squares` is Σ(x − x̄)², `residual_variance` r² (points²), `quantile` t(q − 2).
    """

    companies: int
    mean_before: Decimal
    mean_after: Decimal
    slope: Decimal
    squares: Decimal
    residual_variance: Decimal
    quantile: Decimal


@dataclass(frozen=True, slots=True)
class TalkEffect:
    """By how many points talked companies rose beyond what was to be expected."""

    companies: int
    expected: Decimal
    points: Decimal
    lower: Decimal
    upper: Decimal


@exact
def fit_untalked(rules: ScoringRules, untalked: Sequence[BeforeAfter]) -> Untalked | None:
    """The line of the companies that had no talk; None is 'too few to say' (q < 20, or
    all alike before).
    """
    rows = sorted(untalked, key=lambda row: row.company)
    q = len(rows)
    if q < rules.min_untalked:
        return None
    x = add_up(row.before for row in rows) / q
    y = add_up(row.after for row in rows) / q
    squares = add_up((row.before - x) ** 2 for row in rows)
    if squares == 0:
        return None
    products = add_up((row.before - x) * (row.after - y) for row in rows)
    slope = max(ZERO, min(ONE, products / squares))
    residuals = add_up((row.after - y - slope * (row.before - x)) ** 2 for row in rows)
    quantile = t_quantile(q - 2, rules.bound_probability)
    return Untalked(q, x, y, slope, squares, residuals / (q - 2), quantile)


@exact
def effect_of_talk(line: Untalked, talked: Sequence[BeforeAfter]) -> TalkEffect:
    """The effect on one talked company, or on the mean of several (at least one):

    y_i − ȳ − β(x_i − x̄)  ±  t(q − 2) · r · √(1/T + 1/q + (x_i − x̄)²/Σ(x − x̄)²)
    """
    rows = sorted(talked, key=lambda row: row.company)
    before = add_up(row.before for row in rows) / len(rows)
    after = add_up(row.after for row in rows) / len(rows)
    away = before - line.mean_before
    expected = line.mean_after + line.slope * away
    spread = ONE / len(rows) + ONE / line.companies + away**2 / line.squares
    reach = line.quantile * (line.residual_variance * spread).sqrt()
    points = after - expected
    return TalkEffect(len(rows), expected, points, points - reach, points + reach)
