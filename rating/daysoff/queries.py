"""Reading notices of days off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from rating.calendar import Announced
from rating.daysoff.models import DaysOffNotice, NoticedDay
from rating.errors import NotFound
from rating.extensions import db
from rating.wording import _l


def list_notices() -> list[DaysOffNotice]:
    """All notices that were entered, the latest year first."""
    return list(db.session.scalars(select(DaysOffNotice).order_by(DaysOffNotice.year.desc())))


def get_notice(year: int) -> DaysOffNotice:
    """A year's notice; raises NotFound."""
    if (found := db.session.get(DaysOffNotice, year)) is None:
        raise NotFound(_l("No notice of this year's days off has been entered."))
    return found


def find_noticed(days: Collection[date]) -> NoticedDay | None:
    """The first of these days that a notice names."""
    return db.session.scalar(select(NoticedDay).where(NoticedDay.day.in_(days)).order_by(NoticedDay.day).limit(1))


def find_announced() -> Announced:
    """What all notices say, as the calendar asks for it."""
    with db.session.no_autoflush:  # asked in the middle of other work
        years = frozenset(db.session.scalars(select(DaysOffNotice.year)))
        days = db.session.execute(select(NoticedDay.day, NoticedDay.worked))
        return Announced(years, dict(days.all()))
