"""The scorecard: the frozen result of a round.

Its numbers are unrounded, as the standings were decided; they are published rounded
(rating/results/schemas.py). Scores, bounds, errors and costs are in points; shares (turnout,
uncovered), indicator means and probabilities are from 0 to 1. None means that there is no such number.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from rating.scoring.answers.tallies import Totals
from rating.scoring.canonical import Probability
from rating.scoring.plain import from_plain
from rating.scoring.questionnaires import Direction
from rating.scoring.standings.change import Change
from rating.scoring.standings.fragility import Fragility
from rating.scoring.standings.indicators import Cost
from rating.scoring.standings.standing import Reason, Standing, Tipping


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionCard:
    """What one direction says. Interval, error and df are the residents' only; the
    largest difference between two evaluators of an estate is the others' only.
    """

    count: int
    score: Decimal | None
    uncovered: Decimal | None
    is_missing: bool
    lower: Decimal | None = None
    upper: Decimal | None = None
    standard_error: Decimal | None = None
    degrees: int | None = None
    largest_difference: Decimal | None = None
    indicators: Mapping[str, Decimal | None]
    dimensions: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateCard:
    """A shown estate by its own numbers; no adjustment and no veto enters.

    `gap` is residents − committee, its interval the residents' alone;
    `smoothed_spread` is s̃_e.
    """

    estate: str
    standing: Standing
    is_rated: bool
    reasons: tuple[Reason, ...]
    held_back: tuple[Reason, ...]
    households: int
    count: int
    turnout: Decimal
    score: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    tipping: Tipping | None
    gap: Decimal | None
    gap_lower: Decimal | None
    gap_upper: Decimal | None
    smoothed_spread: Decimal | None
    directions: Mapping[Direction, DirectionCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCard:
    """A company: its standing, and everything that stands beside it.

    `as_shown` says that its residents' figures stay as an earlier preview or release showed
    them. `base` is B, `adjustment` A (`adjustment_sum` before it is limited to the cap),
    `score` C, `lower` and `upper` L_C and U_C, `variance` V_C, `pooled_spread` s.
    `change` is None where there was no last round, `fragility` where there is no listing
    by score.
    """

    company: str
    standing: Standing
    is_rated: bool
    is_all_group: bool
    as_shown: bool
    reasons: tuple[Reason, ...]
    held_back: tuple[Reason, ...]
    households: int | None
    estate_count: int | None
    count: int
    turnout: Decimal | None
    base: Decimal | None
    adjustment_sum: Decimal
    adjustment: Decimal
    score: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    variance: Decimal | None
    pooled_spread: Decimal | None
    tipping: Tipping | None
    wrong_probability: Probability | None
    rank: int | None
    rank_best: int | None
    rank_worst: int | None
    costliest: tuple[Cost, ...]
    change: Change | None
    fragility: Fragility | None
    directions: Mapping[Direction, DirectionCard]
    estates: tuple[EstateCard, ...]

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read one company of the published part."""
        return from_plain(cls, data)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityCard:
    """The city's totals. `mean_score` and `between_variance` are μ and τ² of the rated
    companies; received = counted + set aside + rejected in each direction.
    """

    households: int
    estate_count: int
    company_count: int
    turnout: Decimal | None
    rated_companies: int
    rated_estates: int
    red_places: int
    red_estate_places: int
    mean_score: Decimal | None
    between_variance: Decimal | None
    standings: Mapping[Standing, int]
    estate_standings: Mapping[Standing, int]
    expected_wrong: Mapping[Standing, Decimal]
    totals: Mapping[Direction, Totals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A round's result, companies and their estates by ascending code."""

    city: CityCard
    companies: tuple[CompanyCard, ...]

    def company(self, code: str) -> CompanyCard:
        """The card of one company. Raises KeyError for a company not in the round."""
        found = [card for card in self.companies if card.company == code]
        if not found:
            raise KeyError(code)
        return found[0]

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read the published part, rounded as it was written."""
        return from_plain(cls, json.loads(data))
