"""Evaluations, who has taken part, the networks they came from, and the counters of an open round.

`participation` and `evaluation` share no time and no order, and nothing in one points to the other: participation is
one row an estate, rewritten whole by each household, so that no row of it came with any evaluation.
"""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.extensions import Base, enum_type
from rating.rounds.models import RatedEstate
from rating.scoring import Direction


class Channel(StrEnum):
    """How an evaluation came in."""

    OWN = "own"
    PAPER = "paper"
    HELPER = "helper"
    ON_SITE = "on_site"
    IMPORTED = "imported"


LONGEST_REASON = 500
OF_RESIDENTS = "direction = 'resident_to_company'"


class Evaluation(Base):
    """评价: one filled questionnaire, from one rater, in one direction, about one rated estate.

    `marks` has one character an indicator in the questionnaire's order: a digit, `?` (don't know) or `-` (does not
    apply). `score` is y in 1/10 000 points, 0..1 000 000. `week` is the Monday of the week it came in. `rater` names
    the body that rates ('committee', 'community', 'company'); residents have none, their once-only is participation.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        UniqueConstraint("rated_estate_id", "direction", "rater"),
        UniqueConstraint("receipt_hash"),
        CheckConstraint("score BETWEEN 0 AND 1000000", name="score_within_scale"),
        CheckConstraint(
            "(direction = 'resident_to_company') = (receipt_hash IS NOT NULL)", name="receipt_only_of_residents"
        ),
        CheckConstraint("(direction = 'resident_to_company') = (rater IS NULL)", name="rater_only_of_bodies"),
        CheckConstraint(
            "direction <> 'resident_to_company' OR channel <> 'own' OR entered_by IS NULL", name="residents_unnamed"
        ),
        # All that tallies read of residents' evaluations, without the table: see results.tallies.
        Index(
            "ix_evaluation_residents",
            "rated_estate_id",
            "score",
            "marks",
            sqlite_where=text(OF_RESIDENTS),
            postgresql_where=text(OF_RESIDENTS),
        ),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"))
    direction: Mapped[Direction] = mapped_column(enum_type(Direction, "direction_known"))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel_known"))
    rater: Mapped[str | None] = mapped_column(String(20))
    marks: Mapped[str] = mapped_column(String(80))
    score: Mapped[int] = mapped_column(BigInteger)
    week: Mapped[date]
    comment: Mapped[str | None] = mapped_column(Text)
    receipt_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    rated_estate: Mapped[RatedEstate] = relationship()


class Participation(Base):
    """已评标记: which household numbers of an estate have answered. Nothing else; deleted at close.

    `answered` has one character a household number, from 1: `1` has answered, `0` has not. A row a household would lie
    on PostgreSQL in the order of answering and carry the number of its transaction, as the evaluation does. An estate's
    row shows its last transaction only. A trigger refuses an update that marks no new household.
    """

    __tablename__ = "participation"
    __table_args__ = (
        CheckConstraint("replace(replace(answered, '0', ''), '1', '') = ''", name="answered_or_not"),
        {"sqlite_with_rowid": False},
    )

    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"), primary_key=True, autoincrement=False)
    answered: Mapped[str] = mapped_column(Text)


class Trace(Base):
    """Which network a resident's own form came from, as a keyed hash of its address; deleted when review ends.

    No time and no household: it belongs to the evaluation alone. The key is new for each round, so that nobody can be
    followed from one to the next.
    """

    __tablename__ = "trace"
    __table_args__ = ({"sqlite_with_rowid": False},)

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    network: Mapped[bytes] = mapped_column(LargeBinary(16))


class Deduction(Base):
    """扣分说明: why a body took marks off one indicator, and the picture or document that shows it."""

    __tablename__ = "deduction"
    __table_args__ = (
        CheckConstraint(f"length(reason) BETWEEN 1 AND {LONGEST_REASON}", name="reason_given"),
        {"sqlite_with_rowid": False},
    )

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(60), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    file_digest: Mapped[str | None] = mapped_column(ForeignKey("stored_file.digest"), index=True)
    evaluation: Mapped[Evaluation] = relationship()


class TurnoutDay(Base):
    """How many residents' evaluations of an estate came in on a day, by channel. Counters, not joined to rows."""

    __tablename__ = "turnout_day"
    __table_args__ = (CheckConstraint("count >= 1", name="count_positive"), {"sqlite_with_rowid": False})

    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel_known"), primary_key=True)
    count: Mapped[int]


class DisputeCount(Base):
    """How often somebody of an estate said 'we have not answered' when their household already had."""

    __tablename__ = "dispute_count"
    __table_args__ = (CheckConstraint("count >= 1", name="count_positive"),)

    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"), primary_key=True)
    count: Mapped[int]
