"""Running jobs: each in a process of its own, with limits of time and memory."""

from __future__ import annotations

import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from flask import current_app
from werkzeug.exceptions import HTTPException

from rating.config import ROOT
from rating.errors import DomainError
from rating.extensions import db
from rating.jobs.kinds import KINDS
from rating.jobs.models import Failure
from rating.jobs.queries import find_waiting, get_job
from rating.jobs.service import (
    claim,
    fail,
    finish,
    forget_old_jobs,
    give_back,
    take_from_silent,
    tell_alive,
    tell_progress,
)
from rating.web.request import now

TELLS_EVERY = 5.0  # seconds
LOOKS_EVERY = 0.2
OUT_OF_MEMORY = 70  # exit code of a job's process that reached its limit
# When its processor time is used up, the kernel ends it.
ENDS = {0: None, OUT_OF_MEMORY: Failure.MEMORY, -signal.SIGXCPU: Failure.TIME}
log = structlog.get_logger()


Stopping = Callable[[], bool]


def never() -> bool:
    """This worker never stops."""
    return False


def work_one(stopping: Stopping = never) -> bool:
    """Run the job that has waited longest; False if none is waiting. Jobs whose worker is gone are requeued first.

    When `stopping` returns True, the job is left to another worker.
    """
    again, failed = take_from_silent(now())
    forget_old_jobs(now())
    db.session.commit()
    if again or failed:
        log.warning("jobs whose worker was gone", again=again, failed=failed)
    worker = secrets.token_hex(16)
    job_id = find_waiting()
    db.session.rollback()
    if job_id is None:
        return False
    if claim(job_id, worker, now()):
        db.session.commit()
        _watch(job_id, worker, stopping)
    db.session.rollback()
    return True


def _watch(job_id: int, worker: str, stopping: Stopping) -> None:
    """Let a process run the job, send heartbeats meanwhile, and end it when its time is over."""
    command = job_command(job_id, worker)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=ROOT)  # noqa: S603  # our own interpreter
    try:
        failure = _wait(process, job_id, worker, stopping)
    finally:
        process.kill()
        process.wait()
    if stopping() and process.returncode != 0:
        give_back(job_id, worker)
    elif failure is not None and fail(job_id, worker, failure, now()):
        log.warning("job failed", job=job_id, why=failure)
    db.session.commit()


def job_command(job_id: int, worker: str) -> list[str]:
    """The command line of a job's process."""
    return [sys.executable, "-m", "rating.cli", "run-job", str(job_id), worker]


def _wait(process: subprocess.Popen[bytes], job_id: int, worker: str, stopping: Stopping) -> Failure | None:
    """Why the job failed, where its process could not say so itself."""
    told = time.monotonic()
    end = told + float(current_app.config["JOB_SECONDS"])
    while not stopping():
        try:
            return ENDS.get(process.wait(timeout=LOOKS_EVERY), Failure.ERROR)
        except subprocess.TimeoutExpired:
            moment = time.monotonic()
        if moment > end:
            return Failure.TIME
        if moment > told + TELLS_EVERY:
            told = moment
            still_own = tell_alive(job_id, worker, now())
            db.session.commit()
            if not still_own:
                return None
    return None


# ---- within the process


def run_job(job_id: int, worker: str) -> int:
    """Run a job that this worker has, and store its result; returns the process's exit code."""
    job = get_job(job_id)
    kind, arguments = KINDS[job.kind], dict(job.arguments)
    db.session.rollback()

    def progress(done: int, total: int) -> None:
        db.session.rollback()
        tell_progress(job_id, worker, done, total)
        db.session.commit()

    with _limits():
        try:
            result = kind.work(arguments, progress)
        except MemoryError:
            return OUT_OF_MEMORY
        except (DomainError, HTTPException) as error:
            log.warning("job refused", job=job_id, why=str(error))
            db.session.rollback()
            fail(job_id, worker, Failure.REFUSED, now())
        except Exception as error:
            log.error("job failed", job=job_id, kind=kind.key, exc_info=error)
            return 1
        else:
            db.session.rollback()
            finish(job_id, worker, result, now())
    db.session.commit()
    return 0


@contextmanager
def _limits() -> Iterator[None]:
    """What this process may use at most, until it ends."""
    seconds, megabytes = int(current_app.config["JOB_SECONDS"]), int(current_app.config["JOB_MB"])
    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, megabytes * 1024 * 1024)):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    yield
