"""Which company an estate belongs to for a whole round, or why to none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Service:
    """A company served an estate from a day to a day, both included."""

    company: str
    first_day: date
    last_day: date


class WhyUnrated(StrEnum):
    """Why an estate isn't rated."""

    NOT_SERVED = "not_served"
    SERVED_TOO_SHORT = "served_too_short"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The company that is rated for an estate, or why none is.

    `days` are the days of the rated period that this company served, or, where none is rated, whoever served longest.
    """

    company: str | None
    days: int
    why_unrated: WhyUnrated | None = None


def rated_company(services: Iterable[Service], first_day: date, last_day: date, min_days_served: int) -> Assignment:
    """The company that served most days of the rated period (both ends included).

    A day of overlapping contracts counts once. Of two with as many days, the one that served later. None if nobody
    served `min_days_served` days: then the estate isn't rated.
    """
    days: dict[str, set[int]] = {}
    for service in services:
        served = _days_within(service, first_day, last_day)
        days.setdefault(service.company, set()).update(served)
    served_at_all = {company: served for company, served in days.items() if served}
    if not served_at_all:
        return Assignment(None, 0, WhyUnrated.NOT_SERVED)
    # The code decides last, so that the answer never depends on the order of input.
    longest = max(served_at_all, key=lambda c: (len(served_at_all[c]), max(served_at_all[c]), c))
    served_days = len(served_at_all[longest])
    if served_days < min_days_served:
        return Assignment(None, served_days, WhyUnrated.SERVED_TOO_SHORT)
    return Assignment(longest, served_days)


def _days_within(service: Service, first_day: date, last_day: date) -> range:
    first = max(service.first_day, first_day).toordinal()
    last = min(service.last_day, last_day).toordinal()
    return range(first, last + 1)
