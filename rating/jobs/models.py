"""A job: what is to be done, how far it has got, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.accounts.models import User
from rating.extensions import Base, UtcDateTime, enum_type

MOST_ATTEMPTS = 2
SILENT_AFTER = timedelta(minutes=1)  # a worker sends a heartbeat every few seconds
WAITS_LONG = timedelta(minutes=2)


class JobState(StrEnum):
    """A job's life: waiting → running → done or failed; a worker's end takes it back to waiting, once."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Failure(StrEnum):
    """Why a job failed."""

    ERROR = "error"  # its work raised an error; the log has it
    REFUSED = "refused"  # what it is about has changed, so it isn't allowed any more
    TIME = "time"
    MEMORY = "memory"
    INTERRUPTED = "interrupted"  # its worker ended, twice


class Job(Base):
    """Work of a `kind` with its arguments. `worker` is who runs it now, a random word for each attempt."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done >= 0 AND done <= total", name="progress_within"),
        CheckConstraint(f"attempts BETWEEN 0 AND {MOST_ATTEMPTS}", name="attempts_few"),
        CheckConstraint(
            "(state = 'running') = (worker IS NOT NULL) AND (state = 'running') = (seen_at IS NOT NULL)",
            name="worker_while_running",
        ),
        CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended_when_over"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure_when_failed"),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result_when_done"),
        Index("ix_job_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[JobState] = mapped_column(enum_type(JobState, "state_known"), default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(32))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failure: Mapped[Failure | None] = mapped_column(enum_type(Failure, "failure_known"))
    file_name: Mapped[str | None] = mapped_column(String(120))
    media_type: Mapped[str | None] = mapped_column(String(80))
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    asked_by: Mapped[User] = relationship()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {JobState.DONE, JobState.FAILED}

    def waits_long(self, now: datetime) -> bool:
        """Whether nobody seems to be working."""
        return self.state is JobState.WAITING and now - self.asked_at > WAITS_LONG
