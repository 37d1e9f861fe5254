"""Why an evaluation is set aside (存疑), and what a person decided about it (复核)."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from rating.extensions import Base, UtcDateTime, enum_type

LONGEST_NOTE = 500


class FlagKind(StrEnum):
    """The patterns that set evaluations aside; none of them looks at whether marks are high or low."""

    SAME_ANSWERS = "same_answers"
    SAME_COMMENT = "same_comment"


class Decision(StrEnum):
    """采信 or 不予采信."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class RejectionReason(StrEnum):
    """The kind of reason why an evaluation isn't counted; shown to whoever has its receipt."""

    SAME_HAND = "same_hand"
    CODE_MISUSED = "code_misused"
    MACHINE_MADE = "machine_made"


class Flag(Base):
    """存疑: one pattern that an evaluation is part of, found when its round was closed.

    `cluster` numbers the groups of one kind in an estate, from 1 and in no order of arrival: those in it share one
    pattern and are looked at together. A row is never changed or deleted (a trigger refuses it).
    """

    __tablename__ = "flag"
    __table_args__ = (CheckConstraint("cluster >= 1", name="cluster_positive"), {"sqlite_with_rowid": False})

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    kind: Mapped[FlagKind] = mapped_column(enum_type(FlagKind, "kind_known"), primary_key=True)
    cluster: Mapped[int]


class Review(Base):
    """复核: what a reviewer decided about a flagged evaluation; final (a trigger refuses to change or delete it)."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("(decision = 'rejected') = (reason IS NOT NULL)", name="rejection_has_reason"),
        CheckConstraint(f"length(note) <= {LONGEST_NOTE}", name="note_short"),
        {"sqlite_with_rowid": False},
    )

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    decision: Mapped[Decision] = mapped_column(enum_type(Decision, "decision_known"))
    reason: Mapped[RejectionReason | None] = mapped_column(enum_type(RejectionReason, "reason_known"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")


class SealedValue(Base):
    """校验值 of a resident's evaluation and the random nonce that it was made with. Never changed (a trigger).

    `value` is published for what was counted. `nonce` leaves the house only when the auditor opens the row: without
    it nobody can try out which answers give the value.
    """

    __tablename__ = "sealed_value"
    __table_args__ = (
        CheckConstraint("length(nonce) = 32", name="nonce_whole"),
        CheckConstraint("length(value) = 32", name="value_whole"),
        {"sqlite_with_rowid": False},
    )

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(32))
    value: Mapped[bytes] = mapped_column(LargeBinary(32))
