"""From folded tallies to what one company, or one shown estate, amounts to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import ONE, ZERO, exact, points
from rating.scoring.composite import RESIDENTS, Composite, compose
from rating.scoring.estimates import (
    Bounds,
    Estimate,
    Stratum,
    estimate_alone,
    estimate_mean,
    interval,
    smoothed_variance,
    weighted_mean,
)
from rating.scoring.folded import FoldedCompany, ShownEstate, ShownTally
from rating.scoring.indicators import (
    Means,
    company_means,
    dimension_scores,
    estate_means,
)
from rating.scoring.questionnaires import Direction, QuestionnaireRule
from rating.scoring.rules import ScoringRules
from rating.scoring.scorecard import DirectionCard
from rating.scoring.standing import Party, Tipping, find_tipping, is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The figures of a company or an estate before standings are decided."""

    count: int
    households: int | None
    turnout: Decimal | None
    directions: Mapping[Direction, DirectionCard]
    estimate: Estimate | None
    bounds: Bounds | None
    composite: Composite | None
    tipping: Tipping | None


@exact
def assess_company(rules: ScoringRules, company: FoldedCompany, adjustment: Decimal) -> Assessment:
    """A company's figures; `adjustment` is A, already held to the cap."""
    asked = [] if company.is_alone else rules.questionnaires
    cards: dict[Direction, DirectionCard] = {
        q.direction: _company_card(rules, q, company)
        for q in asked
        # A committee's own score is a matter of its estate.
        if q.direction is not Direction.COMPANY_TO_COMMITTEE
    }
    estimate = _estimate_company(rules, company)
    counts = (company.count, company.households)
    return _assess(rules, counts, cards, estimate, adjustment)


@exact
def assess_estate(rules: ScoringRules, estate: ShownEstate) -> Assessment:
    """A shown estate's figures, from its own numbers; A = 0."""
    cards = {q.direction: _estate_card(rules, q, estate) for q in rules.questionnaires}
    residents = estate.tallies.get(RESIDENTS)
    estimate = None
    if residents:
        stratum = Stratum(estate.households, residents.counted)
        estimate = estimate_alone(stratum, rules.variance_prior)
    counts = (estate.count, estate.households)
    return _assess(rules, counts, cards, estimate, ZERO)


def as_party(
    rules: ScoringRules,
    assessment: Assessment,
    code: str,
    *,
    is_alone: bool = False,
    is_overdue: bool = False,
    vetoes: tuple[str, ...] = (),
) -> Party:
    """What the standing of a company or an estate is decided from."""
    bounds = assessment.bounds
    return Party(
        code=code,
        count=assessment.count,
        households=assessment.households,
        half_width=bounds.half_width if bounds else None,
        uncovered=dict(_uncovered(rules, assessment)),
        composite=assessment.composite,
        tipping=assessment.tipping,
        is_alone=is_alone,
        is_overdue=is_overdue,
        vetoes=vetoes,
    )


@exact
def smoothed_spread(rules: ScoringRules, company: FoldedCompany, estate: ShownEstate) -> Decimal | None:
    """s̃_e in points, with the company's s²; None for an estate nobody rated."""
    residents = estate.tallies.get(RESIDENTS)
    if residents is None or company.pooled_variance is None:
        return None
    stratum = Stratum(estate.households, residents.counted)
    pooled, prior = company.pooled_variance, rules.variance_prior
    return smoothed_variance(stratum, pooled, prior).sqrt()


def _assess(
    rules: ScoringRules,
    counts: tuple[int, int | None],
    cards: dict[Direction, DirectionCard],
    estimate: Estimate | None,
    adjustment: Decimal,
) -> Assessment:
    count, households = counts
    turnout = Decimal(count) / households if households else None
    bounds = _bounds(rules, estimate)
    composite = _compose(rules, cards, estimate, bounds, adjustment)
    return Assessment(
        count=count,
        households=households,
        turnout=turnout,
        directions=cards,
        estimate=estimate,
        bounds=bounds,
        composite=composite,
        tipping=find_tipping(rules, composite, turnout or ZERO),
    )


def _bounds(rules: ScoringRules, estimate: Estimate | None) -> Bounds | None:
    if estimate is None:
        return None
    return interval(estimate, rules.interval, rules.bound_probability)


def _compose(
    rules: ScoringRules,
    cards: Mapping[Direction, DirectionCard],
    estimate: Estimate | None,
    bounds: Bounds | None,
    adjustment: Decimal,
) -> Composite | None:
    scores = counting_scores(rules, cards)
    if scores is None:
        return None
    variance = estimate.variance if estimate else ZERO
    return compose(rules, scores, bounds, variance, adjustment)


def counting_scores(rules: ScoringRules, cards: Mapping[Direction, DirectionCard]) -> dict[Direction, Decimal] | None:
    """Y_d of every direction that counts; None if one of them is missing."""
    scores = {}
    for direction in rules.counting:
        card = cards.get(direction)
        if card is None or card.is_missing or card.score is None:
            return None
        scores[direction] = card.score
    return scores


def _uncovered(rules: ScoringRules, assessment: Assessment) -> Iterator[tuple[Direction, Decimal]]:
    for direction in rules.counting:
        card = assessment.directions.get(direction)
        if card and card.uncovered is not None:
            yield direction, card.uncovered


def _estimate_company(rules: ScoringRules, company: FoldedCompany) -> Estimate | None:
    strata = [Stratum(n, t.counted) for n, t in _shown(company, RESIDENTS)]
    group = company.group(RESIDENTS)
    pooled, degrees = company.pooled_variance, company.degrees
    if pooled is None or degrees is None or not (strata or group):
        return None
    folded = None
    if group:
        variance = group.variance or ZERO
        folded = (group.households, group.count, group.total, variance)
    return estimate_mean(strata, pooled, degrees, rules.variance_prior, folded)


def _shown(company: FoldedCompany, direction: Direction) -> Iterator[tuple[int, ShownTally]]:
    for estate in company.estates:
        if direction in estate.tallies:
            yield estate.households, estate.tallies[direction]


def _company_card(rules: ScoringRules, questionnaire: QuestionnaireRule, company: FoldedCompany) -> DirectionCard:
    direction = questionnaire.direction
    shown = list(_shown(company, direction))
    group = company.group(direction)
    parts = [(n, n * Stratum(n, t.counted).mean) for n, t in shown]
    parts += [(group.households, group.total)] if group else []
    found = weighted_mean(parts)
    count = sum(t.counted.count for _, t in shown) + (group.count if group else 0)
    differences = [_difference(t) for _, t in shown]
    differences += [group.largest_difference] if group else []
    return _card(
        rules,
        questionnaire,
        count=company.count if direction is RESIDENTS else count,
        score=found[1] if found else None,
        uncovered=_company_uncovered(company, direction, found),
        differences=differences,
        estimate=_of_residents(direction, _estimate_company(rules, company)),
        means=company_means(questionnaire, company),
    )


def _company_uncovered(
    company: FoldedCompany, direction: Direction, found: tuple[int, Decimal] | None
) -> Decimal | None:
    is_withheld = direction is RESIDENTS and company.count > 0 and found is None
    if company.households is None or is_withheld:
        return None
    covered = found[0] if found else 0
    return Decimal(company.households - covered) / company.households


def _estate_card(rules: ScoringRules, questionnaire: QuestionnaireRule, estate: ShownEstate) -> DirectionCard:
    direction = questionnaire.direction
    tally = estate.tallies.get(direction)
    stratum = Stratum(estate.households, tally.counted) if tally else None
    alone = estimate_alone(stratum, rules.variance_prior) if stratum else None
    return _card(
        rules,
        questionnaire,
        count=tally.counted.count if tally else 0,
        score=stratum.mean if stratum else None,
        uncovered=_estate_uncovered(rules, estate, direction),
        differences=[_difference(tally)] if tally else [],
        estimate=_of_residents(direction, alone),
        means=estate_means(questionnaire, tally.indicators if tally else {}),
    )


def _estate_uncovered(rules: ScoringRules, estate: ShownEstate, direction: Direction) -> Decimal | None:
    """None where the release doesn't say whether there is such a score."""
    if direction in estate.tallies:
        return ZERO
    is_unrated = rules.residents_count and estate.count == 0
    may_be_hidden = is_unrated or direction is Direction.COMPANY_TO_COMMITTEE
    return None if may_be_hidden and direction is not RESIDENTS else ONE


def _card(
    rules: ScoringRules,
    questionnaire: QuestionnaireRule,
    *,
    count: int,
    score: Decimal | None,
    uncovered: Decimal | None,
    differences: Sequence[Decimal | None],
    estimate: Estimate | None,
    means: Means,
) -> DirectionCard:
    bounds = _bounds(rules, estimate)
    return DirectionCard(
        count=count,
        score=score,
        uncovered=uncovered,
        is_missing=uncovered is not None and is_missing(rules, uncovered),
        lower=bounds.lower if bounds else None,
        upper=bounds.upper if bounds else None,
        standard_error=estimate.standard_error if estimate else None,
        degrees=estimate.degrees if estimate else None,
        largest_difference=max((d for d in differences if d is not None), default=None),
        indicators=means,
        dimensions=dimension_scores(questionnaire, means),
    )


def _difference(tally: ShownTally) -> Decimal | None:
    if tally.lowest is None or tally.highest is None:
        return None
    return points(tally.highest - tally.lowest)


def _of_residents(direction: Direction, estimate: Estimate | None) -> Estimate | None:
    # No sampling variance is claimed for those who all score.
    return estimate if direction is RESIDENTS else None
