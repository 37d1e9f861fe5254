"""Why a standing is what it is, in sentences that a manager can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rating.rulebooks.content import RulebookContent, Text
from rating.scoring import CompanyCard, Cost, Direction, EstateCard, MarkCounts, Reason, ReasonCode
from rating.web.figures import plain, points
from rating.wording import Message, _l

# ---- reasons

DIRECTIONS: Mapping[Direction, Message] = {
    Direction.RESIDENT_TO_COMPANY: _l("residents’ ratings"),
    Direction.COMMITTEE_TO_COMPANY: _l("on-site ratings"),
    Direction.COMPANY_TO_COMMITTEE: _l("the companies’ ratings of committees"),
    Direction.COMPANY_SELF: _l("the company’s rating of itself"),
}


def _name_side(reason: Reason) -> Message | None:
    return DIRECTIONS[reason.direction] if reason.direction else None


def _veto(reason: Reason) -> Message:
    return _l("A cause that the rulebook lists puts it on the black list: %(cause)s", cause=reason.text)


def _too_few_to_release(reason: Reason) -> Message:
    return _l(
        "Residents’ ratings: %(n)s. From fewer than %(least)s nothing is shown.",
        n=plain(reason.value),
        least=plain(reason.limit),
    )


def _too_few_evaluations(reason: Reason) -> Message:
    return _l(
        "Residents’ ratings: %(n)s; a result needs at least %(least)s.",
        n=plain(reason.value),
        least=plain(reason.limit),
    )


def _no_interval(_reason: Reason) -> Message:
    return _l("The residents’ ratings don’t differ enough to tell how far chance could move the score.")


def _interval_too_wide(reason: Reason) -> Message:
    return _l(
        "The residents’ score has a margin of ±%(width)s points; a result needs ±%(most)s or less.",
        width=points(reason.value),
        most=plain(reason.limit),
    )


def _direction_missing(reason: Reason) -> Message:
    return _l(
        "The estates with %(direction)s have %(covered)s%% of its households; a result needs at least %(least)s%%.",
        direction=_name_side(reason),
        covered=plain(points(reason.value)),
        least=plain(reason.limit),
    )


def _upper_below_black(reason: Reason) -> Message:
    return _l(
        "Even the upper end of its margin, %(bound)s points, is below %(limit)s.",
        bound=points(reason.value),
        limit=plain(reason.limit),
    )


def _lower_reaches_red(reason: Reason) -> Message:
    return _l(
        "Even the lower end of its margin, %(bound)s points, reaches %(limit)s.",
        bound=points(reason.value),
        limit=plain(reason.limit),
    )


def _below_watch(reason: Reason) -> Message:
    return _l("Its score, %(score)s points, is below %(limit)s.", score=points(reason.value), limit=plain(reason.limit))


def _upper_reaches_black(reason: Reason) -> Message:
    return _l(
        "The score is below %(limit)s, but its margin reaches up to %(bound)s: not certain enough for the black list.",
        bound=points(reason.value) or "–",
        limit=plain(reason.limit),
    )


def _lower_below_red(reason: Reason) -> Message:
    return _l(
        "The score reaches %(limit)s, but its margin goes down to %(bound)s: not certain enough for the red list.",
        bound=points(reason.value) or "–",
        limit=plain(reason.limit),
    )


def _silent_households(reason: Reason) -> Message:
    return _l(
        "If the households that did not answer thought differently by %(points)s points on average, it would "
        "not stand; a listing needs more than %(least)s.",
        points=points(reason.value),
        least=plain(reason.limit),
    )


def _overdue(_reason: Reason) -> Message:
    return _l("Work that was agreed is overdue, so it can’t stand on the red list.")


def _uncovered(reason: Reason) -> Message:
    return _l(
        "Estates without %(direction)s have %(share)s%% of its households; the red list allows at most %(most)s%%.",
        direction=_name_side(reason),
        share=plain(points(reason.value)),
        most=plain(reason.limit),
    )


def _beyond_cap(reason: Reason) -> Message:
    return _l(
        "It meets the conditions of the red list, at place %(place)s; the list has %(places)s places.",
        place=plain(reason.value),
        places=plain(reason.limit),
    )


SENTENCES: Mapping[ReasonCode, Callable[[Reason], Message]] = {
    ReasonCode.VETO: _veto,
    ReasonCode.TOO_FEW_TO_RELEASE: _too_few_to_release,
    ReasonCode.TOO_FEW_EVALUATIONS: _too_few_evaluations,
    ReasonCode.NO_INTERVAL: _no_interval,
    ReasonCode.INTERVAL_TOO_WIDE: _interval_too_wide,
    ReasonCode.DIRECTION_MISSING: _direction_missing,
    ReasonCode.UPPER_BOUND_BELOW_BLACK: _upper_below_black,
    ReasonCode.LOWER_BOUND_REACHES_RED: _lower_reaches_red,
    ReasonCode.SCORE_BELOW_WATCH: _below_watch,
    ReasonCode.UPPER_BOUND_REACHES_BLACK: _upper_reaches_black,
    ReasonCode.LOWER_BOUND_BELOW_RED: _lower_below_red,
    ReasonCode.SILENT_HOUSEHOLDS: _silent_households,
    ReasonCode.OVERDUE_COMMITMENT: _overdue,
    ReasonCode.UNCOVERED_HOUSEHOLDS: _uncovered,
    ReasonCode.BEYOND_RED_CAP: _beyond_cap,
}


def explain_reason(reason: Reason) -> Message:
    """One reason of a scorecard as a sentence."""
    return SENTENCES[reason.code](reason)


def explain_standing(card: CompanyCard | EstateCard) -> list[Message]:
    """Why a company or an estate has its standing: its reasons, then what kept it off a list its score points to.

    For an ordinary one in the middle of the field the list is empty.
    """
    return [explain_reason(reason) for reason in (*card.reasons, *card.held_back)]


# ---- indicators


WITHOUT_MARK = Text("不清楚或没有", "Don't know, or not there")


@dataclass(frozen=True, slots=True)
class NamedCost:
    """An indicator in both languages and what it costs against the median, in points with two decimals."""

    text: Text
    points: str | None


def name_costs(costs: Sequence[Cost], rulebook: RulebookContent) -> list[NamedCost]:
    """A card's `costliest` with the indicators' texts, the costliest first."""
    if Direction.RESIDENT_TO_COMPANY not in rulebook.questionnaires:
        return []
    asked = rulebook.questionnaire(Direction.RESIDENT_TO_COMPANY).indicators
    texts = {indicator.key: indicator.text for indicator in asked}
    return [NamedCost(texts[cost.indicator], points(cost.points)) for cost in costs]


@dataclass(frozen=True, slots=True)
class MarksGiven:
    """How often each answer was chosen for an indicator, the best first; `labels` and `counts` in the same order."""

    text: Text
    labels: list[Text]
    counts: list[int]


def name_marks(counts: Mapping[str, MarkCounts], rulebook: RulebookContent) -> list[MarksGiven]:
    """An estate's counts of residents' marks with the words of the form, in its order."""
    asked = rulebook.questionnaire(Direction.RESIDENT_TO_COMPANY)
    given = []
    for indicator in (one for one in asked.indicators if one.key in counts):
        marks = asked.choices(indicator)
        words = [asked.labels.get(mark, Text(str(mark), str(mark))) for mark in marks]
        found = counts[indicator.key]
        shown = [*(found.marks.get(mark, 0) for mark in marks), found.no_mark]
        given.append(MarksGiven(indicator.text, [*words, WITHOUT_MARK], shown))
    return given


def has_left_out(counts: Mapping[str, MarkCounts], rulebook: RulebookContent) -> bool:
    """Whether an indicator that residents are asked is missing from an estate's counts because it could tell an
    answer.
    """
    return any(one.key not in counts for one in rulebook.questionnaire(Direction.RESIDENT_TO_COMPANY).indicators)


def name_dimensions(
    card: CompanyCard | EstateCard, direction: Direction, rulebook: RulebookContent
) -> list[tuple[Text, str | None]]:
    """The dimensions of one direction with a card's scores (two decimals; None where nobody gave a mark)."""
    found = card.directions.get(direction)
    if found is None or direction not in rulebook.questionnaires:
        return []
    dimensions = rulebook.questionnaire(direction).dimensions
    return [(dimension.text, points(found.dimensions.get(dimension.key))) for dimension in dimensions]
