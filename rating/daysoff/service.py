"""Entering and deleting a notice of days off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from rating.access import Actor
from rating.audit.service import record
from rating.daysoff.models import DaysOffNotice, NoticedDay
from rating.daysoff.notice import written
from rating.daysoff.queries import find_noticed
from rating.errors import Conflict
from rating.extensions import db
from rating.wording import _l


def enter_notice(year: int, source: str, days: Mapping[date, bool], actor: Actor, now: datetime) -> DaysOffNotice:
    """Keep a year's notice (day → whether it is worked). Raises Conflict where the year or a day has one already."""
    if db.session.get(DaysOffNotice, year) is not None:
        raise Conflict(_l("This year's notice has been entered; delete it first."), field="year")
    if (taken := find_noticed(list(days))) is not None:
        raise Conflict(_l("%(day)s stands in the notice of %(year)s.", day=taken.day, year=taken.year), field="text")
    notice = DaysOffNotice(year=year, source=source, entered_by=actor.user_id, entered_at=now)
    notice.days = [NoticedDay(day=day, worked=worked) for day, worked in sorted(days.items())]
    db.session.add(notice)
    try:
        db.session.flush()
    except IntegrityError as error:  # entered twice at the same moment
        raise Conflict(_l("This year's notice has been entered; delete it first."), field="year") from error
    record(actor, "days_off.entered", f"days-off:{year}", now, source=source, days=written(days))
    return notice


def delete_notice(notice: DaysOffNotice, actor: Actor, now: datetime) -> None:
    """Take a notice back; deadlines that were set stay as they are, later ones are counted without it."""
    days = written(notice.by_day)
    record(actor, "days_off.deleted", f"days-off:{notice.year}", now, source=notice.source, days=days)
    db.session.delete(notice)
    db.session.flush()
