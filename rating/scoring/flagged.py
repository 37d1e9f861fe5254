"""What flagged evaluations do to a listing.

Their tallies stay in the house, so the office tries both cases and the scorecard says
only whether the listing holds. A reader takes that from the scorecard as it is, and
recomputes everything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from rating.scoring.arithmetic import ONE, add_up, exact
from rating.scoring.composite import RESIDENTS, compose
from rating.scoring.estimates import Bounds, Stratum, estimate_mean, interval, pool_variance
from rating.scoring.fragility import FlaggedCases, failing_condition
from rating.scoring.rules import ScoringRules
from rating.scoring.scorecard import CompanyCard, Scorecard
from rating.scoring.tallies import EstateTally, Moments

_Rows = Sequence[tuple[EstateTally, Moments]]


@exact
def check_flagged(
    rules: ScoringRules, card: Scorecard, tallies: Iterable[EstateTally], all_counted: Iterable[EstateTally]
) -> dict[str, FlaggedCases]:
    """Whether each listing by score holds with all flagged evaluations counted, and with
    none; by company.

    `tallies` are the whole ones, unfolded, from which the scorecard was made;
    `all_counted` the same where every flagged evaluation was accepted, the undecided too.
    """
    scored, counted = _by_company(tallies), _by_company(all_counted)
    listed = [company for company in card.companies if company.fragility is not None]
    return {each.company: _try_both(rules, scored[each.company], counted[each.company], each) for each in listed}


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
    for tally in sorted(tallies, key=lambda t: (t.company, t.estate, t.direction)):
        companies.setdefault(tally.company, []).append(tally)
    return companies


def _try_both(
    rules: ScoringRules, scored: Sequence[EstateTally], counted: Sequence[EstateTally], company: CompanyCard
) -> FlaggedCases:
    now = [(tally, tally.counted) for tally in scored]
    with_all = [(tally, tally.counted) for tally in counted]
    with_none = [(tally, tally.never_flagged) for tally in scored]
    # Where nothing is different the listing holds: it is not weighed again by unfolded tallies.
    return FlaggedCases(
        counted=_counts(with_all) == _counts(now) or _holds(rules, with_all, company),
        left_out=_counts(with_none) == _counts(now) or _holds(rules, with_none, company),
    )


def _counts(rows: _Rows) -> list[int]:
    return [moments.count for _, moments in rows]


def _holds(rules: ScoringRules, taken: _Rows, company: CompanyCard) -> bool:
    """Whether the listing's score conditions are met; not if a direction has nothing left."""
    rows = {d: [(t, m) for t, m in taken if t.direction is d and m.count] for d in rules.counting}
    if not all(rows.values()):
        return False
    scores = {d: _mean(of) for d, of in rows.items()}
    bounds = _bounds(rules, rows[RESIDENTS]) if rules.residents_count else None
    composite = compose(rules, scores, bounds, adjustment=company.adjustment)
    return failing_condition(rules, company.standing, composite, _turnout(taken)) is None


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


def _turnout(taken: _Rows) -> Decimal:
    households = {tally.estate: tally.households for tally, _ in taken}
    count = sum(moments.count for tally, moments in taken if tally.direction is RESIDENTS)
    return min(ONE, Decimal(count) / sum(households.values()))
