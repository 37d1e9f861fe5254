"""What the auditor's spot checks of a release found."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.extensions import Base
from rating.releases.models import Release

LONGEST_NOTE = 500
LONGEST_SEED = 80
SERVER_PART = 16  # hex digits that the server adds to what the auditor types, after a hyphen
LONGEST_TYPED = LONGEST_SEED - SERVER_PART - 1
LARGEST_SAMPLE = 200


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
