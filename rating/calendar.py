"""Days as offices count them: China's working days with holidays and make-up workdays, and whole months."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays

from rating.wording import Label

# The State Council announces a year's holidays only in the autumn before it, so nobody can know later ones. Until a
# new release of the package knows a year, and before its first year, Monday to Friday count as working days.
FIRST_KNOWN_YEAR = min(holidays).year
LAST_KNOWN_YEAR = max(holidays).year
SATURDAY = 5
SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day in Shanghai of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def is_working_day(day: date) -> bool:
    """Whether offices work on this day; in a year whose holidays are not known, Monday to Friday."""
    if FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY


@dataclass(frozen=True, slots=True)
class Festival:
    """A public holiday's days off in a row, both ends included."""

    name: Label
    first: date
    last: date


def list_festivals(first: date, last: date) -> list[Festival]:
    """The public holidays' days off between two days, both included; none in years whose holidays are not known."""
    found: list[Festival] = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if (name := holidays.get(day)) is None:
            continue
        label = Label(chinese_calendar.Holiday(name).chinese, name)
        if found and found[-1].name == label and found[-1].last == day - timedelta(days=1):
            found[-1] = Festival(label, found[-1].first, day)
        else:
            found.append(Festival(label, day, day))
    return found


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day` (before it for a negative n); `day` itself is not counted, n = 0 is `day`."""
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative where `end` is the earlier."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def add_months(day: date, n: int) -> date:
    """The same day n months on (or back); the month's last day where it has no such day: 31 Jan + 1 = 28 Feb."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
