"""The receipt lists that are frozen with a release, and what the auditor's spot checks found."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.extensions import Base
from rating.registry.models import Company, Estate
from rating.releases.models import Release

LONGEST_NOTE = 500
LONGEST_SEED = 80
SERVER_PART = 16  # hex digits that the server adds to what the auditor types, behind a hyphen
LONGEST_TYPED = LONGEST_SEED - SERVER_PART - 1
LARGEST_SAMPLE = 200


class ReceiptList(Base):
    """Whose counted evaluations stand together in a release. Rows are never changed or deleted (triggers).

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


class SpotCheck(Base):
    """What the auditor found on opening a sample of a release's rows. Which rows said what is not kept."""

    __tablename__ = "spot_check"
    __table_args__ = (
        UniqueConstraint("release_id", "seed"),
        CheckConstraint(f"opened BETWEEN 1 AND {LARGEST_SAMPLE}", name="opened_within_sample"),
        CheckConstraint("matching BETWEEN 0 AND opened", name="matching_among_opened"),
        CheckConstraint(f"length(seed) BETWEEN 1 AND {LONGEST_SEED}", name="seed_given"),
        CheckConstraint(f"length(note) <= {LONGEST_NOTE}", name="note_not_too_long"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    seed: Mapped[str] = mapped_column(String(LONGEST_SEED))
    opened: Mapped[int]
    matching: Mapped[int]
    checked_on: Mapped[date]
    checked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    release: Mapped[Release] = relationship()
    checker: Mapped[User] = relationship()
