"""The composite of the directions that count, and what silence could change in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.answers.estimates import Bounds
from rating.scoring.arithmetic import ZERO, add_up, exact
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules


@dataclass(frozen=True, slots=True)
class Composite:
    """B, A, C = B + A, L_C and U_C (None without a residents' interval), V_C.

    Points, V_C points². Never cut to 0..100: only what is displayed is.
    """

    base: Decimal
    adjustment: Decimal
    score: Decimal
    lower: Decimal | None
    upper: Decimal | None
    variance: Decimal


@exact
def combine(rules: ScoringRules, scores: Mapping[Direction, Decimal]) -> Decimal:
    """B = Σ W_d Y_d / ΣW. Every direction that counts must be there: the weight of a
    missing one is never given to another (KeyError).
    """
    weighted = add_up(rules.weight(d) * scores[d] for d in rules.counting)
    return weighted / rules.total_weight


@exact
def compose(
    rules: ScoringRules,
    scores: Mapping[Direction, Decimal],
    bounds: Bounds | None,
    variance: Decimal = ZERO,
    adjustment: Decimal = ZERO,
) -> Composite:
    """The composite; `bounds` and `variance` are those of the residents' Ŷ."""
    base = combine(rules, scores)
    bounded = composite_bounds(rules, scores, bounds, adjustment)
    return Composite(
        base=base,
        adjustment=adjustment,
        score=base + adjustment,
        lower=bounded.lower if bounded else None,
        upper=bounded.upper if bounded else None,
        variance=rules.resident_share**2 * variance,
    )


@exact
def composite_bounds(
    rules: ScoringRules,
    scores: Mapping[Direction, Decimal],
    bounds: Bounds | None,
    adjustment: Decimal,
) -> Bounds | None:
    """L_C and U_C: the composite with the residents' lower and upper for Ŷ.

    Both are C where residents carry no weight.
    """
    if not rules.residents_count:
        score = combine(rules, scores) + adjustment
        return Bounds(score, score)
    if bounds is None:
        return None
    lower = combine(rules, {**scores, RESIDENTS: bounds.lower})
    upper = combine(rules, {**scores, RESIDENTS: bounds.upper})
    return Bounds(lower + adjustment, upper + adjustment)
