"""States of jobs in words."""

from __future__ import annotations

from rating.jobs.models import Failure, JobState
from rating.wording import _l

STATES = {
    JobState.WAITING: _l("Waiting its turn"),
    JobState.RUNNING: _l("Being worked on"),
    JobState.DONE: _l("Done"),
    JobState.FAILED: _l("Failed"),
}
FAILURES = {
    Failure.ERROR: _l("Something went wrong on our side. Whoever runs the server finds it in the log."),
    Failure.REFUSED: _l("This isn’t possible any more: what it is about has changed since. Please start again."),
    Failure.TIME: _l("It took longer than a job may take."),
    Failure.MEMORY: _l("It needed more memory than a job may use."),
    Failure.INTERRUPTED: _l("The server stopped in the middle of it, twice. Please start it again."),
}
