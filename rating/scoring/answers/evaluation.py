"""One evaluation's score, in whole 1/10 000 points, by integer arithmetic."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate
from math import lcm

from rating.scoring.arithmetic import FULL_SCORE, HUNDRED, exact, round_up
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
def least_weight(questionnaire: QuestionnaireRule, min_marked_share: Decimal) -> int:
    """The least weight with a mark that makes an evaluation complete: `min_marked_share` per cent of all, and any."""
    return max(1, round_up(questionnaire.total_weight * min_marked_share / HUNDRED))


def marked_weight(questionnaire: QuestionnaireRule, marks: Marks) -> int:
    """The weight that carries a mark."""
    return sum(indicator.weight for indicator, _ in _given(questionnaire, marks))


def is_complete(questionnaire: QuestionnaireRule, marks: Marks, min_marked_share: Decimal) -> bool:
    """Whether enough of the weight carries a mark."""
    return marked_weight(questionnaire, marks) >= least_weight(questionnaire, min_marked_share)


def count_that_completes(questionnaire: QuestionnaireRule, min_marked_share: Decimal) -> int | None:
    """How many marks make an evaluation complete, whichever indicators they are given to.

    None where that depends on which: one with as many marks can be complete or not, so no number tells.
    """
    least = least_weight(questionnaire, min_marked_share)
    lightest_first = sorted(indicator.weight for indicator in questionnaire.indicators)
    fewest, most = (_count_to(weights, least) for weights in (reversed(lightest_first), lightest_first))
    return fewest if fewest == most else None


def _count_to(weights: Iterable[int], least: int) -> int:
    return 1 + sum(1 for carried in accumulate(weights) if carried < least)


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


def _divide_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
