"""Accepting evaluations: the residents' transaction that counts a household once."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, cast

from sqlalchemy import BindParameter, ColumnElement, Connection, Integer, String, Table, bindparam, func, insert, select

from rating.errors import Conflict, Invalid, NotFound
from rating.evaluations.completeness import Needed
from rating.evaluations.masking import mask
from rating.evaluations.models import Channel, DisputeCount, Evaluation, Participation, Trace, TurnoutDay
from rating.evaluations.tickets import Ticket
from rating.extensions import db
from rating.rounds.models import RatedEstate, Round, is_taking
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, is_complete, marked_weight, score_evaluation
from rating.storage.engines import insert_for
from rating.storage.statements import ConstantStatement
from rating.wording import _l

Answers = Mapping[str, int | str]


class Outcome(StrEnum):
    """What became of a resident's form."""

    COUNTED = "counted"
    SAME = "same"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Filled:
    """A checked form: stored marks, score in 1/10 000 points, comment."""

    marks: str = field(repr=False)
    score: int = field(repr=False)
    comment: str | None = field(repr=False)


class RoundNotOpen(NotFound):
    """The estate takes no evaluations today."""


def check_answers(questionnaire: Questionnaire, answers: Answers, comment: str, min_marked_share: Decimal) -> Filled:
    """Turn answers by indicator key into what is stored.

    An answer is a whole mark or a no-mark's key. Numbers that name a person are masked in the comment, in a resident's
    also doors (reasons on site name places). Raises Invalid where too few carry a mark.
    """
    ordered = [answers[indicator.key] for indicator in questionnaire.indicators]
    rule = questionnaire.rule
    marks = [None if isinstance(answer, str) else answer for answer in ordered]
    if not is_complete(rule, marks, min_marked_share):
        raise Invalid(needed_of(questionnaire, min_marked_share).refusal(marked_weight(rule, marks)))
    kept = mask(comment.strip(), doors=questionnaire.direction is Direction.RESIDENT_TO_COMPANY)
    return Filled(questionnaire.encode(ordered), score_evaluation(rule, marks), kept or None)


def needed_of(questionnaire: Questionnaire, min_marked_share: Decimal) -> Needed:
    """What a complete form of this questionnaire needs."""
    return Needed.by(questionnaire.rule, min_marked_share)


def monday_of(day: date) -> date:
    """The week that an evaluation is filed under; its day is in the counters only."""
    return day - timedelta(days=day.weekday())


class Rated(Protocol):
    """What counting needs to know about a rated estate; a query's row will do."""

    @property
    def id(self) -> int: ...
    @property
    def round_id(self) -> int: ...
    @property
    def households(self) -> int: ...


def accept_evaluation(
    ticket: Ticket,
    rated_estate: Rated,
    filled: Filled,
    channel: Channel,
    today: date,
    trace: bytes | None = None,
) -> Outcome:
    """Count a household's evaluation once, in one transaction that the caller commits before answering.

    `trace` is the keyed hash of the network that a resident's own form came from (see traces.network_hash).
    SAME: this ticket's evaluation is in already (double tap, back, retry). ANSWERED: another ticket of this
    household was first. Raises RoundNotOpen outside the round's days.
    """
    connection = db.session.connection()
    lock_open_round(connection, rated_estate.round_id, today)
    if not mark_answered(connection, rated_estate, ticket.household_number):
        return Outcome.SAME if _is_receipt_known(connection, ticket.receipt_hash) else Outcome.ANSWERED
    key = uuid.uuid4()
    row = {
        "id": key,
        "rated_estate_id": ticket.rated_estate_id,
        "direction": Direction.RESIDENT_TO_COMPANY,
        "channel": channel,
        "marks": filled.marks,
        "score": filled.score,
        "week": monday_of(today),
        "comment": filled.comment,
        "receipt_hash": ticket.receipt_hash,
    }
    INSERT_EVALUATION.run(connection, row)
    if trace is not None:
        _INSERT_TRACE.run(connection, {"evaluation_id": key, "network": trace})
    _count_turnout(connection, ticket.rated_estate_id, {today: 1}, channel)
    return Outcome.COUNTED


# Residents' statements are built once: building one takes longer than running it.
INSERT_EVALUATION = ConstantStatement(insert(cast("Table", Evaluation.__table__)))
_INSERT_TRACE = ConstantStatement(insert(cast("Table", Trace.__table__)))
_LOCKED_ROUND = ConstantStatement(
    select(Round.state, Round.opens_on, Round.closes_on)
    .where(Round.id == bindparam("round_id"))
    .with_for_update(read=True)
)


_KNOWN = ConstantStatement(select(Evaluation.id).where(Evaluation.receipt_hash == bindparam("receipt_hash")))


def _is_receipt_known(connection: Connection, receipt_hash: bytes) -> bool:
    return _KNOWN.run(connection, {"receipt_hash": receipt_hash}) is not None


def lock_open_round(connection: Connection, round_id: int, today: date) -> None:
    """Lock the round's row in share mode, so that it can't close between this check and the commit."""
    locked = _LOCKED_ROUND.run(connection, {"round_id": round_id})
    if locked is None or not is_taking(locked[0], locked[1], locked[2], today):
        raise RoundNotOpen(_l("This round takes no evaluations today."))


def mark_answered(connection: Connection, rated_estate: Rated, household_number: int) -> bool:
    """Mark a household as having answered; False where it is marked already. Of two at once the database lets one in.

    One statement: the second one waits for the first one's row lock and checks the row again before changing it.
    """
    if not 1 <= household_number <= rated_estate.households:
        raise NotFound(_l("There is no such household in this round."))
    before, after = household_number - 1, rated_estate.households - household_number
    row = {
        "rated_estate_id": rated_estate.id,
        "answered": "0" * before + "1" + "0" * after,
        "number": household_number,
    }
    return _marking(connection.dialect.name, _not_yet).run(connection, row) is not None


@cache
def _marking(dialect: str, condition: Callable[[BindParameter[int]], ColumnElement[bool]]) -> ConstantStatement:
    answered, number = Participation.__table__.c.answered, bindparam("number", type_=Integer)
    before, after = func.substr(answered, 1, number - 1), func.substr(answered, number + 1)
    return ConstantStatement(
        insert_for(dialect, Participation.__table__)
        .values(rated_estate_id=bindparam("rated_estate_id"), answered=bindparam("answered"))
        .on_conflict_do_update(
            index_elements=[Participation.rated_estate_id],
            set_={"answered": before.concat("1").concat(after)},
            where=condition(number),
        )
        .returning(Participation.rated_estate_id)
    )


def _not_yet(household_number: BindParameter[int]) -> ColumnElement[bool]:
    return func.substr(Participation.__table__.c.answered, household_number, 1) == "0"


def _count_turnout(connection: Connection, rated_estate_id: int, counts: Mapping[date, int], channel: Channel) -> None:
    for day, count in sorted(counts.items()):
        row = {"rated_estate_id": rated_estate_id, "day": day, "channel": channel, "count": count}
        _counting(connection.dialect.name).run(connection, row)


@cache
def _counting(dialect: str) -> ConstantStatement:
    statement = insert_for(dialect, TurnoutDay.__table__)
    keys = [TurnoutDay.rated_estate_id, TurnoutDay.day, TurnoutDay.channel]
    more = TurnoutDay.__table__.c.count + statement.excluded.count
    return ConstantStatement(statement.on_conflict_do_update(index_elements=keys, set_={"count": more}))


def accept_in_bulk(
    rated_estate: RatedEstate, filled: Iterable[tuple[Filled, date]], channel: Channel, first_number: int = 1
) -> int:
    """Take many households' forms at once, as counted evaluations with receipts that nobody has.

    Household numbers run from `first_number`. For what comes in stacks (a city's demonstration, a scanned box);
    the caller has checked every form. Returns how many were taken; a household that has answered is an error.
    """
    taken = list(filled)
    if not taken:
        return 0
    _mark_in_bulk(rated_estate, first_number - 1, len(taken))
    connection = db.session.connection()
    connection.execute(INSERT_EVALUATION.statement, [_bulk_row(rated_estate, one, day, channel) for one, day in taken])
    _count_turnout(connection, rated_estate.id, Counter(day for _, day in taken), channel)
    return len(taken)


def _mark_in_bulk(rated_estate: RatedEstate, before: int, count: int) -> None:
    """Mark the `count` households after the first `before` ones, of which none may have answered."""
    beyond = rated_estate.households - before - count
    row = {
        "rated_estate_id": rated_estate.id,
        "answered": "0" * before + "1" * count + "0" * beyond,
        "first": before + 1,
        "ones": "1" * count,
        "zeros": "0" * count,
    }
    connection = db.session.connection()
    if beyond < 0 or _marking_many(connection.dialect.name).run(connection, row) is None:
        raise Conflict(_l("Some of these households have answered already, or don't exist."))


@cache
def _marking_many(dialect: str) -> ConstantStatement:
    answered = Participation.__table__.c.answered
    first, ones = bindparam("first", type_=Integer), bindparam("ones", type_=String)
    before, after = func.substr(answered, 1, first - 1), func.substr(answered, first + func.length(ones))
    return ConstantStatement(
        insert_for(dialect, Participation.__table__)
        .values(rated_estate_id=bindparam("rated_estate_id"), answered=bindparam("answered"))
        .on_conflict_do_update(
            index_elements=[Participation.rated_estate_id],
            set_={"answered": before.concat(ones).concat(after)},
            where=func.substr(answered, first, func.length(ones)) == bindparam("zeros", type_=String),
        )
        .returning(Participation.rated_estate_id)
    )


def _bulk_row(rated_estate: RatedEstate, filled: Filled, day: date, channel: Channel) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "rated_estate_id": rated_estate.id,
        "direction": Direction.RESIDENT_TO_COMPANY,
        "channel": channel,
        "rater": None,
        "marks": filled.marks,
        "score": filled.score,
        "week": monday_of(day),
        "comment": filled.comment,
        "receipt_hash": hashlib.sha256(secrets.token_bytes(16)).digest(),
    }


def dispute_participation(rated_estate_id: int) -> None:
    """Count that somebody says their household has not answered although it is marked. Nothing else is stored."""
    dialect = db.session.get_bind().dialect.name
    statement = insert_for(dialect, DisputeCount).values(rated_estate_id=rated_estate_id, count=1)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[DisputeCount.rated_estate_id], set_={"count": DisputeCount.__table__.c.count + 1}
        )
    )
