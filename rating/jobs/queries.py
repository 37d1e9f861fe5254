"""Reading jobs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from rating.errors import NotFound
from rating.extensions import db
from rating.jobs.models import SILENT_AFTER, Job, JobState
from rating.wording import _l

ACTIVE = (JobState.WAITING, JobState.RUNNING)


def get_job(job_id: int) -> Job:
    """A job; raises NotFound."""
    if (found := db.session.get(Job, job_id)) is None:
        raise NotFound(_l("There is no such job, or its result is no longer kept."))
    return found


def find_waiting() -> int | None:
    """The job that has waited longest."""
    return db.session.scalar(select(Job.id).where(Job.state == JobState.WAITING).order_by(Job.id).limit(1))


def find_same(kind: str, arguments: Mapping[str, Any], user_id: int) -> Job | None:
    """The same person's job for the same, if it isn't over yet."""
    active = select(Job).where(Job.kind == kind, Job.asked_by_id == user_id, Job.state.in_(ACTIVE)).order_by(Job.id)
    return next((one for one in db.session.scalars(active) if one.arguments == dict(arguments)), None)


def count_active() -> int:
    """How many jobs wait or run."""
    return db.session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(ACTIVE))) or 0


def list_silent(now: datetime) -> list[Job]:
    """The running jobs whose worker has sent no heartbeat for too long."""
    silent = select(Job).where(Job.state == JobState.RUNNING, Job.seen_at < now - SILENT_AFTER).order_by(Job.id)
    return list(db.session.scalars(silent, execution_options={"populate_existing": True}))
