"""What became of flagged evaluations, for receipts and tallies; how far a round's review has got.

No mark, score or comment leaves this file but for `list_flagged` and `list_uncounted`, which feed the tallies.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, exists, func, or_, select

from rating.evaluations.models import Evaluation, Trace
from rating.extensions import db
from rating.registry.models import Estate
from rating.reviews.models import Decision, Flag, FlagKind, RejectionReason, Review
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Direction, ReviewState

# ---- what became of an evaluation


class FateState(StrEnum):
    """What became of a received evaluation."""

    COUNTED = "counted"
    UNDER_REVIEW = "under_review"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one evaluation; `reason` is set for a rejected one only."""

    state: FateState
    reason: RejectionReason | None = None


STATES: dict[Decision | None, ReviewState] = {
    None: ReviewState.SET_ASIDE,
    Decision.ACCEPTED: ReviewState.ACCEPTED,
    Decision.REJECTED: ReviewState.NOT_ACCEPTED,
}
_FATES = {
    ReviewState.SET_ASIDE: FateState.UNDER_REVIEW,
    ReviewState.ACCEPTED: FateState.COUNTED,
    ReviewState.NOT_ACCEPTED: FateState.REJECTED,
}


def find_fate(receipt_hash: bytes) -> Fate | None:
    """What became of the evaluation with this receipt; None for a receipt that is not known.

    Nothing is flagged while a round is open, so that an evaluation of an open round is said to be counted.
    """
    flagged = exists().where(Flag.evaluation_id == Evaluation.id)
    row = db.session.execute(
        select(flagged, Review.decision, Review.reason)
        .select_from(Evaluation)
        .outerjoin(Review, Review.evaluation_id == Evaluation.id)
        .where(Evaluation.receipt_hash == receipt_hash)
    ).one_or_none()
    if row is None:
        return None
    return Fate(_FATES[STATES[row[1]]], row[2]) if row[0] else Fate(FateState.COUNTED)


def uncounted_ids() -> Select[uuid.UUID]:
    """The ids of all evaluations that no result counts: flagged without a review, or rejected by one."""
    return (
        select(Flag.evaluation_id)
        .outerjoin(Review, Review.evaluation_id == Flag.evaluation_id)
        .where(or_(Review.evaluation_id.is_(None), Review.decision == Decision.REJECTED))
    )


@dataclass(frozen=True, slots=True)
class Flagged:
    """One flagged evaluation as tallies need it: its stored marks, its score in 1/10 000 points, its state."""

    estate: str
    direction: Direction
    marks: str
    score: int
    state: ReviewState


def list_flagged(round_: Round) -> Iterator[Flagged]:
    """The flagged evaluations of a round, each once, in key order."""
    rows = db.session.execute(
        select(Estate.code, Evaluation.direction, Evaluation.marks, Evaluation.score, Review.decision)
        .select_from(Evaluation)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .outerjoin(Review, Review.evaluation_id == Evaluation.id)
        .where(RatedEstate.round_id == round_.id, Evaluation.id.in_(select(Flag.evaluation_id)))
        .order_by(Evaluation.id)
    )
    return (Flagged(row[0], row[1], row[2], row[3], STATES[row[4]]) for row in rows)


def list_uncounted(round_: Round) -> Iterator[tuple[str, uuid.UUID, str, ReviewState]]:
    """A round's residents' evaluations that no result counts by the current reviews: estate code, id, stored marks,
    state.
    """
    rows = db.session.execute(
        select(Estate.code, Evaluation.id, Evaluation.marks, Review.decision)
        .select_from(Evaluation)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .outerjoin(Review, Review.evaluation_id == Evaluation.id)
        .where(
            RatedEstate.round_id == round_.id,
            Evaluation.direction == Direction.RESIDENT_TO_COMPANY,
            Evaluation.id.in_(uncounted_ids()),
        )
        .order_by(Evaluation.id)
    )
    return ((row[0], row[1], row[2], STATES[row[3]]) for row in rows)


# ---- counts


def count_flags(round_: Round) -> dict[FlagKind, int]:
    """How many evaluations of a round were flagged, by kind; one in two kinds counts in both."""
    rows = db.session.execute(
        select(Flag.kind, func.count())
        .join(Evaluation, Evaluation.id == Flag.evaluation_id)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .where(RatedEstate.round_id == round_.id)
        .group_by(Flag.kind)
        .order_by(Flag.kind)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How many evaluations of a round were flagged, and what has been decided about them."""

    pending: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def flagged(self) -> int:
        """All of them."""
        return self.pending + self.accepted + self.rejected


def count_reviews(round_: Round) -> ReviewCounts:
    """How far the review of a round has got."""
    rows = db.session.execute(
        select(Review.decision, func.count())
        .select_from(Evaluation)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .outerjoin(Review, Review.evaluation_id == Evaluation.id)
        .where(RatedEstate.round_id == round_.id, Evaluation.id.in_(select(Flag.evaluation_id)))
        .group_by(Review.decision)
    )
    found: dict[Decision | None, int] = {row[0]: row[1] for row in rows}
    return ReviewCounts(found.get(None, 0), found.get(Decision.ACCEPTED, 0), found.get(Decision.REJECTED, 0))


def was_reviewed_since(round_: Round, moment: datetime) -> bool:
    """Whether anything was decided about a round's evaluations after a moment."""
    asked = (
        select(Review.evaluation_id)
        .join(Evaluation, Evaluation.id == Review.evaluation_id)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .where(RatedEstate.round_id == round_.id, Review.at > moment)
    )
    return db.session.scalar(asked.limit(1)) is not None


def traces_of(round_: Round) -> Select[uuid.UUID]:
    """A SELECT of the keys of a round's traces."""
    return (
        select(Trace.evaluation_id)
        .join(Evaluation, Evaluation.id == Trace.evaluation_id)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .where(RatedEstate.round_id == round_.id)
    )


def list_rounds_with_traces(closed_before: datetime) -> list[Round]:
    """The rounds closed before a moment whose networks are still known, by number."""
    known = (
        select(RatedEstate.round_id)
        .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
        .join(Trace, Trace.evaluation_id == Evaluation.id)
    )
    asked = select(Round).where(Round.closed_at < closed_before, Round.id.in_(known)).order_by(Round.number)
    return list(db.session.scalars(asked))
