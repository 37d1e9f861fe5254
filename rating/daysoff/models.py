"""The notice of a year's days off, as it was entered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.extensions import Base, UtcDateTime

LONGEST_SOURCE = 80


class DaysOffNotice(Base):
    """One year's notice: all its days off and make-up workdays."""

    __tablename__ = "days_off_notice"
    __table_args__ = (
        CheckConstraint("year BETWEEN 2004 AND 2199", name="year_computable"),
        CheckConstraint(f"length(source) BETWEEN 1 AND {LONGEST_SOURCE}", name="source_given"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(LONGEST_SOURCE))
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    days: Mapped[list[NoticedDay]] = relationship(order_by="NoticedDay.day", cascade="all, delete-orphan")
    enterer: Mapped[User] = relationship()

    @property
    def by_day(self) -> dict[date, bool]:
        """Each day that it names, and whether that is worked."""
        return {one.day: one.worked for one in self.days}


class NoticedDay(Base):
    """A day that a notice names: off, or worked to make up for others. No day stands in two notices."""

    __tablename__ = "noticed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    worked: Mapped[bool]
    year: Mapped[int] = mapped_column(ForeignKey("days_off_notice.year", ondelete="CASCADE"), index=True)
