"""A round, the estates frozen into it, and the household codes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.extensions import Base, UtcDateTime, enum_type
from rating.registry.models import Committee, Community, Company, Estate
from rating.rulebooks.models import Rulebook

LONGEST_TITLE = 80


class RoundState(StrEnum):
    """The life of a round, in order."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PREVIEW = "preview"
    PUBLISHED = "published"
    ARCHIVED = "archived"


TRANSITIONS: dict[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.OPEN}),
    RoundState.OPEN: frozenset({RoundState.CLOSED}),
    RoundState.CLOSED: frozenset({RoundState.PREVIEW}),
    RoundState.PREVIEW: frozenset(
        {RoundState.PUBLISHED, RoundState.CLOSED}
    ),  # back to closed, when a preview shows a fault
    RoundState.PUBLISHED: frozenset({RoundState.ARCHIVED}),
    RoundState.ARCHIVED: frozenset(),
}


def is_taking(state: RoundState, opens_on: date, closes_on: date, today: date) -> bool:
    """Whether a round in this state and with these days takes evaluations today."""
    return state is RoundState.OPEN and opens_on <= today <= closes_on


class Round(Base):
    """评价期. Days are Shanghai days, both ends included; `rated_*` is the period that is judged."""

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("closes_on >= opens_on", name="open_days_in_order"),
        CheckConstraint("rated_to >= rated_from", name="rated_days_in_order"),
        CheckConstraint("number >= 1", name="number_positive"),
        Index(
            "uq_round_one_open",
            "state",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    title_zh: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    title_en: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("rulebook.id", ondelete="RESTRICT"))
    state: Mapped[RoundState] = mapped_column(enum_type(RoundState, "state_known"), default=RoundState.DRAFT)
    trial: Mapped[bool] = mapped_column(default=False)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    rated_from: Mapped[date]
    rated_to: Mapped[date]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    previewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    preview_ends_on: Mapped[date | None]
    rulebook: Mapped[Rulebook] = relationship()

    @property
    def zh(self) -> str:
        """The title in Chinese, for the `said` filter."""
        return self.title_zh

    @property
    def en(self) -> str:
        """The title in English."""
        return self.title_en

    def takes_evaluations(self, today: date) -> bool:
        """Open, and today lies within its days."""
        return is_taking(self.state, self.opens_on, self.closes_on, today)

    def is_still_to_open(self, today: date) -> bool:
        """Whether its first day lies ahead."""
        return today < self.opens_on

    def is_preview_over(self, today: date) -> bool:
        """Whether the last day of its preview has passed; False before it has one."""
        return self.preview_ends_on is not None and today > self.preview_ends_on


class RatedEstate(Base):
    """参评小区: an estate in a round, frozen at opening. Every evaluation, in every direction, is about one."""

    __tablename__ = "rated_estate"
    __table_args__ = (
        UniqueConstraint("round_id", "estate_id"),
        CheckConstraint("households >= 1", name="households_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    estate_id: Mapped[int] = mapped_column(ForeignKey("estate.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    committee_id: Mapped[int | None] = mapped_column(ForeignKey("committee.id"))
    households: Mapped[int]
    manager: Mapped[str] = mapped_column(String(60), default="")
    attributes: Mapped[dict[str, bool]] = mapped_column(JSON, default=dict)
    round: Mapped[Round] = relationship()
    estate: Mapped[Estate] = relationship()
    company: Mapped[Company] = relationship()
    community: Mapped[Community] = relationship()
    committee: Mapped[Committee | None] = relationship()


class HouseholdCode(Base):
    """评价码: the keyed hash of one household number's code. The code itself is only ever in the printed letter."""

    __tablename__ = "household_code"
    __table_args__ = (
        CheckConstraint("household_number >= 1", name="household_number_positive"),
        {"sqlite_with_rowid": False},
    )

    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"), primary_key=True)
    household_number: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
