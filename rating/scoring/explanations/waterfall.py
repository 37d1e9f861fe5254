"""From indicator marks to a score, and from scores to the composite, step by step.

The figures are those of a frozen card, so that a page explains what was published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import HUNDRED, add_up, exact
from rating.scoring.questionnaires import Direction, Indicator, QuestionnaireRule
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.scorecard import CompanyCard, EstateCard


@dataclass(frozen=True, slots=True)
class IndicatorStep:
    """What an indicator brings to a score, in points: 100 · w_i/Σw · m_i, of `possible`
    100 · w_i/Σw. `mean` is m_i (0..1); None, and so are the points, where nobody gave a mark.
    """

    indicator: str
    dimension: str | None
    mean: Decimal | None
    possible: Decimal
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A score's steps in the questionnaire's order, closed by `dont_know`: what answers
    without a mark change, because an evaluation is weighed by the marks it has.
    """

    steps: tuple[IndicatorStep, ...]
    dont_know: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class DirectionStep:
    """What a direction brings to the composite: `weight` is of 100, points are of C."""

    direction: Direction
    score: Decimal
    weight: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class CompositeSteps:
    """The directions add up to `base` (B); B and `adjustment` (A) make `score` (C)."""

    steps: tuple[DirectionStep, ...]
    base: Decimal
    adjustment: Decimal
    score: Decimal


@exact
def explain_score(questionnaire: QuestionnaireRule, means: Mapping[str, Decimal | None], score: Decimal) -> Waterfall:
    """The waterfall from a direction's indicator means to its score (Ŷ for residents).

    `means` and `score` are a direction card's `indicators` and `score`.
    """
    headings = {key: dimension.key for dimension in questionnaire.dimensions for key in dimension.indicators}
    steps = tuple(
        _step(questionnaire, indicator, headings.get(indicator.key), means.get(indicator.key))
        for indicator in questionnaire.indicators
    )
    explained = add_up(step.points for step in steps if step.points is not None)
    return Waterfall(steps, score - explained, score)


def _step(
    questionnaire: QuestionnaireRule, indicator: Indicator, dimension: str | None, mean: Decimal | None
) -> IndicatorStep:
    possible = HUNDRED * indicator.weight / questionnaire.total_weight
    return IndicatorStep(indicator.key, dimension, mean, possible, None if mean is None else possible * mean)


@exact
def explain_composite(rules: ScoringRules, card: CompanyCard | EstateCard) -> CompositeSteps | None:
    """From the directions' scores to C; None where there is no composite."""
    scores = {d: card.directions[d].score for d in rules.counting if d in card.directions}
    if card.score is None:
        return None
    steps = tuple(_direction_step(rules, d, score) for d, score in scores.items() if score is not None)
    base = add_up(step.points for step in steps)
    adjustment = card.adjustment if isinstance(card, CompanyCard) else Decimal(0)
    return CompositeSteps(steps, base, adjustment, base + adjustment)


def _direction_step(rules: ScoringRules, direction: Direction, score: Decimal) -> DirectionStep:
    weight = HUNDRED * rules.weight(direction) / rules.total_weight
    return DirectionStep(direction, score, weight, weight * score / HUNDRED)
