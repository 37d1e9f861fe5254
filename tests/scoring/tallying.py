"""Tallies made the plain way, mark by mark: what the database's fast ones are held against."""

from collections import Counter
from collections.abc import Iterable

from rating.scoring import EstateTally, MarkCounts, Moments, QuestionnaireRule, ReviewState, score_evaluation


def tally_evaluations(
    questionnaire: QuestionnaireRule,
    *,
    company: str,
    estate: str,
    households: int,
    evaluations: Iterable[tuple[tuple[int | None, ...], ReviewState]],
) -> EstateTally:
    """Tally the marks of an estate's evaluations, in the questionnaire's direction."""
    scored = [(m, s, _score(questionnaire, m, s)) for m, s in evaluations]
    counted = [(m, y) for m, s, y in scored if s in _COUNTED]
    return EstateTally(
        direction=questionnaire.direction,
        company=company,
        estate=estate,
        households=households,
        never_flagged=_moments(scored, ReviewState.NEVER_FLAGGED),
        accepted=_moments(scored, ReviewState.ACCEPTED),
        not_accepted=_moments(scored, ReviewState.NOT_ACCEPTED),
        set_aside=sum(s is ReviewState.SET_ASIDE for _, s, _ in scored),
        indicators=_mark_counts(questionnaire, [marks for marks, _ in counted]),
        lowest=min((y for _, y in counted), default=None),
        highest=max((y for _, y in counted), default=None),
    )


_COUNTED = (ReviewState.NEVER_FLAGGED, ReviewState.ACCEPTED)
_Scored = tuple[tuple[int | None, ...], ReviewState, int]


def _score(questionnaire: QuestionnaireRule, marks: tuple[int | None, ...], state: ReviewState) -> int:
    # What is still set aside is only counted, so it need not have a score.
    is_scored = state is not ReviewState.SET_ASIDE
    return score_evaluation(questionnaire, marks) if is_scored else 0


def _moments(scored: list[_Scored], state: ReviewState) -> Moments:
    return Moments.of(y for _, s, y in scored if s is state)


def _mark_counts(questionnaire: QuestionnaireRule, answers: list[tuple[int | None, ...]]) -> dict[str, MarkCounts]:
    columns = list(zip(*answers, strict=True)) or [()] * len(questionnaire.indicators)
    return {
        indicator.key: _count_marks(column) for indicator, column in zip(questionnaire.indicators, columns, strict=True)
    }


def _count_marks(column: tuple[int | None, ...]) -> MarkCounts:
    marks = Counter(mark for mark in column if mark is not None)
    return MarkCounts(dict(sorted(marks.items())), sum(mark is None for mark in column))
