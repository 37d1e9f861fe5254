"""Folding: small estates become a group before anything is scored or leaves the house.

A shown estate's tallies are released as they are. Of a group only sums are: its number
of estates, N, n, T = Σ N_e ȳ_e, G = Σ N_e² v_e and, per indicator, ΣN_e and Σ N_e m_ei;
of the company s² and df. T, G, s² and Σ N_e m_ei are rounded to six decimals here, once,
and used so ever after: s² is rounded before G and every interval are computed from it.

**The group.** A company's estates with 1..9 evaluations form it; a group of one estate,
or with fewer than 10 evaluations, takes in the next smallest (by n, then code) until it
has two estates and 10 evaluations, or has them all. Estates that nobody rated neither
join nor are taken in: they would make a group of two out of one estate's answers.

**The committees.** Which estates are folded is decided by the residents' n alone, for
every direction alike: an estate whose residents stay unseen shows no other score either,
so the committee's marks on it, and on an estate without any resident's evaluation, are
added into a group of their own. That group releases the households Σ N_e and Σ N_e·mean
of the folded estates that have a committee's mark, the number of both and the largest
difference between two evaluators; with the shown estates' plain means this gives the
company's committee score and `uncovered` exactly, so a reader computes the same composite.
A committee group of one estate takes no second one in: it holds no household's answer,
and the price would be a well-answered neighbour without a committee score, hence without
a standing. The company's self-assessment is folded the same way. The companies' marks
for committees are shown per shown estate, from `min_committee_raters` up, or not at all.

**n alone.** A company with fewer than 10 evaluations releases n and nothing else, the
committee's score included, which could otherwise be that of its only estate. Where a
rulebook gives residents no weight, the committee's figures are the score and are released;
an estate without residents' evaluations then shows its committee's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import add_up, exact, points, round_six
from rating.scoring.estimates import Stratum, pool_variance, weighted_variance
from rating.scoring.folded import (
    FoldedCompany,
    FoldedTallies,
    Group,
    ShownEstate,
    ShownTally,
    WeightedSum,
)
from rating.scoring.indicators import mark_mean
from rating.scoring.questionnaires import Direction, Indicator, QuestionnaireRule
from rating.scoring.rules import ScoringRules
from rating.scoring.tallies import EstateTally, TallyError, Totals, check_tallies

RESIDENTS = Direction.RESIDENT_TO_COMPANY
# A committee's own score is never summed over a company's estates.
GROUPED = (RESIDENTS, Direction.COMMITTEE_TO_COMPANY, Direction.COMPANY_SELF)


@exact
def fold(
    rules: ScoringRules,
    tallies: Iterable[EstateTally],
    *,
    received: Mapping[Direction, int] | None = None,
    earlier_counts: Mapping[str, Collection[int]] | None = None,
) -> FoldedTallies:
    """Fold a round's tallies, one per direction and rated estate, in any order.

    An estate that nobody rated needs a tally too, with its households. `received`, if
    given, is what the intake counted in each direction, and must reconcile.
    `earlier_counts` holds, for a corrected release, each estate's n in earlier releases:
    where one differs by 1..9 the estate is folded, lest the difference show an answer.
    Raises TallyError (TooManyEvaluationsError names every estate with n > N).
    """
    rows = sorted(tallies, key=lambda t: (t.company, t.estate, t.direction))
    check_tallies(rows)
    for tally in rows:
        _check_marks(rules, tally)
    changed = _changed_estates(rules, rows, earlier_counts or {})
    companies = [_Holding.of(rules, own, changed) for own in _by_company(rows)]
    households = {t.estate: t.households for t in rows}
    return FoldedTallies(
        companies=tuple(holding.fold() for holding in companies),
        totals=_city_totals(rows, received or {}),
        households=sum(households.values()),
        estate_count=len(households),
    )


def choose_group(counts: Mapping[str, int], min_cell: int, also: Collection[str] = ()) -> frozenset[str]:
    """The estates to fold, from each estate's number of residents' evaluations.

    `also` are folded whatever their number.
    """
    waiting = sorted((n, code) for code, n in counts.items() if n > 0)
    group = {code: n for n, code in waiting if n < min_cell or code in also}
    for n, code in waiting:
        if not group or (len(group) >= 2 and sum(group.values()) >= min_cell):
            break
        group.setdefault(code, n)
    return frozenset(group)


@dataclass(frozen=True, slots=True)
class _Holding:
    """A company's tallies, and which of its estates are folded."""

    rules: ScoringRules
    company: str
    households: Mapping[str, int]
    tallies: Mapping[Direction, Mapping[str, EstateTally]]
    grouped: frozenset[str]

    @classmethod
    def of(cls, rules: ScoringRules, rows: Sequence[EstateTally], changed: Collection[str]) -> "_Holding":
        """Sort a company's tallies by direction; those without evaluations drop out."""
        tallies = {d: {t.estate: t for t in rows if t.direction is d and t.count} for d in Direction}
        counts = {estate: t.count for estate, t in tallies[RESIDENTS].items()}
        return cls(
            rules=rules,
            company=rows[0].company,
            households={t.estate: t.households for t in rows},
            tallies=tallies,
            grouped=choose_group(counts, rules.min_cell, changed),
        )

    @property
    def count(self) -> int:
        return sum(t.count for t in self.tallies[RESIDENTS].values())

    @property
    def hides_residents(self) -> bool:
        return self.count < self.rules.min_cell

    def fold(self) -> FoldedCompany:
        if self.hides_residents and self.rules.residents_count:
            return FoldedCompany(self.company, self.count)
        pooled, degrees = self._pool()
        return FoldedCompany(
            company=self.company,
            count=self.count,
            households=sum(self.households.values()),
            estate_count=len(self.households),
            pooled_variance=pooled,
            degrees=degrees,
            estates=tuple(self._shown_estates()),
            groups=self._groups(pooled),
        )

    def _pool(self) -> tuple[Decimal, int] | tuple[None, None]:
        if self.hides_residents:
            return None, None
        pooled, degrees = pool_variance([_stratum(t) for t in self._of(RESIDENTS)])
        return round_six(pooled), degrees

    def _of(self, direction: Direction) -> list[EstateTally]:
        return list(self.tallies[direction].values())

    def _shown_estates(self) -> Iterable[ShownEstate]:
        for estate, households in self.households.items():
            if estate not in self.grouped:
                yield ShownEstate(estate, households, self._shown_tallies(estate))

    def _shown_tallies(self, estate: str) -> dict[Direction, ShownTally]:
        if self._is_hidden(estate):
            return {}
        own = {d: of[estate] for d, of in self.tallies.items() if estate in of}
        return {d: _show(t) for d, t in own.items() if self._may_show(t)}

    def _is_hidden(self, estate: str) -> bool:
        unrated = estate not in self.tallies[RESIDENTS]
        return estate in self.grouped or (unrated and self.rules.residents_count)

    def _may_show(self, tally: EstateTally) -> bool:
        if tally.direction is Direction.COMPANY_TO_COMMITTEE:
            return tally.count >= self.rules.min_committee_raters
        return True

    def _groups(self, pooled: Decimal | None) -> dict[Direction, Group]:
        hidden = {d: [t for t in self._of(d) if self._is_hidden(t.estate)] for d in GROUPED}
        if pooled is None:
            hidden[RESIDENTS] = []
        return {d: _make_group(self.rules, d, rows, pooled) for d, rows in hidden.items() if rows}


def _show(tally: EstateTally) -> ShownTally:
    # The least and the greatest of residents' scores are two households' answers.
    if tally.direction is RESIDENTS:
        return ShownTally(tally.counted, None, None, tally.indicators)
    return ShownTally(tally.counted, tally.lowest, tally.highest, tally.indicators)


def _stratum(tally: EstateTally) -> Stratum:
    return Stratum(tally.households, tally.counted)


def _make_group(
    rules: ScoringRules,
    direction: Direction,
    tallies: Sequence[EstateTally],
    pooled: Decimal | None,
) -> Group:
    of_residents = direction is RESIDENTS
    total = add_up(t.households * _stratum(t).mean for t in tallies)
    return Group(
        estates=len(tallies),
        households=sum(t.households for t in tallies),
        count=sum(t.count for t in tallies),
        total=round_six(total),
        variance=_group_variance(rules, tallies, pooled) if of_residents else None,
        largest_difference=None if of_residents else _largest_difference(tallies),
        indicators=_indicator_sums(rules.questionnaire(direction), tallies),
    )


def _group_variance(rules: ScoringRules, tallies: Sequence[EstateTally], pooled: Decimal | None) -> Decimal | None:
    if pooled is None:
        return None
    prior = rules.variance_prior
    return round_six(add_up(weighted_variance(_stratum(t), pooled, prior) for t in tallies))


def _largest_difference(tallies: Sequence[EstateTally]) -> Decimal | None:
    return max(
        (points(t.highest - t.lowest) for t in tallies if t.highest is not None and t.lowest is not None),
        default=None,
    )


def _indicator_sums(questionnaire: QuestionnaireRule | None, tallies: Sequence[EstateTally]) -> dict[str, WeightedSum]:
    indicators = questionnaire.indicators if questionnaire else ()
    sums = {i.key: _indicator_sum(i, tallies) for i in indicators}
    return {key: found for key, found in sums.items() if found.households}


def _indicator_sum(indicator: Indicator, tallies: Sequence[EstateTally]) -> WeightedSum:
    marked = [
        (t.households, mean)
        for t in tallies
        if (mean := mark_mean(indicator, t.indicators.get(indicator.key))) is not None
    ]
    total = add_up(households * mean for households, mean in marked)
    return WeightedSum(sum(households for households, _ in marked), round_six(total))


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


def _changed_estates(
    rules: ScoringRules,
    tallies: Iterable[EstateTally],
    earlier_counts: Mapping[str, Collection[int]],
) -> frozenset[str]:
    return frozenset(
        tally.estate
        for tally in tallies
        for earlier in earlier_counts.get(tally.estate, ())
        if tally.direction is RESIDENTS and 0 < abs(tally.count - earlier) < rules.min_cell
    )


def _by_company(rows: Sequence[EstateTally]) -> list[list[EstateTally]]:
    companies: dict[str, list[EstateTally]] = {}
    for tally in rows:
        companies.setdefault(tally.company, []).append(tally)
    return list(companies.values())


def _city_totals(tallies: Sequence[EstateTally], received: Mapping[Direction, int]) -> dict[Direction, Totals]:
    present = {tally.direction for tally in tallies} | set(received)
    return {d: _totals([t for t in tallies if t.direction is d], received.get(d)) for d in Direction if d in present}


def _totals(tallies: Sequence[EstateTally], received: int | None) -> Totals:
    found = sum(tally.received for tally in tallies)
    return Totals(
        received=found if received is None else received,
        counted=sum(tally.count for tally in tallies),
        set_aside=sum(tally.set_aside for tally in tallies),
        rejected=sum(tally.not_accepted.count for tally in tallies),
    )
