"""The life of a job. What a worker writes counts only while the job is still its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Update, delete, update

from rating.access import Actor, Role
from rating.errors import Conflict, Refused
from rating.extensions import db
from rating.jobs.kinds import KINDS, Result
from rating.jobs.models import MOST_ATTEMPTS, Failure, Job, JobState
from rating.jobs.queries import count_active, find_same, list_silent
from rating.storage.engines import delete_rows
from rating.wording import _l

MOST_ACTIVE = 20
KEPT = timedelta(days=3)
NOBODY: dict[str, Any] = {"worker": None, "seen_at": None}


def ask_for(kind: str, arguments: Mapping[str, Any], actor: Actor, now: datetime) -> Job:
    """A new job, or the same person's one for the same that isn't over. Raises Conflict where too many wait."""
    if kind not in KINDS:
        raise ValueError(f"there is no job of kind {kind}")
    if actor.user_id is None:
        raise Refused(_l("Your account is not allowed to do this."))
    if same := find_same(kind, arguments, actor.user_id):
        return same
    if count_active() >= MOST_ACTIVE:
        raise Conflict(_l("Too many jobs are waiting. Please try again when some are done."))
    new = Job(kind=kind, arguments=dict(arguments), asked_by_id=actor.user_id, asked_at=now, state=JobState.WAITING)
    db.session.add(new)
    db.session.flush()
    return new


def may_see(job: Job, actor: Actor) -> bool:
    """Whether the actor asked for it or is of the bureau."""
    return job.asked_by_id == actor.user_id or actor.has(Role.BUREAU)


def _still_waiting() -> ColumnElement[bool]:
    """The condition by which only one worker can claim a job."""
    return Job.state == JobState.WAITING


def _own(job_id: int, worker: str) -> Update:
    """An UPDATE of the job only while this worker has it."""
    own = update(Job).where(Job.id == job_id, Job.worker == worker, Job.state == JobState.RUNNING)
    return own.execution_options(synchronize_session=False)


def _did(statement: Update) -> bool:
    result = db.session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def claim(job_id: int, worker: str, now: datetime) -> bool:
    """Take a waiting job; False if another was quicker."""
    taken = update(Job).where(Job.id == job_id, _still_waiting()).execution_options(synchronize_session=False)
    return _did(
        taken.values(state=JobState.RUNNING, worker=worker, seen_at=now, attempts=Job.attempts + 1, done=0, total=0)
    )


def tell_alive(job_id: int, worker: str, now: datetime) -> bool:
    """Record a heartbeat; False if the worker no longer has the job."""
    return _did(_own(job_id, worker).values(seen_at=now))


def tell_progress(job_id: int, worker: str, done: int, total: int) -> bool:
    """Record progress; False if the worker no longer has the job."""
    return _did(_own(job_id, worker).values(done=done, total=total))


def finish(job_id: int, worker: str, result: Result, now: datetime) -> bool:
    """Store the result; False (and nothing is stored) if the worker no longer has the job."""
    over = {"state": JobState.DONE, "ended_at": now, "result": result.content, **NOBODY}
    return _did(_own(job_id, worker).values(**over, file_name=result.file_name, media_type=result.media_type))


def fail(job_id: int, worker: str, why: Failure, now: datetime) -> bool:
    """Record that the job failed; False if the worker no longer has it."""
    return _did(_own(job_id, worker).values(state=JobState.FAILED, ended_at=now, failure=why, **NOBODY))


def give_back(job_id: int, worker: str) -> bool:
    """Return the job of a worker that was told to stop to the queue; the attempt doesn't count."""
    return _did(_own(job_id, worker).values(state=JobState.WAITING, attempts=Job.attempts - 1, **NOBODY))


def take_from_silent(now: datetime) -> tuple[int, int]:
    """Requeue the jobs whose worker is gone, or fail them if that was the second time; returns how many of each."""
    again = failed = 0
    for job in list_silent(now):
        worker = str(job.worker)
        if job.attempts >= MOST_ATTEMPTS:
            failed += fail(job.id, worker, Failure.INTERRUPTED, now)
        else:
            again += _did(_own(job.id, worker).values(state=JobState.WAITING, **NOBODY))
    return again, failed


def forget_old_jobs(now: datetime) -> int:
    """Delete jobs and their results three days after they ended; returns how many."""
    return delete_rows(delete(Job).where(Job.ended_at < now - KEPT))
