"""Jobs are worked off in processes of their own, with limits; a worker that is killed loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from rating.config import ROOT
from rating.extensions import db
from rating.jobs import working
from rating.jobs.kinds import KINDS, Kind
from rating.jobs.models import Failure, Job, JobState
from rating.jobs.queries import get_job
from rating.jobs.working import job_command, work_one
from rating.wording import _l
from tests.factories import JobFactory, RatedEstateFactory
from tests.support.pdf import texts

pytestmark = pytest.mark.long

KINDS_OF_TESTS = """
import resource, sys, time
from rating.errors import Conflict
from rating.jobs.kinds import Result, job
from rating.wording import _l

def text(content): return Result("result.txt", "text/plain", content.encode())

@job("limits", _l("limits"))
def limits(arguments, progress):
    progress(1, 2)
    return text(" ".join(str(resource.getrlimit(what)[0]) for what in (resource.RLIMIT_CPU, resource.RLIMIT_AS)))

@job("hungry", _l("hungry"))
def hungry(arguments, progress): return text(str(len(bytearray(100 * 1024 ** 3))))

@job("busy", _l("busy"))
def busy(arguments, progress):
    while True: pass

@job("broken", _l("broken"))
def broken(arguments, progress): raise ValueError("by test")

@job("refused", _l("refused"))
def refused(arguments, progress): raise Conflict(_l("not any more"))

@job("slow", _l("slow"))
def slow(arguments, progress): time.sleep(600)

from rating.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def _as_in_service(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a job's process finds: the same database and key, and jobs that show its limits."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    settings = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "k", "BASE_URL": "https://rating.test"}
    for name, value in settings.items():
        monkeypatch.setenv(f"RATING_{name}", value)

    def command(job_id: int, worker: str) -> list[str]:
        return [sys.executable, "-c", KINDS_OF_TESTS, *job_command(job_id, worker)[3:]]

    monkeypatch.setattr(working, "job_command", command)
    for name in ("limits", "hungry", "busy", "broken", "refused", "slow"):
        monkeypatch.setitem(KINDS, name, Kind(name, _l(name), KINDS["posters"].work))


def done(kind: str) -> Job:
    """A job of this kind after it was worked off."""
    job = JobFactory(kind=kind)
    db.session.commit()
    assert work_one()
    db.session.expire_all()
    return job


def test_all_posters_of_a_round_are_made_as_a_job(app: Flask, run_command: Callable[..., Result]) -> None:
    rated = [RatedEstateFactory()]
    rated += [RatedEstateFactory(round=rated[0].round) for _number in range(2)]
    job = JobFactory(arguments={"round": rated[0].round.number, "paper": "a3", "language": "en"})
    run_command("work", "--once")
    assert (job.state, job.failure, job.done, job.total) == (JobState.DONE, None, 3, 3)
    assert job.file_name == f"posters-{rated[0].round.number}-a3.pdf"
    pages = texts(job.result or b"")
    assert len(pages) == 3
    assert all(any(one.estate.name in page for page in pages) for one in rated)


@pytest.mark.sqlite_only(reason="limits are the process's, whatever the database")
def test_a_job_runs_within_its_limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATING_JOB_SECONDS", "77")
    monkeypatch.setenv("RATING_JOB_MB", "1500")
    job = done("limits")
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 2)
    assert job.result == f"77 {1500 * 1024 * 1024}".encode()


@pytest.mark.sqlite_only(reason="limits are the process's, whatever the database")
@pytest.mark.parametrize(
    ("kind", "failure"),
    [("hungry", Failure.MEMORY), ("broken", Failure.ERROR), ("refused", Failure.REFUSED), ("busy", Failure.TIME)],
)
def test_a_job_that_meets_a_limit_or_fails_says_why(
    app: Flask, monkeypatch: pytest.MonkeyPatch, kind: str, failure: Failure
) -> None:
    monkeypatch.setenv("RATING_JOB_SECONDS", "3")
    job = done(kind)
    assert (job.state, job.failure, job.result, job.worker) == (JobState.FAILED, failure, None, None)
    assert not work_one()


@pytest.mark.sqlite_only(reason="limits are the process's, whatever the database")
def test_a_job_that_only_waits_is_ended_when_its_time_is_over(app: Flask) -> None:
    app.config["JOB_SECONDS"] = 2
    assert done("slow").failure is Failure.TIME


PATCHED = """
from rating.jobs import working
command = working.job_command
working.job_command = lambda *words: [sys.executable, "-c", CHILD, *command(*words)[3:]]
from rating.cli import main
"""


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it took too long"
        db.session.rollback()
        time.sleep(0.05)
    db.session.rollback()


def is_in(job_id: int, state: JobState, attempts: int | None = None) -> Callable[[], bool]:
    def look() -> bool:
        db.session.expire_all()
        job = get_job(job_id)
        return job.state is state and attempts in {None, job.attempts}

    return look


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[[], subprocess.Popen[bytes]]:
    """`start()` is a worker."""
    script = KINDS_OF_TESTS.replace("from rating.cli import main", PATCHED)
    script = f"CHILD = {KINDS_OF_TESTS!r}\n{script}"
    return lambda: subprocess.Popen([sys.executable, "-c", script, "work"], start_new_session=True, cwd=ROOT)


def test_a_killed_workers_job_is_run_again_by_the_next_and_then_given_up(
    app: Flask, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    job = JobFactory(kind="slow")
    db.session.commit()
    job_id = job.id
    for attempt in (1, 2):
        process = start()
        wait_until(is_in(job_id, JobState.RUNNING, attempt))
        os.killpg(process.pid, signal.SIGKILL)  # a group of its own, started above
        process.wait()
        killed = get_job(job_id)
        assert (killed.state, killed.attempts) == (JobState.RUNNING, attempt)
        assert killed.seen_at is not None
        killed.seen_at -= timedelta(minutes=2)  # so long ago, instead of waiting here
        db.session.commit()
    process = start()
    wait_until(is_in(job_id, JobState.FAILED))
    process.terminate()
    assert process.wait() == 0
    assert (job.failure, job.attempts) == (Failure.INTERRUPTED, 2)


def test_a_worker_that_is_told_to_stop_leaves_its_job_to_the_next(
    app: Flask, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    job = JobFactory(kind="slow")
    db.session.commit()
    process = start()
    wait_until(is_in(job.id, JobState.RUNNING))
    process.terminate()
    assert process.wait() == 0
    wait_until(is_in(job.id, JobState.WAITING))
    assert job.attempts == 0


def test_two_workers_share_the_jobs_and_run_none_twice(
    app: Flask, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    jobs = [JobFactory(kind="limits").id for _number in range(6)]
    db.session.commit()
    processes = [start(), start()]
    for job_id in jobs:
        wait_until(is_in(job_id, JobState.DONE))
    for process in processes:
        process.terminate()
        process.wait()
    assert [get_job(job_id).attempts for job_id in jobs] == [1] * 6
