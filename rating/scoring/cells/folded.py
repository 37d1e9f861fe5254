"""Folded tallies: the only tallies that leave the house.

They are what a release publishes and what `score_round` takes, so the office and a
reader compute the same bytes. Of residents only cells are there, a shown estate or a
group, with their mean and spread rounded once. Committees' and companies' own marks are
no household's answers and are exact: whole 1/10 000 points.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from rating.scoring.answers.estimates import Stratum
from rating.scoring.answers.tallies import MarkCounts, TallyError, Totals
from rating.scoring.arithmetic import HUNDRED, ZERO, add_up, exact, points
from rating.scoring.canonical import Mean
from rating.scoring.plain import from_plain
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules


@dataclass(frozen=True, slots=True)
class CellTally:
    """Residents' counted evaluations of a cell: n, ȳ to 0.1 points and SS to 100 points².

    `indicators` has only those that enough evaluations of the cell marked.
    """

    count: int
    mean: Mean
    squares: Decimal
    indicators: Mapping[str, MarkCounts]

    def __post_init__(self) -> None:
        if self.count < 1:
            raise TallyError("a cell has evaluations")
        if not 0 <= self.mean <= HUNDRED or self.squares < 0 or self.squares % HUNDRED:
            raise TallyError("a cell's mean or spread is none that was rounded")
        if any(counts.marked + counts.no_mark != self.count for counts in self.indicators.values()):
            raise TallyError("a cell's marks don't add up to its evaluations")


@dataclass(frozen=True, slots=True)
class SheetTally:
    """Committees' or companies' counted sheets of an estate: how many and Σy; the least and
    greatest y where there is anything to compare.
    """

    count: int
    total: int
    lowest: int | None
    highest: int | None
    indicators: Mapping[str, MarkCounts]

    @property
    @exact
    def mean(self) -> Decimal:
        """The plain mean of the evaluators' y, in points."""
        return points(self.total) / self.count


@dataclass(frozen=True, slots=True)
class Part:
    """What a direction's score takes from an estate, or from a group (named by its number, or None for sheets):
    N, how many evaluations, and their mean in points.
    """

    name: str | int | None
    households: int
    count: int
    mean: Decimal


@dataclass(frozen=True, slots=True)
class ShownEstate:
    """An estate with enough evaluations to be shown, or with none at all."""

    estate: str
    households: int
    residents: CellTally | None
    sheets: Mapping[Direction, SheetTally]

    @property
    def count(self) -> int:
        """n: the residents' evaluations."""
        return self.residents.count if self.residents else 0

    @property
    def stratum(self) -> Stratum | None:
        """The estate as a stratum; None where no resident rated it."""
        return _stratum(self.households, self.residents) if self.residents else None

    def part(self, direction: Direction) -> "Part | None":
        """What a direction's score of the company takes from this estate, if it rated it."""
        tally = self.residents if direction is RESIDENTS else self.sheets.get(direction)
        return Part(self.estate, self.households, tally.count, Decimal(tally.mean)) if tally else None

    def counts(self, direction: Direction) -> Mapping[str, MarkCounts]:
        """How often each mark was given in a direction, by indicator."""
        tally = self.residents if direction is RESIDENTS else self.sheets.get(direction)
        return tally.indicators if tally else {}


@dataclass(frozen=True, slots=True)
class Group:
    """Folded estates of a company as one stratum: their number, N = Σ N_e, and what their
    residents' evaluations add up to.
    """

    estates: int
    households: int
    residents: CellTally

    def __post_init__(self) -> None:
        if self.estates < 1 or self.residents.count < self.estates:
            raise TallyError("a group has estates, and an evaluation of each")

    @property
    def stratum(self) -> Stratum:
        """The group as a stratum."""
        return _stratum(self.households, self.residents)


@dataclass(frozen=True, slots=True)
class SheetGroup:
    """A leg's sheets on folded estates and those no resident rated, added up: how many
    estates, Σ N_e, sheets (`count`), Σy and the count of each mark.
    """

    estates: int
    households: int
    count: int
    total: int
    indicators: Mapping[str, MarkCounts]

    def __post_init__(self) -> None:
        if self.households < 1 or self.estates < 1 or self.count < self.estates:
            raise TallyError("a group has households, estates and sheets")

    @property
    @exact
    def mean(self) -> Decimal:
        """Σy over the sheets, in points."""
        return points(self.total) / self.count


@dataclass(frozen=True, slots=True)
class FoldedCompany:
    """A company's folded tallies.

    `count` is n, the residents' evaluations in its cells. Where that is too few, it stands
    alone: `households` and `estate_count` are None and there is nothing else. `as_shown` says
    that what is said of residents stays as it was shown before, so that the difference tells no answers.
    """

    company: str
    count: int
    households: int | None = None
    estate_count: int | None = None
    estates: tuple[ShownEstate, ...] = ()
    groups: tuple[Group, ...] = ()
    sheet_groups: Mapping[Direction, SheetGroup] | None = None
    as_shown: bool = False

    def sheet_group(self, direction: Direction) -> SheetGroup | None:
        """What a leg's sheets on estates without a score of their own add up to."""
        return (self.sheet_groups or {}).get(direction)

    def parts(self, direction: Direction) -> list[Part]:
        """What a direction's score is made of: shown estates by code, then groups."""
        found = [part for estate in self.estates if (part := estate.part(direction))]
        if direction is RESIDENTS:
            cells = enumerate(self.groups, start=1)
            found += (Part(k, g.households, g.residents.count, Decimal(g.residents.mean)) for k, g in cells)
        elif group := self.sheet_group(direction):
            found.append(Part(None, group.households, group.count, group.mean))
        return found

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """The cells: shown estates by code, then the groups."""
        shown = (estate.stratum for estate in self.estates)
        return (*(stratum for stratum in shown if stratum), *(group.stratum for group in self.groups))

    @property
    def degrees(self) -> int | None:
        """df = Σ n − L; None without a cell."""
        strata = self.strata
        return sum(s.count for s in strata) - len(strata) if strata else None

    @property
    @exact
    def pooled_variance(self) -> Decimal | None:
        """s² = Σ SS / df (0 if df = 0) in points²; None without a cell."""
        if self.degrees is None:
            return None
        return add_up(s.squares for s in self.strata) / self.degrees if self.degrees else ZERO

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

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the published part. Raises PlainDataError or TallyError."""
        return from_plain(cls, data)


def _stratum(households: int, residents: CellTally) -> Stratum:
    return Stratum(households, residents.count, Decimal(residents.mean), residents.squares)


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
        yield from _cell_problems(rules, company)


def _estate_problems(rules: ScoringRules, company: FoldedCompany) -> Iterator[str]:
    codes = [estate.estate for estate in company.estates]
    if codes != sorted(set(codes)):
        yield f"{company.company}: estates are not in ascending order, each once"
    for estate in company.estates:
        if 0 < estate.count < rules.min_cell:
            yield f"{estate.estate}: {estate.count} evaluations are too few to be shown"
        if estate.count > estate.households:
            yield f"{estate.estate}: more evaluations than households"


def _cell_problems(rules: ScoringRules, company: FoldedCompany) -> Iterator[str]:
    for group in company.groups:
        if group.residents.count < rules.min_cell:
            yield f"{company.company}: {group.residents.count} evaluations are too few to be a group"
        if group.residents.count > group.households:
            yield f"{company.company}: a group has more evaluations than households"
    cells = [e.residents for e in company.estates if e.residents] + [g.residents for g in company.groups]
    if any(counts.marked < rules.min_cell for cell in cells for counts in cell.indicators.values()):
        yield f"{company.company}: an indicator has too few marks to be shown"
    # Too few to show: no figure may be there, not even that of a single estate.
    if sum(cell.count for cell in cells) != (company.count if cells else 0):
        yield f"{company.company}: its evaluations don't add up to {company.count}"


def _total_problems(tallies: FoldedTallies) -> Iterator[str]:
    totals = tallies.totals.get(RESIDENTS)
    counted = sum(company.count for company in tallies.companies)
    if counted != (totals.counted if totals else 0):
        yield f"the companies' evaluations add up to {counted}, not to the city's total"
