"""Do those who are hard to reach rate differently? A hint at those who stayed silent.

Late evaluations are set against early ones, a helper's entry against own entry, estate
by estate. Source: Cochran, Sampling Techniques, on non-response.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from rating.scoring.answers.estimates import Stratum
from rating.scoring.answers.tallies import Moments
from rating.scoring.arithmetic import EXACT, add_up, exact
from rating.scoring.rules import ScoringRules

LEAST_ESTATES = 2
_ONE_PLACE = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class TwoGroups:
    """An estate's residents in two groups: late and early, or a helper's and own entry."""

    estate: str
    households: int
    first: Moments
    second: Moments


@dataclass(frozen=True, slots=True)
class Contrast:
    """The city's difference first − second in points, with its 95 % interval, to 0.1.

    `estates` have enough of each group to be shown; `is_beyond` says that an end is beyond
    the non-response margin, which the method page then says.
    """

    difference: Decimal
    lower: Decimal
    upper: Decimal
    estates: int
    first_count: int
    second_count: int
    is_beyond: bool


@exact
def contrast_groups(rules: ScoringRules, estates: Iterable[TwoGroups]) -> Contrast | None:
    """Σ P_e (ȳ₁ − ȳ₂) ± 1.96 √Σ P_e² (s₁²/n₁ + s₂²/n₂) over the shown estates given that have ten or more of each
    group, P_e among these; None with fewer than two such estates. It is rounded here: what leaves the house is to 0.1.
    """
    enough = (e for e in estates if min(e.first.count, e.second.count) >= rules.min_cell)
    rows = sorted(enough, key=lambda e: e.estate)
    if len(rows) < LEAST_ESTATES:
        return None
    households = sum(row.households for row in rows)
    difference = add_up(row.households * _difference(row) for row in rows) / households
    variance = add_up(row.households**2 * _variance(row) for row in rows) / households**2
    reach = rules.contrast_quantile * variance.sqrt()
    lower, upper = _tenth(difference - reach), _tenth(difference + reach)
    margin = rules.nonresponse_margin
    return Contrast(
        difference=_tenth(difference),
        lower=lower,
        upper=upper,
        estates=len(rows),
        first_count=sum(row.first.count for row in rows),
        second_count=sum(row.second.count for row in rows),
        is_beyond=margin > 0 and max(-lower, upper) > margin,
    )


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(_ONE_PLACE, ROUND_HALF_EVEN, EXACT) + 0  # + 0: no −0


def _difference(row: TwoGroups) -> Decimal:
    return Stratum.of(row.households, row.first).mean - Stratum.of(row.households, row.second).mean


def _variance(row: TwoGroups) -> Decimal:
    """s₁²/n₁ + s₂²/n₂ of an estate."""
    return add_up(
        Stratum.of(row.households, group).squares / ((group.count - 1) * group.count)
        for group in (row.first, row.second)
    )
