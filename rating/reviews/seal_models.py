"""What an evaluation was sealed with when its round closed."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from rating.extensions import Base


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
