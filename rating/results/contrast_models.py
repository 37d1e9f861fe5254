"""Do those who are hard to reach rate differently? The city's answer, kept beside a scorecard."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from rating.extensions import Base, enum_type


class ContrastKind(StrEnum):
    """Which two groups of residents are set against each other: late − early, a helper's entry − own entry."""

    LATE = "late"
    HELPER = "helper"


class CityContrast(Base):
    """The difference first − second group in points with its 95 % interval, as rating.scoring.Contrast has it.

    Worked out when a scorecard's preview begins, and never changed (a trigger refuses it). There is none where too few
    have answered for it.
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
