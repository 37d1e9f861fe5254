"""Working days and months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rating.calendar import (
    FIRST_KNOWN_YEAR,
    Festival,
    add_months,
    add_working_days,
    day_of,
    is_working_day,
    last_known_year,
    list_festivals,
    working_days_between,
)
from rating.wording import Label


def test_national_day_holidays_are_no_working_days() -> None:
    assert not any(is_working_day(date(2026, 10, day)) for day in range(1, 8))


def test_saturday_moved_to_make_up_a_holiday_is_a_working_day() -> None:
    assert date(2026, 10, 10).weekday() == 5
    assert is_working_day(date(2026, 10, 10))


def test_working_days_pass_over_the_national_day_week_to_the_make_up_saturday() -> None:
    assert add_working_days(date(2026, 9, 25), 6) == date(2026, 10, 10)


def test_before_the_first_known_year_monday_to_friday_are_worked() -> None:
    days = [date(FIRST_KNOWN_YEAR - 1, 10, day) for day in range(1, 8)]
    assert [is_working_day(day) for day in days] == [day.weekday() < 5 for day in days]


# The law's days of two years whose notices aren't known: 2027's new year falls on 6 February, 2028's on 26 January.
OFF_BY_LAW = {
    2027: "01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03",
    2028: "01-01 01-25 01-26 01-27 01-28 04-04 05-01 05-02 05-28 10-01 10-02 10-03",
}


@pytest.mark.parametrize("year", OFF_BY_LAW)
def test_a_year_that_is_not_announced_has_the_holidays_of_the_law_off_and_no_others(year: int) -> None:
    assert year > last_known_year()
    off = {date.fromisoformat(f"{year}-{day}") for day in OFF_BY_LAW[year].split()}
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day for day in days if day.weekday() < 5 and not is_working_day(day)} == {
        day for day in off if day.weekday() < 5
    }
    assert not any(is_working_day(day) for day in days if day.weekday() >= 5)


def test_a_preview_over_new_year_leaves_out_the_first_of_january() -> None:
    assert add_working_days(date(2026, 12, 22), 10) == date(2027, 1, 6)


def test_no_working_days_are_the_day_itself() -> None:
    assert add_working_days(date(2026, 9, 5), 0) == date(2026, 9, 5)


def test_first_working_day_after_a_saturday_is_monday() -> None:
    assert add_working_days(date(2026, 9, 5), 1) == date(2026, 9, 7)


def test_working_days_count_backwards_too() -> None:
    assert add_working_days(date(2026, 9, 7), -1) == date(2026, 9, 4)


@pytest.mark.parametrize("n", [1, 3, 10, 40])
def test_counting_the_working_days_undoes_adding_them(n: int) -> None:
    start = date(2026, 9, 25)
    assert working_days_between(start, add_working_days(start, n)) == n


def test_working_days_between_are_negative_backwards_and_none_within_a_day() -> None:
    assert working_days_between(date(2026, 9, 8), date(2026, 9, 7)) == -1
    assert working_days_between(date(2026, 9, 7), date(2026, 9, 7)) == 0


def test_a_month_after_the_31st_is_the_shorter_months_last_day() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)


def test_three_months_pass_the_turn_of_the_year_and_back() -> None:
    assert add_months(date(2026, 11, 5), 3) == date(2027, 2, 5)
    assert add_months(date(2027, 2, 5), -3) == date(2026, 11, 5)


def test_a_late_evening_in_utc_is_already_the_next_day_in_shanghai() -> None:
    assert day_of(datetime(2026, 9, 7, 16, 30, tzinfo=UTC)) == date(2026, 9, 8)


def test_a_festival_has_its_days_off_with_the_weekend_beside_it() -> None:
    found = list_festivals(date(2026, 9, 1), date(2026, 10, 31))
    autumn, national = (Label("中秋节", "Mid-autumn Festival"), Label("国庆节", "National Day"))
    assert found[0] == Festival(autumn, date(2026, 9, 25), date(2026, 9, 27))
    assert found[1:] == [Festival(national, date(2026, 10, 1), date(2026, 10, 7))]


def test_days_off_that_began_before_are_called_by_their_festival() -> None:
    assert list_festivals(date(2026, 10, 4), date(2026, 10, 4)) == [
        Festival(Label("国庆节", "National Day"), date(2026, 10, 4), date(2026, 10, 4))
    ]


def test_a_weekend_is_no_festival() -> None:
    assert list_festivals(date(2026, 9, 5), date(2026, 9, 6)) == []
