"""From folded tallies to what one company, or one shown estate, amounts to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.answers.estimates import (
    Bounds,
    Estimate,
    estimate_alone,
    estimate_mean,
    interval,
    smoothed_variance,
    weighted_mean,
)
from rating.scoring.arithmetic import ONE, ZERO, exact, points
from rating.scoring.cells.folded import FoldedCompany, SheetTally, ShownEstate
from rating.scoring.questionnaires import RESIDENTS, Direction, QuestionnaireRule
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.composite import Composite, compose
from rating.scoring.standings.indicators import Means, company_means, dimension_scores, estate_means
from rating.scoring.standings.scorecard import DirectionCard
from rating.scoring.standings.standing import Party, Tipping, find_tipping, is_missing


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
    """A company's figures; `adjustment` is A, already limited to the cap."""
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
    estimate = _estimate_estate(rules, estate)
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
    stratum, pooled = estate.stratum, company.pooled_variance
    if stratum is None or pooled is None:
        return None
    return smoothed_variance(stratum, pooled, rules.variance_prior).sqrt()


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
    strata, pooled, degrees = company.strata, company.pooled_variance, company.degrees
    if pooled is None or degrees is None:
        return None
    return estimate_mean(strata, pooled, degrees, rules.variance_prior)


def _estimate_estate(rules: ScoringRules, estate: ShownEstate) -> Estimate | None:
    return estimate_alone(estate.stratum, rules.variance_prior) if estate.stratum else None


def _company_card(rules: ScoringRules, questionnaire: QuestionnaireRule, company: FoldedCompany) -> DirectionCard:
    direction = questionnaire.direction
    parts = company.parts(direction)
    found = weighted_mean((part.households, part.households * part.mean) for part in parts)
    sheets = [estate.sheets.get(direction) for estate in company.estates]
    return _card(
        rules,
        questionnaire,
        count=company.count if direction is RESIDENTS else sum(part.count for part in parts),
        score=found[1] if found else None,
        uncovered=_company_uncovered(company, direction, found),
        differences=[_difference(each) for each in sheets if each],
        estimate=_estimate_company(rules, company) if direction is RESIDENTS else None,
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
    part, sheets = estate.part(direction), estate.sheets.get(direction)
    return _card(
        rules,
        questionnaire,
        count=part.count if part else 0,
        score=part.mean if part else None,
        uncovered=_estate_uncovered(rules, estate, direction),
        differences=[_difference(sheets)] if sheets else [],
        # No sampling variance is claimed for those who all score.
        estimate=_estimate_estate(rules, estate) if direction is RESIDENTS else None,
        means=estate_means(questionnaire, estate.counts(direction)),
    )


def _estate_uncovered(rules: ScoringRules, estate: ShownEstate, direction: Direction) -> Decimal | None:
    """None where the release doesn't say whether there is such a score."""
    if estate.part(direction):
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


def _difference(sheets: SheetTally) -> Decimal | None:
    if sheets.lowest is None or sheets.highest is None:
        return None
    return points(sheets.highest - sheets.lowest)
