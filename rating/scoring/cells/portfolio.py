"""One company's tallies and the cells of its estates: what is shown of them, and what stays as it was shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rating.scoring.answers.tallies import EstateTally
from rating.scoring.cells.cutting import Cell, Shown, cut_groups
from rating.scoring.cells.folded import CellTally, FoldedCompany, Group, SheetGroup, SheetTally, ShownEstate
from rating.scoring.cells.summing import cell_tally, sheet_group, show_sheets
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules

# A committee's own score is never summed over a company's estates.
SUMMED = (Direction.COMMITTEE_TO_COMPANY, Direction.COMPANY_SELF)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A company's tallies and the cells of its estates; `given` is what was shown of it, where that stays; `held_back`
    are indicators that don't leave a cell, by its group's number or its estate.
    """

    rules: ScoringRules
    company: str
    households: Mapping[str, int]
    tallies: Mapping[Direction, Mapping[str, EstateTally]]
    cells: Mapping[str, Cell]
    left_out: frozenset[str]
    given: FoldedCompany | None = None
    held_back: Mapping[int | str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: ScoringRules, rows: Sequence[EstateTally], left_out: frozenset[str]) -> "Portfolio":
        """Sort a company's tallies by direction, those without evaluations drop out, and cut its groups."""
        company, households = rows[0].company, {t.estate: t.households for t in rows}
        tallies = {d: {t.estate: t for t in rows if t.direction is d and t.count} for d in Direction}
        counts = {e: (t.count, t.households) for e, t in tallies[RESIDENTS].items() if e not in left_out}
        cells = _cells_of(rules, company, counts)
        return cls(rules, company, households, tallies, cells, left_out & households.keys())

    def frozen(self, shown: Shown) -> "Portfolio":
        """The same company with residents' cells as they were shown, but for those that are left out."""
        given = [each for each in shown.tallies.companies if each.company == self.company]
        stood = {estate: cell for estate, cell in shown.cells.items() if cell.company == self.company}
        kept = {estate: cell for estate, cell in stood.items() if estate not in self.left_out}
        old = given[0] if given else FoldedCompany(self.company, 0)
        numbers = sorted({cell.group for cell in kept.values()} - {0})
        return replace(
            self,
            cells={e: Cell(self.company, numbers.index(c.group) + 1 if c.group else 0) for e, c in kept.items()},
            given=replace(
                old,
                count=old.count if old.is_alone else 0,
                estates=tuple(each for each in old.estates if each.estate in kept),
                groups=tuple(old.groups[number - 1] for number in numbers),
            ),
        )

    @property
    def groups(self) -> dict[int, list[str]]:
        """The estates of each group, by its number."""
        found: dict[int, list[str]] = {}
        for estate, cell in sorted(self.cells.items(), key=lambda item: (item[1], item[0])):
            if cell.group:
                found.setdefault(cell.group, []).append(estate)
        return found

    @property
    def count(self) -> int:
        """n: the residents' evaluations in cells; where there is no cell, those that are too few for one."""
        if self.given is None:
            return sum(t.count for estate, t in self.tallies[RESIDENTS].items() if estate not in self.left_out)
        return self.given.count + sum(stratum.count for stratum in self.given.strata)

    def fold(self) -> FoldedCompany:
        """What leaves the house."""
        if self.rules.residents_count and not self.cells:
            return FoldedCompany(self.company, self.count, as_shown=self.given is not None)
        return FoldedCompany(
            company=self.company,
            count=self.count,
            households=sum(self.households.values()),
            estate_count=len(self.households),
            estates=tuple(self._shown_estates()),
            groups=tuple(self._groups()),
            sheet_groups=self._sheet_groups(),
            as_shown=self.given is not None,
        )

    def _shown_estates(self) -> Iterable[ShownEstate]:
        for estate, households in self.households.items():
            if not self._is_folded(estate):
                yield ShownEstate(estate, households, self._shown_cell(estate), self._shown_sheets(estate))

    def _is_folded(self, estate: str) -> bool:
        if estate in self.left_out:
            return True
        cell = self.cells.get(estate)
        # Without a cell its residents are too few to show, or there are none.
        return cell.group > 0 if cell else estate in self.tallies[RESIDENTS]

    def _shown_cell(self, estate: str) -> CellTally | None:
        cell = self.cells.get(estate)
        if cell is None or cell.group:
            return None
        if self.given is None:
            return self._cell_tally(estate, [estate])
        return next(one.residents for one in self.given.estates if one.estate == estate)

    def _groups(self) -> Iterable[Group]:
        for number, estates in self.groups.items():
            households = sum(self.households[estate] for estate in estates)
            yield Group(len(estates), households, self._group_tally(number, estates))

    def _group_tally(self, number: int, estates: Sequence[str]) -> CellTally:
        if self.given is None:
            return self._cell_tally(number, estates)
        return self.given.groups[number - 1].residents

    def _cell_tally(self, name: int | str, estates: Sequence[str]) -> CellTally:
        made = cell_tally(self.rules, [self.tallies[RESIDENTS][estate] for estate in estates])
        back = self.held_back.get(name, frozenset())
        return replace(made, indicators={key: counts for key, counts in made.indicators.items() if key not in back})

    def _shown_sheets(self, estate: str) -> dict[Direction, SheetTally]:
        if self._is_hidden(estate):
            return {}
        own = {d: of[estate] for d, of in self.tallies.items() if d is not RESIDENTS and estate in of}
        return {d: show_sheets(t) for d, t in own.items() if self._may_show(t)}

    def _is_hidden(self, estate: str) -> bool:
        return self._is_folded(estate) or (estate not in self.cells and self.rules.residents_count)

    def _may_show(self, tally: EstateTally) -> bool:
        if tally.direction is Direction.COMPANY_TO_COMMITTEE:
            return tally.count >= self.rules.min_committee_raters
        return True

    def _sheet_groups(self) -> dict[Direction, SheetGroup]:
        hidden = {d: [t for t in self.tallies[d].values() if self._is_hidden(t.estate)] for d in SUMMED}
        return {d: sheet_group(self.rules, d, rows) for d, rows in hidden.items() if rows}


def _cells_of(rules: ScoringRules, company: str, counts: Mapping[str, tuple[int, int]]) -> dict[str, Cell]:
    """The cells of a company's rated estates, given as (n, N); none where its evaluations are too few."""
    if sum(n for n, _ in counts.values()) < rules.min_cell:
        return {}
    numbers = {e: k for k, group in enumerate(cut_groups(rules, counts), start=1) for e in group}
    return {estate: Cell(company, numbers.get(estate, 0)) for estate in counts}
