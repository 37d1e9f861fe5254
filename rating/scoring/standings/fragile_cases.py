"""Trying a company's listing in every case of fragility that folded tallies can tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.answers.estimates import Bounds, Estimate, interval, weighted_variance
from rating.scoring.arithmetic import ZERO, add_up, exact
from rating.scoring.cells.folded import FoldedCompany
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.assessment import Assessment, counting_scores
from rating.scoring.standings.composite import Composite, compose
from rating.scoring.standings.fragility import (
    CaseKind,
    Failure,
    FragileCase,
    Fragility,
    failing_condition,
    shifted_weights,
    weights_of_hundred,
)
from rating.scoring.standings.standing import Standing


@dataclass(frozen=True, slots=True)
class _Part:
    """A cell, or a leg's sheets on folded estates, in one direction: N, N·ȳ, N²v, and whether every household
    answered. Its name is an estate's code, a group's number, or None for the sheets.
    """

    name: str | int | None
    households: int
    total: Decimal
    variance: Decimal
    census: bool


_Parts = Mapping[Direction, Sequence[_Part]]


@exact
def try_listing(
    rules: ScoringRules, company: FoldedCompany, assessment: Assessment, listing: Standing
) -> Fragility | None:
    """Try a company's listing by score in every case that folded tallies can tell."""
    composite, scores = assessment.composite, counting_scores(rules, assessment.directions)
    if composite is None or scores is None:
        return None
    turnout = assessment.turnout or ZERO
    tried = [
        *_other_weights(rules, listing, assessment, scores),
        *_left_out(rules, listing, company, assessment),
        _without_adjustment(rules, listing, composite, turnout),
    ]
    return Fragility(cases=len(tried), failing=tuple(case for case in tried if case))


def _other_weights(
    rules: ScoringRules, listing: Standing, assessment: Assessment, scores: Mapping[Direction, Decimal]
) -> Iterator[FragileCase | None]:
    adjustment = assessment.composite.adjustment if assessment.composite else ZERO
    for other in shifted_weights(rules):
        composite = compose(other, scores, assessment.bounds, adjustment=adjustment)
        failure = failing_condition(other, listing, composite, assessment.turnout or ZERO)
        yield _case(CaseKind.WEIGHTS, failure, weights=weights_of_hundred(other))


def _without_adjustment(
    rules: ScoringRules, listing: Standing, composite: Composite, turnout: Decimal
) -> FragileCase | None:
    a = composite.adjustment
    lower = composite.lower - a if composite.lower is not None else None
    upper = composite.upper - a if composite.upper is not None else None
    bare = Composite(composite.base, ZERO, composite.base, lower, upper, composite.variance)
    return _case(CaseKind.WITHOUT_ADJUSTMENT, failing_condition(rules, listing, bare, turnout))


def _left_out(
    rules: ScoringRules, listing: Standing, company: FoldedCompany, assessment: Assessment
) -> Iterator[FragileCase | None]:
    """Each shown estate, then each group, left out of every direction; s̃_e², t, turnout and A are kept.

    Sheets on folded estates are added up over all groups, so they stay where one group goes. A case with nothing left
    in a direction is skipped.
    """
    parts = _company_parts(rules, company)
    names = {part.name for rows in parts.values() for part in rows}
    estates = sorted(name for name in names if isinstance(name, str))
    groups = sorted(name for name in names if isinstance(name, int))
    names_in_order: tuple[str | int, ...] = (*estates, *groups)
    for name in names_in_order:
        composite = _compose_without(rules, parts, name, company.degrees or 0, assessment)
        if composite is None:
            continue
        failure = failing_condition(rules, listing, composite, assessment.turnout or ZERO)
        if isinstance(name, str):
            yield _case(CaseKind.WITHOUT_ESTATE, failure, estate=name)
        else:
            yield _case(CaseKind.WITHOUT_GROUP, failure, group=name)


def _compose_without(
    rules: ScoringRules, parts: _Parts, name: str | int, degrees: int, assessment: Assessment
) -> Composite | None:
    kept = {d: [part for part in rows if part.name != name] for d, rows in parts.items()}
    if not all(kept.values()):
        return None
    estimates = {d: _estimate(rows, degrees) for d, rows in kept.items()}
    bounds = _resident_bounds(rules, estimates)
    adjustment = assessment.composite.adjustment if assessment.composite else ZERO
    return compose(rules, {d: e.mean for d, e in estimates.items()}, bounds, adjustment=adjustment)


def _resident_bounds(rules: ScoringRules, estimates: Mapping[Direction, Estimate]) -> Bounds | None:
    found = estimates.get(RESIDENTS)
    return interval(found, rules.interval, rules.bound_probability) if found else None


def _estimate(parts: Sequence[_Part], degrees: int) -> Estimate:
    households = sum(part.households for part in parts)
    return Estimate(
        mean=add_up(part.total for part in parts) / households,
        variance=add_up(part.variance for part in parts) / households**2,
        degrees=degrees,
        census=all(part.census for part in parts),
    )


def _company_parts(rules: ScoringRules, company: FoldedCompany) -> dict[Direction, list[_Part]]:
    spreads = _variances(rules, company)
    return {
        direction: [
            _Part(
                part.name,
                part.households,
                part.households * part.mean,
                spreads[place] if direction is RESIDENTS else ZERO,
                part.count == part.households,
            )
            for place, part in enumerate(company.parts(direction))
        ]
        for direction in rules.counting
    }


def _variances(rules: ScoringRules, company: FoldedCompany) -> list[Decimal]:
    """N²v of each cell, in the order of the residents' parts."""
    pooled = company.pooled_variance or ZERO
    return [weighted_variance(stratum, pooled, rules.variance_prior) for stratum in company.strata]


def _case(
    kind: CaseKind,
    failure: Failure | None,
    *,
    estate: str | None = None,
    group: int | None = None,
    weights: Mapping[Direction, Decimal] | None = None,
) -> FragileCase | None:
    if failure is None:
        return None
    condition, value = failure
    return FragileCase(kind=kind, condition=condition, value=value, estate=estate, group=group, weights=weights)
