"""Indicator means, dimension scores, and the indicators that cost a company most."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from rating.scoring.answers.estimates import weighted_mean
from rating.scoring.answers.tallies import MarkCounts
from rating.scoring.arithmetic import HUNDRED, add_up, exact
from rating.scoring.cells.folded import FoldedCompany
from rating.scoring.questionnaires import RESIDENTS, Direction, Indicator, QuestionnaireRule
from rating.scoring.rules import ScoringRules

Means = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What an indicator costs a company against the median, in points of C."""

    indicator: str
    points: Decimal


@exact
def mark_mean(indicator: Indicator, counts: MarkCounts | None) -> Decimal | None:
    """m_ei = mean (a − z)/(max − z), 0..1; None where nobody gave a mark."""
    if counts is None or counts.marked == 0:
        return None
    earned = sum(number * (mark - indicator.zero) for mark, number in counts.marks.items())
    return Decimal(earned) / (indicator.span * counts.marked)


def estate_means(questionnaire: QuestionnaireRule, counts: Mapping[str, MarkCounts]) -> Means:
    """m_ei of every indicator in one estate."""
    return {indicator.key: mark_mean(indicator, counts.get(indicator.key)) for indicator in questionnaire.indicators}


def company_means(questionnaire: QuestionnaireRule, company: FoldedCompany) -> Means:
    """m_i = Σ N_e m_ei / Σ N_e over the company's cells with a released mark, 0..1."""
    parts = list(_counted_parts(company, questionnaire.direction))
    return {indicator.key: _company_mean(indicator, parts) for indicator in questionnaire.indicators}


_Part = tuple[int, Mapping[str, MarkCounts]]


def _counted_parts(company: FoldedCompany, direction: Direction) -> Iterator[_Part]:
    """N and the released counts of every shown estate and group, in one direction."""
    yield from ((estate.households, estate.counts(direction)) for estate in company.estates)
    if direction is RESIDENTS:
        yield from ((group.households, group.residents.indicators) for group in company.groups)
    elif group := company.sheet_group(direction):
        yield group.households, group.indicators


@exact
def _company_mean(indicator: Indicator, parts: Sequence[_Part]) -> Decimal | None:
    means = ((households, mark_mean(indicator, counts.get(indicator.key))) for households, counts in parts)
    found = weighted_mean((households, households * mean) for households, mean in means if mean is not None)
    return found[1] if found else None


@exact
def dimension_scores(questionnaire: QuestionnaireRule, means: Means) -> Means:
    """100 Σ w_i m_i / Σ w_i of each dimension, over its indicators with a mark."""
    weights = {i.key: i.weight for i in questionnaire.indicators}
    return {
        dimension.key: _weighted_score(dimension.indicators, weights, means) for dimension in questionnaire.dimensions
    }


def _weighted_score(keys: Sequence[str], weights: Mapping[str, int], means: Means) -> Decimal | None:
    marked = [(weights[key], m) for key in keys if (m := means[key]) is not None]
    weight = sum(w for w, _ in marked)
    if weight == 0:
        return None
    return HUNDRED * add_up(w * m for w, m in marked) / weight


@exact
def median_means(questionnaire: QuestionnaireRule, rated: Sequence[Means]) -> dict[str, Decimal | None]:
    """The median m_i of the rated companies, over those with a mark."""
    columns = {i.key: [m for means in rated if (m := means[i.key]) is not None] for i in questionnaire.indicators}
    return {key: median(column) if column else None for key, column in columns.items()}


@exact
def costliest_indicators(
    rules: ScoringRules, questionnaire: QuestionnaireRule, own: Means, medians: Means
) -> tuple[Cost, ...]:
    """The three residents' indicators that cost most.

    cost = 100 · w_i/Σw · W_R/ΣW · (median m_i of the rated − own), if positive; ties
    stay in the questionnaire's order.
    """
    costs = [
        Cost(indicator.key, cost)
        for indicator in questionnaire.indicators
        if (cost := _cost(rules, questionnaire, indicator, own, medians)) > 0
    ]
    costs.sort(key=lambda cost: -cost.points)  # stable: ties keep their order
    return tuple(costs[: rules.costliest_shown])


def _cost(
    rules: ScoringRules,
    questionnaire: QuestionnaireRule,
    indicator: Indicator,
    own: Means,
    medians: Means,
) -> Decimal:
    middle, mine = medians[indicator.key], own[indicator.key]
    if middle is None or mine is None:
        return Decimal(0)
    weight = rules.weight(Direction.RESIDENT_TO_COMPANY) * indicator.weight
    total = rules.total_weight * questionnaire.total_weight
    return HUNDRED * weight * (middle - mine) / total
