"""rating tick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click
from flask.cli import with_appcontext

from rating.access import SYSTEM
from rating.accounts.sessions import forget_expired_sessions
from rating.audit.files import forget_unused_files
from rating.audit.queries import find_head
from rating.calendar import day_of
from rating.cases.commitment_service import report_overdue_commitments
from rating.cases.queries import list_listings_without_talk
from rating.extensions import db
from rating.jobs.service import forget_old_jobs
from rating.reviews.deciding import end_late_reviews
from rating.reviews.erasing import erase_deleted
from rating.tries.counters import forget_past_tries
from rating.web.request import now

Due = Callable[[datetime], str]


def _overdue_commitments(moment: datetime) -> str:
    changed = report_overdue_commitments(SYSTEM, moment)
    return f"overdue commitments: {len(changed.begun)} begun, {len(changed.ended)} ended"


def _talks_to_arrange(moment: datetime) -> str:
    waiting = list_listings_without_talk(SYSTEM)
    late = sum(listing.is_talk_overdue(day_of(moment)) for listing in waiting)
    return f"talks to arrange: {len(waiting)}, {late} of them late"


def _expired_sessions(moment: datetime) -> str:
    return f"sessions that had run out: {forget_expired_sessions(moment)} deleted"


def _late_reviews(moment: datetime) -> str:
    return f"reviews whose time is over: {end_late_reviews(SYSTEM, moment)} rounds’ networks deleted"


def _past_tries(moment: datetime) -> str:
    return f"counters of tries whose time is over: {forget_past_tries(moment)} deleted"


def _unused_files(moment: datetime) -> str:
    return f"files that nothing refers to: {forget_unused_files(SYSTEM, moment)} deleted"


def _old_jobs(moment: datetime) -> str:
    return f"jobs that ended days ago: {forget_old_jobs(moment)} deleted"


# What becomes due by itself, in this order. Each is idempotent, takes the moment and says what it did.
DUE_WORK: tuple[Due, ...] = (
    _overdue_commitments,
    _talks_to_arrange,
    _late_reviews,
    _expired_sessions,
    _past_tries,
    _unused_files,
    _old_jobs,
)


@click.command()
@with_appcontext
def tick() -> None:
    """Do what has become due; run it every hour, or by hand as often as you like."""
    moment = now()
    lines = [work(moment) for work in DUE_WORK]
    db.session.commit()
    # Only what is committed can be taken out of the files, so this comes last and by itself.
    erased = erase_deleted(SYSTEM, moment, thoroughly=True)
    db.session.commit()
    lines.append(f"taken out of the files: {', '.join(erased) or 'nothing'}")
    lines.append(_head_of_log())
    for line in lines:
        click.echo(line)


def _head_of_log() -> str:
    """The log's head: stored elsewhere, it shows that the log's end was never cut off (rating audit verify --head)."""
    head = find_head()
    return f"event log: {head.number} events, head {head.hash.hex()}" if head else "event log: no event"
