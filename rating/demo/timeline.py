"""When things happened in the demonstration city: every day is computed from one `today`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rating.calendar import SHANGHAI, add_working_days

OPEN_DAYS = 21
PREVIEW_WORKING_DAYS = 10
PUBLISHED = 3  # how many rounds are over; one more is open
LATEST = PUBLISHED
# How many days ago the rounds opened: the published ones half a year apart, so that the latest one's lists are still
# on display and its follow-up is under way, and then the one that is open now.
_OPENED = (104 + 365, 104 + 182, 104, 8)
# The period of the open round began at least this many days before it.
_LEAST_JUDGED = 60


def at(day: date, hour: int = 10) -> datetime:
    """An hour of a day in Shanghai, as an aware UTC datetime."""
    return datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class HalfYear:
    """January to June, or July to December; numbered through, so that one more is the next."""

    number: int

    @classmethod
    def of(cls, day: date) -> HalfYear:
        """The half-year in which a day lies."""
        return cls(2 * day.year + (day.month > 6))

    @property
    def first_day(self) -> date:
        """1 January or 1 July."""
        return date(self.number // 2, 7 if self.number % 2 else 1, 1)

    @property
    def last_day(self) -> date:
        """30 June or 31 December."""
        return HalfYear(self.number + 1).first_day - timedelta(days=1)

    @property
    def title(self) -> tuple[str, str]:
        """What it is called, in both languages."""
        year, second = divmod(self.number, 2)
        return f"{year}年{'下' if second else '上'}半年", f"{'second' if second else 'first'} half of {year}"


@dataclass(frozen=True, slots=True)
class RoundDays:
    """The days of a round; the last two say when it is (or would be) computed and published."""

    number: int
    judged: HalfYear
    opens_on: date

    @property
    def rated_from(self) -> date:
        """The half-year's first day."""
        return self.judged.first_day

    @property
    def rated_to(self) -> date:
        """The half-year's last day, or the eve of the round where that is earlier."""
        return min(self.judged.last_day, self.opens_on - timedelta(days=1))

    @property
    def closes_on(self) -> date:
        """The last of its open days."""
        return self.opens_on + timedelta(days=OPEN_DAYS - 1)

    @property
    def computed_on(self) -> date:
        """The day after the last."""
        return self.closes_on + timedelta(days=1)

    @property
    def published_on(self) -> date:
        """The first working day after the preview."""
        return add_working_days(self.computed_on, PREVIEW_WORKING_DAYS + 1)


def plan_rounds(today: date) -> tuple[RoundDays, ...]:
    """Three rounds that were published about 14, 8 and 2 months ago, and one that has been open for nine days.

    They judge successive half-years. The latest published one's is the last that was over, or nearly, when it opened.
    """
    judged_by = today - timedelta(days=_OPENED[LATEST] + _LEAST_JUDGED)
    latest = HalfYear.of(judged_by).number - 1
    return tuple(
        RoundDays(number, HalfYear(latest + number - LATEST), today - timedelta(days=ago))
        for number, ago in enumerate(_OPENED, start=1)
    )
