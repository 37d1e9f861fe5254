"""What flagged evaluations do to a listing.

Their tallies stay in the house, so the office tries both cases, in the released cells
with their households, and the scorecard says only whether the listing stands. A reader
takes that from the scorecard as it is, and recomputes everything else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rating.scoring.answers.estimates import Bounds, Stratum, estimate_mean, interval, pool_variance
from rating.scoring.answers.tallies import EstateTally, Moments
from rating.scoring.arithmetic import ONE, add_up, exact
from rating.scoring.cells.cutting import Cell
from rating.scoring.cells.folding import Folding
from rating.scoring.questionnaires import RESIDENTS
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.composite import compose
from rating.scoring.standings.fragility import FlaggedCases, failing_condition
from rating.scoring.standings.scorecard import CompanyCard, Scorecard

_Counted = Callable[[EstateTally], Moments]


@exact
def check_flagged(
    rules: ScoringRules,
    card: Scorecard,
    folding: Folding,
    tallies: Iterable[EstateTally],
    all_counted: Iterable[EstateTally],
) -> dict[str, FlaggedCases]:
    """Whether each listing by score stands with all flagged evaluations counted, and with none; by company.

    `tallies` are the whole ones, unfolded, from which the scorecard was made; `all_counted`
    the same where every flagged evaluation was accepted, the undecided too. A company whose
    residents' tallies stay as they were shown is left out: so does what was said of it.
    """
    scored, counted = _by_company(tallies), _by_company(all_counted)
    tried = {}
    for company in card.companies:
        if company.fragility is None or company.company in folding.frozen:
            continue
        own = _Cells(rules, company, folding.cells, scored.get(company.company, []))
        tried[company.company] = FlaggedCases(
            counted=own.stands(own.moments(counted.get(company.company, []), _counted)),
            left_out=own.stands(own.moments(scored.get(company.company, []), _never_flagged)),
        )
    return tried


def with_flagged(card: Scorecard, found: Mapping[str, FlaggedCases]) -> Scorecard:
    """The scorecard with what flagged evaluations do to its listings."""
    companies = tuple(_with_cases(company, found.get(company.company)) for company in card.companies)
    return replace(card, companies=companies)


def flagged_cases(card: Scorecard) -> dict[str, FlaggedCases]:
    """What a published scorecard says of flagged evaluations, to be put into a recomputed one."""
    found = {c.company: c.fragility.flagged for c in card.companies if c.fragility}
    return {code: cases for code, cases in found.items() if cases}


def _with_cases(company: CompanyCard, cases: FlaggedCases | None) -> CompanyCard:
    if company.fragility is None or cases is None:
        return company
    return replace(company, fragility=replace(company.fragility, flagged=cases))


def _by_company(tallies: Iterable[EstateTally]) -> dict[str, list[EstateTally]]:
    companies: dict[str, list[EstateTally]] = {}
    for tally in tallies:
        if tally.direction is RESIDENTS:
            companies.setdefault(tally.company, []).append(tally)
    return companies


def _counted(tally: EstateTally) -> Moments:
    return tally.counted


def _never_flagged(tally: EstateTally) -> Moments:
    return tally.never_flagged


_Key = tuple[int, str]  # a group's number, or 0 and an estate's code


@dataclass(frozen=True, slots=True)
class _Cells:
    """A listed company's cells, to be filled with other evaluations."""

    rules: ScoringRules
    company: CompanyCard
    cells: Mapping[str, Cell]
    tallies: Sequence[EstateTally]

    def moments(self, tallies: Iterable[EstateTally], taken: _Counted) -> dict[_Key, Moments]:
        """The moments of each released cell."""
        found: dict[_Key, Moments] = {}
        for tally in tallies:
            if cell := self.cells.get(tally.estate):
                key = _key(cell, tally.estate)
                found[key] = found.get(key, Moments()) + taken(tally)
        return found

    def stands(self, moments: Mapping[_Key, Moments]) -> bool:
        """Whether the listing's score conditions are met; not if nothing is left.

        Where nothing is different the listing stands: it is not judged again by unrounded cells.
        """
        now = self.moments(self.tallies, _counted)
        if {key: m.count for key, m in now.items()} == {key: m.count for key, m in moments.items()}:
            return True
        strata = [Stratum.of(self._households[key], m) for key, m in moments.items() if m.count]
        scores = {d: self.company.directions[d].score for d in self.rules.counting}
        if self.rules.residents_count:
            scores[RESIDENTS] = _mean(strata)
        known = {d: score for d, score in scores.items() if score is not None}
        if len(known) < len(scores):
            return False
        bounds = _bounds(self.rules, strata) if self.rules.residents_count else None
        composite = compose(self.rules, known, bounds, adjustment=self.company.adjustment)
        return failing_condition(self.rules, self.company.standing, composite, self._turnout(moments)) is None

    @property
    def _households(self) -> dict[_Key, int]:
        found: dict[_Key, int] = {}
        for tally in self.tallies:
            if cell := self.cells.get(tally.estate):
                key = _key(cell, tally.estate)
                found[key] = found.get(key, 0) + tally.households
        return found

    def _turnout(self, moments: Mapping[_Key, Moments]) -> Decimal:
        households = sum(tally.households for tally in self.tallies)
        return min(ONE, Decimal(sum(m.count for m in moments.values())) / households)


def _key(cell: Cell, estate: str) -> _Key:
    return (cell.group, "") if cell.group else (0, estate)


def _mean(strata: Sequence[Stratum]) -> Decimal | None:
    households = sum(s.households for s in strata)
    return add_up(s.households * s.mean for s in strata) / households if households else None


def _bounds(rules: ScoringRules, strata: Sequence[Stratum]) -> Bounds | None:
    pooled, degrees = pool_variance(strata)
    found = estimate_mean(strata, pooled, degrees, rules.variance_prior)
    # A household may be behind several flagged evaluations, so n may exceed N here.
    census = all(s.count >= s.households for s in strata)
    return interval(replace(found, census=census), rules.interval, rules.bound_probability)
