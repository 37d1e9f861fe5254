"""Tallies that separate flagged evaluations: accepted ones count; rejected and undecided ones don't.

The fast tally adds up whatever came in. Flagged evaluations are few beside it, and are taken out of it again here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from rating.results.tallies import NO_MARK, tally_round
from rating.reviews.queries import Flagged, list_flagged
from rating.rounds.models import Round
from rating.rulebooks.content import Questionnaire
from rating.scoring import EstateTally, MarkCounts, Moments, ReviewState, TallyError


class Treatment(StrEnum):
    """How flagged evaluations are treated. The last two ask how a result would turn out; they stay in the house."""

    AS_DECIDED = "as_decided"
    ALL_COUNTED = "all_counted"
    ALL_LEFT_OUT = "all_left_out"


_TAKEN_FOR = {Treatment.ALL_COUNTED: ReviewState.ACCEPTED, Treatment.ALL_LEFT_OUT: ReviewState.NOT_ACCEPTED}
_UNCOUNTED = (ReviewState.SET_ASIDE, ReviewState.NOT_ACCEPTED)


def tally_reviewed(round_: Round, treatment: Treatment = Treatment.AS_DECIDED) -> list[EstateTally]:
    """A round's tallies as they are scored: never flagged, accepted and not accepted apart; see tally_round."""
    return tally_apart(
        round_, [replace(one, state=_TAKEN_FOR.get(treatment, one.state)) for one in list_flagged(round_)]
    )


def tally_apart(round_: Round, apart: Iterable[Flagged]) -> list[EstateTally]:
    """A round's tallies with some of its evaluations separated, each by its state."""
    flagged: dict[tuple[str, str], list[Flagged]] = {}
    for one in apart:
        flagged.setdefault((one.estate, one.direction), []).append(one)
    questionnaires = round_.rulebook.content.questionnaires
    tallies = tally_round(round_)
    if not flagged:
        return tallies
    return [
        _tell_apart(tally, flagged.get((tally.estate, tally.direction), ()), questionnaires[tally.direction])
        for tally in tallies
    ]


def _tell_apart(tally: EstateTally, flagged: Sequence[Flagged], questionnaire: Questionnaire) -> EstateTally:
    """A tally of everything that came in, with its flagged evaluations in their places."""
    if not flagged:
        return tally
    uncounted = [one.marks for one in flagged if one.state in _UNCOUNTED]
    return replace(
        tally,
        never_flagged=_less(tally.never_flagged, _moments(flagged)),
        accepted=_moments(one for one in flagged if one.state is ReviewState.ACCEPTED),
        not_accepted=_moments(one for one in flagged if one.state is ReviewState.NOT_ACCEPTED),
        set_aside=sum(one.state is ReviewState.SET_ASIDE for one in flagged),
        indicators=_without(tally.indicators, uncounted, questionnaire),
    )


def _moments(flagged: Iterable[Flagged]) -> Moments:
    return Moments.of(one.score for one in flagged)


def _less(all_: Moments, some: Moments) -> Moments:
    return Moments(all_.count - some.count, all_.total - some.total, all_.total_squares - some.total_squares)


def _without(
    indicators: Mapping[str, MarkCounts], uncounted: Sequence[str], questionnaire: Questionnaire
) -> dict[str, MarkCounts]:
    """Counts of marks without those of some evaluations, which are given as stored."""
    return {
        indicator.key: _fewer(indicators[indicator.key], [marks[position] for marks in uncounted])
        for position, indicator in enumerate(questionnaire.indicators)
    }


def _fewer(counts: MarkCounts, signs: Sequence[str]) -> MarkCounts:
    left = {mark: count - signs.count(str(mark)) for mark, count in counts.marks.items()}
    if any(count < 0 for count in left.values()):
        raise TallyError("more marks are flagged than were given")
    no_mark = counts.no_mark - sum(sign in NO_MARK for sign in signs)
    return MarkCounts({mark: count for mark, count in left.items() if count}, no_mark)
