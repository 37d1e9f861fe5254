"""When things happened in the demonstration city: every day is reckoned from one `today`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rating.calendar import add_working_days

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN_DAYS = 21
PREVIEW_WORKING_DAYS = 10


def at(day: date, hour: int = 10) -> datetime:
    """An hour of a day in Shanghai, as an aware UTC datetime."""
    return datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Past:
    """The days of a round that was published."""

    rated_from: date
    rated_to: date
    opens_on: date
    closes_on: date
    computed_on: date
    published_on: date


@dataclass(frozen=True, slots=True)
class Present:
    """The days of the round that is open today."""

    rated_from: date
    rated_to: date
    opens_on: date
    closes_on: date
    today: date


def half_year(first: date, last: date) -> tuple[str, str]:
    """The half-year that a period mostly lies in, in both languages."""
    middle = first + (last - first) / 2
    second = middle.month > 6
    return f"{middle.year}年{'下' if second else '上'}半年", f"{'second' if second else 'first'} half of {middle.year}"


def past_round(today: date) -> Past:
    """A round published about two months ago, so that its lists are on display and its follow-up is under way."""
    opens_on = today - timedelta(days=104)
    closes_on = opens_on + timedelta(days=OPEN_DAYS - 1)
    computed_on = closes_on + timedelta(days=1)
    published_on = add_working_days(computed_on, PREVIEW_WORKING_DAYS) + timedelta(days=1)
    rated_to = opens_on - timedelta(days=1)
    return Past(rated_to - timedelta(days=182), rated_to, opens_on, closes_on, computed_on, published_on)


def present_round(today: date) -> Present:
    """The round that has been open for nine days."""
    opens_on = today - timedelta(days=8)
    rated_to = opens_on - timedelta(days=1)
    return Present(rated_to - timedelta(days=95), rated_to, opens_on, opens_on + timedelta(days=OPEN_DAYS - 1), today)
