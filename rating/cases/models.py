"""What follows a black listing: the talk, what was promised, and whether someone else found it done.

Texts that become public name posts, never people; the columns under 'internal' never leave the house.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.calendar import day_of
from rating.extensions import Base, UtcDateTime, enum_type
from rating.registry.models import Estate
from rating.releases.models import Listing


class TalkState(StrEnum):
    """送达, 改期, 约谈, 未到场."""

    NOTIFIED = "notified"
    POSTPONED = "postponed"
    HELD = "held"
    ABSENT = "absent"


TALK_TRANSITIONS: dict[TalkState, frozenset[TalkState]] = {
    TalkState.NOTIFIED: frozenset({TalkState.POSTPONED, TalkState.HELD, TalkState.ABSENT}),
    TalkState.POSTPONED: frozenset({TalkState.HELD, TalkState.ABSENT}),
    TalkState.ABSENT: frozenset({TalkState.HELD}),
    TalkState.HELD: frozenset(),
}


class TalkForm(StrEnum):
    """方式: 当面, 视频."""

    IN_PERSON = "in_person"
    VIDEO = "video"


class Attendance(StrEnum):
    """到场情况: the head came, or somebody with the head's written authority."""

    HEAD = "head"
    AUTHORISED = "authorised"


class Talk(Base):
    """约谈: a supervisory conversation, not a penalty. `notified_on` is the day on which the notice was served."""

    __tablename__ = "talk"
    __table_args__ = (
        UniqueConstraint("listing_id"),
        UniqueConstraint("notice_number"),
        CheckConstraint("state <> 'held' OR (held_at IS NOT NULL AND length(findings) > 0)", name="held_is_recorded"),
        CheckConstraint("state <> 'absent' OR absent_on IS NOT NULL", name="absence_has_day"),
        CheckConstraint("ended_at > held_at", name="end_after_start"),
        CheckConstraint(
            "(state <> 'postponed' OR postponed_from IS NOT NULL)"
            " AND (postponed_from IS NULL OR (scheduled_at > postponed_from AND length(postponement_reason) > 0))",
            name="postponement_is_later_with_reason",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    state: Mapped[TalkState] = mapped_column(enum_type(TalkState, "state_known"), default=TalkState.NOTIFIED)
    # the notice
    notice_number: Mapped[str] = mapped_column(String(60))
    notified_on: Mapped[date]
    scheduled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    postponed_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    postponement_reason: Mapped[str] = mapped_column(Text, default="")
    late_reason: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(160))
    form: Mapped[TalkForm] = mapped_column(enum_type(TalkForm, "form_known"), default=TalkForm.IN_PERSON)
    issuer: Mapped[str] = mapped_column(String(160))
    joint_issuers: Mapped[str] = mapped_column(String(200), default="")
    summoned: Mapped[str] = mapped_column(String(200), default="")
    cause: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, default="")
    # the record
    absent_on: Mapped[date | None]
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    conducted_by: Mapped[str] = mapped_column(String(200), default="")
    minuted_by: Mapped[str] = mapped_column(String(200), default="")
    attended_by: Mapped[str] = mapped_column(String(200), default="")
    attendance: Mapped[Attendance | None] = mapped_column(enum_type(Attendance, "attendance_known"))
    findings: Mapped[str] = mapped_column(Text, default="")
    company_said: Mapped[str] = mapped_column(Text, default="")
    required: Mapped[str] = mapped_column(Text, default="")
    # internal
    to_bring: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    service_note: Mapped[str] = mapped_column(Text, default="")
    names: Mapped[str] = mapped_column(Text, default="")
    formalities: Mapped[str] = mapped_column(Text, default="")
    verbatim: Mapped[str] = mapped_column(Text, default="")
    internal_note: Mapped[str] = mapped_column(Text, default="")
    notified_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    listing: Mapped[Listing] = relationship()
    commitments: Mapped[list[Commitment]] = relationship(
        back_populates="talk", order_by="Commitment.due_on, Commitment.id"
    )

    @property
    def scheduled_on(self) -> date:
        """The day in Shanghai that the notice names."""
        return day_of(self.scheduled_at)

    @property
    def held_on(self) -> date | None:
        """The day in Shanghai on which the talk was held."""
        return None if self.held_at is None else day_of(self.held_at)

    def may_become(self, state: TalkState) -> bool:
        """Whether this step is allowed from the talk's state."""
        return state in TALK_TRANSITIONS[self.state]

    def count(self, state: CommitmentState, today: date) -> int:
        """How many of its commitments are in this state on a day."""
        return sum(commitment.state(today) == state for commitment in self.commitments)


class Party(StrEnum):
    """责任方."""

    COMPANY = "company"
    COMMITTEE = "committee"
    COMMUNITY = "community"
    HANDED_OVER = "handed_over"


class CommitmentKind(StrEnum):
    """What decides the deadline: 紧急, 险情, 一般, 需表决动用维修资金."""

    URGENT = "urgent"
    HAZARDOUS = "hazardous"
    ORDINARY = "ordinary"
    FUND = "fund"


class CommitmentState(StrEnum):
    """How far a commitment has got; `done` is what the party says, `verified` what a re-inspection found."""

    OPEN = "open"
    DONE = "done"
    VERIFIED = "verified"
    OVERDUE = "overdue"


class Commitment(Base):
    """整改事项: who does what about which estate by when. `indicator` is 'direction.key' of the rulebook, or empty."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("due_on >= made_on", name="due_after_made"),
        CheckConstraint("done_on >= made_on", name="done_after_made"),
        CheckConstraint("done_on IS NULL OR length(evidence) > 0", name="done_has_evidence"),
        CheckConstraint("party <> 'handed_over' OR length(handed_over_to) > 0", name="handed_over_to_a_body"),
        CheckConstraint("kind NOT IN ('hazardous', 'fund') OR length(interim) > 0", name="long_kinds_have_interim"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talk.id"), index=True)
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estate.id"), index=True)
    indicator: Mapped[str] = mapped_column(String(80), default="")
    party: Mapped[Party] = mapped_column(enum_type(Party, "party_known"))
    owner_post: Mapped[str] = mapped_column(String(80))
    handed_over_to: Mapped[str] = mapped_column(String(160), default="")
    handed_over_number: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[CommitmentKind] = mapped_column(enum_type(CommitmentKind, "kind_known"))
    problem: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    interim: Mapped[str] = mapped_column(Text, default="")
    made_on: Mapped[date]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    talk: Mapped[Talk] = relationship(back_populates="commitments")
    estate: Mapped[Estate | None] = relationship()
    reinspections: Mapped[list[Reinspection]] = relationship(
        back_populates="commitment", order_by="Reinspection.inspected_on, Reinspection.id"
    )

    @property
    def verified_on(self) -> date | None:
        """The day a re-inspection found it done, if one did."""
        return next((r.inspected_on for r in self.reinspections if r.passed), None)

    @property
    def awaits_reinspection(self) -> bool:
        """Reported done, and nobody has looked since."""
        done_on = self.done_on
        return done_on is not None and all(r.inspected_on < done_on for r in self.reinspections)

    def is_overdue(self, today: date) -> bool:
        """Past its deadline and not verified; what was reported done in time is not overdue while it awaits
        re-inspection.
        """
        if self.verified_on is not None or today <= self.due_on:
            return False
        in_time = self.done_on is not None and self.done_on <= self.due_on
        return not (in_time and self.awaits_reinspection)

    def state(self, today: date) -> CommitmentState:
        """Where it stands on a day."""
        if self.verified_on is not None:
            return CommitmentState.VERIFIED
        if self.is_overdue(today):
            return CommitmentState.OVERDUE
        return CommitmentState.DONE if self.awaits_reinspection else CommitmentState.OPEN


class Reinspection(Base):
    """复查 by someone who took no part in the talk."""

    __tablename__ = "reinspection"
    __table_args__ = (CheckConstraint("length(findings) > 0", name="findings_given"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    inspected_on: Mapped[date]
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    inspector_post: Mapped[str] = mapped_column(String(80))
    passed: Mapped[bool]
    findings: Mapped[str] = mapped_column(Text)
    commitment: Mapped[Commitment] = relationship(back_populates="reinspections")
