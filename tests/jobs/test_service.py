"""A job is had by one worker, and what happens to it happens once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, true

from rating.access import ANONYMOUS, Role
from rating.accounts.models import User
from rating.errors import Conflict, Refused
from rating.extensions import db
from rating.jobs import service
from rating.jobs.kinds import Result
from rating.jobs.models import MOST_ATTEMPTS, SILENT_AFTER, Failure, Job, JobState
from rating.jobs.queries import find_waiting, get_job
from rating.jobs.service import (
    KEPT,
    MOST_ACTIVE,
    ask_for,
    claim,
    fail,
    finish,
    forget_old_jobs,
    give_back,
    take_from_silent,
    tell_alive,
    tell_progress,
)
from tests.factories import JobFactory, UserFactory
from tests.support.clock import START

FILE = Result("posters.pdf", "application/pdf", b"%PDF-")
LATER = START + SILENT_AFTER + timedelta(seconds=1)


@pytest.fixture
def user(app: Flask) -> User:
    return UserFactory(role=Role.BUREAU)


def again(job_id: int) -> Job:
    db.session.commit()
    db.session.expire_all()
    return get_job(job_id)


def two_look_then_take() -> list[bool]:
    """Two workers have both seen the same job waiting before either takes it."""
    seen = []
    for _worker in range(2):
        seen.append(find_waiting())
        db.session.rollback()
    assert seen[0] == seen[1] is not None
    taken = []
    for number, job_id in enumerate(seen):
        taken.append(claim(job_id, f"worker {number}", START))  # type: ignore[arg-type]  # it is none of None
        db.session.commit()
    return taken


def test_of_two_workers_that_saw_the_same_job_one_has_it(user: User) -> None:
    job = JobFactory()
    db.session.commit()
    assert two_look_then_take() == [True, False]
    assert (again(job.id).worker, job.attempts) == ("worker 0", 1)
    assert find_waiting() is None


def test_without_the_condition_both_would_have_it(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    JobFactory()
    db.session.commit()
    monkeypatch.setattr(service, "_still_waiting", true)
    assert two_look_then_take() == [True, True]


def test_who_asks_twice_for_the_same_gets_the_same_job(user: User) -> None:
    actor = user.actor(START.date())
    first = ask_for("posters", {"round": 1}, actor, START)
    assert ask_for("posters", {"round": 1}, actor, START).id == first.id
    assert ask_for("posters", {"round": 2}, actor, START).id != first.id
    claim(first.id, "w", START)
    fail(first.id, "w", Failure.ERROR, START)
    assert ask_for("posters", {"round": 1}, actor, START).id != first.id


def test_no_more_than_a_few_jobs_wait(user: User) -> None:
    for _number in range(MOST_ACTIVE):
        JobFactory()
    with pytest.raises(Conflict):
        ask_for("posters", {"round": 7}, user.actor(START.date()), START)


def test_nobody_asks_without_having_signed_in(app: Flask) -> None:
    with pytest.raises(Refused):
        ask_for("posters", {}, ANONYMOUS, START)


def test_a_job_whose_worker_is_gone_is_run_once_more_and_then_has_failed(user: User) -> None:
    job = JobFactory()
    found = []
    for number in range(MOST_ATTEMPTS):
        assert claim(job.id, f"w{number}", START)
        assert take_from_silent(START + SILENT_AFTER) == (0, 0)
        found.append(take_from_silent(LATER))
        found.append(take_from_silent(LATER))
    assert found == [(1, 0), (0, 0), (0, 1), (0, 0)]
    assert (again(job.id).state, job.failure, job.attempts) == (JobState.FAILED, Failure.INTERRUPTED, MOST_ATTEMPTS)


def test_a_worker_that_tells_that_it_is_there_keeps_its_job(user: User) -> None:
    job = JobFactory()
    claim(job.id, "w", START)
    assert tell_alive(job.id, "w", LATER)
    assert take_from_silent(LATER) == (0, 0)


def test_what_a_worker_says_of_a_job_that_it_lost_counts_for_nothing(user: User) -> None:
    job = JobFactory()
    claim(job.id, "gone", START)
    take_from_silent(LATER)
    claim(job.id, "second", LATER)
    assert not finish(job.id, "gone", FILE, LATER)
    assert not fail(job.id, "gone", Failure.ERROR, LATER)
    assert not tell_alive(job.id, "gone", LATER)
    assert not tell_progress(job.id, "gone", 1, 2)
    assert not give_back(job.id, "gone")
    assert tell_progress(job.id, "second", 1, 2)
    assert finish(job.id, "second", FILE, LATER)
    assert not fail(job.id, "second", Failure.ERROR, LATER)
    assert (again(job.id).state, job.result, job.done, job.worker) == (JobState.DONE, b"%PDF-", 1, None)


def test_a_worker_that_is_told_to_stop_costs_no_attempt(user: User) -> None:
    job = JobFactory()
    claim(job.id, "w", START)
    assert give_back(job.id, "w")
    assert (again(job.id).state, job.attempts) == (JobState.WAITING, 0)


def test_jobs_and_their_results_go_after_three_days(user: User) -> None:
    waiting, done, failed = JobFactory(), JobFactory(), JobFactory()
    for job in (done, failed):
        claim(job.id, "w", START)
    finish(done.id, "w", FILE, START)
    fail(failed.id, "w", Failure.TIME, START + timedelta(hours=1))
    assert forget_old_jobs(START + KEPT) == 0
    assert forget_old_jobs(START + KEPT + timedelta(minutes=1)) == 1
    assert forget_old_jobs(START + KEPT + timedelta(hours=2)) == 1
    db.session.expire_all()
    assert list(db.session.scalars(select(Job.id))) == [waiting.id]
