"""Folding: small estates become groups before anything is scored or leaves the house.

A group is one stratum: its evaluations are simply added up, as if it were one estate. Nothing that an estate's
households weigh leaves the house: N_e is public and marks are small whole numbers, so that Σ N_e·m_e could be solved
for the answers of each estate in it. Of residents leave n, N, ȳ to 0.1 points and SS to 100 points² of each cell,
rounded here, once, and used so ever after; which indicators' counts leave is decided in `releasing`, and which estates
make a group in `cells`.

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

**What was shown once** can't be subtracted (rating.scoring.cells): a company whose cells would show a few people's
answers against an earlier publication is *frozen*: of residents it keeps what was shown last. Households, records and
committees' marks are corrected freely.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rating.scoring.answers.tallies import EstateTally, ReviewState, TallyError, Totals, check_tallies
from rating.scoring.arithmetic import exact
from rating.scoring.cells.cutting import (
    Cell,
    SameCells,
    Shown,
    Uncounted,
    View,
    companies_given_away,
    estates_left_out,
    indicators_given_away,
    sort_by_cells,
)
from rating.scoring.cells.folded import FoldedTallies
from rating.scoring.cells.portfolio import Portfolio
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules


@dataclass(frozen=True, slots=True)
class Folding:
    """Folded tallies, and what stays in the house: the cell of each estate that stands in one, the companies whose
    residents' tallies stay as they were shown, and the estates that are left out.
    """

    tallies: FoldedTallies
    cells: Mapping[str, Cell]
    frozen: frozenset[str] = frozenset()
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
    portfolios = [Portfolio.of(rules, own, left_out) for own in _by_company(rows)]
    if shown:
        received_now = {t.estate: t.received for t in rows if t.direction is RESIDENTS}
        portfolios = _freeze_given_away(rules, portfolios, View({}, received_now, uncounted or {}), shown)
    return Folding(
        tallies=_put_together(portfolios, rows, received or {}, shown),
        cells={estate: cell for portfolio in portfolios for estate, cell in portfolio.cells.items()},
        frozen=frozenset(portfolio.company for portfolio in portfolios if portfolio.given is not None),
        left_out=left_out,
    )


def _put_together(
    portfolios: Sequence[Portfolio],
    rows: Sequence[EstateTally],
    received: Mapping[Direction, int],
    shown: Sequence[Shown],
) -> FoldedTallies:
    households = {t.estate: t.households for t in rows}
    return FoldedTallies(
        companies=tuple(portfolio.fold() for portfolio in portfolios),
        totals=_city_totals(portfolios, rows, received, shown),
        households=sum(households.values()),
        estate_count=len(households),
    )


def _freeze_given_away(
    rules: ScoringRules, portfolios: Sequence[Portfolio], intake: View, shown: Sequence[Shown]
) -> list[Portfolio]:
    """The portfolios, with those frozen that would otherwise give answers away.

    Freezing one changes what the others are compared with, so it goes on until none is found. Of the others, indicators
    are withheld of which too few marks have changed in a cell.
    """
    now = list(portfolios)
    earlier = [View(one.cells, one.received, one.uncounted) for one in shown]
    compared = [estate for h in now for estate in h.households if estate not in h.left_out]
    while True:
        frozen = {h.company for h in now if h.given is not None}
        view = _view(now, intake, earlier[-1])
        sets = sort_by_cells(compared, [*earlier, view])
        found = companies_given_away(rules, sets)
        if found <= frozen:
            return [replace(h, held_back=back) for h, back in _indicators_held_back(rules, now, sets, view)]
        now = [h.frozen(shown[-1]) if h.company in found - frozen else h for h in now]


def _indicators_held_back(
    rules: ScoringRules, portfolios: Sequence[Portfolio], sets: Sequence[SameCells], last: View
) -> Iterable[tuple[Portfolio, dict[int | str, frozenset[str]]]]:
    """Each portfolio with the indicators that must not leave its cells, by group number or estate."""
    questionnaire = rules.questionnaire(RESIDENTS)
    keys = [indicator.key for indicator in questionnaire.indicators] if questionnaire else []
    found = indicators_given_away(rules, len(keys), sets, last)
    for portfolio in portfolios:
        own = {name: places for (company, name), places in found.items() if company == portfolio.company}
        yield portfolio, {name: frozenset(keys[place] for place in places) for name, places in own.items()}


def _view(portfolios: Sequence[Portfolio], intake: View, last: View) -> View:
    """What would be seen now: of the companies that are frozen, what was seen last."""
    seen = {estate: intake if h.given is None else last for h in portfolios for estate in h.households}
    return View(
        cells={estate: cell for h in portfolios for estate, cell in h.cells.items()},
        received={estate: view.received.get(estate, 0) for estate, view in seen.items()},
        uncounted={estate: view.uncounted.get(estate, {}) for estate, view in seen.items()},
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
    portfolios: Sequence[Portfolio],
    rows: Sequence[EstateTally],
    received: Mapping[Direction, int],
    shown: Sequence[Shown],
) -> dict[Direction, Totals]:
    present = {tally.direction for tally in rows} | set(received)
    totals = {d: _totals([t for t in rows if t.direction is d], received.get(d)) for d in Direction if d in present}
    if RESIDENTS in totals:
        of_residents = [t for t in rows if t.direction is RESIDENTS]
        totals[RESIDENTS] = _resident_totals(portfolios, of_residents, totals[RESIDENTS].received, shown)
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
    portfolios: Sequence[Portfolio], tallies: Sequence[EstateTally], received: int, shown: Sequence[Shown]
) -> Totals:
    """What is counted is what stands in cells; a company that is frozen keeps what was set aside then.

    The rest wasn't accepted, or stood in a cell that is left out.
    """
    frozen = {estate for h in portfolios if h.given is not None for estate in h.households}
    counted = sum(portfolio.count for portfolio in portfolios)
    set_aside = sum(_set_aside_then(shown[-1], t.estate) if t.estate in frozen else t.set_aside for t in tallies)
    rest = sum(tally.received for tally in tallies) - counted - set_aside
    return Totals(received, counted, set_aside, rest)


def _set_aside_then(shown: Shown, estate: str) -> int:
    return sum(one.state is ReviewState.SET_ASIDE for one in shown.uncounted.get(estate, {}).values())
