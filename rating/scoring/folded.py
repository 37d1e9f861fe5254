"""Folded tallies: the only tallies that leave the house.

They are what a release publishes and what `score_round` takes, so the office and a
reader compute the same bytes. Scores are whole 1/10 000 points in the tallies of shown
estates; weighted sums and variances are in points, rounded to six decimals once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from rating.scoring.plain import from_plain, to_text_numbers
from rating.scoring.questionnaires import Direction
from rating.scoring.rules import ScoringRules
from rating.scoring.tallies import MarkCounts, Moments, TallyError, Totals


@dataclass(frozen=True, slots=True)
class ShownTally:
    """One direction's counted evaluations of a shown estate; `lowest` and `highest`
    are the least and greatest y, given where there is anything to compare.
    """

    counted: Moments
    lowest: int | None
    highest: int | None
    indicators: Mapping[str, MarkCounts]


@dataclass(frozen=True, slots=True)
class ShownEstate:
    """An estate with enough evaluations to be shown, or with none at all."""

    estate: str
    households: int
    tallies: Mapping[Direction, ShownTally]

    @property
    def count(self) -> int:
        """n: the residents' evaluations."""
        residents = self.tallies.get(Direction.RESIDENT_TO_COMPANY)
        return residents.counted.count if residents else 0


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """Over a group's estates with a mark in an indicator: ΣN_e, and Σ N_e m_ei (m from
    0 to 1).
    """

    households: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """The folded estates of a company in one direction, as sums.

    `estates`, `households` and `count` cover those with an evaluation in it;
    `total` is T = Σ N_e ȳ_e (points), `variance` is G = Σ N_e² v_e (residents only),
    `largest_difference` between two evaluators of an estate is in points (the other
    directions only).
    """

    estates: int
    households: int
    count: int
    total: Decimal
    variance: Decimal | None
    largest_difference: Decimal | None
    indicators: Mapping[str, WeightedSum]

    def __post_init__(self) -> None:
        if self.households < 1 or self.estates < 1 or self.count < self.estates:
            raise TallyError("a group has households, estates and evaluations")
        if self.variance is not None and self.variance < 0:
            raise TallyError("a group's variance is below 0")


@dataclass(frozen=True, slots=True)
class FoldedCompany:
    """A company's folded tallies.

    `count` is n, the residents' evaluations. Where that is too few, it stands alone:
    `households` and `estate_count` are None and there is nothing else. `pooled_variance`
    is s² and `degrees` is df, None where no resident's figure is released.
    """

    company: str
    count: int
    households: int | None = None
    estate_count: int | None = None
    pooled_variance: Decimal | None = None
    degrees: int | None = None
    estates: tuple[ShownEstate, ...] = ()
    groups: Mapping[Direction, Group] | None = None

    def group(self, direction: Direction) -> Group | None:
        """The folded estates in one direction."""
        return (self.groups or {}).get(direction)

    @property
    def is_alone(self) -> bool:
        """Whether n is all that is released."""
        return self.households is None

    @property
    def is_all_group(self) -> bool:
        """Whether every estate that residents rated is folded."""
        return self.count > 0 and not any(estate.count for estate in self.estates)


@dataclass(frozen=True, slots=True)
class FoldedTallies:
    """A round's folded tallies, companies by ascending code, and the city's totals."""

    companies: tuple[FoldedCompany, ...]
    totals: Mapping[Direction, Totals]
    households: int
    estate_count: int

    def to_json(self) -> dict[str, Any]:
        """Plain data; numbers that aren't whole are strings with six decimals."""
        return to_text_numbers(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read back what `to_json` wrote. Raises PlainDataError or TallyError."""
        return from_plain(cls, data)


def check_folded(rules: ScoringRules, tallies: FoldedTallies) -> None:
    """Check that folded tallies are as `fold` makes them.

    Raises TallyError naming every contradiction: a reader gets them from a file.
    """
    problems = [*_company_problems(rules, tallies), *_total_problems(tallies)]
    if problems:
        raise TallyError("; ".join(problems))


def _company_problems(rules: ScoringRules, tallies: FoldedTallies) -> Iterator[str]:
    codes = [company.company for company in tallies.companies]
    if codes != sorted(set(codes)):
        yield "companies are not in ascending order of their codes, each once"
    estates = [e.estate for company in tallies.companies for e in company.estates]
    if len(estates) != len(set(estates)):
        yield "an estate belongs to two companies"
    for company in tallies.companies:
        yield from _estate_problems(rules, company)
        if not company.is_alone and not _adds_up(company):
            yield f"{company.company}: its evaluations don't add up to {company.count}"


def _estate_problems(rules: ScoringRules, company: FoldedCompany) -> Iterator[str]:
    codes = [estate.estate for estate in company.estates]
    if codes != sorted(set(codes)):
        yield f"{company.company}: estates are not in ascending order, each once"
    for estate in company.estates:
        if 0 < estate.count < rules.min_cell:
            yield f"{estate.estate}: {estate.count} evaluations are too few to be shown"
        if estate.count > estate.households:
            yield f"{estate.estate}: more evaluations than households"


def _adds_up(company: FoldedCompany) -> bool:
    group = company.group(Direction.RESIDENT_TO_COMPANY)
    shown = [estate.count for estate in company.estates if estate.count]
    count = sum(shown) + (group.count if group else 0)
    if company.degrees is None or company.pooled_variance is None:
        # Too few to show: no figure may be there, not even that of a single estate.
        return count == 0
    degrees = count - len(shown) - (group.estates if group else 0)
    return count == company.count and degrees == company.degrees


def _total_problems(tallies: FoldedTallies) -> Iterator[str]:
    totals = tallies.totals.get(Direction.RESIDENT_TO_COMPANY)
    counted = sum(company.count for company in tallies.companies)
    if counted != (totals.counted if totals else 0):
        yield f"the companies' evaluations add up to {counted}, not to the city's total"
