"""What was found where residents and on site differ widely, before the scorecard is frozen."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.extensions import Base, UtcDateTime, enum_type
from rating.rounds.models import RatedEstate

LONGEST_NOTE = 1000


class GapFinding(StrEnum):
    """What the check found."""

    EXPLAINED = "explained"
    SHEET_WRONG = "sheet_wrong"
    NOT_CLEAR = "not_clear"


class Checker(StrEnum):
    """Who checked: the estate's sub-district, or the bureau where that sub-district has nobody who can."""

    SUBDISTRICT = "subdistrict"
    BUREAU = "bureau"


class GapCheck(Base):
    """The check of one estate's gap, final. Rows are never changed (a trigger refuses it).

    It is of the two scores, in points, not of one scorecard: computed again with the same figures, a scorecard finds
    its gaps checked; with others, they have to be checked again.
    """

    __tablename__ = "gap_check"
    __table_args__ = (
        UniqueConstraint("rated_estate_id", "residents", "on_site"),
        CheckConstraint(f"length(note) BETWEEN 1 AND {LONGEST_NOTE}", name="note_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"))
    residents: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    on_site: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    finding: Mapped[GapFinding] = mapped_column(enum_type(GapFinding, "finding_known"))
    note: Mapped[str] = mapped_column(Text)
    checked_as: Mapped[Checker] = mapped_column(enum_type(Checker, "checked_as_known"))
    checked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rated_estate: Mapped[RatedEstate] = relationship()
    checker: Mapped[User] = relationship()
