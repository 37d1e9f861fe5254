"""Whatever day it is: rounds follow each other, judge successive half-years, and the latest lists are on display."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from rating.calendar import add_months
from rating.demo.agenda import Agenda
from rating.demo.timeline import HalfYear, at, plan_rounds

DAYS = [date(2024, 2, 29) + timedelta(days=17 * n) for n in range(80)]


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_rounds_fit_together_on_any_day(today: date) -> None:
    *past, present = plan_rounds(today)
    for former, later in pairwise([*past, present]):
        assert later.judged.number == former.judged.number + 1
        assert former.published_on < later.opens_on - timedelta(days=10)
    for days in (*past, present):
        assert days.rated_to < days.opens_on
        assert (days.rated_to - days.rated_from).days >= 59
    assert present.opens_on < today < present.closes_on
    shown = [today <= add_months(days.published_on, 3) for days in past]
    assert shown == [False, False, True]


def test_a_half_year_knows_its_days_and_its_name() -> None:
    half = HalfYear.of(date(2026, 7, 1))
    assert (half.first_day, half.last_day) == (date(2026, 7, 1), date(2026, 12, 31))
    assert half.title == ("2026年下半年", "second half of 2026")
    assert HalfYear.of(date(2026, 6, 30)).title == ("2026年上半年", "first half of 2026")


def test_the_agenda_is_done_in_the_order_of_time_and_no_further() -> None:
    agenda, done = Agenda(), []
    first, second, third = (at(date(2026, 3, day)) for day in (1, 2, 3))
    agenda.at(third, lambda _: done.append("third"))
    agenda.at(first, lambda _: agenda.at(second, lambda _: done.append("second, put there by the first")))
    agenda.run(second)
    assert done == ["second, put there by the first"]
    agenda.run(third)
    assert done[1:] == ["third"]
