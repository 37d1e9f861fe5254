"""Rulebooks as they were loaded, immutable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rating.extensions import Base, UtcDateTime
from rating.rulebooks.content import RulebookContent
from rating.rulebooks.schemas import find_parsed, parse_content


class Rulebook(Base):
    """评价办法, one version. Rows are never updated (a trigger refuses it); one that a round uses can't be deleted."""

    __tablename__ = "rulebook"
    __table_args__ = (UniqueConstraint("key", "version"), CheckConstraint("version >= 1", name="version_positive"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def content(self) -> RulebookContent:
        """The parsed document (parsed once per digest and process)."""
        return parse_content(self.digest, self.document)

    @staticmethod
    def find_content(digest: str) -> RulebookContent | None:
        """The content under a digest, if this process has parsed it before."""
        return find_parsed(digest)
