"""Records of companies beside evaluations, with their evidence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.audit.models import StoredFile
from rating.extensions import Base, UtcDateTime, enum_type
from rating.registry.models import Company, Estate

WITHOUT_END = date(9999, 12, 31)  # what the product itself reports counts until somebody finds it done


class AdjustmentKind(StrEnum):
    """加分项, 减分项, 直接列入黑榜情形, and what later rooms report: work that is overdue."""

    COMMENDATION = "commendation"
    FINDING = "finding"
    VETO = "veto"
    OVERDUE_COMMITMENT = "overdue_commitment"


class AdjustmentState(StrEnum):
    """How far a record has come; only a confirmed one counts."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How serious a finding or how great a commendation is."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"


class Adjustment(Base):
    """An evidence-backed record of a company, valid from a day to a day. Only the first two kinds carry points.

    Overdue work may be at one estate; all else is of the company.

    Somebody enters it and somebody else confirms or refuses it; what the product itself reports (overdue work) has
    nobody who entered it and counts at once. A confirmed record may be withdrawn; nothing is ever deleted.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="valid_days_in_order"),
        CheckConstraint(
            "(kind = 'commendation' AND points > 0) OR (kind = 'finding' AND points < 0)"
            " OR (kind IN ('veto', 'overdue_commitment') AND points = 0)",
            name="points_fit_kind",
        ),
        CheckConstraint("estate_id IS NULL OR kind = 'overdue_commitment'", name="estate_of_overdue_work"),
        CheckConstraint("decided_by <> recorded_by", name="two_people"),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL AND recorded_by IS NOT NULL)", name="decided_by_somebody"
        ),
        CheckConstraint("state <> 'withdrawn' OR length(closing_reason) > 0", name="withdrawal_has_reason"),
        UniqueConstraint("kind", "source", "case_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estate.id"), index=True)
    kind: Mapped[AdjustmentKind] = mapped_column(enum_type(AdjustmentKind, "kind_known"))
    points: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0))
    severity: Mapped[str] = mapped_column(String(40), default="")
    source: Mapped[str] = mapped_column(String(120))
    case_number: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[AdjustmentState] = mapped_column(
        enum_type(AdjustmentState, "state_known"), default=AdjustmentState.CONFIRMED, server_default="confirmed"
    )
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    company: Mapped[Company] = relationship()
    estate: Mapped[Estate | None] = relationship()
    recorder: Mapped[User | None] = relationship(foreign_keys=[recorded_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])

    @property
    def is_of_the_product(self) -> bool:
        """Whether the product reported it, from what is recorded elsewhere."""
        return self.kind is AdjustmentKind.OVERDUE_COMMITMENT

    @property
    def is_without_end(self) -> bool:
        """Whether it counts until somebody finds it done."""
        return self.valid_to == WITHOUT_END


class Evidence(Base):
    """One file that backs a record."""

    __tablename__ = "adjustment_evidence"

    adjustment_id: Mapped[int] = mapped_column(ForeignKey("adjustment.id"), primary_key=True)
    file_digest: Mapped[str] = mapped_column(ForeignKey("stored_file.digest"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(120))
    file: Mapped[StoredFile] = relationship()
