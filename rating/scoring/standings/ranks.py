"""Ranks, and intervals for all ranks at once, without draws.

Source: Klein, Wright & Wieczorek 2020, a joint confidence region for a ranking.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from decimal import Decimal

from rating.scoring.answers.estimates import Bounds
from rating.scoring.arithmetic import HUNDRED, exact
from rating.scoring.rules import ScoringRules


@exact
def simultaneous_probability(rules: ScoringRules, companies: int) -> Decimal:
    """(1 + 0.95^(1/K))/2: the probability of each bound so that all K are right together."""
    power = (rules.rank_level / HUNDRED).ln() / companies
    return (1 + power.exp()) / 2


def rank_by_score(scores: Mapping[str, Decimal]) -> dict[str, int]:
    """1 for the highest score; equal scores share the better rank."""
    ascending = sorted(scores.values())
    k = len(ascending)
    return {code: 1 + k - bisect_right(ascending, s) for code, s in scores.items()}


def rank_intervals(bounds: Mapping[str, Bounds]) -> dict[str, tuple[int, int]]:
    """From 1 + #{j: L_j > U_i} to K − #{j: U_j < L_i}, for every company i."""
    lowers = sorted(b.lower for b in bounds.values())
    uppers = sorted(b.upper for b in bounds.values())
    k = len(bounds)
    return {
        code: (
            1 + k - bisect_right(lowers, own.upper),
            k - bisect_left(uppers, own.lower),
        )
        for code, own in bounds.items()
    }
