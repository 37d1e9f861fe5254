"""Folding: small estates become groups before anything is scored or leaves the house.

A group is one stratum: its evaluations are simply added up, as if it were one estate.
Nothing that an estate's households weigh leaves the house: N_e is public and marks are
small whole numbers, so that Σ N_e·m_e could be solved for the answers of each estate in
it. Of residents leave n, N, ȳ to 0.1 points and SS to 100 points² of each cell, rounded
here, once, and used so ever after; which indicators' counts leave is told in
`releasing`, and which estates make a group in `cells`.

**Sheets.** Which estates are folded is decided by the residents' n alone, for every
direction alike: an estate whose residents stay unseen shows no other score either, so
the committee's marks on it, and on an estate without any resident's evaluation, are
added up into one group of their own. They are no household's answers and are exact; one
estate may be a group. The company's self-assessment is folded the same way. The
companies' marks for committees are shown per shown estate, from `min_committee_raters`
up, or not at all.

**n alone.** A company with fewer than 10 evaluations releases n and nothing else, the
committee's score included, which could otherwise be that of its only estate. Where a
rulebook gives residents no weight, the committee's figures are the score and are released;
an estate without residents' evaluations then shows its committee's.

**What was shown once** can't be subtracted (rating.scoring.cells): a company whose cells
would show a few people's answers against an earlier publication is *held*: of residents it
keeps what was shown last. Households, records and committees' marks are corrected freely.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal

from rating.scoring.answers.estimates import Stratum
from rating.scoring.answers.tallies import EstateTally, Moments, ReviewState, TallyError, Totals, check_tallies
from rating.scoring.arithmetic import EXACT, exact
from rating.scoring.canonical import Mean
from rating.scoring.cells.cutting import (
    Cell,
    SameCells,
    Shown,
    Uncounted,
    View,
    companies_given_away,
    cut_groups,
    estates_left_out,
    indicators_given_away,
    sort_by_cells,
)
from rating.scoring.cells.folded import (
    CellTally,
    FoldedCompany,
    FoldedTallies,
    Group,
    SheetGroup,
    SheetTally,
    ShownEstate,
)
from rating.scoring.cells.releasing import add_counts, released_counts
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules

# A committee's own score is never summed over a company's estates.
SUMMED = (Direction.COMMITTEE_TO_COMPANY, Direction.COMPANY_SELF)
_TENTH, _HUNDREDS = Decimal("0.1"), Decimal("1E+2")


@dataclass(frozen=True, slots=True)
class Folding:
    """Folded tallies, and what stays in the house: the cell of each estate that stands in one, the companies whose
    residents' tallies stay as they were shown, and the estates that are left out.
    """

    tallies: FoldedTallies
    cells: Mapping[str, Cell]
    held: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


def fold(
    rules: ScoringRules, tallies: Iterable[EstateTally], *, received: Mapping[Direction, int] | None = None
) -> FoldedTallies:
    """Fold a round's tallies of which nothing has been shown yet; see `fold_round`."""
    return fold_round(rules, tallies, received=received).tallies


@exact
def fold_round(
    rules: ScoringRules,
    tallies: Iterable[EstateTally],
    *,
    received: Mapping[Direction, int] | None = None,
    uncounted: Uncounted | None = None,
    shown: Sequence[Shown] = (),
    struck: Collection[str] = (),
) -> Folding:
    """Fold a round's tallies, one per direction and rated estate, in any order.

    An estate that nobody rated needs a tally too, with its households. `received`, if
    given, is what the intake counted in each direction, and must reconcile. Where earlier
    previews or releases of this round were `shown`, in order, `uncounted` must name the
    evaluations that don't count now; `struck` are estates whose answers were forged.
    Raises TallyError (TooManyEvaluationsError names every estate with n > N).
    """
    rows = sorted(tallies, key=lambda t: (t.company, t.estate, t.direction))
    check_tallies(rows)
    for tally in rows:
        _check_marks(rules, tally)
    left_out = estates_left_out({t.estate: t.company for t in rows}, shown, struck)
    holdings = [_Holding.of(rules, own, left_out) for own in _by_company(rows)]
    if shown:
        received_now = {t.estate: t.received for t in rows if t.direction is RESIDENTS}
        holdings = _hold_back(rules, holdings, View({}, received_now, uncounted or {}), shown)
    return Folding(
        tallies=_put_together(holdings, rows, received or {}, shown),
        cells={estate: cell for holding in holdings for estate, cell in holding.cells.items()},
        held=frozenset(holding.company for holding in holdings if holding.given is not None),
        left_out=left_out,
    )


def _put_together(
    holdings: Sequence["_Holding"],
    rows: Sequence[EstateTally],
    received: Mapping[Direction, int],
    shown: Sequence[Shown],
) -> FoldedTallies:
    households = {t.estate: t.households for t in rows}
    return FoldedTallies(
        companies=tuple(holding.fold() for holding in holdings),
        totals=_city_totals(holdings, rows, received, shown),
        households=sum(households.values()),
        estate_count=len(households),
    )


@dataclass(frozen=True, slots=True)
class _Holding:
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
    def of(cls, rules: ScoringRules, rows: Sequence[EstateTally], left_out: frozenset[str]) -> "_Holding":
        """Sort a company's tallies by direction, those without evaluations drop out, and cut its groups."""
        company, households = rows[0].company, {t.estate: t.households for t in rows}
        tallies = {d: {t.estate: t for t in rows if t.direction is d and t.count} for d in Direction}
        counts = {e: (t.count, t.households) for e, t in tallies[RESIDENTS].items() if e not in left_out}
        cells = _cells_of(rules, company, counts)
        return cls(rules, company, households, tallies, cells, left_out & households.keys())

    def held(self, shown: Shown) -> "_Holding":
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
        made = _cell_tally(self.rules, [self.tallies[RESIDENTS][estate] for estate in estates])
        back = self.held_back.get(name, frozenset())
        return replace(made, indicators={key: counts for key, counts in made.indicators.items() if key not in back})

    def _shown_sheets(self, estate: str) -> dict[Direction, SheetTally]:
        if self._is_hidden(estate):
            return {}
        own = {d: of[estate] for d, of in self.tallies.items() if d is not RESIDENTS and estate in of}
        return {d: _show_sheets(t) for d, t in own.items() if self._may_show(t)}

    def _is_hidden(self, estate: str) -> bool:
        return self._is_folded(estate) or (estate not in self.cells and self.rules.residents_count)

    def _may_show(self, tally: EstateTally) -> bool:
        if tally.direction is Direction.COMPANY_TO_COMMITTEE:
            return tally.count >= self.rules.min_committee_raters
        return True

    def _sheet_groups(self) -> dict[Direction, SheetGroup]:
        hidden = {d: [t for t in self.tallies[d].values() if self._is_hidden(t.estate)] for d in SUMMED}
        return {d: _sheet_group(self.rules, d, rows) for d, rows in hidden.items() if rows}


def _cells_of(rules: ScoringRules, company: str, counts: Mapping[str, tuple[int, int]]) -> dict[str, Cell]:
    """The cells of a company's rated estates, given as (n, N); none where its evaluations are too few."""
    if sum(n for n, _ in counts.values()) < rules.min_cell:
        return {}
    numbers = {e: k for k, group in enumerate(cut_groups(rules, counts), start=1) for e in group}
    return {estate: Cell(company, numbers.get(estate, 0)) for estate in counts}


def _hold_back(
    rules: ScoringRules, holdings: Sequence[_Holding], intake: View, shown: Sequence[Shown]
) -> list[_Holding]:
    """The holdings, those as they were shown that would otherwise give answers away.

    To hold one changes what the others are compared with, so it goes on until none is found. Of the others, indicators
    are held back of which too few marks have changed in a cell.
    """
    now = list(holdings)
    earlier = [View(one.cells, one.received, one.uncounted) for one in shown]
    compared = [estate for h in now for estate in h.households if estate not in h.left_out]
    while True:
        held = {h.company for h in now if h.given is not None}
        view = _view(now, intake, earlier[-1])
        sets = sort_by_cells(compared, [*earlier, view])
        found = companies_given_away(rules, sets)
        if found <= held:
            return [replace(h, held_back=back) for h, back in _indicators_held_back(rules, now, sets, view)]
        now = [h.held(shown[-1]) if h.company in found - held else h for h in now]


def _indicators_held_back(
    rules: ScoringRules, holdings: Sequence[_Holding], sets: Sequence[SameCells], last: View
) -> Iterable[tuple[_Holding, dict[int | str, frozenset[str]]]]:
    """Each holding with the indicators that must not leave its cells, by group number or estate."""
    questionnaire = rules.questionnaire(RESIDENTS)
    keys = [indicator.key for indicator in questionnaire.indicators] if questionnaire else []
    found = indicators_given_away(rules, len(keys), sets, last)
    for holding in holdings:
        own = {name: places for (company, name), places in found.items() if company == holding.company}
        yield holding, {name: frozenset(keys[place] for place in places) for name, places in own.items()}


def _view(holdings: Sequence[_Holding], intake: View, last: View) -> View:
    """What would be seen now: of the companies that are held, what was seen last."""
    seen = {estate: intake if h.given is None else last for h in holdings for estate in h.households}
    return View(
        cells={estate: cell for h in holdings for estate, cell in h.cells.items()},
        received={estate: view.received.get(estate, 0) for estate, view in seen.items()},
        uncounted={estate: view.uncounted.get(estate, {}) for estate, view in seen.items()},
    )


@exact
def _cell_tally(rules: ScoringRules, tallies: Sequence[EstateTally]) -> CellTally:
    """What leaves the house of the residents' evaluations of one estate, or of a group's."""
    counted = sum((t.counted for t in tallies), Moments())
    stratum = Stratum.of(sum(t.households for t in tallies), counted)
    mean = Mean(stratum.mean.quantize(_TENTH, ROUND_HALF_EVEN, EXACT))
    questionnaire = rules.questionnaire(RESIDENTS)
    counts = [t.indicators for t in tallies]
    return CellTally(
        count=counted.count,
        mean=mean,
        squares=_hundreds(stratum.squares),
        indicators=released_counts(rules, questionnaire, mean, counts) if questionnaire else {},
    )


def _hundreds(squares: Decimal) -> Decimal:
    # Written out: a Decimal of 1E+2 has the value, but not the digits, of 100.
    return Decimal(int(squares.quantize(_HUNDREDS, ROUND_HALF_EVEN, EXACT)))


def _show_sheets(tally: EstateTally) -> SheetTally:
    return SheetTally(tally.count, tally.counted.total, tally.lowest, tally.highest, tally.indicators)


def _sheet_group(rules: ScoringRules, direction: Direction, tallies: Sequence[EstateTally]) -> SheetGroup:
    questionnaire = rules.questionnaire(direction)
    asked = [indicator.key for indicator in questionnaire.indicators] if questionnaire else []
    given = {key: [t.indicators[key] for t in tallies if key in t.indicators] for key in asked}
    return SheetGroup(
        estates=len(tallies),
        households=sum(t.households for t in tallies),
        count=sum(t.count for t in tallies),
        total=sum(t.counted.total for t in tallies),
        indicators={key: add_counts(counts) for key, counts in given.items() if counts},
    )


def _check_marks(rules: ScoringRules, tally: EstateTally) -> None:
    questionnaire = rules.questionnaire(tally.direction)
    if questionnaire is None:
        raise TallyError(f"{tally.estate}: nothing is asked in {tally.direction}")
    asked = {indicator.key: indicator for indicator in questionnaire.indicators}
    for key, counts in tally.indicators.items():
        if key not in asked:
            raise TallyError(f"{tally.estate}: {key} is not asked in {tally.direction}")
        scale = range(asked[key].lowest, asked[key].highest + 1)
        if any(mark not in scale for mark in counts.marks):
            raise TallyError(f"{tally.estate}: a mark for {key} is outside its scale")


def _by_company(rows: Sequence[EstateTally]) -> list[list[EstateTally]]:
    companies: dict[str, list[EstateTally]] = {}
    for tally in rows:
        companies.setdefault(tally.company, []).append(tally)
    return list(companies.values())


def _city_totals(
    holdings: Sequence[_Holding],
    rows: Sequence[EstateTally],
    received: Mapping[Direction, int],
    shown: Sequence[Shown],
) -> dict[Direction, Totals]:
    present = {tally.direction for tally in rows} | set(received)
    totals = {d: _totals([t for t in rows if t.direction is d], received.get(d)) for d in Direction if d in present}
    if RESIDENTS in totals:
        of_residents = [t for t in rows if t.direction is RESIDENTS]
        totals[RESIDENTS] = _resident_totals(holdings, of_residents, totals[RESIDENTS].received, shown)
    return totals


def _totals(tallies: Sequence[EstateTally], received: int | None) -> Totals:
    found = sum(tally.received for tally in tallies)
    return Totals(
        received=found if received is None else received,
        counted=sum(tally.count for tally in tallies),
        set_aside=sum(tally.set_aside for tally in tallies),
        rejected=sum(tally.not_accepted.count for tally in tallies),
    )


def _resident_totals(
    holdings: Sequence[_Holding], tallies: Sequence[EstateTally], received: int, shown: Sequence[Shown]
) -> Totals:
    """What is counted is what stands in cells; a company that is held keeps what was set aside then.

    The rest wasn't accepted, or stood in a cell that is left out.
    """
    held = {estate for h in holdings if h.given is not None for estate in h.households}
    counted = sum(holding.count for holding in holdings)
    set_aside = sum(_set_aside_then(shown[-1], t.estate) if t.estate in held else t.set_aside for t in tallies)
    rest = sum(tally.received for tally in tallies) - counted - set_aside
    return Totals(received, counted, set_aside, rest)


def _set_aside_then(shown: Shown, estate: str) -> int:
    return sum(one.state is ReviewState.SET_ASIDE for one in shown.uncounted.get(estate, {}).values())
