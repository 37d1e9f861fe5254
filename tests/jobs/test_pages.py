"""A job's page and its result: for who asked and the bureau."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from rating.access import Role
from rating.accounts.models import User
from rating.jobs.kinds import Result
from rating.jobs.models import Failure, Job
from rating.jobs.service import claim, fail, finish, tell_progress
from tests.factories import JobFactory, RatedEstateFactory, SubdistrictFactory, UserFactory
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.pages import Page

See = Callable[..., Page]
SignIn = Callable[[User], Client]


@pytest.fixture
def bureau(app: object) -> User:
    return UserFactory(role=Role.BUREAU)


def finished(job: Job) -> Job:
    claim(job.id, "w", START)
    finish(job.id, "w", Result("posters-1-a4.pdf", "application/pdf", b"%PDF-1"), START)
    return job


def test_all_posters_are_asked_for_on_a_page_and_found_again(bureau: User, see: See, sign_in: SignIn) -> None:
    round_ = RatedEstateFactory().round
    browser, url = sign_in(bureau), f"/bureau/rounds/{round_.number}/posters"
    assert see(browser, url).fields('form[action$="posters"]') is not None
    page = see(browser, url, data={"paper": "a3"})
    assert page.path.startswith("/jobs/")
    assert "排队中" in page.text
    assert see(browser, url, data={"paper": "a3"}).path == page.path


def test_posters_of_all_estates_are_never_drawn_while_somebody_waits(bureau: User, see: See, sign_in: SignIn) -> None:
    rated = RatedEstateFactory()
    browser, url = sign_in(bureau), f"/bureau/rounds/{rated.round.number}/posters"
    assert browser.get(f"{url}.pdf").status_code == 303
    assert not see(browser, url).all("section.poster")
    assert len(see(browser, f"{url}?estate={rated.estate.code}").all("section.poster")) == 1


def test_a_page_looks_again_by_itself_until_the_job_is_over(bureau: User, see: See, sign_in: SignIn) -> None:
    job, browser = JobFactory(asked_by=bureau), sign_in(bureau)
    claim(job.id, "w", START)
    tell_progress(job.id, "w", 50, 260)
    page = see(browser, f"/jobs/{job.id}")
    assert page.response.headers["Refresh"] == "5"
    assert "50/260" in page.text.replace(" ", "")
    finish(job.id, "w", Result("posters.pdf", "application/pdf", b"%PDF-1"), START)
    page = see(browser, f"/jobs/{job.id}")
    assert "Refresh" not in page.response.headers
    assert page.one(f'a[href="/jobs/{job.id}/result"]')


def test_the_result_is_downloaded_as_a_file(bureau: User, sign_in: SignIn) -> None:
    job = finished(JobFactory(asked_by=bureau))
    response = sign_in(bureau).get(f"/jobs/{job.id}/result")
    assert (response.data, response.mimetype) == (b"%PDF-1", "application/pdf")
    assert response.headers["Content-Disposition"] == "attachment; filename=posters-1-a4.pdf"


def test_others_than_who_asked_and_the_bureau_see_no_job(bureau: User, sign_in: SignIn) -> None:
    somebody = UserFactory(role=Role.SUBDISTRICT, scope=SubdistrictFactory())
    other = UserFactory(role=Role.SUBDISTRICT, scope=SubdistrictFactory())
    job = finished(JobFactory(asked_by=somebody))
    for user, status in ((somebody, 200), (bureau, 200), (other, 404)):
        browser = sign_in(user)
        statuses = [browser.get(f"/jobs/{job.id}{part}").status_code for part in ("", "/result")]
        assert statuses == [status, status], user.username


@pytest.mark.parametrize("failure", Failure)
def test_a_failed_job_says_why_in_words(bureau: User, see: See, sign_in: SignIn, failure: Failure) -> None:
    job, browser = JobFactory(asked_by=bureau), sign_in(bureau)
    claim(job.id, "w", START)
    fail(job.id, "w", failure, START)
    assert len(see(browser, f"/jobs/{job.id}").one(".callout.danger").text) > 15
    assert browser.get(f"/jobs/{job.id}/result").status_code == 404


def test_a_job_that_nobody_works_off_says_so(bureau: User, see: See, sign_in: SignIn, clock: Clock) -> None:
    job, browser = JobFactory(asked_by=bureau), sign_in(bureau)
    assert not see(browser, f"/jobs/{job.id}").all(".callout")
    clock.set(START + timedelta(minutes=3))
    assert "rating work" in see(browser, f"/jobs/{job.id}").one(".callout").text
