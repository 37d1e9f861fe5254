"""How many evaluations are still needed, before and during a round."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from rating.scoring.arithmetic import add_up, exact, round_up
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.scorecard import Scorecard


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


@dataclass(frozen=True, slots=True)
class PlannedEstate:
    """A rated estate of an open round: its company now, N_e, and n_e so far."""

    estate: str
    company: str
    households: int
    count: int


@dataclass(frozen=True, slots=True)
class Spreads:
    """What the last round says of spreads, in points: s̃_e by estate, s by company."""

    estates: Mapping[str, Decimal] = field(default_factory=dict)
    companies: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, card: Scorecard) -> Self:
        """The spreads in a scorecard."""
        estates = {e.estate: e.smoothed_spread for c in card.companies for e in c.estates}
        companies = {c.company: c.pooled_spread for c in card.companies}
        return cls(
            {code: spread for code, spread in estates.items() if spread is not None},
            {code: spread for code, spread in companies.items() if spread is not None},
        )


@dataclass(frozen=True, slots=True)
class EstateNeed:
    """What an estate needs for a score of its own, its share of what its company needs,
    and what of that share is still lacking; `spread` is s_e in points.
    """

    estate: str
    spread: Decimal
    need: int
    share: int
    still_needed: int


@dataclass(frozen=True, slots=True)
class RoundNeed:
    """What companies and estates need, by code."""

    companies: Mapping[str, CompanyNeed]
    estates: Mapping[str, EstateNeed]

    @property
    def still_needed(self) -> int:
        """What is lacking in the whole city."""
        return sum(company.still_needed for company in self.companies.values())


def plan_round(rules: ScoringRules, estates: Iterable[PlannedEstate], last: Spreads | None = None) -> RoundNeed:
    """How many evaluations every estate and company needs and still needs.

    `last` has the last round's spreads; an estate without one takes its company's.
    """
    spreads = last or Spreads()
    rows = sorted(estates, key=lambda e: (e.company, e.estate))
    progress: dict[str, list[EstateProgress]] = {}
    for row in rows:
        spread = plan_spread(rules, spreads.estates.get(row.estate), spreads.companies.get(row.company))
        progress.setdefault(row.company, []).append(EstateProgress(row.estate, row.households, row.count, spread))
    companies = {code: company_need(rules, own) for code, own in progress.items()}
    shares = {share.estate: share for company in companies.values() for share in company.estates}
    needs = (_estate_need(rules, each, shares[each.estate]) for own in progress.values() for each in own)
    return RoundNeed(companies, {each.estate: each for each in needs})


def _estate_need(rules: ScoringRules, estate: EstateProgress, share: EstateShare) -> EstateNeed:
    own = estate_need(rules, estate.spread, estate.households)
    return EstateNeed(estate.estate, estate.spread, own, share.share, share.still_needed)


@exact
def plan_spread(rules: ScoringRules, estate: Decimal | None, company: Decimal | None) -> Decimal:
    """s_e: the last round's s̃_e, else the company's s, else 25; limited to 10..40."""
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
