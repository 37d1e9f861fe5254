"""One evaluation's score, in whole 1/10 000 points, by integer arithmetic."""

from collections.abc import Sequence
from decimal import Decimal
from math import lcm

from rating.scoring.arithmetic import FULL_SCORE, HUNDRED, exact
from rating.scoring.questionnaires import Indicator, QuestionnaireRule

Marks = Sequence[int | None]


class MarkError(ValueError):
    """Marks that don't fit the questionnaire."""


class NoMarkError(MarkError):
    """An evaluation without a single mark has no score."""


def score_evaluation(questionnaire: QuestionnaireRule, marks: Marks) -> int:
    """y in 1/10 000 points (0..1 000 000), halves up.

    `marks` follow the questionnaire's order; None is 'don't know / not applicable',
    which carries no mark. y = 100 Σ w (a − z)/(max − z) / Σ w over those with a mark.
    Raises MarkError for a mark outside its scale, NoMarkError if there is none.
    """
    given = _given(questionnaire, marks)
    if not given:
        raise NoMarkError("an evaluation without a mark has no score")
    common = lcm(*(indicator.span for indicator, _ in given))
    earned = sum(_earned(indicator, mark, common) for indicator, mark in given)
    weight = sum(indicator.weight for indicator, _ in given)
    return _divide_half_up(FULL_SCORE * earned, common * weight)


@exact
def marked_share(questionnaire: QuestionnaireRule, marks: Marks) -> Decimal:
    """The share of the questionnaire's weight that carries a mark, 0..100."""
    weight = _marked_weight(questionnaire, marks)
    return HUNDRED * weight / questionnaire.total_weight


@exact
def is_complete(questionnaire: QuestionnaireRule, marks: Marks, min_marked_share: Decimal) -> bool:
    """Whether the marks carry `min_marked_share` per cent of the weight, and any."""
    weight = _marked_weight(questionnaire, marks)
    return weight > 0 and 100 * weight >= min_marked_share * questionnaire.total_weight


def missing_indicators(questionnaire: QuestionnaireRule, marks: Marks) -> tuple[str, ...]:
    """The keys of the indicators without a mark, in the questionnaire's order."""
    given = {indicator.key for indicator, _ in _given(questionnaire, marks)}
    return tuple(i.key for i in questionnaire.indicators if i.key not in given)


def _given(questionnaire: QuestionnaireRule, marks: Marks) -> list[tuple[Indicator, int]]:
    if len(marks) != len(questionnaire.indicators):
        raise MarkError(f"{len(marks)} marks for {len(questionnaire.indicators)} indicators")
    pairs = zip(questionnaire.indicators, marks, strict=True)
    given = [(indicator, mark) for indicator, mark in pairs if mark is not None]
    for indicator, mark in given:
        _check_mark(indicator, mark)
    return given


def _check_mark(indicator: Indicator, mark: int) -> None:
    if not indicator.lowest <= mark <= indicator.highest:
        raise MarkError(f"{indicator.key}: {mark} is outside {indicator.lowest}..{indicator.highest}")


def _earned(indicator: Indicator, mark: int, common: int) -> int:
    return indicator.weight * (mark - indicator.zero) * (common // indicator.span)


def _marked_weight(questionnaire: QuestionnaireRule, marks: Marks) -> int:
    return sum(indicator.weight for indicator, _ in _given(questionnaire, marks))


def _divide_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
