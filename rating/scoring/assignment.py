"""Which company an estate belongs to for a whole round."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Service:
    """A company served an estate from a day to a day, both included."""

    company: str
    first_day: date
    last_day: date


def rated_company(services: Iterable[Service], first_day: date, last_day: date, min_days_served: int) -> str | None:
    """The company that served most days of the rated period (both ends included).

    Of two with as many days, the one that served later. None if nobody served
    `min_days_served` days: then the estate isn't rated.
    """
    days: dict[str, set[int]] = {}
    for service in services:
        served = _days_within(service, first_day, last_day)
        days.setdefault(service.company, set()).update(served)
    served_long = {c: d for c, d in days.items() if d and len(d) >= min_days_served}
    # The code decides last, so that the answer never depends on the order of input.
    return max(
        served_long,
        key=lambda c: (len(served_long[c]), max(served_long[c]), c),
        default=None,
    )


def _days_within(service: Service, first_day: date, last_day: date) -> range:
    first = max(service.first_day, first_day).toordinal()
    last = min(service.last_day, last_day).toordinal()
    return range(first, last + 1)
