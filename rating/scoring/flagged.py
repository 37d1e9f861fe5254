"""What flagged evaluations do to a listing.

Their tallies stay in the house, so the office tries both cases and the scorecard says
only whether the listing holds. A reader takes that from the scorecard as it is, and
recomputes everything else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from rating.scoring.arithmetic import ONE, ZERO, add_up, exact
from rating.scoring.composite import RESIDENTS, compose
from rating.scoring.estimates import Bounds, Stratum, estimate_mean, interval, pool_variance
from rating.scoring.fragility import FlaggedCases, failing_condition
from rating.scoring.questionnaires import Direction
from rating.scoring.rules import ScoringRules
from rating.scoring.scorecard import CompanyCard, Scorecard
from rating.scoring.tallies import EstateTally, Moments

_Rows = Sequence[tuple[EstateTally, Moments]]


@exact
def check_flagged(rules: ScoringRules, tallies: Iterable[EstateTally], card: Scorecard) -> dict[str, FlaggedCases]:
    """Whether each listing by score holds with all flagged evaluations counted (accepted
    or not), and with none; by company. `tallies` are the whole ones, unfolded.
    """
    rows: dict[str, list[EstateTally]] = {}
    for tally in sorted(tallies, key=lambda t: (t.company, t.estate)):
        rows.setdefault(tally.company, []).append(tally)
    listed = [company for company in card.companies if company.fragility is not None]
    return {company.company: _try_both(rules, rows[company.company], company) for company in listed}


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


def _try_both(rules: ScoringRules, tallies: Sequence[EstateTally], company: CompanyCard) -> FlaggedCases:
    return FlaggedCases(
        counted=_holds(rules, tallies, company, lambda t: t.counted + t.not_accepted),
        left_out=_holds(rules, tallies, company, lambda t: t.never_flagged),
    )


def _holds(
    rules: ScoringRules,
    tallies: Sequence[EstateTally],
    company: CompanyCard,
    taken: Callable[[EstateTally], Moments],
) -> bool:
    """Whether the listing's score conditions are met; not if a direction has nothing left."""
    counting = [tally for tally in tallies if tally.direction in rules.counting]
    if all(taken(tally) == tally.counted for tally in counting):
        return True
    rows = {d: [(t, m) for t in counting if t.direction is d and (m := taken(t)).count] for d in rules.counting}
    if not all(rows.values()):
        return False
    scores = {d: _mean(of) for d, of in rows.items()}
    bounds = _bounds(rules, rows[RESIDENTS]) if rules.residents_count else None
    composite = compose(rules, scores, bounds, adjustment=company.adjustment)
    turnout = _turnout(tallies, taken)
    return failing_condition(rules, company.standing, composite, turnout) is None


def _mean(rows: _Rows) -> Decimal:
    households = sum(tally.households for tally, _ in rows)
    return add_up(t.households * Stratum(t.households, m).mean for t, m in rows) / households


def _bounds(rules: ScoringRules, rows: _Rows) -> Bounds | None:
    strata = [Stratum(tally.households, moments) for tally, moments in rows]
    pooled, degrees = pool_variance(strata)
    found = estimate_mean(strata, pooled, degrees, rules.variance_prior)
    # A household may be behind several flagged evaluations, so n may exceed N here.
    census = all(s.counted.count >= s.households for s in strata)
    return interval(replace(found, census=census), rules.interval, rules.bound_probability)


def _turnout(tallies: Sequence[EstateTally], taken: Callable[[EstateTally], Moments]) -> Decimal:
    households = {tally.estate: tally.households for tally in tallies}
    count = sum(taken(tally).count for tally in tallies if tally.direction is Direction.RESIDENT_TO_COMPANY)
    total = sum(households.values())
    return min(ONE, Decimal(count) / total) if total else ZERO
