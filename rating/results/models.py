"""What enters a score beside evaluations, and the frozen result."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.extensions import Base, UtcDateTime, enum_type
from rating.registry.models import Company
from rating.rounds.models import Round


class AdjustmentKind(StrEnum):
    """加分项, 减分项, 直接列入黑榜情形, and what later rooms report: work that is overdue."""

    COMMENDATION = "commendation"
    FINDING = "finding"
    VETO = "veto"
    OVERDUE_COMMITMENT = "overdue_commitment"


class Adjustment(Base):
    """An evidence-backed record of a company, valid from a day to a day. Only the first two kinds carry points."""

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="valid_days_in_order"),
        CheckConstraint(
            "(kind = 'commendation' AND points > 0) OR (kind = 'finding' AND points < 0)"
            " OR (kind IN ('veto', 'overdue_commitment') AND points = 0)",
            name="points_fit_kind",
        ),
        UniqueConstraint("kind", "source", "case_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    kind: Mapped[AdjustmentKind] = mapped_column(enum_type(AdjustmentKind, "kind_known"))
    points: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0))
    severity: Mapped[str] = mapped_column(String(40), default="")
    source: Mapped[str] = mapped_column(String(120))
    case_number: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    company: Mapped[Company] = relationship()


class StoredScorecard(Base):
    """评分结果表, frozen: folded inputs and result as canonical JSON. Rows are never updated (a trigger refuses it).

    `tallies` are the folded tallies that leave the house; `content` is the scorecard; `digest` is SHA-256 of it. These
    texts are large, so each is read only when it is asked for. A round may be computed again before its preview; the
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
