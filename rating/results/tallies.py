"""Tallies: what the evaluations of each rated estate add up to, read from the database.

Not one row of evaluations becomes a Python object. The marks of an estate's evaluations with the same score come as one
text, one line of characters per evaluation laid end to end, and are counted column by column; the number of lines gives
the moments. It is one scan of a covering index in its own order, an estate at a time, so
that memory doesn't grow with the city. Where there are very many, two connections beside the transaction scan at once:
nothing changes a closed round's evaluations, and what they find has to agree with the intake's counters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, literal, select

from rating.evaluations.models import Evaluation, TurnoutDay
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.rounds.models import RatedEstate, Round
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, EstateTally, MarkCounts, Moments, TallyError
from rating.storage.engines import READING

NO_MARK = "?-"
END = "\n"  # after each evaluation's marks, so that one that is too short or too long can't hide
MANY = 200_000  # evaluations; fewer are added up faster than another connection opens
READERS = 2


@dataclass(frozen=True, slots=True)
class _Place:
    """A rated estate as tallies name it."""

    estate: str
    company: str
    households: int


@dataclass(frozen=True, slots=True)
class _Sums:
    """One estate's evaluations in one direction, as the database adds them up; `marks` has a line per evaluation."""

    total: int
    squares: int
    marks: str
    lowest: int | None = None
    highest: int | None = None


def tally_round(round_: Round) -> list[EstateTally]:
    """The tallies of every rated estate in every direction that the rulebook asks in, by estate code.

    Scores are whole 1/10 000 points. An estate without evaluations has empty tallies. Raises TallyError for marks
    that fit no questionnaire.
    """
    places = _list_places(round_)
    questionnaires = round_.rulebook.content.questionnaires
    of_bodies = _sum_bodies(round_)
    _check_asked(places, of_bodies, set(questionnaires))
    tallies: list[EstateTally] = []
    for questionnaire in questionnaires.values():
        if questionnaire.direction is Direction.RESIDENT_TO_COMPANY:
            tallies += _tally_residents(places, questionnaire, at_once=count_received(round_) >= MANY)
        else:
            for rated_estate_id, place in places.items():
                tallies.append(_tally(place, of_bodies.get((rated_estate_id, questionnaire.direction)), questionnaire))
    return tallies


def _tally_residents(
    places: Mapping[int, _Place], questionnaire: Questionnaire, *, at_once: bool
) -> Iterator[EstateTally]:
    """The estates' tallies in order; `at_once` on connections of their own, which see only what is committed."""
    if not at_once:
        for rated_estate_id, place in places.items():
            yield _tally(place, _sum_residents(db.session.connection(), rated_estate_id, questionnaire), questionnaire)
        return
    engine = db.engines[READING]

    def read(rated_estate_id: int, place: _Place) -> EstateTally:
        with engine.connect() as connection:
            return _tally(place, _sum_residents(connection, rated_estate_id, questionnaire), questionnaire)

    with ThreadPoolExecutor(READERS) as readers:
        coming: deque[Future[EstateTally]] = deque()
        for one in places.items():
            coming.append(readers.submit(read, *one))
            if len(coming) > READERS:
                yield coming.popleft().result()
        yield from (one.result() for one in coming)


def _check_asked(
    places: Mapping[int, _Place], of_bodies: Mapping[tuple[int, Direction], _Sums], asked: set[Direction]
) -> None:
    """Refuse evaluations in a direction in which the rulebook asks nothing."""
    found = {direction for _, direction in of_bodies}
    if Direction.RESIDENT_TO_COMPANY not in asked and _has_residents(places):
        found.add(Direction.RESIDENT_TO_COMPANY)
    if unasked := sorted(found - asked):
        raise TallyError(f"there are evaluations, but nothing is asked, in {', '.join(unasked)}")


def _tally(place: _Place, sums: _Sums | None, questionnaire: Questionnaire) -> EstateTally:
    count, indicators = _count_marks(questionnaire, sums.marks) if sums else (0, {})
    return EstateTally(
        direction=questionnaire.direction,
        company=place.company,
        estate=place.estate,
        households=place.households,
        never_flagged=Moments(count, sums.total, sums.squares) if sums else Moments(),
        indicators=indicators,
        lowest=sums.lowest if sums else None,
        highest=sums.highest if sums else None,
    )


def _list_places(round_: Round) -> dict[int, _Place]:
    rows = db.session.execute(
        select(RatedEstate.id, Estate.code, Company.code, RatedEstate.households)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(Company, Company.id == RatedEstate.company_id)
        .where(RatedEstate.round_id == round_.id)
        .order_by(Estate.code)
    )
    return {row[0]: _Place(row[1], row[2], row[3]) for row in rows}


# Σy² of one estate stays far within SQLite's 64 bits: a score's square is at most 10¹².
_Y, _MARKS = Evaluation.score, func.aggregate_strings(Evaluation.marks, END)
# The direction is a literal, not a bound value: only then does SQLite use the partial index of residents' evaluations.
_RESIDENTS = literal(Direction.RESIDENT_TO_COMPANY, Evaluation.direction.type, literal_execute=True)


def _has_residents(rated_estate_ids: Iterable[int]) -> bool:
    found = select(Evaluation.id).where(Evaluation.direction == _RESIDENTS)
    return db.session.scalar(found.where(Evaluation.rated_estate_id.in_(list(rated_estate_ids))).limit(1)) is not None


_BY_SCORE = (
    select(_Y, _MARKS)
    .where(Evaluation.direction == _RESIDENTS, Evaluation.rated_estate_id == bindparam("estate"))
    .group_by(_Y)
)


def _sum_residents(connection: Connection, rated_estate_id: int, questionnaire: Questionnaire) -> _Sums | None:
    # Without the least and the greatest: those are two households' answers, which nobody needs.
    rows = connection.execute(_BY_SCORE, {"estate": rated_estate_id}).all()
    line = len(questionnaire.indicators) + len(END)  # marks of another width are reported by _count_marks
    counts = [(score, (len(marks) + len(END)) // line) for score, marks in rows]
    total, squares = sum(y * count for y, count in counts), sum(y * y * count for y, count in counts)
    return _Sums(total, squares, END.join(marks for _, marks in rows)) if rows else None


def _sum_bodies(round_: Round) -> dict[tuple[int, Direction], _Sums]:
    """What committees, communities and companies handed in: a few rows an estate, added up in one statement."""
    estates = select(RatedEstate.id).where(RatedEstate.round_id == round_.id)
    keys = (Evaluation.rated_estate_id, Evaluation.direction)
    rows = db.session.execute(
        select(*keys, func.sum(_Y), func.sum(_Y * _Y), _MARKS, func.min(_Y), func.max(_Y))
        .where(Evaluation.rater.is_not(None), Evaluation.rated_estate_id.in_(estates))
        .group_by(*keys)
    )
    return {(row[0], row[1]): _Sums(int(row[2]), int(row[3]), row[4], row[5], row[6]) for row in rows}


def _count_marks(questionnaire: Questionnaire, marks: str) -> tuple[int, dict[str, MarkCounts]]:
    """How many evaluations, and how often each mark, or none, was given to each indicator.

    `marks` has a line of characters per evaluation.
    """
    width = len(questionnaire.indicators)
    import numpy as np  # no page needs it

    lines = f"{marks}{END}".encode()
    count, rest = divmod(len(lines), width + 1)
    if rest:
        raise TallyError(f"stored marks don't fit the questionnaire's {width} indicators")
    signs = np.frombuffer(lines, np.uint8).reshape(count, width + 1)
    found = {}
    for position, indicator in enumerate(questionnaire.indicators):
        counts = np.bincount(signs[:, position])
        found[indicator.key] = _mark_counts({chr(sign): int(counts[sign]) for sign in np.flatnonzero(counts)})
    return count, found


def _mark_counts(signs: Mapping[str, int]) -> MarkCounts:
    if unknown := sorted(sign for sign in signs if not sign.isdigit() and sign not in NO_MARK):
        raise TallyError(f"a stored mark is {unknown[0]!r}")
    given = {int(sign): count for sign, count in sorted(signs.items()) if sign.isdigit()}
    return MarkCounts(given, sum(count for sign, count in signs.items() if not sign.isdigit()))


def count_received(round_: Round) -> int:
    """How many residents' evaluations the intake's day counters have for a round; the tallies must agree with it."""
    return (
        db.session.scalar(
            select(func.sum(TurnoutDay.count))
            .join(RatedEstate, RatedEstate.id == TurnoutDay.rated_estate_id)
            .where(RatedEstate.round_id == round_.id)
        )
        or 0
    )
