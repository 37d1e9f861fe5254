"""A job's page: its progress, and its result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from rating.access import SIGNED_IN, allow
from rating.errors import NotFound
from rating.jobs.kinds import KINDS
from rating.jobs.models import Job, JobState
from rating.jobs.queries import get_job
from rating.jobs.service import KEPT, may_see
from rating.jobs.wording import FAILURES, STATES
from rating.web.downloads import download
from rating.web.request import current_actor, now
from rating.wording import _l

bp = Blueprint("jobs", __name__)

LOOK_AGAIN = "5"  # seconds


def _own_job(job_id: int) -> Job:
    """The job, for whoever asked for it and the bureau; NotFound for anybody else."""
    found = get_job(job_id)
    if not may_see(found, current_actor()):
        raise NotFound(_l("There is no such job, or its result is no longer kept."))
    return found


@bp.get("/jobs/<int:job_id>")
@allow(SIGNED_IN)
def show(job_id: int) -> Any:
    """How far it has got; the page reloads itself until the job is over."""
    found = _own_job(job_id)
    page = render_template(
        "jobs/job.html",
        job=found,
        title=KINDS[found.kind].title,
        state=STATES[found.state],
        failure=FAILURES.get(found.failure) if found.failure else None,
        waits_long=found.waits_long(now()),
        kept_until=found.ended_at + KEPT if found.ended_at else None,
    )
    response = make_response(page)
    if not found.is_over:
        response.headers["Refresh"] = LOOK_AGAIN
    return response


@bp.get("/jobs/<int:job_id>/result")
@allow(SIGNED_IN)
def result(job_id: int) -> Response:
    """The file that it made."""
    found = _own_job(job_id)
    if found.state is not JobState.DONE or not (found.result and found.media_type and found.file_name):
        raise NotFound(_l("There is no result yet."))
    return download(found.result, found.media_type, found.file_name)
