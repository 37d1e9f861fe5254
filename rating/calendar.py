"""Days as offices count them: China's working days with holidays and make-up workdays, and whole months.

The State Council announces a year's days off and make-up workdays only in the autumn before it. The package holidays
knows the years announced when it was released; the bureau can enter a later one (room daysoff). Until then a year has
the statutory holidays off (Measures for Public Holidays, as of 2025: 1 January, the Spring Festival's eve and first
three days, Tomb-sweeping Day, 1–2 May, Dragon Boat and Mid-autumn Festival, 1–3 October) and is worked Monday to Friday
otherwise.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rating.wording import Label

if TYPE_CHECKING:
    from holidays import HolidayBase

FIRST_KNOWN_YEAR = 2004  # before it, Monday to Friday count as working days
SATURDAY = 5
SHANGHAI = ZoneInfo("Asia/Shanghai")
# The festivals of the law, by the package's Chinese names; one is also called by its eve.
FESTIVALS = {
    "元旦": Label("元旦", "New Year's Day"),
    "农历除夕": Label("春节", "Spring Festival"),
    "春节": Label("春节", "Spring Festival"),
    "清明节": Label("清明节", "Tomb-sweeping Day"),
    "劳动节": Label("劳动节", "Labour Day"),
    "端午节": Label("端午节", "Dragon Boat Festival"),
    "中秋节": Label("中秋节", "Mid-autumn Festival"),
    "国庆节": Label("国庆节", "National Day"),
}


# A day as people write it, with blanks around its separators but not within its numbers. Without separators it has all
# eight digits, so that it can't be read in two ways. Some programs write an hour behind it.
_SPELLINGS = (
    r"(\d{4}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{1,2})",
    r"(\d{4}) ?(年) ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?",
    r"(\d{4})()(\d{2})(\d{2})",
)
_HOUR = r"(?:(?: |[Tt] ?)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_BLANKS = re.compile(r"\s+")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))


def read_day(text: str) -> date | None:
    """The day that a text names: 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日 or 20260305, also full-width; or None."""
    plain = _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).translate(_UNSEEN)).strip()
    for spelling in _SPELLINGS:
        if found := re.fullmatch(spelling + _HOUR, plain):
            try:
                return date(int(found[1]), int(found[3]), int(found[4]))
            except ValueError:
                return None
    return None


def day_of(moment: datetime) -> date:
    """The day in Shanghai of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


@cache
def _china() -> HolidayBase:
    """China's days off and make-up workdays, each year worked out when it is first asked for."""
    from holidays import country_holidays

    return country_holidays("CN", language="zh_CN")


@cache
def last_known_year() -> int:
    """The last year whose days off were announced when the package was released."""
    from holidays.countries.china import ChinaStaticHolidays

    return max(ChinaStaticHolidays.special_public_holidays)


@dataclass(frozen=True, slots=True)
class Announced:
    """What notices say that were entered by hand: the years they are of; each day named, and whether it is worked."""

    years: frozenset[int] = frozenset()
    days: Mapping[date, bool] = field(default_factory=dict)


_find_announced: Callable[[], Announced] = Announced


def consult(find_announced: Callable[[], Announced]) -> None:
    """From now on ask this for the notices that were entered."""
    global _find_announced
    _find_announced = find_announced


def is_known(year: int) -> bool:
    """Whether this year's days off have been announced, as far as anybody told this installation."""
    return FIRST_KNOWN_YEAR <= year <= last_known_year() or year in _find_announced().years


def is_working_day(day: date) -> bool:
    """Whether offices work on this day, as far as it is known."""
    announced = _find_announced()
    if day in announced.days:
        return announced.days[day]
    if FIRST_KNOWN_YEAR <= day.year <= last_known_year() and day.year not in announced.years:
        return bool(_china().is_working_day(day))
    if day.weekday() >= SATURDAY:
        return False
    return day.year < FIRST_KNOWN_YEAR or day.year in announced.years or not is_statutory(day)


def is_statutory(day: date) -> bool:
    """Whether the law itself has this day off.

    Where a festival falls on a weekend, a working day beside it will be off too; which one nobody knows before the
    year's notice, so the package's guess of it is left out.
    """
    return any(name in FESTIVALS for name in _china().get(day, "").split("; "))


@dataclass(frozen=True, slots=True)
class Festival:
    """A public holiday's days off in a row, weekends among them, both ends included."""

    name: Label
    first: date
    last: date


def list_festivals(first: date, last: date) -> list[Festival]:
    """The public holidays' days off between two days, both included, as far as they are known."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    runs = [list(run) for off, run in groupby(days, key=_is_off) if off]
    return [Festival(name, run[0], run[-1]) for run in runs if (name := _name_of(run[0], run[-1]))]


def _is_off(day: date) -> bool:
    return day.year >= FIRST_KNOWN_YEAR and not is_working_day(day)


def _name_of(first: date, last: date) -> Label | None:
    """What the days off that include these two are called: the festival with most days in them; None for a weekend."""
    while _is_off(first - timedelta(days=1)):
        first -= timedelta(days=1)
    while _is_off(last + timedelta(days=1)):
        last += timedelta(days=1)
    off = _china()
    given = "; ".join(off.get(first + timedelta(days=n), "") for n in range((last - first).days + 1))
    named = Counter(FESTIVALS[name] for name in given.split("; ") if name in FESTIVALS)
    return named.most_common(1)[0][0] if named else None


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
