"""rating work, and what it starts for each job."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from rating.extensions import db
from rating.jobs.working import Stopping, run_job, work_one

LOOKS_EVERY = 2.0  # seconds


class _Told:
    """Whether this worker was told to stop. A signal only notes it: a job is never left half taken."""

    def __init__(self, with_parent: bool) -> None:
        self.parent = os.getppid() if with_parent else None
        self.by_signal = False
        self.before = {number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT)}

    def forget(self) -> None:
        """Restore what signals did before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.by_signal = True

    def __call__(self) -> bool:
        return self.by_signal or (self.parent is not None and os.getppid() != self.parent)

    def wait(self) -> None:
        """A moment without work."""
        end = time.monotonic() + LOOKS_EVERY
        while time.monotonic() < end and not self():
            time.sleep(0.1)


@click.command()
@click.option("--once", is_flag=True, help="Stop when no job is waiting, for tests and timers.")
@click.option("--with-parent", is_flag=True, help="Stop when the process that started this one has ended.")
@with_appcontext
def work(once: bool, with_parent: bool) -> None:
    """Process long jobs (all posters of a city) until stopped; several workers may run side by side."""
    stopping = _Told(with_parent)
    try:
        while not stopping():
            if not _worked(stopping):
                if once:
                    return
                stopping.wait()
    finally:
        stopping.forget()


def _worked(stopping: Stopping) -> bool:
    """Whether there was a job; waits while the database is down."""
    try:
        return work_one(stopping)
    except OperationalError as error:
        db.session.rollback()
        click.echo(f"database unreachable: {type(error.orig).__name__}", err=True)
        return False


@click.command("run-job", hidden=True)
@click.argument("job_id", type=int)
@click.argument("worker")
@with_appcontext
def run_job_command(job_id: int, worker: str) -> None:
    """Run one job that a worker has claimed, within the limits of time and memory."""
    sys.exit(run_job(job_id, worker))
