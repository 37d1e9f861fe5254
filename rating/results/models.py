"""The frozen result: scorecards, where each estate stood in them, the city's contrasts."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.extensions import Base, UtcDateTime, enum_type
from rating.rounds.models import Round
from rating.scoring import ReviewState


class StoredScorecard(Base):
    """评分结果表, frozen: folded inputs and result as canonical JSON. Rows are never updated (a trigger refuses it).

    `tallies` are the folded tallies that leave the house; `content` is the scorecard; `digest` is SHA-256 of it. These
    texts are large, so each is loaded only when it is used. A round may be computed again before its preview; the
    highest sequence is the one in force.
    """

    __tablename__ = "scorecard"
    __table_args__ = (
        UniqueConstraint("round_id", "sequence"),
        CheckConstraint("sequence >= 1", name="sequence_positive"),
        CheckConstraint("length(digest) = 64", name="digest_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    sequence: Mapped[int]
    rulebook_digest: Mapped[str] = mapped_column(String(64))
    tallies: Mapped[str] = mapped_column(Text, deferred=True)
    records: Mapped[str] = mapped_column(Text, deferred=True)
    content: Mapped[str] = mapped_column(Text, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()


class ScorecardCell(Base):
    """Where an estate's residents' evaluations stood in a scorecard: alone (0), in one of its company's groups (from
    1), or nowhere (None): too few, or its cell was left out. It never leaves the house, and is never changed.
    """

    __tablename__ = "scorecard_cell"
    __table_args__ = (
        CheckConstraint("group_number >= 0", name="group_not_negative"),
        CheckConstraint("received >= 0", name="received_not_negative"),
        CheckConstraint("NOT left_out OR group_number IS NULL", name="left_out_of_cells"),
        {"sqlite_with_rowid": False},
    )

    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"), primary_key=True, autoincrement=False)
    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"), primary_key=True, autoincrement=False)
    group_number: Mapped[int | None]
    left_out: Mapped[bool]
    received: Mapped[int]


class UncountedEvaluation(Base):
    """A resident's evaluation that a scorecard doesn't count, and why. It never leaves the house; never changed."""

    __tablename__ = "scorecard_uncounted"
    __table_args__ = (
        CheckConstraint("state IN ('not_accepted', 'set_aside')", name="state_uncounted"),
        {"sqlite_with_rowid": False},
    )

    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"), primary_key=True, autoincrement=False)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    state: Mapped[ReviewState] = mapped_column(enum_type(ReviewState, "state_known"))


class ContrastKind(StrEnum):
    """Which two groups of residents are compared: late − early, a helper's entry − own entry."""

    LATE = "late"
    HELPER = "helper"


class CityContrast(Base):
    """The difference first − second group in points with its 95 % interval, as rating.scoring.Contrast has it.

    Computed when a scorecard's preview begins, and never changed (a trigger refuses it). There is none where too few
    have answered.
    """

    __tablename__ = "city_contrast"
    __table_args__ = (
        CheckConstraint("difference BETWEEN lower AND upper", name="difference_within"),
        CheckConstraint("estates >= 1 AND first_count >= 2 AND second_count >= 2", name="counts_enough"),
        {"sqlite_with_rowid": False},
    )

    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"), primary_key=True, autoincrement=False)
    kind: Mapped[ContrastKind] = mapped_column(enum_type(ContrastKind, "kind_known"), primary_key=True)
    difference: Mapped[Decimal] = mapped_column(Numeric(10, 6))
    lower: Mapped[Decimal] = mapped_column(Numeric(10, 6))
    upper: Mapped[Decimal] = mapped_column(Numeric(10, 6))
    estates: Mapped[int]
    first_count: Mapped[int]
    second_count: Mapped[int]
    is_beyond: Mapped[bool]
