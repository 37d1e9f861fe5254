"""The event log, which is append-only and a chain, and stored files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rating.extensions import Base, UtcDateTime


class Event(Base):
    """One change of state: who, when, what, why. Accepting an evaluation appends none.

    `number` counts from 1 without gaps; `hash` depends on everything here and on the event before (see audit.chain).
    """

    __tablename__ = "event"
    __table_args__ = (CheckConstraint("length(hash) = 32", name="hash_whole"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class StoredFile(Base):
    """A file that somebody handed in as evidence, under the SHA-256 of what is kept of it.

    Its content never changes; `kept_on` is the day on which it was last handed in.

    Pictures are kept without what cameras write into them: place, time, phone.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_whole"),
        CheckConstraint("media_type IN ('application/pdf', 'image/jpeg', 'image/png')", name="media_type_known"),
    )

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    kept_on: Mapped[date]

    @property
    def suffix(self) -> str:
        """How its name ends when it is downloaded."""
        return {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[self.media_type]
