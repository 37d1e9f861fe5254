"""Sign-off by committees, the numbered, immutable release, and the receipt lists that are frozen with it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.calendar import add_working_days
from rating.extensions import Base, UtcDateTime, enum_type
from rating.registry.models import Company, Estate
from rating.results.models import StoredScorecard
from rating.rounds.models import RatedEstate, Round
from rating.scoring import CompanyCard, Standing

LONGEST_REMARK = 1000


class Party(StrEnum):
    """Who reviews an estate's result: its committee (物管会) and its community (社区), each for itself."""

    COMMITTEE = "committee"
    COMMUNITY = "community"


class Decision(StrEnum):
    """What a committee or community says of its estate's result."""

    SIGNED = "signed"
    REMARKED = "remarked"


class SignOff(Base):
    """A committee's (or community's) signature under its estate's preview, or its remark. Final once given."""

    __tablename__ = "sign_off"
    __table_args__ = (
        UniqueConstraint("rated_estate_id", "scorecard_id", "party"),
        CheckConstraint("decision = 'signed' OR length(remark) > 0", name="remark_has_text"),
        CheckConstraint(f"length(remark) <= {LONGEST_REMARK}", name="remark_not_too_long"),
        CheckConstraint("party IN ('committee', 'community')", name="party_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rated_estate_id: Mapped[int] = mapped_column(ForeignKey("rated_estate.id"))
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"), index=True)
    party: Mapped[str] = mapped_column(String(20))
    decision: Mapped[Decision] = mapped_column(enum_type(Decision, "decision_known"))
    remark: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    rated_estate: Mapped[RatedEstate] = relationship()


class ReleaseDraft(Base):
    """拟稿: what somebody wants published; another person signs it (签发).

    `digest` is SHA-256 of all that its release will say; only a draft from before there were digests has none.
    """

    __tablename__ = "release_draft"
    __table_args__ = (
        UniqueConstraint("scorecard_id"),
        CheckConstraint("length(digest) = 64", name="digest_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    drafted_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str | None] = mapped_column(String(64))
    scorecard: Mapped[StoredScorecard] = relationship()
    drafter: Mapped[User] = relationship()


class Release(Base):
    """评价公告(第N号). Rows are never updated (a trigger refuses it).

    `draft_digest` is SHA-256 of the draft that was signed, empty in releases from before there were digests. `received`
    and what became of it are the residents' evaluations of the whole round (the on-site ones where the rulebook asks no
    residents). `log_number` and `log_hash` are the last event before it was signed: whoever has the release can tell
    whether the event log was cut off or rewritten (none in releases from before the log was a chain).
    """

    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint("signed_by <> drafted_by", name="two_people"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("received = counted + set_aside + rejected", name="received_reconciles"),
        CheckConstraint("counted >= 0 AND set_aside >= 0 AND rejected >= 0", name="counts_not_negative"),
        CheckConstraint("shown_until >= published_on", name="shown_after_publishing"),
        CheckConstraint(
            "(log_number IS NULL) = (log_hash IS NULL) AND log_number >= 1 AND length(log_hash) = 32",
            name="log_head_whole",
        ),
        CheckConstraint("length(draft_digest) = 64", name="signed_digest_whole"),
        UniqueConstraint("scorecard_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"))
    drafted_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    signed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_on: Mapped[date]
    shown_until: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    draft_digest: Mapped[str | None] = mapped_column(String(64))
    received: Mapped[int]
    counted: Mapped[int]
    set_aside: Mapped[int]
    rejected: Mapped[int]
    log_number: Mapped[int | None]
    log_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    round: Mapped[Round] = relationship()
    scorecard: Mapped[StoredScorecard] = relationship()

    @property
    def is_trial(self) -> bool:
        """Whether it is of a trial round, which lists nobody."""
        return self.round.trial

    def is_current(self, today: date) -> bool:
        """Whether its lists are still on display."""
        return today <= self.shown_until


class Listing(Base):
    """One company's place in a release, as it was on the day.

    `result` is the company's card of the scorecard without its estates, decimals as strings. `place` is its place
    within its list: 1 is the highest score, on the black list the lowest; ties share a place; None where it isn't
    ranked (insufficient, or vetoed without enough evaluations).
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("release_id", "company_id"),
        CheckConstraint("place >= 1", name="place_positive"),
        CheckConstraint("standing <> 'insufficient' OR place IS NULL", name="insufficient_unranked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    standing: Mapped[Standing] = mapped_column(enum_type(Standing, "standing_known"))
    place: Mapped[int | None]
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    release: Mapped[Release] = relationship()
    company: Mapped[Company] = relationship()

    @cached_property
    def card(self) -> CompanyCard:
        """What it says of the company, typed; without its estates, which only the scorecard has."""
        return CompanyCard.from_dict({**self.result, "estates": []})

    def is_on_display(self, today: date) -> bool:
        """Whether pages beside the archive may show it: a black listing's display ends with the release's."""
        return self.standing is not Standing.BLACK or self.release.is_current(today)

    @property
    def calls_for_talk(self) -> bool:
        """Whether the company is called to a talk: a black listing is."""
        return self.standing is Standing.BLACK

    @property
    def talk_due_on(self) -> date:
        """The last day for the talk: the rulebook's number of working days after publication."""
        windows = self.release.round.rulebook.content.windows
        return add_working_days(self.release.published_on, windows.talk_working_days)

    def is_talk_overdue(self, day: date) -> bool:
        """Whether a talk that is still to come on this day comes later than the rulebook allows."""
        return day > self.talk_due_on


class ReceiptList(Base):
    """Whose counted evaluations are listed together in a release. Rows are never changed or deleted (triggers).

    Of a shown estate; of one of a company's groups of folded estates; with neither, of a company that has too few for
    a group, or, without a company, of a whole trial round. `number` counts from 1 in each release, by company and
    estate, the groups last.
    """

    __tablename__ = "receipt_list"
    __table_args__ = (
        UniqueConstraint("release_id", "number"),
        UniqueConstraint("release_id", "company_id", "estate_id", "group_number"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("count >= 1", name="count_positive"),
        CheckConstraint("estate_id IS NULL OR company_id IS NOT NULL", name="estate_of_a_company"),
        CheckConstraint("group_number IS NULL OR company_id IS NOT NULL", name="group_of_a_company"),
        CheckConstraint("estate_id IS NULL OR group_number IS NULL", name="estate_or_group"),
        CheckConstraint("group_number >= 1", name="group_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    number: Mapped[int]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estate.id"))
    group_number: Mapped[int | None]
    count: Mapped[int]
    release: Mapped[Release] = relationship()
    company: Mapped[Company | None] = relationship()
    estate: Mapped[Estate | None] = relationship()


class ListedReceipt(Base):
    """One counted evaluation as the public sees it: its receipt's SHA-256 and its 校验值. Never changed (triggers)."""

    __tablename__ = "listed_receipt"
    __table_args__ = (
        CheckConstraint("length(receipt_hash) = 32", name="receipt_hash_whole"),
        CheckConstraint("length(check_value) = 32", name="check_value_whole"),
        {"sqlite_with_rowid": False},
    )

    receipt_list_id: Mapped[int] = mapped_column(ForeignKey("receipt_list.id"), primary_key=True, autoincrement=False)
    receipt_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    check_value: Mapped[bytes] = mapped_column(LargeBinary(32))
