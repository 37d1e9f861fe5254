"""How many evaluations are still needed, before and during a round."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import add_up, exact, round_up
from rating.scoring.rules import ScoringRules


@dataclass(frozen=True, slots=True)
class EstateProgress:
    """An estate's households N_e, evaluations so far n_e, and s_e in points."""

    estate: str
    households: int
    count: int
    spread: Decimal


@dataclass(frozen=True, slots=True)
class EstateShare:
    """An estate's part of what its company needs, and what of it is still lacking."""

    estate: str
    share: int
    still_needed: int


@dataclass(frozen=True, slots=True)
class CompanyNeed:
    """M, the evaluations a company needs; each estate's share; what is lacking."""

    sample: int
    estates: tuple[EstateShare, ...]
    still_needed: int


@exact
def plan_spread(rules: ScoringRules, estate: Decimal | None, company: Decimal | None) -> Decimal:
    """s_e: the last round's s̃_e, else the company's s, else 25; held to 10..40."""
    spread = estate if estate is not None else company
    if spread is None:
        spread = rules.default_spread
    return max(rules.lowest_spread, min(rules.highest_spread, spread))


@exact
def need(rules: ScoringRules, spread: Decimal, households: int) -> int:
    """need(s, N) = ⌈n₀/(1 + n₀/N)⌉ with n₀ = (1.96 s/10)²; 10 is [max_half_width]."""
    return _need(rules, spread**2, households)


@exact
def estate_need(rules: ScoringRules, spread: Decimal, households: int) -> int:
    """What an estate needs for a score of its own: min(N, max(10, need(s_e, N)))."""
    return min(households, max(rules.min_cell, need(rules, spread, households)))


@exact
def company_need(rules: ScoringRules, estates: Sequence[EstateProgress]) -> CompanyNeed:
    """What a company needs over all its estates (at least one), and still needs.

    M is the larger of need(√Σ P_e s_e², N) and the least n for a standing;
    share_e = min(N_e, ⌈M P_e⌉); still needed = Σ max(0, share_e − n_e).
    """
    rows = sorted(estates, key=lambda e: e.estate)
    households = sum(e.households for e in rows)
    # The variance is taken as it is: a root that is squared again could lift an exact
    # whole number over the next one.
    variance = add_up(e.households * e.spread**2 for e in rows) / households
    least = rules.required_sample(households)
    sample = max(_need(rules, variance, households), least)
    shares = tuple(_share(e, sample, households) for e in rows)
    return CompanyNeed(sample, shares, sum(s.still_needed for s in shares))


def _need(rules: ScoringRules, variance: Decimal, households: int) -> int:
    infinite = rules.needed_quantile**2 * variance / rules.max_half_width**2
    return round_up(households * infinite / (households + infinite))


def _share(estate: EstateProgress, sample: int, households: int) -> EstateShare:
    part = -(-sample * estate.households // households)  # ⌈M P_e⌉ in whole numbers
    share = min(estate.households, part)
    return EstateShare(estate.estate, share, max(0, share - estate.count))
