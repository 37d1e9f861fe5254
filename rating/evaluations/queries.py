"""Reading evaluations as far as anybody may: whether a receipt is known, turnout from counters, which forms are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, bindparam, func, select

from rating.evaluations.models import DisputeCount, Evaluation, Participation, TurnoutDay
from rating.extensions import db
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Direction
from rating.storage.statements import ConstantStatement


def find_receipt_estate(receipt_hash: bytes) -> RatedEstate | None:
    """The rated estate in which an evaluation with this receipt was received; never what it says."""
    return db.session.scalar(
        select(RatedEstate)
        .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
        .where(Evaluation.receipt_hash == receipt_hash)
    )


def count_participations(rated_estate_ids: Select[int]) -> int:
    """How many households of these estates are marked as having answered."""
    marks = func.sum(func.length(func.replace(Participation.answered, "0", "")))
    return db.session.scalar(select(marks).where(Participation.rated_estate_id.in_(rated_estate_ids))) or 0


_OF_BODY = ConstantStatement(
    select(Evaluation.id).where(
        Evaluation.rated_estate_id == bindparam("rated_estate_id"),
        Evaluation.direction == bindparam("direction", type_=Evaluation.direction.type),
        Evaluation.rater == bindparam("rater"),
    )
)


def has_handed_in(rated_estate_id: int, direction: Direction, rater: str) -> bool:
    """Whether a body has handed in its evaluation of an estate in a direction."""
    values = {"rated_estate_id": rated_estate_id, "direction": direction, "rater": rater}
    return _OF_BODY.run(db.session.connection(), values) is not None


def list_bodies_done(rated_estate_ids: Iterable[int]) -> set[tuple[int, Direction, str]]:
    """(rated estate, direction, body) of the forms that bodies have handed in; never their marks."""
    rows = db.session.execute(
        select(Evaluation.rated_estate_id, Evaluation.direction, Evaluation.rater).where(
            Evaluation.rated_estate_id.in_(list(rated_estate_ids)), Evaluation.rater.is_not(None)
        )
    )
    return {(row[0], row[1], str(row[2])) for row in rows}


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many households of a rated estate have answered, from the counters."""

    rated_estate: RatedEstate
    count: int
    disputes: int

    @property
    def households(self) -> int:
        """The frozen number of households."""
        return self.rated_estate.households


def list_turnout(rated_estates: Iterable[RatedEstate]) -> list[Turnout]:
    """Turnout of rated estates, in the order given."""
    estates = list(rated_estates)
    ids = [estate.id for estate in estates]
    counts = _totals(TurnoutDay, ids)
    disputes = _totals(DisputeCount, ids)
    return [Turnout(estate, counts.get(estate.id, 0), disputes.get(estate.id, 0)) for estate in estates]


def _totals(counter: type[TurnoutDay] | type[DisputeCount], ids: list[int]) -> dict[int, int]:
    """A counter's sum by rated estate."""
    rows = db.session.execute(
        select(counter.rated_estate_id, func.sum(counter.count))
        .where(counter.rated_estate_id.in_(ids))
        .group_by(counter.rated_estate_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def count_answered(round_: Round) -> int:
    """How many residents' evaluations of a round have come in."""
    return sum(count for _day, count in list_days(round_))


def list_days(round_: Round) -> list[tuple[date, int]]:
    """How many residents' evaluations of a round came in on each day."""
    rows = db.session.execute(
        select(TurnoutDay.day, func.sum(TurnoutDay.count))
        .join(RatedEstate, RatedEstate.id == TurnoutDay.rated_estate_id)
        .where(RatedEstate.round_id == round_.id)
        .group_by(TurnoutDay.day)
        .order_by(TurnoutDay.day)
    )
    return [(row[0], int(row[1])) for row in rows]
